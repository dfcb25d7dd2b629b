package dev.understudy.haproxy.syntax;

import dev.understudy.haproxy.syntax.Statement.Word;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The condition of an {@code .if} (configuration manual, 2.4): {@code !}, {@code &&}, {@code ||},
 * parentheses, numbers and predicates such as {@code defined(NAME)}.
 *
 * <p>Predicates about the process are evaluated for a release of HAProxy, built with OpenSSL.
 */
final class BlockCondition {
  private static final Set<String> NOT_BUILT_IN =
      Set.of("OPENSSL_AWSLC", "OPENSSL_WOLFSSL", "DEVICEATLAS", "51DEGREES", "WURFL");

  /** What depends on the machine of that HAProxy: its environment, library and build. */
  private static final Set<String> OF_THE_MACHINE =
      Set.of(
          "defined",
          "feature",
          "enabled",
          "openssl_version_atleast",
          "openssl_version_before",
          "ssllib_name_startswith",
          "awslc_api_atleast",
          "awslc_api_before");

  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{Nd}_-]+");

  private final List<Word> words;

  /** The words, with a blank behind each. */
  private final String text;

  private final EnvironmentVariables variables;
  private final HaproxyVersion version;
  private final boolean isNamed;
  private boolean isAssumed;
  private int at;

  private BlockCondition(
      List<Word> words, EnvironmentVariables variables, @Nullable HaproxyVersion named) {
    this.words = words;
    text = words.stream().map(word -> word.text() + " ").collect(Collectors.joining());
    this.variables = variables;
    isNamed = named != null;
    version = named == null ? HaproxyVersion.ASSUMED : named;
  }

  /**
   * Whether a condition holds.
   *
   * @param isAssumed whether that may depend on a version or release that nobody named, or on the
   *     machine of that HAProxy
   */
  record Outcome(boolean holds, boolean isAssumed) {}

  /**
   * Evaluates a condition.
   *
   * @param named null: nobody names the version
   */
  static Outcome of(
      List<Word> words, EnvironmentVariables variables, @Nullable HaproxyVersion named) {
    BlockCondition condition = new BlockCondition(words, variables, named);
    return new Outcome(condition.evaluate(), condition.isAssumed);
  }

  private boolean evaluate() {
    blanks();
    if (at == text.length()) {
      return false;
    }
    boolean result = any();
    if (at < text.length()) {
      throw expected("&&, || or the end of the condition");
    }
    return result;
  }

  /** Tells the column of the word, which an environment variable may have filled with a secret. */
  private SyntaxException expected(String what) {
    int end = 0;
    for (Word word : words) {
      end += word.text().length() + 1;
      if (at < end) {
        return new SyntaxException(word.column(), "expected " + what);
      }
    }
    return new SyntaxException("expected " + what + ", found the end of the line");
  }

  private boolean any() {
    boolean result = all();
    while (skip("||")) {
      result |= all();
    }
    return result;
  }

  private boolean all() {
    boolean result = one();
    while (skip("&&")) {
      result &= one();
    }
    return result;
  }

  private boolean one() {
    if (skip("!")) {
      return !one();
    }
    if (skip("(")) {
      boolean result = any();
      if (!skip(")")) {
        throw expected("a closing parenthesis");
      }
      return result;
    }
    int from = at;
    Matcher word = WORD.matcher(text).region(at, text.length());
    String name = word.lookingAt() ? word.group() : "";
    at += name.length();
    if (name.isEmpty()) {
      throw expected("a predicate such as defined(NAME)");
    }
    if (text.startsWith("(", at)) {
      int close = text.indexOf(')', at);
      if (close < 0) {
        at = text.length();
        throw expected("a closing parenthesis");
      }
      List<String> arguments = List.of(text.substring(at + 1, close).split(",", -1));
      at = close + 1;
      blanks();
      return predicate(name, arguments, from);
    }
    blanks();
    if (!name.matches("-?[0-9]+")) {
      at = from;
      throw expected("a number or a predicate such as defined(NAME)");
    }
    return !name.matches("-?0+");
  }

  private boolean predicate(String name, List<String> arguments, int from) {
    String first = arguments.get(0).strip();
    String second = arguments.size() > 1 ? arguments.get(1).strip() : "";
    isAssumed |= OF_THE_MACHINE.contains(name);
    return switch (name) {
      case "defined" -> variables.get(first) != null;
      case "streq" -> first.equals(second);
      case "strneq" -> !first.equals(second);
      case "strstr" -> first.contains(second);
      case "version_atleast" -> compareRelease(first) >= 0;
      case "version_before" -> compareRelease(first) < 0;
      case "openssl_version_atleast" -> compare("3.0.0", first) >= 0;
      case "openssl_version_before" -> compare("3.0.0", first) < 0;
      case "ssllib_name_startswith" -> "OpenSSL".startsWith(first);
      case "feature" -> !NOT_BUILT_IN.contains(first);
      case "enabled" -> true;
      case "awslc_api_atleast", "awslc_api_before" -> false;
      default -> {
        at = from;
        throw expected(
            "one of defined, feature, streq, strneq, strstr, version_atleast, version_before,"
                + " openssl_version_atleast, openssl_version_before, ssllib_name_startswith,"
                + " enabled");
      }
    };
  }

  private int compareRelease(String other) {
    int[] asked = numbers(other);
    boolean isOfPatch =
        asked[0] == version.major()
            && asked[1] == version.minor()
            && (asked[2] > 0 || asked[3] > 0);
    isAssumed |= !isNamed || (isOfPatch && version.patch().isEmpty());
    return compare(version.release(), other);
  }

  /** Compares numbers parted by dots; what follows a hyphen or a letter does not count. */
  private static int compare(String one, String other) {
    return Arrays.compare(numbers(one), numbers(other));
  }

  /** The first four numbers, 0 for those that are not there. */
  private static int[] numbers(String version) {
    int[] numbers = new int[4];
    String[] parts = version.split("\\.", -1);
    for (int i = 0; i < Math.min(numbers.length, parts.length); i++) {
      String digits = parts[i].replaceFirst("[^0-9].*", "");
      numbers[i] = digits.isEmpty() || digits.length() > 6 ? 0 : Integer.parseInt(digits);
    }
    return numbers;
  }

  private boolean skip(String token) {
    if (!text.startsWith(token, at)) {
      return false;
    }
    at += token.length();
    blanks();
    return true;
  }

  private void blanks() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }
}
