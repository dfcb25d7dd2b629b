package dev.understudy.proxy;

import java.net.InetSocketAddress;

/**
 * Where a request came from.
 *
 * @param remote the client, or the last proxy before us (PROXY protocol respected)
 * @param localPort the port it was accepted on
 * @param tls whether that connection is TLS
 */
public record ClientConnection(InetSocketAddress remote, int localPort, boolean tls) {}
