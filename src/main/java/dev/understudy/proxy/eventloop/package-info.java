/**
 * What the parts of the data plane share about event loops: state per loop, lists, ticks, flushes,
 * failed writes.
 *
 * <p>Deliberately absent: requests, connections, and any lock. Except for {@link
 * dev.understudy.proxy.eventloop.PerEventLoop}, an instance is used on one event loop only.
 */
@NullMarked
package dev.understudy.proxy.eventloop;

import org.jspecify.annotations.NullMarked;
