package dev.understudy.proxy.http;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The protocols that requests of a route may ask for in {@code Upgrade}.
 *
 * @param names in small letters, such as {@code spdy/3.1}; one without a version stands for all
 */
public record UpgradeProtocols(Set<String> names) {
  /** Whose requests would pass unseen by routes and filters, or are relayed without a filter. */
  private static final Set<String> NEVER = Set.of("h2c", "h2", "http", "websocket");

  public UpgradeProtocols {
    names = Set.copyOf(names);
  }

  /**
   * Creates the protocols from a configured list.
   *
   * @param list separated by commas
   * @throws IllegalArgumentException if it is not valid; the message says what was expected
   */
  public static UpgradeProtocols of(@Nullable String list) {
    Set<String> names = new LinkedHashSet<>();
    for (String element : (list == null ? "" : list).split(",", -1)) {
      String written = element.strip();
      String name = written.toLowerCase(Locale.ROOT);
      if (!isProtocol(name)) {
        throw new IllegalArgumentException(
            "protocols: expected names such as tcp or SPDY/3.1, found '" + written + "'");
      }
      if (NEVER.contains(withoutVersion(name))) {
        throw new IllegalArgumentException(
            "protocols: expected neither h2c nor HTTP, whose requests would pass no route, nor"
                + " websocket, which is relayed anyway, found '"
                + written
                + "'");
      }
      names.add(name);
    }
    return new UpgradeProtocols(names);
  }

  /** Whether a member of a client's list may be asked for. */
  boolean contains(String protocol) {
    String name = protocol.toLowerCase(Locale.ROOT);
    return isProtocol(protocol) && (names.contains(name) || names.contains(withoutVersion(name)));
  }

  /** RFC 9110 §7.8: a token, and another one behind a slash as its version. */
  private static boolean isProtocol(String text) {
    int slash = text.indexOf('/');
    return slash < 0
        ? HttpToken.is(text)
        : HttpToken.is(text.substring(0, slash)) && HttpToken.is(text.substring(slash + 1));
  }

  private static String withoutVersion(String protocol) {
    int slash = protocol.indexOf('/');
    return slash < 0 ? protocol : protocol.substring(0, slash);
  }
}
