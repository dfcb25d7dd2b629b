package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.Match;
import dev.understudy.gatewayapi.object.Route;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Which of two matches counts for a request that fits both: that of the more specific host, then of
 * the more specific path, with a method, with more header fields, with more parameters; then that
 * of the older route, and of the earlier rule.
 *
 * @param hostname null for all
 * @param rule its index, and its match's, in the order of the route
 */
record Precedence(@Nullable String hostname, Match match, Route route, int rule, int index)
    implements Comparable<Precedence> {
  private static final Comparator<Precedence> ORDER =
      Comparator.comparingInt((Precedence each) -> specificity(each.hostname()))
          .thenComparing(each -> each.match.path().type())
          .thenComparingInt(each -> -each.match.path().value().length())
          .thenComparing(each -> each.match.method() == null)
          .thenComparingInt(each -> -each.match.headers().size())
          .thenComparingInt(each -> -each.match.query().size())
          .thenComparing(Precedence::route, ClusterObject.OLDEST_FIRST)
          .thenComparingInt(Precedence::rule)
          .thenComparingInt(Precedence::index);

  /** The order of hosts, the most specific first: longer exact ones, then longer wildcards. */
  static int specificity(@Nullable String hostname) {
    if (hostname == null) {
      return Integer.MAX_VALUE;
    }
    return (hostname.startsWith("*") ? 1_000 : 0) - hostname.length();
  }

  @Override
  public int compareTo(Precedence other) {
    return ORDER.compare(this, other);
  }
}
