package dev.understudy.proxy.route;

import dev.understudy.proxy.http.NormalTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A pattern of hosts or paths, as names from the root down: a path's segments from the left, a
 * host's labels from the right.
 *
 * @param names literal names; {@link #SOME} stands for any name that is not empty
 * @param end what may follow the names
 * @param exact whether this matches the same names as the predicate's pattern; if not, it matches
 *     those and possibly more
 */
record NamePattern(List<String> names, End end, boolean exact) {
  /** Any name that is not empty; never a literal, as literals have no asterisk. */
  static final String SOME = "*";

  /** Matches everything; stands for a pattern that is not known. */
  static final NamePattern UNKNOWN = new NamePattern(List.of(), End.REST, false);

  /** The names that may follow. */
  enum End {
    /** Nothing. */
    HERE,
    /** Any number of names, also none. */
    REST,
    /** One name, which may be empty. */
    ONE
  }

  /** The most {@link #SOME} in a pattern: more would make a lookup branch too often. */
  private static final int MOST_SOME = 4;

  NamePattern {
    names = List.copyOf(names);
  }

  /** Whether this matches everything, such as {@code /**}. */
  boolean matchesAll() {
    return names.isEmpty() && end == End.REST;
  }

  /**
   * Translates a pattern of the Gateway's {@code Path}, a {@code PathPattern} of Spring: literal
   * segments, {@code *} and {@code {name}} as whole segments, <code>/**</code> and {@code {*name}}
   * at the end. Only paths that begin with a slash are ever looked up.
   */
  static NamePattern path(String pattern) {
    if (!pattern.startsWith("/")) {
      return UNKNOWN;
    }
    String[] segments = pattern.substring(1).split("/", -1);
    List<String> names = new ArrayList<>();
    int some = 0;
    for (int i = 0; i < segments.length; i++) {
      String segment = segments[i];
      boolean last = i == segments.length - 1;
      if (segment.equals("*") && last) {
        return new NamePattern(names, End.ONE, true);
      }
      if (last && (segment.equals("**") || isCapture(segment, "{*"))) {
        return new NamePattern(names, End.REST, true);
      }
      if (segment.equals("*") || isCapture(segment, "{")) {
        some++;
        segment = SOME;
      }
      if (some > MOST_SOME || (!segment.equals(SOME) && isPattern(segment))) {
        return new NamePattern(names, End.REST, false);
      }
      names.add(segment);
    }
    return new NamePattern(names, End.HERE, true);
  }

  /** Whether a segment is {@code {name}} without a regular expression. */
  private static boolean isCapture(String segment, String start) {
    return segment.startsWith(start)
        && segment.endsWith("}")
        && segment.length() > start.length() + 1
        && !isPattern(segment.substring(start.length(), segment.length() - 1))
        && segment.indexOf(':') < 0;
  }

  private static boolean isPattern(String segment) {
    return segment.length() > NameTable.LONGEST
        || segment.chars().anyMatch(c -> "*?{}".indexOf(c) >= 0);
  }

  /**
   * Translates a pattern of the Gateway's {@code Host}, read by Spring's {@code AntPathMatcher}
   * with dots, without regard to letter case: labels, the first of which may be {@code *}, one
   * label of any name, or {@code **}, any number of labels, also none. Only hosts of plain labels
   * are ever looked up.
   */
  static NamePattern host(String pattern) {
    String[] labels = pattern.split("\\.", -1);
    List<String> names = new ArrayList<>();
    for (int i = labels.length - 1; i >= 0; i--) {
      String label = labels[i];
      if (i == 0 && label.equals("*")) {
        return new NamePattern(names, End.ONE, true);
      }
      if (i == 0 && label.equals("**")) {
        return new NamePattern(names, End.REST, true);
      }
      if (label.isEmpty()) {
        // The matcher makes one dot of two, and heeds a dot at either end.
        return UNKNOWN;
      }
      if (label.length() > NameTable.LONGEST
          || !label.chars().allMatch(c -> NormalTarget.isInLabel((char) c))) {
        return Arrays.asList(labels).contains("")
            ? UNKNOWN
            : new NamePattern(names, End.REST, false);
      }
      names.add(label.toLowerCase(Locale.ROOT));
    }
    return new NamePattern(names, End.HERE, true);
  }
}
