/**
 * Which CPU an event loop runs on.
 *
 * <p>Deliberately absent: how many loops there are, which is {@code proxy.listener}'s; and every
 * other thread, which the scheduler may put anywhere.
 */
@NullMarked
package dev.understudy.proxy.affinity;

import org.jspecify.annotations.NullMarked;
