package dev.understudy.proxy.engine;

import dev.understudy.traffic.RequestEnd;
import io.netty.channel.Channel;

/** Opens a tunnel between a client and a server that have agreed to another protocol. */
@FunctionalInterface
public interface TunnelFactory {
  /**
   * Relays bytes between two channels until one ends, and takes over both. Called on the event loop
   * that both share. Neither channel has an HTTP handler left; TLS is kept; auto-read is off; bytes
   * that have arrived meanwhile are read from them as usual. Either may be closed already.
   *
   * @param to as it was when the handshake was sent; the tunnel counts itself in {@code
   *     traffic().tunnels()} of the server
   * @param webSocket whether they speak WebSocket, which can be ended by close frames; nothing is
   *     known of any other protocol
   * @param listener called once, on that event loop, when the tunnel has ended
   */
  void open(
      Channel client, Channel upstream, SelectedServer to, boolean webSocket, Listener listener);

  /** Receives the end of a tunnel. */
  @FunctionalInterface
  interface Listener {
    /**
     * Called when the tunnel has ended and both channels are closed.
     *
     * @param bytesIn bytes from the client
     * @param bytesOut bytes to the client
     */
    void closed(RequestEnd reason, long bytesIn, long bytesOut);
  }
}
