package dev.understudy.haproxy.syntax;

import dev.understudy.haproxy.syntax.Statement.Word;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides one line into words (configuration manual, 2.2 and 2.3).
 *
 * <ul>
 *   <li>blanks part words, and {@code #} begins a comment, unless quoted or escaped
 *   <li>{@code '…'} keeps everything as it is
 *   <li>{@code "…"} still knows escapes and environment variables: <code>$NAME</code>, <code>
 *       ${NAME}</code>, <code>${NAME-default}</code>, <code>${NAME[*]}</code> (several words)
 *   <li>escapes: {@code \n}, {@code \r}, {@code \t}, {@code \xHH}, and a backslash before a blank,
 *       a quote, {@code #}, {@code $} or a backslash; any other backslash stays
 * </ul>
 */
final class LineTokenizer {
  private final String line;
  private final EnvironmentVariables variables;
  private final List<Word> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private int at;
  private int start = -1;

  private LineTokenizer(String line, EnvironmentVariables variables) {
    this.line = line;
    this.variables = variables;
  }

  /**
   * Returns the words of a line.
   *
   * @throws SyntaxException if a quote, escape or variable does not end
   */
  static List<Word> words(String line, EnvironmentVariables variables) {
    return new LineTokenizer(line, variables).read();
  }

  private List<Word> read() {
    int quote = -1;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (quote < 0 && c == '#') {
        break;
      }
      if (quote < 0 && isBlank(c)) {
        end();
        at++;
        continue;
      }
      start = start < 0 ? at : start;
      if (c == '"') {
        quote = quote < 0 ? at : -1;
        at++;
      } else if (c == '\\') {
        escape();
      } else if (c == '\'' && quote < 0) {
        strong();
      } else if (c == '$' && quote >= 0) {
        variable();
      } else {
        word.append(c);
        at++;
      }
    }
    if (quote >= 0) {
      throw new SyntaxException(quote + 1, "expected a closing \" for the quote that begins here");
    }
    end();
    return words;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\u000b';
  }

  private void end() {
    if (start >= 0) {
      words.add(new Word(word.toString(), start + 1));
      word.setLength(0);
      start = -1;
    }
  }

  private void strong() {
    int close = line.indexOf('\'', at + 1);
    if (close < 0) {
      throw new SyntaxException(at + 1, "expected a closing ' for the quote that begins here");
    }
    word.append(line, at + 1, close);
    at = close + 1;
  }

  private void escape() {
    char next = at + 1 < line.length() ? line.charAt(at + 1) : 0;
    switch (next) {
      case 'n' -> escaped('\n');
      case 'r' -> escaped('\r');
      case 't' -> escaped('\t');
      case ' ', '\\', '#', '"', '\'', '$' -> escaped(next);
      case 'x' -> hexadecimal();
      default -> {
        word.append('\\');
        at++;
      }
    }
  }

  private void escaped(char meant) {
    word.append(meant);
    at += 2;
  }

  private void hexadecimal() {
    int high = at + 2 < line.length() ? Character.digit(line.charAt(at + 2), 16) : -1;
    int low = at + 3 < line.length() ? Character.digit(line.charAt(at + 3), 16) : -1;
    if (high < 0 || low < 0) {
      throw new SyntaxException(at + 1, "expected two hexadecimal digits after \\x");
    }
    word.append((char) (high * 16 + low));
    at += 4;
  }

  private void variable() {
    int dollar = at++;
    boolean braces = at < line.length() && line.charAt(at) == '{';
    if (braces) {
      at++;
    }
    int from = at;
    while (at < line.length() && isName(line.charAt(at))) {
      at++;
    }
    String name = line.substring(from, at);
    if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
      throw new SyntaxException(
          dollar + 1, "expected the name of an environment variable after $; for a $ write \\$");
    }
    if (braces) {
      inBraces(dollar, name);
    } else {
      word.append(variables.getOrEmpty(name));
    }
  }

  private void inBraces(int dollar, String name) {
    int close = line.indexOf('}', at);
    if (close < 0) {
      throw new SyntaxException(dollar + 1, "expected } after the variable's name");
    }
    String rest = line.substring(at, close);
    at = close + 1;
    if (rest.startsWith("-")) {
      String value = variables.get(name);
      word.append(value == null ? rest.substring(1) : value);
    } else if (rest.equals("[*]")) {
      several(variables.getOrEmpty(name));
    } else if (rest.isEmpty()) {
      word.append(variables.getOrEmpty(name));
    } else {
      throw new SyntaxException(
          dollar + 1,
          "expected ${NAME}, ${NAME-default} or ${NAME[*]}, found ${" + name + rest + "}");
    }
  }

  private void several(String value) {
    List<String> parts = List.of(value.strip().split("\\s+", -1));
    for (int i = 0; i < parts.size(); i++) {
      word.append(parts.get(i));
      if (i + 1 < parts.size()) {
        int begun = start;
        end();
        start = begun;
      }
    }
  }

  private static boolean isName(char c) {
    return c == '_' || (c < 128 && Character.isLetterOrDigit(c));
  }
}
