package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.acl.Sample.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A test of the value that a map file has for a sample, as a test of the sample with the keys. */
public final class MapLookup {
  /** A line of a map file. */
  public record Entry(String key, String value) {}

  private static final int MOST = 1_000;

  private MapLookup() {}

  /** Reads a file; lines with {@code #} and those without a value are left out. */
  public static List<Entry> read(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      String[] parts = line.split("\\s+", 2);
      if (!line.startsWith("#") && parts.length == 2) {
        entries.add(new Entry(parts[0], parts[1].strip()));
      }
    }
    return entries;
  }

  /** Whether a sample's last converter is a map. */
  static boolean ends(Sample sample) {
    return !sample.converters().isEmpty() && sample.converters().getLast().name().startsWith("map");
  }

  /** The test of the keys whose values hold, as it is translated; unknown if there is none. */
  static TranslatedCondition of(
      AclComparison test,
      TermContext context,
      Function<AclComparison, TranslatedCondition> translated) {
    List<Call> converters = test.sample().converters();
    Call map = converters.getLast();
    String file = map.argument(0);
    String matcher = matcher(map.name());
    boolean found = test.isFound();
    if (matcher == null || !map.argument(1).isEmpty() || !(found || test.isWhole())) {
      return test.unknown("'" + map.name() + "' in this use");
    }
    Optional<List<Entry>> entries = context.map(file);
    if (entries.isEmpty()) {
      return test.unknown("'" + file + "' cannot be read here");
    }
    if (!found && !matcher.equals("str")) {
      return test.unknown("conditions do not know which of several keys of '" + file + "' counts");
    }
    List<String> keys =
        entries.get().stream()
            .filter(each -> found || isAsked(test, each.value()))
            .map(Entry::key)
            .toList();
    if (keys.size() > MOST || (!found && !test.files().isEmpty())) {
      return test.unknown("expected a map of at most " + MOST + " lines, and values in place");
    }
    Sample sample = test.sample().converted(converters.subList(0, converters.size() - 1));
    return translated.apply(new AclComparison(sample, matcher, false, keys, List.of()));
  }

  private static boolean isAsked(AclComparison test, String value) {
    return test.patterns().stream()
        .anyMatch(each -> test.ignoreCase() ? each.equalsIgnoreCase(value) : each.equals(value));
  }

  /** The matching method of a map's keys; null if conditions have none such. */
  public static @Nullable String matcher(String map) {
    return switch (map) {
      case "map", "map_str" -> "str";
      case "map_beg", "map_end", "map_sub", "map_dir", "map_dom", "map_reg" -> map.substring(4);
      default -> null;
    };
  }
}
