package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the clauses of {@link Story stories} mean. A clause is a verb, or a fact: {@code sen2.status
 * = UP}. The left side of a fact is a root and names of accessors after it, of a list each
 * element's. {@code =} is equality of the texts, {@code ~} containment, {@code in 1..5} a range;
 * {@code $name} is a value that {@code keep} gave that name.
 */
final class StoryWords {
  private final Map<Pattern, Consumer<MatchResult>> verbs = new LinkedHashMap<>();
  private final Map<String, Supplier<?>> facts = new HashMap<>();
  private final Map<String, Function<String, ?>> roots = new HashMap<>();
  private final Map<String, String> kept = new HashMap<>();
  private final Function<String, ?> other;

  /**
   * Begins with the verb {@code keep}.
   *
   * @param other what any other root stands for; null if that is nothing
   */
  StoryWords(Function<String, @Nullable Object> other) {
    this.other = other;
    verb("keep (\\S+) as (\\S+)", on -> kept.put(on.group(2), text(value(on.group(1)))));
  }

  /** Adds a clause for what happens. */
  void verb(String pattern, Consumer<MatchResult> verb) {
    verbs.put(Pattern.compile(pattern), verb);
  }

  /** Adds a root. */
  void fact(String name, Supplier<?> value) {
    facts.put(name, value);
  }

  /** Adds a root that has a name after it, such as {@code count.Switched}. */
  void root(String name, Function<String, ?> value) {
    roots.put(name, value);
  }

  /** Plays the clauses of that line. */
  void play(String line) {
    play(new Story(line, Story.clauses(line)));
  }

  void play(Story story) {
    for (String clause : story.clauses()) {
      try {
        playClause(clause);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("\"" + clause + "\" of: " + story + ": " + e.getMessage(), e);
      }
    }
  }

  private void playClause(String clause) {
    List<Pattern> said =
        verbs.keySet().stream().filter(each -> each.matcher(clause).matches()).toList();
    if (said.isEmpty()) {
      Fact fact = parse(clause);
      assertThat(text(value(fact.path())))
          .matches(fact::isOf, fact.relation() + " " + fact.expected());
    } else {
      assertThat(said).as("verbs that the clause can mean").hasSize(1);
      Matcher matcher = said.getFirst().matcher(clause);
      matcher.matches();
      verbs.get(said.getFirst()).accept(matcher);
    }
  }

  boolean holds(Fact fact) {
    return fact.isOf(text(value(fact.path())));
  }

  /** A fact to check. */
  record Fact(String path, String relation, String expected) {
    private boolean isOf(String value) {
      return switch (relation) {
        case "=" -> value.equals(expected);
        case "!=" -> !value.equals(expected);
        case "~" -> value.contains(expected);
        case "in" -> {
          String[] bounds = expected.split("\\.\\.");
          long number = Long.parseLong(value);
          yield Long.parseLong(bounds[0]) <= number && number <= Long.parseLong(bounds[1]);
        }
        default -> throw new IllegalArgumentException("no such relation: " + relation);
      };
    }
  }

  Fact parse(String clause) {
    String[] parts = clause.split(" ", 3);
    assertThat(parts).as("a fact or one of " + verbs.keySet()).hasSize(3);
    String expected = unquoted(parts[2]);
    return new Fact(
        parts[0],
        parts[1],
        expected.startsWith("$")
            ? Objects.requireNonNull(kept.get(expected.substring(1)))
            : expected);
  }

  static String unquoted(String text) {
    return text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
  }

  private @Nullable Object value(String path) {
    Deque<String> names = new ArrayDeque<>(List.of(path.split("\\.")));
    String root = names.remove();
    Object value =
        facts.containsKey(root)
            ? facts.get(root).get()
            : roots.containsKey(root)
                ? roots.get(root).apply(names.remove())
                : Objects.requireNonNull(other.apply(root), root);
    return names.stream().reduce(value, StoryWords::part, (first, second) -> second);
  }

  private static @Nullable Object part(@Nullable Object whole, String name) {
    if (whole == null) {
      return null;
    }
    if (whole instanceof Collection<?> all) {
      return name.equals("size") ? all.size() : all.stream().map(each -> part(each, name)).toList();
    }
    if (whole instanceof Map<?, ?> map && name.equals("keys")) {
      return map.keySet();
    }
    if (whole instanceof InetSocketAddress address) {
      return name.equals("port") ? address.getPort() : address.getAddress().getHostAddress();
    }
    try {
      Method accessor = whole.getClass().getMethod(name);
      accessor.setAccessible(true);
      return accessor.invoke(whole);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(name + " of " + whole.getClass(), e);
    }
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Collection<?> all ->
          all.stream().map(StoryWords::text).collect(Collectors.joining(", "));
      case Stream<?> all -> text(all.toList());
      default -> value.toString();
    };
  }

  /** Of {@code 5 s}. */
  static Duration time(String text) {
    String[] parts = text.split(" ");
    Duration unit =
        switch (parts[1]) {
          case "ms" -> Duration.ofMillis(1);
          case "s" -> Duration.ofSeconds(1);
          case "min" -> Duration.ofMinutes(1);
          default -> throw new IllegalArgumentException("no such unit: " + text);
        };
    return unit.multipliedBy(Long.parseLong(parts[0]));
  }
}
