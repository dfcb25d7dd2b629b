/**
 * Flow control of what peers send over HTTP/2, clients and servers alike: how large windows are,
 * how much memory they may take, and how many frames are read in a turn of the event loop.
 *
 * <p>Deliberately absent: when data is read, which the users of {@code proxy.frontend} and {@code
 * proxy.upstream} decide; the windows of peers, which Netty follows.
 */
@NullMarked
package dev.understudy.proxy.flowcontrol;

import org.jspecify.annotations.NullMarked;
