package dev.understudy.haproxy.translate;

import dev.understudy.pool.DnsLabel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Allocates names: DNS labels of at most 40 characters, each once. */
final class NameAllocator {
  private static final int LONGEST = 40;

  private final Set<String> taken = new HashSet<>();
  private final Map<String, String> named = new HashMap<>();

  /**
   * @param reserved names that nothing may have
   */
  NameAllocator(String... reserved) {
    taken.addAll(Set.of(reserved));
  }

  /** Understudy's name for one of HAProxy's: the same at each call. */
  String of(String name) {
    return named.computeIfAbsent(name, this::fresh);
  }

  /** A new name like this one. */
  String fresh(String name) {
    String label = label(name);
    String candidate = label;
    for (int i = 2; !taken.add(candidate); i++) {
      String end = "-" + i;
      candidate = cut(label, LONGEST - end.length()) + end;
    }
    return candidate;
  }

  private static String label(String name) {
    String label =
        cut(
            name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-").replaceAll("^-+|-+$", ""),
            LONGEST);
    return DnsLabel.isValid(label) ? label : "unnamed";
  }

  private static String cut(String label, int most) {
    return label.length() <= most ? label : label.substring(0, most).replaceAll("-+$", "");
  }
}
