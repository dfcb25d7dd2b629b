package dev.understudy.config;

import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's URL: a scheme, a host and an optional port, and nothing else.
 *
 * <p>Not parsed as {@link java.net.URI}, which finds no host if the host has an underscore.
 */
final class ServerUrl {
  static final String EXPECTED =
      "a url such as http://host:8080 (http or https, a host, an optional port, nothing else), or"
          + " tcp://host:5432 for TCP (tls:// inside TLS)";

  /** At the end of a scheme. */
  private static final String SRV = "+srv";

  static final String SERVICE_EXPECTED =
      "http+srv://_service._proto.name (or https+srv, tcp+srv, tls+srv) and a count for SRV"
          + " records, or a host and its port";

  /** At the end of a scheme. */
  private static final String K8S = "+k8s";

  static final String ENDPOINTS_EXPECTED =
      "http+k8s://SERVICE, http+k8s://SERVICE.NAMESPACE:PORT or the like (or https+k8s, tcp+k8s,"
          + " tls+k8s; a port by name or number) and a count for the endpoints of a Service";

  private static final String DNS_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

  /** A scheme before a Service of a Kubernetes cluster. */
  private static final Pattern OF_ENDPOINTS =
      Pattern.compile(
          "(?i:(https?|tcp|tls)\\+k8s)://(%1$s(?:\\.%1$s)?)(?::(?:([0-9]{1,5})|(?![0-9]+$)(%1$s)))?"
              .formatted(DNS_LABEL));

  /** A scheme before the name of SRV records. */
  private static final Pattern OF_SERVICE =
      Pattern.compile("(?i)(https?|tcp|tls)\\+srv://([a-z0-9._-]{1,253})");

  private static final Pattern PARTS =
      Pattern.compile("(?is)(?<scheme>[a-z][a-z0-9+.-]*)://(?<authority>[^/?#\\\\]*)(?<rest>.*)");

  /** The name of an SRV record (RFC 2782), which is not a host. */
  private static final Pattern SERVICE = Pattern.compile("(?i)_[^.]+\\._(tcp|udp)(\\..*|:.*)?");

  private static final Pattern FORM =
      Pattern.compile(
          "(?i)(https?|tcp|tls)://(\\[[0-9a-f:.]{2,45}]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?");
  private static final Pattern ROOTED = Pattern.compile("[^:\\[]+\\.(:[0-9]*)?");
  private static final Pattern LABEL = Pattern.compile("(?i)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private static final Set<String> SCHEMES = Set.of("http", "https", "tcp", "tls");

  private ServerUrl() {}

  /** The expectation for an invalid URL, as precise as possible. */
  static String expected(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches() || !ProblemValue.invisible(text).isEmpty()) {
      return SERVICE.matcher(text).matches() ? SERVICE_EXPECTED : EXPECTED;
    }
    if (isService(text) && !hasUser(text)) {
      return SERVICE_EXPECTED;
    }
    if (isEndpoints(text) && !hasUser(text)) {
      return ENDPOINTS_EXPECTED;
    }
    String scheme = parts.group("scheme").toLowerCase(Locale.ROOT);
    String authority = parts.group("authority");
    if (!SCHEMES.contains(scheme)) {
      return "http:// or https:// before the host, or tcp:// or tls:// for TCP";
    }
    if (hasUser(text)) {
      return "a url without user and password";
    }
    if (!parts.group("rest").isEmpty()) {
      return "a url that ends with the host or its port: each request has its own path (the filter"
          + " PrefixPath adds a prefix), and probes use health.path";
    }
    if (SERVICE.matcher(authority).matches()) {
      return SERVICE_EXPECTED;
    }
    if (ROOTED.matcher(authority).matches()) {
      return "a host without a dot at its end";
    }
    int colon = authority.lastIndexOf(':');
    boolean port = (colon >= 0 && authority.indexOf(':') == colon) || authority.contains("]:");
    boolean tcp = isTcp(scheme);
    if (port ? !isPort(authority.substring(colon + 1)) : tcp) {
      return "a port from 1 to 65535 after the host" + (tcp ? "" : ", or none");
    }
    return EXPECTED;
  }

  /** Whether the URL contains credentials. */
  static boolean hasUser(String text) {
    Matcher parts = PARTS.matcher(text);
    return parts.matches() && parts.group("authority").indexOf('@') >= 0;
  }

