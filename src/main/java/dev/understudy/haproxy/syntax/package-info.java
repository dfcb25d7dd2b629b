/**
 * HAProxy's language: words with quotes, escapes and environment variables, conditional blocks,
 * sections and statements (configuration manual, 2.1 to 2.4).
 *
 * <p>Deliberately absent: the meaning of keywords.
 */
@NullMarked
package dev.understudy.haproxy.syntax;

import org.jspecify.annotations.NullMarked;
