package dev.understudy.haproxy.report;

/**
 * The verdict of one line.
 *
 * @param guard whether the line denies, limits or authenticates, and is translated with a
 *     difference, or left out
 * @param text how, or why, and what to do instead
 */
public record LineVerdict(int line, String source, Verdict verdict, boolean guard, String text) {}
