package dev.understudy.condition;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A test of one text. */
public sealed interface TextMatch {

  /** Whether the text passes. */
  boolean test(String text);

  /** Whether what is looked for has a comma. */
  default boolean hasComma() {
    return false;
  }

  /** Any text: the subject is there. */
  record Present() implements TextMatch {
    @Override
    public boolean test(String text) {
      return true;
    }
  }

  /**
   * One of these values.
   *
   * @param values in small letters if letter case is ignored
   */
  record OneOf(Set<String> values, boolean ignoreCase, boolean hasComma) implements TextMatch {
    static OneOf of(List<String> values, boolean ignoreCase) {
      Set<String> set = new HashSet<>();
      values.forEach(value -> set.add(fold(value, ignoreCase)));
      return new OneOf(Set.copyOf(set), ignoreCase, anyComma(values));
    }

    @Override
    public boolean test(String text) {
      return values.contains(fold(text, ignoreCase));
    }
  }

  /**
   * Begins or ends with one of these values, found in logarithmic time.
   *
   * @param values sorted, none the beginning of another; reversed for ends
   */
  record Affix(List<String> values, boolean end, boolean ignoreCase, boolean hasComma)
      implements TextMatch {
    static Affix of(List<String> values, boolean end, boolean ignoreCase) {
      List<String> sorted =
          values.stream()
              .map(value -> fold(end ? reversed(value) : value, ignoreCase))
              .sorted()
              .distinct()
              .toList();
      List<String> shortest = new ArrayList<>();
      for (String each : sorted) {
        if (shortest.isEmpty() || !each.startsWith(shortest.getLast())) {
          shortest.add(each);
        }
      }
      return new Affix(List.copyOf(shortest), end, ignoreCase, anyComma(values));
    }

    @Override
    public boolean test(String text) {
      String from = fold(end ? reversed(text) : text, ignoreCase);
      int low = 0;
      int high = values.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (values.get(middle).compareTo(from) <= 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return high >= 0 && from.startsWith(values.get(high));
    }

    private static String reversed(String text) {
      return new StringBuilder(text).reverse().toString();
    }
  }

  /**
   * Contains one of these values.
   *
   * @param segments whether they are whole segments between slashes (HAProxy {@code path_dir})
   */
  record Contains(List<String> values, boolean segments, boolean ignoreCase, boolean hasComma)
      implements TextMatch {
    static Contains of(List<String> values, boolean segments, boolean ignoreCase) {
      return new Contains(
          values.stream()
              .map(value -> fold(segments ? '/' + trimmed(value) + '/' : value, ignoreCase))
              .toList(),
          segments,
          ignoreCase,
          anyComma(values));
    }

    /** The value without slashes around it. */
    private static String trimmed(String value) {
      int start = 0;
      int end = value.length();
      while (start < end && value.charAt(start) == '/') {
        start++;
      }
      while (end > start && value.charAt(end - 1) == '/') {
        end--;
      }
      return value.substring(start, end);
    }

    @Override
    public boolean test(String text) {
      String in = fold(segments ? '/' + text + '/' : text, ignoreCase);
      for (int i = 0; i < values.size(); i++) {
        if (in.contains(values.get(i))) {
          return true;
        }
      }
      return false;
    }
  }

  /** One of these expressions is found. */
  record Matches(List<LinearPattern> patterns) implements TextMatch {
    @Override
    public boolean test(String text) {
      for (int i = 0; i < patterns.size(); i++) {
        if (patterns.get(i).find(text)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public boolean hasComma() {
      return patterns.stream().anyMatch(each -> each.toString().indexOf(',') >= 0);
    }
  }

  /**
   * Hosts as in the predicate {@code Host}: {@code *.} stands for one label, {@code **.} for any
   * number, also none.
   *
   * @param exact in full, in small letters
   * @param below what follows {@code *}, with its dot
   * @param anyBelow what follows {@code **}, with its dot
   */
  record Hosts(Set<String> exact, Set<String> below, Affix anyBelow) implements TextMatch {
    static Hosts of(List<String> values) {
      Set<String> exact = new HashSet<>();
      Set<String> below = new HashSet<>();
      List<String> ends = new ArrayList<>();
      for (String each : values) {
        String full = each.toLowerCase(Locale.ROOT);
        String value = full.endsWith(".") ? full.substring(0, full.length() - 1) : full;
        if (value.startsWith("**.")) {
          exact.add(value.substring(3));
          ends.add(value.substring(2));
        } else if (value.startsWith("*.")) {
          below.add(value.substring(1));
        } else {
          exact.add(value);
        }
      }
      return new Hosts(Set.copyOf(exact), Set.copyOf(below), Affix.of(ends, true, false));
    }

    @Override
    public boolean test(String text) {
      int dot = text.indexOf('.');
      return exact.contains(text)
          || (dot > 0 && below.contains(text.substring(dot)))
          || anyBelow.test(text);
    }
  }

  private static String fold(String text, boolean ignoreCase) {
    return ignoreCase ? text.toLowerCase(Locale.ROOT) : text;
  }

  private static boolean anyComma(List<String> values) {
    return values.stream().anyMatch(value -> value.indexOf(',') >= 0);
  }
}
