package dev.understudy.history;

/**
 * The state of the history's file.
 *
 * @param writable false while events are kept in memory only although there is a file
 * @param lost events that are in no file because it could not be written for too long
 * @param damagedLines lines that were damaged when the file was read at the start
 */
public record HistoryStatus(boolean writable, long lost, int damagedLines) {}
