package dev.understudy.haproxy.syntax;

import dev.understudy.haproxy.syntax.Statement.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables as the lines read so far have set them, and the names of those that were
 * asked for and are not set.
 */
final class EnvironmentVariables {
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\{(?<braced>[A-Za-z0-9_]+)}|(?<bare>[A-Za-z0-9_]+))");

  private final Function<String, @Nullable String> environment;

  /** What lines have set, and what they have unset. */
  private final Map<String, Optional<String>> own = new HashMap<>();

  private final Set<String> missing = new TreeSet<>();
  private boolean cleared;

  EnvironmentVariables(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  @Nullable String get(String name) {
    Optional<String> value = own.get(name);
    if (value != null) {
      return value.orElse(null);
    }
    return cleared ? null : environment.apply(name);
  }

  /** The value, else an empty text, as HAProxy reads it. */
  String getOrEmpty(String name) {
    String value = get(name);
    if (value == null) {
      missing.add(name);
    }
    return value == null ? "" : value;
  }

  /** Obeys {@code setenv}, {@code presetenv}, {@code unsetenv} and {@code resetenv}. */
  void apply(Statement statement) {
    switch (statement.keyword()) {
      case "setenv" -> own.put(statement.word(1), Optional.of(statement.word(2)));
      case "presetenv" -> {
        if (get(statement.word(1)) == null) {
          own.put(statement.word(1), Optional.of(statement.word(2)));
        }
      }
      case "unsetenv" -> statement.from(1).forEach(name -> own.put(name, Optional.empty()));
      case "resetenv" -> reset(statement);
      default -> {}
    }
  }

  private void reset(Statement statement) {
    Map<String, Optional<String>> kept = new HashMap<>();
    statement.from(1).forEach(name -> kept.put(name, Optional.ofNullable(get(name))));
    own.clear();
    own.putAll(kept);
    cleared = true;
  }

  /** Names of variables that had no value when a line asked for them. */
  Set<String> missing() {
    return missing;
  }

  /**
   * The words of a line, with the values of variables in its addresses, which HAProxy reads without
   * quotes too, as in {@code bind :${PORT}} (configuration manual, {@code bind} and {@code
   * server}).
   */
  List<Word> expandAddresses(List<Word> words) {
    List<Word> expanded = new ArrayList<>(words);
    for (int i = 1; i < words.size(); i++) {
      if (isAddress(words, i)) {
        Word word = words.get(i);
        expanded.set(i, new Word(expand(word.text()), word.column()));
      }
    }
    return expanded;
  }

  private static boolean isAddress(List<Word> words, int index) {
    return switch (words.getFirst().text()) {
      case "bind", "dispatch" -> index == 1;
      case "server" -> index == 2 || words.get(index - 1).text().equals("addr");
      case "server-template" -> index == 3 || words.get(index - 1).text().equals("addr");
      case "default-server" -> words.get(index - 1).text().equals("addr");
      case "nameserver" -> index == 2;
      default -> false;
    };
  }

  private String expand(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found -> {
              String braced = found.group("braced");
              String name = braced == null ? found.group("bare") : braced;
              return Matcher.quoteReplacement(getOrEmpty(name));
            });
  }
}
