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
          "(?<host>\\[[0-9A-Fa-f:.]+]|[^:\\[\\]/@]+|[0-9A-Fa-f:]*::[0-9A-Fa-f:]*)(:(?<port>[0-9]{1,5}))?");

  /** The address of a line; absent if it is of another kind, such as a UNIX socket. */
  static Optional<ServerTarget> parse(String text) {
    String address = text.replaceFirst("^(ipv4@|ipv6@|tcp@|tcp4@|tcp6@)", "");
    Matcher matcher = FORM.matcher(address);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String host = matcher.group("host");
    int port = matcher.group("port") == null ? 0 : Integer.parseInt(matcher.group("port"));
    if (port > 65_535) {
      return Optional.empty();
    }
    return Optional.of(
        new ServerTarget(
            host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host, port));
  }
}
