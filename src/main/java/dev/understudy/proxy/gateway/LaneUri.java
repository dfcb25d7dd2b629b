package dev.understudy.proxy.gateway;

import dev.understudy.proxy.frontend.GatewayRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** The URI of a request as filters see it: absolute, with the normalised target. */
final class LaneUri {
  private LaneUri() {}

  /**
   * Returns the URI, whose authority is that of {@code Host} without the scheme's own port, or the
   * local address if there is none.
   *
   * @throws URISyntaxException if the target can be no part of a URI
   */
  static URI of(GatewayRequest request) throws URISyntaxException {
    boolean tls = request.client().tls();
    String scheme = tls ? "https" : "http";
    String host = request.message().headers().get(HttpHeaderNames.HOST);
    StringBuilder text = new StringBuilder(64).append(scheme).append("://");
    text.append(withoutPort(host(host, request.client().local()), tls ? ":443" : ":80"));
    String target = request.uri();
    if (!target.startsWith("/")) {
      text.append('/');
    }
    return new URI(text.append(target).toString());
  }

  private static String host(@Nullable String host, InetSocketAddress local) {
    return host == null || host.isEmpty() ? NetUtil.toSocketAddressString(local) : host;
  }

  private static String withoutPort(String authority, String port) {
    return authority.endsWith(port)
        ? authority.substring(0, authority.length() - port.length())
        : authority;
  }
}
