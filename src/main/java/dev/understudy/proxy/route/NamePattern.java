package dev.understudy.proxy.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a pattern of a predicate asks of a host or a path, as names from the root down: a path's
 * segments from the left, a host's labels from the right.
 *
 * @param names {@link #SOME} stands for any name that is not empty
 * @param end what may follow them
 * @param exact whether it says all that the pattern does; if not, everything that the pattern
 *     matches matches this too
 */
record NamePattern(List<String> names, End end, boolean exact) {
  /** No literal: an asterisk is never part of one. */
  static final String SOME = "*";

  /** Matches what has any names at all; says nothing of the pattern it stands for. */
  static final NamePattern UNKNOWN = new NamePattern(List.of(), End.REST, false);

  /** What may follow the names. */
  enum End {
    /** Nothing. */
    HERE,
    /** Any number of names, also none. */
    REST,
    /** One name, which may be empty. */
    ONE
  }

  /** More would make a lookup branch too often. */
  private static final int MOST_SOME = 4;

  NamePattern {
    names = List.copyOf(names);
  }

  /** Whether it is {@code /**} and the like. */
  boolean matchesAll() {
    return names.isEmpty() && end == End.REST;
  }

  /**
   * Of a pattern of the Gateway's {@code Path}, Spring's {@code PathPattern}: literal segments,
   * {@code *} and {@code {name}} as whole segments, <code>/**</code> and {@code {*name}} at the
   * end. Only paths that begin with a slash are looked for.
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

  /** {@code {name}} without a regular expression. */
  private static boolean isCapture(String segment, String start) {
    return segment.startsWith(start)
        && segment.endsWith("}")
        && segment.length() > start.length() + 1
        && !isPattern(segment.substring(start.length(), segment.length() - 1))
        && segment.indexOf(':') < 0;
  }

  private static boolean isPattern(String segment) {
    return segment.length() > Names.LONGEST
        || segment.chars().anyMatch(c -> "*?{}".indexOf(c) >= 0);
  }

  /**
   * Of a pattern of the Gateway's {@code Host}, Spring's {@code AntPathMatcher} with dots, letter
   * case aside: labels, of which the first may be {@code *}, one of any name, or {@code **}, any
   * number also none. Only hosts of plain labels are looked for.
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
        // The matcher makes one dot of two, and looks at one at either end.
        return UNKNOWN;
      }
      if (label.length() > Names.LONGEST || !label.chars().allMatch(c -> isInLabel((char) c))) {
        return emptyLabelIn(labels) ? UNKNOWN : new NamePattern(names, End.REST, false);
      }
      names.add(label.toLowerCase(Locale.ROOT));
    }
    return new NamePattern(names, End.HERE, true);
  }

  private static boolean emptyLabelIn(String[] labels) {
    for (String label : labels) {
      if (label.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  static boolean isInLabel(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }
}
