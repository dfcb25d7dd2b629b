package dev.understudy.proxy.filter;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An origin: a scheme, a host and a port (RFC 6454 §4).
 *
 * @param text as configured, with the scheme in small letters
 * @param host in small letters; an IPv6 address is in brackets
 * @param port the scheme's default if none is configured
 */
public record Origin(String text, boolean tls, String host, int port) {
  private static final int LARGEST_PORT = 65_535;

  /**
   * Parses an origin.
   *
   * @throws IllegalArgumentException if the text is not a scheme and a host, or has further parts
   *     than a port; the message says what was expected
   */
  static Origin of(@Nullable String url) {
    URI uri = uri(url);
    String scheme = uri == null || uri.getScheme() == null ? "" : lower(uri.getScheme());
    boolean tls = scheme.equals("https");
    if (url == null
        || uri == null
        || !(tls || scheme.equals("http"))
        || uri.getHost() == null
        || !uri.getRawAuthority().equals(authority(uri))
        || url.length() != scheme.length() + "://".length() + uri.getRawAuthority().length()) {
      throw new IllegalArgumentException(
          "url: expected a scheme and a host without a path, such as https://www.example.com,"
              + " found "
              + (url == null ? "nothing" : "'" + url + "'"));
    }
    return new Origin(
        scheme + "://" + uri.getRawAuthority(),
        tls,
        lower(uri.getHost()),
        uri.getPort() < 0 ? ownPort(tls) : uri.getPort());
  }

  /** The authority that the URI would have without user information, and with a valid port. */
  private static String authority(URI uri) {
    int port = uri.getPort();
    boolean good = port == -1 || (port > 0 && port <= LARGEST_PORT);
    return uri.getHost() + (port < 0 || !good ? "" : ":" + port);
  }

  private static @Nullable URI uri(@Nullable String url) {
    try {
      return url == null ? null : new URI(url);
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /**
   * Whether a request is for this origin.
   *
   * @param authority the request's {@code Host}
   * @param secure whether the client uses TLS
   */
  boolean isOf(String authority, boolean secure) {
    int colon = authority.indexOf(':', authority.startsWith("[") ? authority.indexOf(']') + 1 : 0);
    String name = colon < 0 ? authority : authority.substring(0, colon);
    String number = colon < 0 ? "" : authority.substring(colon + 1);
    return tls == secure
        && host.equalsIgnoreCase(name)
        && (number.isEmpty() ? port == ownPort(secure) : number.equals(Integer.toString(port)));
  }

  private static int ownPort(boolean tls) {
    return tls ? 443 : 80;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
