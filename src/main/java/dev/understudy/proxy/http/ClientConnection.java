package dev.understudy.proxy.http;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Where requests come from; best made once for each connection, since it keeps what that costs. */
public final class ClientConnection {
  private final InetSocketAddress remote;
  private final int localPort;
  private final boolean tls;

  /** What the last request on this connection was forwarded with; on its event loop only. */
  ForwardedHeaders.@Nullable Block forwarded;

  /**
   * Describes one.
   *
   * @param remote the client, or the last proxy before us (PROXY protocol respected)
   * @param localPort the port it was accepted on
   * @param tls whether that connection is TLS
   */
  public ClientConnection(InetSocketAddress remote, int localPort, boolean tls) {
    this.remote = remote;
    this.localPort = localPort;
    this.tls = tls;
  }

  /** The client, or the last proxy before us. */
  public InetSocketAddress remote() {
    return remote;
  }

  /** The port it was accepted on. */
  public int localPort() {
    return localPort;
  }

  /** Whether that connection is TLS. */
  public boolean tls() {
    return tls;
  }

  @Override
  public String toString() {
    return remote + (tls ? " over TLS to " : " to ") + localPort;
  }
}
