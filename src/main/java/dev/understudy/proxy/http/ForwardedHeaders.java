package dev.understudy.proxy.http;

import dev.understudy.network.IpAddress;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code X-Forwarded-For/Proto/Host/Port} and {@code Forwarded} (RFC 7239) from the client's
 * connection; extends the received values only if the peer is a trusted proxy.
 */
final class ForwardedHeaders {
  static final AsciiString FOR = AsciiString.cached("x-forwarded-for");
  static final AsciiString PROTO = AsciiString.cached("x-forwarded-proto");
  static final AsciiString HOST = AsciiString.cached("x-forwarded-host");
  static final AsciiString PORT = AsciiString.cached("x-forwarded-port");
  static final AsciiString FORWARDED = AsciiString.cached("forwarded");

  private static final AsciiString REAL_IP = AsciiString.cached("x-real-ip");
  private static final String PREFIX = "x-forwarded-";

  /** The lines for one client connection, which depend on {@code Host} only. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Block(@Nullable String host, byte[] lines) {}

  private ForwardedHeaders() {}

  /**
   * Whether the field describes the original client: {@code X-Forwarded-*}, {@code Forwarded} or
   * {@code X-Real-IP}.
   */
  static boolean isOne(CharSequence name) {
    return AsciiString.regionMatches(name, true, 0, PREFIX, 0, PREFIX.length())
        || FORWARDED.contentEqualsIgnoreCase(name)
        || REAL_IP.contentEqualsIgnoreCase(name);
  }

  /** Whether names of these fields can begin with the letter, given in lower case. */
  static boolean isInitial(int letter) {
    return letter == 'x' || letter == 'f';
  }

  /**
   * Writes the fields.
   *
   * @param host the client's {@code Host}; null if it sent none
   */
  static void write(
      ProxyRequest request, TrustedProxies trusted, @Nullable String host, HeadWriter to) {
    ClientConnection client = request.client();
    if (trusted.trusts(client)) {
      write(client, request.headers(), trusted, host, to);
      return;
    }
    Block known = client.forwarded;
    if (known != null && Objects.equals(known.host(), host)) {
      to.raw(known.lines());
      return;
    }
    int start = to.size();
    write(client, null, trusted, host, to);
    client.forwarded = new Block(host, to.since(start));
  }

  private static void write(
      ClientConnection client,
      @Nullable HttpHeaders from,
      TrustedProxies trusted,
      @Nullable String host,
      HeadWriter to) {
    String address = address(client);
    String proto = client.tls() ? "https" : "http";
    if (address != null) {
      to.field(FOR, extend(from, FOR, address));
    }
    to.field(PROTO, said(from, trusted, PROTO, proto));
    if (host != null) {
      to.field(HOST, said(from, trusted, HOST, host));
    }
    to.field(PORT, said(from, trusted, PORT, Integer.toString(client.localPort())));
    to.field(FORWARDED, extend(from, FORWARDED, element(address, host, proto)));
  }

  private static String extend(@Nullable HttpHeaders from, AsciiString name, String value) {
    if (from == null || !from.contains(name)) {
      return value;
    }
    return String.join(", ", from.getAll(name)) + ", " + value;
  }

  /** What the trusted proxies say of the client's own connection. */
  private static String said(
      @Nullable HttpHeaders from, TrustedProxies trusted, AsciiString name, String otherwise) {
    String value = from == null ? null : trusted.ofClient(from, name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  /**
   * Returns the client's address in the form of RFC 5952 without a zone, which has no meaning
   * elsewhere (RFC 4007 §6); null if it is unresolved.
   */
  private static @Nullable String address(ClientConnection client) {
    IpAddress address = client.address();
    return address == null ? null : address.toString();
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

  /** Appends a token unchanged, anything else as a quoted-string (RFC 9110 §5.6.4). */
  private static void quote(String value, StringBuilder out) {
    if (HttpToken.is(value)) {
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
}
