/**
 * WebSockets once they are agreed on: relays their bytes, and ends them politely when their server
 * is no longer the one to talk to.
 *
 * <p>Deliberately absent: Spring and Reactor; HTTP, as the handshake is over and its codecs are
 * gone when {@link dev.understudy.proxy.TunnelFactory} is called, through which alone the engine
 * knows tunnels; the content of frames, of which only the headers are followed.
 */
@NullMarked
package dev.understudy.proxy.tunnel;

import org.jspecify.annotations.NullMarked;
