package dev.understudy.gatewayapi.translate;

import dev.understudy.file.Sha256;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.ServerTemplate;
import java.nio.charset.StandardCharsets;

/** Names of servers from those of Services and Pods; what is too long ends with a digest. */
final class ServerNames {
  private static final int DIGITS = 10;

  private ServerNames() {}

  /** A server, so short that an address fits behind it: {@code sense-0}. */
  static String server(String name) {
    return name.length() <= ServerTemplate.MAX_ID && DnsLabel.isValid(name)
        ? name
        : server(name, name);
  }

  /** Another server of the same name, told apart by a digest of what it is. */
  static String server(String name, String what) {
    String label = name.replaceAll("[^a-z0-9-]+", "-").replaceFirst("^-+", "");
    String begin = label.isEmpty() ? "server" : label;
    String cut = begin.substring(0, Math.min(begin.length(), ServerTemplate.MAX_ID - DIGITS - 1));
    String hex = Sha256.hex(Sha256.of(what.getBytes(StandardCharsets.UTF_8)), DIGITS);
    return cut.replaceFirst("-+$", "") + "-" + hex;
  }
}
