package dev.understudy.haproxy.report;

/**
 * A row of the table of directives.
 *
 * @param place where it stands, such as {@code global}, {@code bind} or {@code http-request}
 * @param keyword the directive, without arguments
 * @param guard whether it denies, limits or authenticates
 * @param text what it becomes; or why not, and what to do instead. Markdown
 */
public record Directive(
    String place, String keyword, Verdict verdict, boolean guard, String text) {}
