package dev.understudy.pool;

import org.jspecify.annotations.Nullable;

/**
 * A header that a response must have.
 *
 * @param contains text that one of its values must contain; null if its presence is enough
 */
public record ExpectedHeader(String name, @Nullable String contains) {}
