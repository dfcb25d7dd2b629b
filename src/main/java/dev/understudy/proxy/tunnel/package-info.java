/**
 * WebSockets after the handshake, and other protocols after an upgrade: relays their bytes, and
 * ends them when their server must be left, WebSockets with close frames.
 *
 * <p>Deliberately absent: Spring and Reactor; HTTP, as the handshake is over and its codecs are
 * gone when {@link dev.understudy.proxy.engine.TunnelFactory} is called, the only way in which the
 * engine knows tunnels; the content of frames, of which only the headers are followed.
 */
@NullMarked
package dev.understudy.proxy.tunnel;

import org.jspecify.annotations.NullMarked;
