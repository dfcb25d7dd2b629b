package dev.understudy.haproxy.translate;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's address.
 *
 * @param port 0: none is given
 */
record ServerTarget(String host, int port) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?<host>\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9_][A-Za-z0-9._-]*|[0-9A-Fa-f:]*::[0-9A-Fa-f:]*)"
              + "(:(?<port>[0-9]{1,5}))?");

  private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  /** The address of a line; absent if it is of another kind, such as a UNIX socket. */
  static Optional<ServerTarget> parse(String text) {
    String address = text.replaceFirst("^(ipv4@|ipv6@|tcp@|tcp4@|tcp6@)", "");
    Matcher matcher = FORM.matcher(address);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String host = matcher.group("host");
    int port = matcher.group("port") == null ? 0 : Integer.parseInt(matcher.group("port"));
    boolean isAddress = !NUMBERS.matcher(host).matches() || IPV4.matcher(host).matches();
    if (port > 65_535 || !isAddress) {
      return Optional.empty();
    }
    return Optional.of(
        new ServerTarget(
            host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host, port));
  }
}
