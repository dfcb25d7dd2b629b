package dev.understudy.haproxy.acl;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Texts as expressions that are found in what {@code url_dec} would make of a request's text. */
final class UrlDecodedPatterns {
  private static final Set<String> SAMPLES = Set.of("path", "pathq", "url", "query");
  private static final Set<String> MATCHERS = Set.of("", "str", "beg", "end", "sub");

  private UrlDecodedPatterns() {}

  /** Expressions for the test's patterns; absent if there are none. */
  static Optional<List<String>> patterns(AclComparison test) {
    if (!SAMPLES.contains(test.sample().name())
        || !MATCHERS.contains(test.matcher())
        || !test.files().isEmpty()) {
      return Optional.empty();
    }
    boolean begins = Set.of("", "str", "beg").contains(test.matcher());
    boolean ends = Set.of("", "str", "end").contains(test.matcher());
    boolean ofQuery = !test.sample().name().equals("path");
    return Optional.of(
        test.patterns().stream()
            .map(each -> (begins ? "^" : "") + encodable(each, test, ofQuery) + (ends ? "$" : ""))
            .toList());
  }

  /** Each character as it is, or as the bytes that stand for it with percent signs. */
  private static String encodable(String text, AclComparison test, boolean ofQuery) {
    boolean ignoresCase =
        test.ignoreCase()
            || test.sample().converters().stream()
                .anyMatch(each -> each.name().equals("lower") || each.name().equals("upper"));
    StringBuilder expression = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              String plain = Character.toString(c);
              expression.append("(?:").append(quoted(plain));
              Set<String> cases =
                  ignoresCase
                      ? new TreeSet<>(
                          List.of(plain.toLowerCase(Locale.ROOT), plain.toUpperCase(Locale.ROOT)))
                      : Set.of(plain);
              cases.forEach(each -> expression.append('|').append(percent(each)));
              expression.append(c == ' ' && ofQuery ? "|\\+)" : ")");
            });
    return expression.toString();
  }

  private static String quoted(String plain) {
    return plain.matches("[A-Za-z0-9_/<>\"' -]") || plain.codePointAt(0) > 127
        ? plain
        : "\\" + plain;
  }

  private static String percent(String text) {
    StringBuilder bytes = new StringBuilder();
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      bytes.append("%");
      for (char digit : String.format(Locale.ROOT, "%02X", b).toCharArray()) {
        bytes.append(
            Character.isDigit(digit)
                ? Character.toString(digit)
                : "[" + digit + Character.toLowerCase(digit) + "]");
      }
    }
    return bytes.toString();
  }
}
