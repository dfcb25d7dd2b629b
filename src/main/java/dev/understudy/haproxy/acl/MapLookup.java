package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A test on what a map file has for a sample, said as a test of the sample with the file's keys.
 *
 * @param keys null: it cannot be said so
 * @param why it cannot; empty if it can
 */
public record MapLookup(@Nullable AclTest keys, String why) {
  private static final int MOST = 1_000;

  static MapLookup of(AclTest test, TermContext context) {
    List<Call> converters = test.sample().converters();
    Call map = converters.getLast();
    String matcher = matcher(map.name());
    boolean found = test.matcher().equals("found");
    boolean equal = test.matcher().isEmpty() || test.matcher().equals("str");
    if (matcher == null || !map.argument(1).isEmpty() || !(found || equal)) {
      return no("'" + map.name() + "' in this use");
    }
    Optional<List<MapEntry>> entries = context.map(map.argument(0));
    if (entries.isEmpty()) {
      return no("'" + map.argument(0) + "' cannot be read here");
    }
    if (!found && !matcher.equals("str")) {
      return no("which of several keys of '" + map.argument(0) + "' counts");
    }
    List<String> keys =
        entries.get().stream()
            .filter(each -> found || isAsked(test, each.value()))
            .map(MapEntry::key)
            .toList();
    if (keys.size() > MOST || (!found && !test.files().isEmpty())) {
      return no("expected a map of at most " + MOST + " lines, and values in place");
    }
    Sample sample =
        new Sample(
            test.sample().fetch(),
            converters.subList(0, converters.size() - 1),
            test.sample().source());
    return new MapLookup(new AclTest(sample, matcher, false, keys, List.of()), "");
  }

  private static boolean isAsked(AclTest test, String value) {
    return test.patterns().stream()
        .anyMatch(each -> test.ignoreCase() ? each.equalsIgnoreCase(value) : each.equals(value));
  }

  private static MapLookup no(String why) {
    return new MapLookup(null, why);
  }

  /** How a map compares its keys; null if that has no words here. */
  public static @Nullable String matcher(String map) {
    return switch (map) {
      case "map", "map_str" -> "str";
      case "map_beg", "map_end", "map_sub", "map_dir", "map_dom", "map_reg" -> map.substring(4);
      default -> null;
    };
  }
}