  private static boolean isPort(String digits) {
    return digits.matches("[0-9]{1,5}")
        && Integer.parseInt(digits) >= 1
        && Integer.parseInt(digits) <= 65_535;
  }

  /** Whether the URL asks for SRV records. */
  static boolean isService(String text) {
    return hasSuffix(text, SRV);
  }

  /** Whether the URL asks for the endpoints of a Service. */
  static boolean isEndpoints(String text) {
    return hasSuffix(text, K8S);
  }

  private static boolean hasSuffix(String text, String suffix) {
    int length = suffix.length();
    return text.regionMatches(true, text.indexOf("://") - length, suffix, 0, length);
  }

  /**
   * Returns the name of SRV records, {@code http+srv://_http._tcp.app.example}, and 80 or, with
   * TLS, 443 in place of their ports; null if the URL is invalid.
   */
  static @Nullable ServerAddress parseService(String text) {
    Matcher matcher = OF_SERVICE.matcher(text);
    String host = matcher.matches() ? host(matcher.group(2)) : null;
    return host == null ? null : address(matcher.group(1), host, null);
  }

  /**
   * The endpoints of a Service.
   *
   * @param address its name, and the port's number, if that is given
   * @param port name or number; empty if there is none
   */
  record Endpoints(ServerAddress address, String port) {}

  /** Returns the Service, {@code http+k8s://web.shop:8080}; null if the URL is invalid. */
  static @Nullable Endpoints parseEndpoints(String text) {
    Matcher matcher = OF_ENDPOINTS.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    String number = matcher.group(3);
    String port = number == null ? matcher.group(4) : number;
    ServerAddress address = address(matcher.group(1), matcher.group(2), number);
    return address == null ? null : new Endpoints(address, port == null ? "" : port);
  }

  /** Returns the address; null if the URL is invalid. */
  static @Nullable ServerAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || SERVICE.matcher(matcher.group(2)).matches()) {
      return null;
    }
    String scheme = matcher.group(1);
    String host = host(matcher.group(2));
    String digits = matcher.group(3);
    if (host == null || (digits == null && isTcp(scheme))) {
      return null;
    }
    return address(scheme, host, digits);
  }

  private static boolean isTcp(String scheme) {
    return scheme.equalsIgnoreCase("tcp") || scheme.equalsIgnoreCase("tls");
  }

  private static @Nullable ServerAddress address(
      String scheme, String host, @Nullable String digits) {
    Protocol protocol = isTcp(scheme) ? Protocol.TCP : Protocol.HTTP;
    boolean tls = scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("tls");
    int port = digits == null ? (tls ? 443 : 80) : Integer.parseInt(digits);
    return port < 1 || port > 65_535 ? null : new ServerAddress(protocol, tls, host, port);
  }

  /**
   * A canonical form of an address: equal for all spellings of an IPv6 address, and for {@code
   * localhost} and 127.0.0.1.
   */
  static String normal(ServerAddress address) {
    String host = address.host().equals("localhost") ? "127.0.0.1" : address.host();
    try {
      host = host.indexOf(':') < 0 ? host : InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      // Keeps the host as written.
    }
    return new ServerAddress(address.protocol(), address.tls(), host, address.port()).toString();
  }

  private static @Nullable String host(String text) {
    if (text.startsWith("[")) {
      String literal = text.substring(1, text.length() - 1);
      return literal.indexOf(':') >= 0 && isIpv6(literal) ? literal : null;
    }
    String[] labels = text.split("\\.", -1);
    if (NUMBER.matcher(labels[labels.length - 1]).matches()) {
      return IPV4.matcher(text).matches() ? text : null;
    }
    for (String label : labels) {
      if (!LABEL.matcher(label).matches()) {
        return null;
      }
    }
    return text.toLowerCase(Locale.ROOT);
  }

  /** Whether a text is an IP literal, IPv6 without brackets. */
  static boolean isAddress(String text) {
    return IPV4.matcher(text).matches() || (text.indexOf(':') >= 0 && isIpv6(text));
  }

  /** Whether a literal is an IPv6 address; one with a colon is never looked up. */
  private static boolean isIpv6(String literal) {
    try {
      return InetAddress.getByName(literal).getAddress().length > 0;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
