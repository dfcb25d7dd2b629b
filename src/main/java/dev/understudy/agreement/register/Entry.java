package dev.understudy.agreement.register;

/**
 * A document as it was stored.
 *
 * @param revision of this very content; grows with each write to any entry, so that of two contents
 *     the newer has the greater one. Never 0
 */
public record Entry(Key key, long revision, Document document) {}
