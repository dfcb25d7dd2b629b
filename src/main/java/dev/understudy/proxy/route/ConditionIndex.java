package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.condition.TermSubject;
import dev.understudy.condition.TextMatch;
import java.util.ArrayList;
import java.util.List;

/**
 * The hosts and paths without which a condition cannot hold, so that a route with it is found by
 * them: those of terms that {@code and} alone joins. Patterns match what the term matches, and
 * possibly more.
 */
final class ConditionIndex {
  private ConditionIndex() {}

  /** Empty if any host may do. */
  static List<NamePattern> hosts(Condition condition) {
    for (Condition.Text text : required(condition)) {
      if (text.source().kind() == TermSubject.Kind.HOST
          && text.match() instanceof TextMatch.Hosts) {
        return text.written().stream().map(NamePattern::host).toList();
      }
    }
    return List.of();
  }

  /** Empty if any path may do. */
  static List<NamePattern> paths(Condition condition) {
    for (Condition.Text text : required(condition)) {
      if (text.source().kind() == TermSubject.Kind.PATH) {
        List<NamePattern> patterns = paths(text);
        if (!patterns.isEmpty()) {
          return patterns;
        }
      }
    }
    return List.of();
  }

  private static List<NamePattern> paths(Condition.Text text) {
    List<NamePattern> patterns = new ArrayList<>();
    for (String each : text.written()) {
      boolean exact = text.match() instanceof TextMatch.OneOf one && !one.ignoreCase();
      boolean prefix =
          text.match() instanceof TextMatch.Affix affix && !affix.end() && !affix.ignoreCase();
      if (!each.startsWith("/") || each.chars().anyMatch(c -> "*?{}%;".indexOf(c) >= 0)) {
        return List.of();
      }
      if (exact) {
        patterns.add(NamePattern.path(each));
      } else if (prefix && each.lastIndexOf('/') > 0) {
        patterns.add(NamePattern.path(each.substring(0, each.lastIndexOf('/')) + "/**"));
      } else {
        return List.of();
      }
    }
    return patterns;
  }

  /** The terms about texts without which the condition cannot hold. */
  private static List<Condition.Text> required(Condition condition) {
    return switch (condition) {
      case Condition.Text text -> List.of(text);
      case Condition.All all -> all.of().stream().flatMap(each -> required(each).stream()).toList();
      default -> List.of();
    };
  }
}
