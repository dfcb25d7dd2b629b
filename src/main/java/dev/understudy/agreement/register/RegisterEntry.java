package dev.understudy.agreement.register;

/**
 * A stored document.
 *
 * @param revision revision of this content; grows with each write to any entry, so that the newer
 *     of two contents has the greater one. Never 0
 */
public record RegisterEntry(RegisterKey key, long revision, RegisterDocument document) {}
