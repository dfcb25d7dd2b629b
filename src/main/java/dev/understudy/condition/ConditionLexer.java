package dev.understudy.condition;

import java.util.ArrayList;
import java.util.List;

/** Splits a condition into words, parentheses, commas and quoted values. */
final class ConditionLexer {
  /**
   * A token.
   *
   * @param text of a word, or of a quoted value without its quotes; the character itself otherwise
   * @param at its position in the expression, from 1
   * @param end the position after it
   */
  record Token(Kind kind, String text, int at, int end) {
    boolean is(String word) {
      return kind == Kind.WORD && text.equals(word);
    }
  }

  /** The kinds of tokens. */
  enum Kind {
    WORD,
    QUOTED,
    OPEN,
    CLOSE,
    COMMA,
    END
  }

  private final String text;
  private int at;

  private ConditionLexer(String text) {
    this.text = text;
  }

  /** All tokens, the last one being {@link Kind#END}. */
  static List<Token> tokens(String text) throws ExpressionException {
    ConditionLexer lexer = new ConditionLexer(text);
    List<Token> tokens = new ArrayList<>();
    do {
      tokens.add(lexer.next());
    } while (tokens.getLast().kind() != Kind.END);
    return tokens;
  }

  private Token next() throws ExpressionException {
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
    int start = at;
    if (at == text.length()) {
      return new Token(Kind.END, "", start + 1, start + 1);
    }
    char c = text.charAt(at);
    return switch (c) {
      case '(' -> single(Kind.OPEN);
      case ')' -> single(Kind.CLOSE);
      case ',' -> single(Kind.COMMA);
      case '"', '\'' -> quoted(c);
      default -> {
        while (at < text.length() && isInWord(text.charAt(at))) {
          at++;
        }
        yield new Token(Kind.WORD, text.substring(start, at), start + 1, at + 1);
      }
    };
  }

  private Token single(Kind kind) {
    at++;
    return new Token(kind, text.substring(at - 1, at), at, at + 1);
  }

  /** A backslash stands before a quote or a backslash only; elsewhere it is itself. */
  private Token quoted(char quote) throws ExpressionException {
    int start = at++;
    StringBuilder value = new StringBuilder();
    for (; at < text.length() && text.charAt(at) != quote; at++) {
      if (text.charAt(at) == '\\'
          && at + 1 < text.length()
          && (text.charAt(at + 1) == quote || text.charAt(at + 1) == '\\')) {
        at++;
      }
      value.append(text.charAt(at));
    }
    if (at == text.length()) {
      throw new ExpressionException(
          "expected the value at column " + (start + 1) + " to end with " + quote);
    }
    at++;
    return new Token(Kind.QUOTED, value.toString(), start + 1, at + 1);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private static boolean isInWord(char c) {
    return !isBlank(c) && c != '(' && c != ')' && c != ',' && c != '"' && c != '\'';
  }
}
