package dev.understudy.probe;

import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
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
    String configured = tls.serverName();
    String name = withoutRootDot(configured == null ? address.host() : configured);
    SslHandler handler = context.newHandler(allocator, name, port);
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setServerNames(sni(name));
    // RFC 9110 §4.3.4; for the JDK, the empty name means no verification of the endpoint.
    parameters.setEndpointIdentificationAlgorithm(tls.verify() ? "HTTPS" : "");
    handler.engine().setSSLParameters(parameters);
    // The probe's own time-out covers the handshake.
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  /** Set explicitly: by default the JDK sends no SNI for a name without a dot. */
  private static List<SNIServerName> sni(String name) {
    if (NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name)) {
      return List.of();
    }
    try {
      return List.of(new SNIHostName(name));
    } catch (IllegalArgumentException e) {
      // Resolvable, but no host name by RFC 6066 §3 (an underscore, for one): no SNI.
      return List.of();
    }
  }

  private static String withoutRootDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
