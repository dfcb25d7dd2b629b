package dev.understudy.haproxy.syntax;

/**
 * A line that HAProxy does not read, or that only directs its reading.
 *
 * @param why for operators
 */
public record SkippedLine(int line, String source, String why) {}
