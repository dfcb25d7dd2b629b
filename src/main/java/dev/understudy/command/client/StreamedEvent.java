package dev.understudy.command.client;

import org.jspecify.annotations.Nullable;

/**
 * One event of a stream (WHATWG HTML §9.2.6).
 *
 * @param id the last id that the stream has named; null if none
 * @param data the lines of {@code data}
 */
record StreamedEvent(@Nullable String id, String data) {}
