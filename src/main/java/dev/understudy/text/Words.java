package dev.understudy.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Formats names, lists and cut texts for people. */
public final class Words {
  private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private Words() {}

  /** A constant in lower case, as in the dynamic file: {@code drain} for {@code DRAIN}. */
  public static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** A name of Java in kebab case: {@code after-failback} for {@code afterFailback}. */
  public static String kebab(String name) {
    return HUMP.matcher(name).replaceAll("-").toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code server} for {@code servers}. */
  public static String singular(String name) {
    return name.endsWith("s") ? name.substring(0, name.length() - 1) : name;
  }

  /** The first texts and, if there are others, {@code and 3 more}. */
  public static List<String> bounded(List<String> all, int most) {
    if (all.size() <= most) {
      return List.copyOf(all);
    }
    List<String> some = new ArrayList<>(all.subList(0, most));
    some.add("and " + (all.size() - most) + " more");
    return List.copyOf(some);
  }

  /** The first texts and, if there are others, their number, as one text. */
  public static String joined(List<String> all, int most, String separator) {
    return String.join(separator, bounded(all, most));
  }

  /** The text cut to that many characters; the last one is then an ellipsis. */
  public static String cut(String text, int most) {
    return cut(text, most, "…");
  }

  /** Text of at most that many characters, which ends so if any were cut. */
  public static String cut(String text, int most, String ending) {
    if (text.length() <= most) {
      return text;
    }
    int kept = most - ending.length();
    boolean pair = kept > 0 && Character.isHighSurrogate(text.charAt(kept - 1));
    return text.substring(0, pair ? kept - 1 : kept) + ending;
  }
}
