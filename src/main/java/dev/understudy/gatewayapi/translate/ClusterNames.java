package dev.understudy.gatewayapi.translate;

import dev.understudy.file.Sha256;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerTemplate;
import java.nio.charset.StandardCharsets;

/** Names of pools and servers from those of objects; what is too long ends with a digest. */
final class ClusterNames {
  private static final int LONGEST_POOL = 160;
  private static final int DIGITS = 10;

  private ClusterNames() {}

  /** A pool: {@code gw.shop.sense}. */
  static PoolId pool(String... parts) {
    return new PoolId(cut(String.join(".", parts), LONGEST_POOL));
  }

  /** A server, so short that an address fits behind it: {@code sense-0}. */
  static String server(String name) {
    return name.length() <= ServerTemplate.MAX_ID && DnsLabel.isValid(name)
        ? name
        : server(name, name);
  }

  /** Another server of the same name, told apart by a digest of what it is. */
  static String server(String name, String what) {
    String label = name.replaceAll("[^a-z0-9-]+", "-").replaceFirst("^-+", "");
    return digested(label.isEmpty() ? "server" : label, what, ServerTemplate.MAX_ID);
  }

  private static String cut(String name, int longest) {
    return name.length() <= longest ? name : digested(name, name, longest);
  }

  /** The beginning of a name and a digest, together not longer than that. */
  private static String digested(String name, String of, int longest) {
    String hex = Sha256.hex(Sha256.of(of.getBytes(StandardCharsets.UTF_8)), DIGITS);
    String begin = name.substring(0, Math.min(name.length(), longest - DIGITS - 1));
    return begin.replaceFirst("[.-]+$", "") + "-" + hex;
  }
}
