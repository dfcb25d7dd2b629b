package dev.understudy.haproxy.translate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The arguments that HAProxy accepts behind a keyword, as {@code arguments.txt} writes them.
 *
 * @param written for messages
 */
record Arguments(String written, List<Argument> all) {
  /** One of them, or several that stand together. */
  sealed interface Argument {}

  private record One(String kind) implements Argument {}

  private record Choice(List<String> words) implements Argument {}

  private record Maybe(Argument one) implements Argument {}

  /** Options in any order, and the words that each takes. */
  private record Options(Map<String, List<String>> options) implements Argument {}

  private record Condition(boolean required) implements Argument {}

  private record Anything() implements Argument {}

  /** An argument, or options in braces. */
  private static final Pattern WORD = Pattern.compile("\\{[^}]*}|\\S+");

  /** The longest time, in milliseconds. */
  private static final long LONGEST_MILLIS = Integer.MAX_VALUE;

  static Arguments of(String text) {
    List<Argument> all = new ArrayList<>();
    Matcher words = WORD.matcher(text);
    while (words.find()) {
      String word = words.group();
      all.add(word.startsWith("{") ? options(word) : argument(word));
    }
    return new Arguments(text.strip().replace("COND!", "if|unless CONDITION"), all);
  }

  private static Argument options(String word) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    for (String each : List.of(word.substring(1, word.length() - 1).split(" ", -1))) {
      String[] option = each.split("=", 2);
      options.put(option[0], option.length < 2 ? List.of() : List.of(option[1].split("\\+")));
    }
    return new Options(options);
  }

  private static Argument argument(String word) {
    if (word.startsWith("[")) {
      return new Maybe(argument(word.substring(1, word.length() - 1)));
    }
    return switch (word) {
      case "COND" -> new Condition(false);
      case "COND!" -> new Condition(true);
      case "..." -> new Anything();
      default ->
          word.equals(word.toUpperCase(Locale.ROOT)) && !word.equals("!")
              ? new One(word)
              : new Choice(List.of(word.split("/")));
    };
  }

  /** What is wrong with the words behind a keyword, from "found" on; absent: nothing. */
  Optional<String> wrong(List<String> words) {
    int at = 0;
    for (Argument argument : all) {
      if (argument instanceof Anything) {
        return Optional.empty();
      }
      if (argument instanceof Options options) {
        for (; at < words.size() && options.options().containsKey(words.get(at)); at++) {
          for (String kind : options.options().getOrDefault(words.get(at), List.of())) {
            at++;
            if (at >= words.size() || !isOf(kind, words.get(at))) {
              return found(words, at);
            }
          }
        }
        continue;
      }
      if (argument instanceof Condition condition) {
        boolean begins =
            at < words.size() && (words.get(at).equals("if") || words.get(at).equals("unless"));
        if (begins) {
          return Optional.empty();
        }
        if (condition.required()) {
          return found(words, at);
        }
        continue;
      }
      boolean fits = at < words.size() && fits(argument, words.get(at));
      boolean other = at < words.size() && isBeforeAnything(argument);
      if (!fits && (other || !(argument instanceof Maybe))) {
        return found(words, at);
      }
      at += fits ? 1 : 0;
    }
    return at < words.size() ? found(words, at) : Optional.empty();
  }

  private boolean isBeforeAnything(Argument argument) {
    return all.getLast() instanceof Anything && all.indexOf(argument) == all.size() - 2;
  }

  private static boolean fits(Argument argument, String word) {
    return switch (argument) {
      case One one -> isOf(one.kind(), word);
      case Choice choice -> choice.words().stream().anyMatch(each -> isLike(each, word));
      case Maybe maybe -> fits(maybe.one(), word);
      default -> true;
    };
  }

  private static boolean isLike(String pattern, String word) {
    return pattern.endsWith("*")
        ? word.startsWith(pattern.substring(0, pattern.length() - 1))
        : word.equals(pattern);
  }

  private static boolean isOf(String kind, String word) {
    return switch (kind) {
      case "TIME" ->
          TimeText.parse(word)
              .filter(each -> each.compareTo(Duration.ofMillis(LONGEST_MILLIS)) <= 0)
              .isPresent();
      case "STATUS" -> word.matches("[1-9][0-9]{2}");
      case "HEX" -> word.length() % 2 == 0 && word.matches("[0-9A-Fa-f]*");
      case "SIZE" -> TimeText.size(word).isPresent();
      default -> kind.indexOf('/') < 0 || List.of(kind.split("/")).stream().anyMatch(word::equals);
    };
  }

  private static Optional<String> found(List<String> words, int at) {
    return Optional.of(at < words.size() ? "found '" + words.get(at) + "'" : "found no more words");
  }
}
