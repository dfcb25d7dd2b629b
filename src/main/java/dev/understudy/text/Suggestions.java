package dev.understudy.text;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the known name nearest to an unknown one, for "did you mean". */
public final class Suggestions {
  private static final int FARTHEST = 2;

  /**
   * Longer names are not compared: known names are short, and the cost is the product of both
   * lengths.
   */
  private static final int LONGEST = 100;

  /** The most names that {@link #asked} lists. */
  private static final int MOST_LISTED = 10;

  private Suggestions() {}

  /**
   * Returns the nearest of {@code known} within two edits (insert, delete, replace, swap of
   * neighbours), or within one for a name of up to four characters; null if there is none. Letter
   * case, {@code _} and {@code -} are ignored.
   */
  public static @Nullable String nearest(String name, Collection<String> known) {
    String best = null;
    int bestDistance = Math.min(FARTHEST, name.length() <= 4 ? 1 : FARTHEST) + 1;
    for (String each : known) {
      if (Math.abs(each.length() - name.length()) < bestDistance + separators(each)) {
        int distance = distance(fold(name), fold(each));
        if (distance < bestDistance) {
          best = each;
          bestDistance = distance;
        }
      }
    }
    return best;
  }

  /**
   * A sentence about something that does not exist, with the nearest name that does; without one
   * that is near, with all names if they are few.
   *
   * @param sentence without its end
   */
  public static String asked(String sentence, String name, Collection<String> known) {
    String nearest = nearest(name, known);
    if (nearest != null) {
      return sentence + "; did you mean '" + nearest + "'?";
    }
    return known.isEmpty() || known.size() > MOST_LISTED
        ? sentence + "."
        : sentence
            + (known.size() == 1 ? "; there is " : "; there are ")
            + String.join(", ", known.stream().sorted().toList())
            + ".";
  }

  /** The message about an unknown name. */
  public static String unknown(String what, String name, Collection<String> known) {
    String nearest = nearest(name, known);
    if (nearest != null) {
      return "unknown " + what + ", did you mean \"" + nearest + "\"?";
    }
    return known.isEmpty() || known.size() > 40
        ? "unknown " + what
        : "unknown " + what + ", expected one of " + String.join(", ", known);
  }

  private static int separators(String name) {
    return (int) name.chars().filter(c -> c == '-').count();
  }

  private static String fold(String name) {
    return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** The optimal string alignment distance. */
  static int distance(String a, String b) {
    if (a.length() > LONGEST || b.length() > LONGEST) {
      return Integer.MAX_VALUE;
    }
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = cheapest(a, b, i, j, cost);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int cheapest(String a, String b, int i, int j, int[][] cost) {
    if (i == 0 || j == 0) {
      return i + j;
    }
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int best = Math.min(cost[i - 1][j], cost[i][j - 1]) + 1;
    best = Math.min(best, cost[i - 1][j - 1] + (same ? 0 : 1));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
