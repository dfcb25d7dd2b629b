package dev.understudy.config;

import dev.understudy.pool.ServerAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's url: a scheme, a host and perhaps a port, and nothing else.
 *
 * <p>Not a {@link java.net.URI}, for which a host with an underscore is none.
 */
final class ServerUrl {
  static final String EXPECTED =
      "a url such as http://host:8080 (http or https, a host, an optional port, nothing else)";

  private static final Pattern FORM =
      Pattern.compile("(?i)(https?)://(\\[[0-9a-f:.]{2,45}]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?");
  private static final Pattern LABEL = Pattern.compile("(?i)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?");
  private static final Pattern IPV4 =
      Pattern.compile("((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(\\.(?!$)|$)){4}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  private ServerUrl() {}

  /** The address, or null if the text is none. */
  static @Nullable ServerAddress parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    boolean tls = matcher.group(1).length() == "https".length();
    String host = host(matcher.group(2));
    String digits = matcher.group(3);
    int port = digits == null ? (tls ? 443 : 80) : Integer.parseInt(digits);
    return host == null || port < 1 || port > 65_535 ? null : new ServerAddress(tls, host, port);
  }

  /** The same for all forms of one address: of IPv6 there are many. */
  static String normal(ServerAddress address) {
    String host = address.host();
    try {
      host = host.indexOf(':') < 0 ? host : InetAddress.getByName(host).getHostAddress();
    } catch (UnknownHostException e) {
      // As it is written, then.
    }
    return new ServerAddress(address.tls(), host, address.port()).toString();
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

  /** A literal with a colon in it is never looked up. */
  private static boolean isIpv6(String literal) {
    try {
      return InetAddress.getByName(literal).getAddress().length > 0;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
