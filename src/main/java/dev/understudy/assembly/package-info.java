/**
 * The proxy as it runs before and beside Spring's context: health checks, agreement, listeners, the
 * express lane and TCP, made of the static settings and the dynamic file.
 *
 * <p>Deliberately absent: what the context adds, the Gateway lane and the management port, which
 * {@code application} joins to it.
 */
@NullMarked
package dev.understudy.assembly;

import org.jspecify.annotations.NullMarked;
