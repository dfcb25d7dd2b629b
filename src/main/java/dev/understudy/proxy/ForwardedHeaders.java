package dev.understudy.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * {@code X-Forwarded-For/Proto/Host/Port} and {@code Forwarded} (RFC 7239): from the connection,
 * and added to what the peer sent only if it is a trusted proxy.
 */
final class ForwardedHeaders {
  private static final AsciiString FOR = AsciiString.cached("x-forwarded-for");
  private static final AsciiString PROTO = AsciiString.cached("x-forwarded-proto");
  private static final AsciiString HOST = AsciiString.cached("x-forwarded-host");
  private static final AsciiString PORT = AsciiString.cached("x-forwarded-port");
  private static final AsciiString FORWARDED = AsciiString.cached("forwarded");

  private ForwardedHeaders() {}

  static void add(ProxyRequest request, TrustedProxies trusted, HttpHeaders to) {
    ClientConnection client = request.client();
    HttpHeaders from = trusted.trusts(client) ? request.headers() : null;
    String address = address(client);
    String proto = client.tls() ? "https" : "http";
    String host = request.headers().get(HttpHeaderNames.HOST);
    if (address != null) {
      to.set(FOR, extend(from, FOR, address));
    }
    to.set(PROTO, first(from, PROTO, proto));
    if (host != null) {
      to.set(HOST, first(from, HOST, host));
    }
    to.set(PORT, first(from, PORT, Integer.toString(client.localPort())));
    to.set(FORWARDED, extend(from, FORWARDED, element(address, host, proto)));
  }

  private static String extend(@Nullable HttpHeaders from, AsciiString name, String value) {
    if (from == null || !from.contains(name)) {
      return value;
    }
    return String.join(", ", from.getAll(name)) + ", " + value;
  }

  private static String first(@Nullable HttpHeaders from, AsciiString name, String otherwise) {
    String value = from == null ? null : from.get(name);
    return value == null ? otherwise : value;
  }

  /** In the form of RFC 5952, which has no zone: one means nothing elsewhere (RFC 4007 §6). */
  private static @Nullable String address(ClientConnection client) {
    InetAddress address = client.remote().getAddress();
    if (address == null) {
      return null;
    }
    return NetUtil.toAddressString(address);
  }

  private static String element(@Nullable String address, @Nullable String host, String proto) {
    StringBuilder out = new StringBuilder(80).append("for=");
    if (address == null) {
      out.append("unknown");
    } else if (address.indexOf(':') >= 0) {
      out.append("\"[").append(address).append("]\"");
    } else {
      out.append(address);
    }
    if (host != null && !host.isEmpty()) {
      out.append(";host=");
      quote(host, out);
    }
    return out.append(";proto=").append(proto).toString();
  }

  /** A token as it is, anything else as a quoted-string (RFC 9110 §5.6.4). */
  private static void quote(String value, StringBuilder out) {
    boolean token = true;
    for (int i = 0; i < value.length() && token; i++) {
      token = isTokenCharacter(value.charAt(i));
    }
    if (token) {
      out.append(value);
      return;
    }
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      out.append(c);
    }
    out.append('"');
  }

  private static boolean isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
