package dev.understudy.pool;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of the server names that clients ask for in TLS (RFC 6066 §3), in small letters: a name
 * in full, {@code *.} and a domain, which stands for one label before it, or {@code **.} and a
 * domain, which stands for one or more.
 */
public final class ServerNamePatterns {
  /** Characters of a name (RFC 1035 §2.3.4), and its root; longer ones are looked up only whole. */
  private static final int MOST = 254;

  private ServerNamePatterns() {}

  /**
   * The pattern that fits a name as a client asks for it: in any letter case, with the root or
   * without.
   *
   * @return null if none fits
   */
  public static @Nullable String fit(Set<String> patterns, String asked) {
    String full = asked.toLowerCase(Locale.ROOT);
    return find(patterns, full.endsWith(".") ? full.substring(0, full.length() - 1) : full);
  }

  /**
   * The pattern that fits a name most closely: in full, then the longest domain, one label before
   * several.
   *
   * @param name in small letters
   * @return null if none fits
   */
  public static @Nullable String find(Set<String> patterns, String name) {
    if (patterns.contains(name)) {
      return name;
    }
    int dot = name.length() > MOST ? -1 : name.indexOf('.');
    if (dot >= 0 && patterns.contains("*" + name.substring(dot))) {
      return "*" + name.substring(dot);
    }
    for (; dot >= 0; dot = name.indexOf('.', dot + 1)) {
      String wide = "**" + name.substring(dot);
      if (patterns.contains(wide)) {
        return wide;
      }
    }
    return null;
  }
}
