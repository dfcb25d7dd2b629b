package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.ResourceRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The arguments that HAProxy accepts behind a keyword, as {@code arguments.txt} writes them.
 *
 * @param written for messages
 * @param parts each of one argument, of several that may be missing, or of anything
 */
record AcceptedArguments(String written, List<String> parts) {
  /**
   * A parameter of a line.
   *
   * @param value one word; none if the parameter has none, or lacks it
   */
  record Parameter(String name, List<String> value) {}

  private static final String ANYTHING = "...";

  private static final String CONDITION = "COND";
  private static final String REQUIRED_CONDITION = "COND!";

  /** An argument, or options in braces. */
  private static final Pattern PART = Pattern.compile("\\{[^}]*}|\\S+");

  /** The longest time, in milliseconds. */
  private static final long LONGEST_MILLIS = Integer.MAX_VALUE;

  private static final Map<String, AcceptedArguments> TABLE =
      ResourceRows.byKeyword(
          AcceptedArguments.class,
          "arguments.txt",
          3,
          (row, keyword) -> AcceptedArguments.of(row.get(2)));

  /** The arguments of a keyword; null if the table has none. */
  static @Nullable AcceptedArguments find(String place, String keyword) {
    return TABLE.get(place + ' ' + keyword);
  }

  /** The parameters of {@code bind} or {@code server}, in order. */
  static List<Parameter> parameters(String place, List<String> words) {
    List<Parameter> parameters = new ArrayList<>();
    Iterator<String> all = words.iterator();
    while (all.hasNext()) {
      String name = all.next();
      AcceptedArguments arguments = find(place, name);
      boolean isFlag = arguments != null && arguments.parts().isEmpty();
      boolean hasValue = !isFlag && all.hasNext();
      parameters.add(new Parameter(name, hasValue ? List.of(all.next()) : List.of()));
    }
    return parameters;
  }

  private static AcceptedArguments of(String written) {
    return new AcceptedArguments(
        written
            .replaceAll("COND(?!!)", "[if|unless CONDITION]")
            .replace(REQUIRED_CONDITION, "if|unless CONDITION")
            .replace('/', '|'),
        PART.matcher(written).results().map(each -> each.group()).toList());
  }

  /**
   * What is wrong with the words behind a keyword, from "found" on; absent: nothing.
   *
   * @param isShown whether a wrong word is named
   */
  Optional<String> wrong(List<String> words, boolean isShown) {
    int at = 0;
    for (String part : parts) {
      at = end(part, words, at);
      if (at < 0) {
        return found(words, ~at, isShown);
      }
    }
    return at < words.size() ? found(words, at, isShown) : Optional.empty();
  }

  private static Optional<String> found(List<String> words, int at, boolean isShown) {
    String word = isShown && at < words.size() ? "'" + words.get(at) + "'" : "another word";
    return Optional.of("found " + (at < words.size() ? word : "no more words"));
  }

  /** The index behind the words that a part takes; {@code ~index} of a word that is wrong. */
  private int end(String part, List<String> words, int at) {
    boolean isLast = at >= words.size();
    return switch (part) {
      case ANYTHING -> words.size();
      case CONDITION, REQUIRED_CONDITION -> {
        boolean begins = !isLast && (words.get(at).equals("if") || words.get(at).equals("unless"));
        yield begins ? words.size() : part.equals(CONDITION) ? at : ~at;
      }
      default -> {
        if (part.startsWith("{")) {
          yield endOfOptions(part, words, at);
        }
        boolean optional = part.startsWith("[");
        String kind = optional ? part.substring(1, part.length() - 1) : part;
        if (!isLast && isOf(kind, words.get(at))) {
          yield at + 1;
        }
        yield optional && (isLast || !isBeforeAnything(part)) ? at : ~at;
      }
    };
  }

  private static int endOfOptions(String part, List<String> words, int from) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    for (String each : List.of(part.substring(1, part.length() - 1).split(" ", -1))) {
      String[] option = each.split("=", 2);
      options.put(option[0], option.length < 2 ? List.of() : List.of(option[1].split("\\+", -1)));
    }
    int at = from;
    for (; at < words.size() && options.containsKey(words.get(at)); at++) {
      for (String kind : options.getOrDefault(words.get(at), List.of())) {
        at++;
        if (at >= words.size() || !isOf(kind, words.get(at))) {
          return ~at;
        }
      }
    }
    return at;
  }

  /** Whether only what may be anything follows, so that the first word has to fit. */
  private boolean isBeforeAnything(String part) {
    return parts.getLast().equals(ANYTHING) && parts.indexOf(part) == parts.size() - 2;
  }

  private static boolean isOf(String kind, String word) {
    return switch (kind) {
      case "TIME" ->
          HaproxyTimes.parse(word)
              .filter(each -> each.compareTo(Duration.ofMillis(LONGEST_MILLIS)) <= 0)
              .isPresent();
      case "STATUS" -> word.matches("[1-9][0-9]{2}");
      case "HEX" -> word.length() % 2 == 0 && word.matches("[0-9A-Fa-f]*");
      case "SIZE" -> HaproxyTimes.size(word).isPresent();
      case "!" -> word.equals("!");
      default ->
          kind.equals(kind.toUpperCase(Locale.ROOT))
              || List.of(kind.split("/", -1)).stream().anyMatch(each -> isLike(each, word));
    };
  }

  private static boolean isLike(String pattern, String word) {
    return pattern.endsWith("*")
        ? word.startsWith(pattern.substring(0, pattern.length() - 1))
        : word.equals(pattern);
  }
}
