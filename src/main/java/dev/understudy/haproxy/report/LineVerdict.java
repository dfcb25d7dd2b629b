package dev.understudy.haproxy.report;

/**
 * The verdict of one line.
 *
 * @param guard whether the line denies, limits or authenticates, and is said in another way, or not
 *     at all
 * @param text how, or why, and what to do instead
 */
public record LineVerdict(int line, String source, Verdict verdict, boolean guard, String text) {}
