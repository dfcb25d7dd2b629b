package dev.understudy.haproxy.syntax;

import dev.understudy.haproxy.syntax.Statement.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Environment variables in addresses, which HAProxy reads without quotes too, as in {@code bind
 * :${PORT}} (configuration manual, {@code bind} and {@code server}).
 */
final class AddressVariables {
  private static final Pattern VARIABLE =
      Pattern.compile("\\$(?:\\{(?<braced>[A-Za-z0-9_]+)}|(?<bare>[A-Za-z0-9_]+))");

  private AddressVariables() {}

  /** The words of a line, with the values of variables in its addresses. */
  static List<Word> expand(List<Word> words, Variables variables) {
    List<Word> expanded = new ArrayList<>(words);
    for (int i = 1; i < words.size(); i++) {
      if (isAddress(words, i)) {
        Word word = words.get(i);
        expanded.set(i, new Word(expand(word.text(), variables), word.column()));
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

  private static String expand(String text, Variables variables) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found -> {
              String braced = found.group("braced");
              String name = braced == null ? found.group("bare") : braced;
              return Matcher.quoteReplacement(variables.getOrEmpty(name));
            });
  }
}
