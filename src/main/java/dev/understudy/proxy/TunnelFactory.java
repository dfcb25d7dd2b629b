package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.traffic.EndReason;
import io.netty.channel.Channel;

/** Joins a client and a server once the server has agreed to a WebSocket. */
@FunctionalInterface
public interface TunnelFactory {
  /**
   * Relays bytes between two channels until one ends, and owns both from now on. Called on the
   * event loop that both share. Neither has an HTTP handler left; TLS is kept; auto-read is off;
   * bytes that arrived meanwhile are read from them as usual. Either may be closed already.
   *
   * @param server as it was when the handshake was sent; the tunnel counts itself in its {@code
   *     traffic().tunnels()}
   * @param held what holds the tunnel on that server although serving moves
   * @param listener told once, on that loop, when the tunnel has ended
   */
  void open(
      Channel client,
      Channel upstream,
      ServerState server,
      PoolState pool,
      Stickiness held,
      Listener listener);

  /** Told how a tunnel ended. */
  @FunctionalInterface
  interface Listener {
    /**
     * The tunnel has ended and both channels are closed.
     *
     * @param bytesIn from the client
     * @param bytesOut to the client
     */
    void closed(EndReason reason, long bytesIn, long bytesOut);
  }
}
