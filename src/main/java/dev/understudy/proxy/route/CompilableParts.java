package dev.understudy.proxy.route;

import dev.understudy.condition.Condition;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.RoutePart;
import dev.understudy.proxy.filter.FilterCompiler;
import dev.understudy.proxy.filter.NotCompilableException;
import dev.understudy.proxy.filter.RewritePath;
import dev.understudy.proxy.guard.GuardRegistry;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which predicates and filters are good because they compile. Whether the Gateway takes any
 * other, and what is wrong with it if not, only the Gateway's own factories know.
 *
 * <p>Each part is looked at by itself. A route of compiled parts may yet be left to the Gateway, by
 * another route or its metadata; see {@link RouteLane}.
 */
public final class CompilableParts {
  private CompilableParts() {}

  /** Whether a predicate compiles, and the Gateway takes it, too. */
  public static boolean hasPredicate(RoutePart predicate) {
    RouteConditions when = RouteConditions.of(List.of(predicate));
    Collection<String> values = predicate.args().values();
    return when.why() == null
        && values.stream().noneMatch(CompilableParts::isExpression)
        && switch (predicate.name()) {
          case "Path" -> values.stream().allMatch(CompilableParts::isPath);
          case "When" -> values.size() == 1 && isOfRequest(when.condition());
          default -> true;
        };
  }

  private static boolean isOfRequest(@Nullable Condition condition) {
    return condition != null && !condition.isOfResponse();
  }

  /** Whether the Gateway would evaluate the value. */
  private static boolean isExpression(String value) {
    return value.contains("#{");
  }

  /**
   * Whether a compiled pattern is one of Spring's, too: no segment is resolved in requests, and its
   * variables have different names, which are Java's.
   */
  private static boolean isPath(String pattern) {
    Set<String> names = new HashSet<>();
    return Arrays.stream(pattern.split("/", -1))
        .allMatch(
            segment -> !segment.equals(".") && !segment.equals("..") && isSegment(segment, names));
  }

  private static boolean isSegment(String segment, Set<String> names) {
    if (!segment.startsWith("{")) {
      return true;
    }
    String name = segment.substring(segment.startsWith("{*") ? 2 : 1, segment.length() - 1);
    return Character.isJavaIdentifierStart(name.charAt(0))
        && name.chars().allMatch(Character::isJavaIdentifierPart)
        && names.add(name);
  }

  /** Whether a filter compiles, and the Gateway takes it, too. */
  public static boolean hasFilter(RoutePart filter) {
    try {
      var unused = FilterCompiler.step(filter, Set.of(), "check", new GuardRegistry());
      return FilterKind.of(filter) != RewritePath.KIND || isRewriting(filter);
    } catch (NotCompilableException | IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isRewriting(RoutePart filter) {
    List<String> args = List.copyOf(filter.args().values());
    return !args.getFirst().isBlank()
        && JavaRewriting.problem(args.getFirst(), args.get(1)) == null;
  }
}
