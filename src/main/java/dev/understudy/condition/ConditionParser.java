package dev.understudy.condition;

import dev.understudy.condition.ConditionLexer.Kind;
import dev.understudy.condition.ConditionLexer.Token;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.List;

/** Parses conditions: {@code not} binds strongest, then {@code and}, then {@code or}. */
final class ConditionParser {
  /** In characters, with the values of files. */
  private static final int LONGEST = 1024 * 1024;

  private static final int DEEPEST = 32;
  private static final int MOST_TERMS = 256;

  private final List<Token> tokens;
  private int at;
  private int depth;
  private int terms;

  ConditionParser(String expression) throws ExpressionException {
    if (expression.length() > LONGEST) {
      throw new ExpressionException("expected a condition of at most " + LONGEST + " characters");
    }
    this.tokens = ConditionLexer.tokens(expression);
  }

  Condition parse() throws ExpressionException {
    Condition condition = or();
    if (next().kind() != Kind.END) {
      throw expected("'and', 'or' or the end");
    }
    return condition;
  }

  private Condition or() throws ExpressionException {
    List<Condition> parts = new ArrayList<>(List.of(and()));
    while (take("or")) {
      parts.add(and());
    }
    return parts.size() == 1 ? parts.getFirst() : new Condition.OneOf(List.copyOf(parts));
  }

  private Condition and() throws ExpressionException {
    List<Condition> parts = new ArrayList<>(List.of(not()));
    while (take("and")) {
      parts.add(not());
    }
    return parts.size() == 1 ? parts.getFirst() : new Condition.All(List.copyOf(parts));
  }

  private Condition not() throws ExpressionException {
    if (++depth > DEEPEST) {
      throw new ExpressionException("expected at most " + DEEPEST + " levels of nesting");
    }
    try {
      if (take("not")) {
        return new Condition.Not(not());
      }
      if (take(Kind.OPEN)) {
        Condition inner = or();
        require(Kind.CLOSE, "'and', 'or' or ')'");
        return inner;
      }
      return term();
    } finally {
      depth--;
    }
  }

  private Condition term() throws ExpressionException {
    Token name = next();
    if (name.kind() != Kind.WORD || ConditionTerms.RESERVED.contains(name.text())) {
      throw expected("a term such as path-prefix(/a)");
    }
    if (++terms > MOST_TERMS) {
      throw new ExpressionException("expected at most " + MOST_TERMS + " terms");
    }
    at++;
    boolean open = take(Kind.OPEN);
    Condition flag = ConditionTerms.flag(name.text());
    if (flag != null) {
      if (open) {
        at--;
        throw expected("no arguments of " + name.text());
      }
      return flag;
    }
    if (!ConditionTerms.isKnown(name.text())) {
      at = tokens.indexOf(name);
      throw expected(ConditionTerms.instead(name.text()));
    }
    if (!open) {
      throw expected("'(' and the arguments of " + name.text());
    }
    Arguments arguments = arguments();
    try {
      return ConditionTerms.term(name.text(), arguments);
    } catch (ExpressionException e) {
      throw new ExpressionException(name.text() + " at column " + name.at() + ": " + e.why());
    }
  }

  /**
   * The arguments of one term.
   *
   * @param ignoreCase whether {@code i:} stands before an argument
   */
  record Arguments(List<String> values, boolean ignoreCase) {
    String pool() throws ExpressionException {
      String name = values.isEmpty() ? "" : values.getFirst();
      try {
        return new PoolId(name).value();
      } catch (IllegalArgumentException e) {
        throw new ExpressionException("expected the name of a pool, found '" + name + "'");
      }
    }
  }

  private Arguments arguments() throws ExpressionException {
    List<String> values = new ArrayList<>();
    boolean ignoreCase = false;
    do {
      if (next().is("i:")) {
        ignoreCase = true;
        at++;
      }
      values.add(value());
    } while (take(Kind.COMMA));
    require(Kind.CLOSE, "',' or ')'");
    return new Arguments(List.copyOf(values), ignoreCase);
  }

  /** A quoted value, or words up to a comma; only an operator and its number are two words. */
  private String value() throws ExpressionException {
    Token first = next();
    if (first.kind() == Kind.QUOTED) {
      at++;
      return first.text();
    }
    if (first.kind() != Kind.WORD) {
      throw expected("a value, in quotes if it is empty or has blanks, commas or parentheses");
    }
    at++;
    if (NumberRange.isOperator(first.text()) && next().kind() == Kind.WORD) {
      at++;
      return first.text() + " " + tokens.get(at - 1).text();
    }
    return first.text();
  }

  private Token next() {
    return tokens.get(at);
  }

  private boolean take(String word) {
    boolean is = next().is(word);
    at += is ? 1 : 0;
    return is;
  }

  private boolean take(Kind kind) {
    boolean is = next().kind() == kind;
    at += is ? 1 : 0;
    return is;
  }

  private void require(Kind kind, String what) throws ExpressionException {
    if (!take(kind)) {
      throw expected(what);
    }
  }

  private ExpressionException expected(String what) {
    Token found = next();
    return new ExpressionException(
        "expected "
            + what
            + " at column "
            + found.at()
            + " of the condition, found "
            + (found.kind() == Kind.END ? "its end" : "'" + found.text() + "'"));
  }
}
