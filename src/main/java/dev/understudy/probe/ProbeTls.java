package dev.understudy.probe;

import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLParameters;

/** TLS of one probe's connection: the server name sent and the verification. */
final class ProbeTls {
  private ProbeTls() {}

  static SslHandler handler(
      SslContext context,
      ByteBufAllocator allocator,
      UpstreamTls tls,
      ServerAddress address,
      int port) {
    String name = tls.peerName(address);
    SslHandler handler = context.newHandler(allocator, name, port);
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setServerNames(UpstreamTls.sni(name));
    // RFC 9110 §4.3.4; for the JDK, the empty name means no verification of the endpoint.
    parameters.setEndpointIdentificationAlgorithm(tls.verify() ? "HTTPS" : "");
    handler.engine().setSSLParameters(parameters);
    // The probe's own time-out covers the handshake.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }
}
