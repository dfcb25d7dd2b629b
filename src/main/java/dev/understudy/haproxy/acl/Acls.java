package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The named ACLs of a proxy section, and conditions made of them (manual, 7.2). */
public final class Acls {
  private static final int LONGEST = 2_000;

  private final Map<String, List<AclTest>> named = new LinkedHashMap<>();

  /** Why a line of an ACL cannot be read here, by its name. */
  private final Map<String, Expression> unreadable = new LinkedHashMap<>();

  private final Set<String> used = new LinkedHashSet<>();

  /**
   * Adds a line; lines of one name are alternatives.
   *
   * @param words the line's words after {@code acl}
   * @throws SyntaxException if it has no name or no criterion
   */
  public void add(List<String> words) {
    if (words.size() < 2) {
      throw new SyntaxException(0, "expected 'acl NAME CRITERION [FLAGS] VALUES…'");
    }
    String name = words.getFirst();
    if (!name.matches("[A-Za-z0-9_.:-]+") || isOr(name)) {
      throw new SyntaxException(
          0, "expected a name of letters, digits, '-', '_', '.' and ':', found '" + name + "'");
    }
    List<AclTest> tests = named.computeIfAbsent(name, any -> new ArrayList<>());
    try {
      tests.add(AclTest.parse(words.subList(1, words.size())));
    } catch (SyntaxException e) {
      unreadable.put(name, unreadable(words, e));
    }
  }

  /**
   * Whether a line of an ACL cannot be read here, so that conditions do not know whether it holds.
   */
  public Optional<String> unreadable(String name) {
    return Optional.ofNullable(unreadable.get(name)).map(each -> each.unknown().getFirst());
  }

  private static Expression unreadable(List<String> words, SyntaxException e) {
    return new Expression.Unknown(
        "'" + String.join(" ", words) + "' cannot be read here: " + e.text());
  }

  /** Names of ACLs that a condition has used. */
  public Set<String> used() {
    return used;
  }

  /**
   * Reads a condition.
   *
   * @param words after {@code if} or {@code unless}
   * @throws SyntaxException if it is none
   */
  public Expression condition(List<String> words, TermContext context) {
    return read(words, test -> Terms.of(test, context), Terms::predefined);
  }

  /**
   * Reads a condition with HAProxy's comparisons as its leaves.
   *
   * @param words after {@code if} or {@code unless}
   * @throws SyntaxException if it is none
   */
  public Expression comparisons(List<String> words) {
    return read(words, Expression.Compared::new, Acls::predefinedTest);
  }

  /** What a predefined ACL stands for (configuration manual, 7.4); null if there is none such. */
  private static @Nullable Expression predefinedTest(String name) {
    String test =
        switch (name) {
          case "HTTP" -> "req.proto_http";
          case "RDP_COOKIE" -> "req.rdp_cookie_cnt gt 0";
          case "REQ_CONTENT" -> "req.len gt 0";
          case "WAIT_END" -> "wait_end";
          default -> "";
        };
    return test.isEmpty()
        ? Terms.predefined(name)
        : new Expression.Compared(AclTest.parse(List.of(test.split(" "))));
  }

  private Expression read(
      List<String> words,
      Function<AclTest, Expression> leaf,
      Function<String, @Nullable Expression> predefined) {
    if (words.isEmpty()) {
      throw new SyntaxException(0, "expected a condition after 'if' or 'unless'");
    }
    if (words.size() > LONGEST) {
      throw new SyntaxException(0, "expected at most " + LONGEST + " words in a condition");
    }
    try {
      return new Reader(words, leaf, predefined).any();
    } catch (SyntaxException e) {
      throw Terms.in(String.join(" ", words), e);
    }
  }

  /** A comparison of a sample with one value, as in a condition. */
  public static Expression test(Sample sample, String matcher, String value, TermContext context) {
    return Terms.of(
        new AclTest(AclTest.canonical(sample), matcher, false, List.of(value), List.of()), context);
  }

  private static boolean isOr(String word) {
    return word.equalsIgnoreCase("or") || word.equals("||");
  }

  private Expression named(
      String name,
      Function<AclTest, Expression> leaf,
      Function<String, @Nullable Expression> predefined) {
    List<AclTest> tests = named.get(name);
    if (tests == null) {
      Expression known = predefined.apply(name);
      if (known == null) {
        throw new SyntaxException(
            0,
            "expected the name of an ACL of this section, found '"
                + name
                + "'; there are "
                + (named.isEmpty() ? "none" : String.join(", ", named.keySet())));
      }
      return known;
    }
    used.add(name);
    List<Expression> parts = new ArrayList<>(tests.stream().map(leaf).toList());
    if (unreadable.containsKey(name)) {
      parts.add(unreadable.get(name));
    }
    return Expression.any(parts);
  }

  private final class Reader {
    private final List<String> words;
    private final Function<AclTest, Expression> leaf;
    private final Function<String, @Nullable Expression> predefined;
    private int at;

    Reader(
        List<String> words,
        Function<AclTest, Expression> leaf,
        Function<String, @Nullable Expression> predefined) {
      this.words = words;
      this.leaf = leaf;
      this.predefined = predefined;
    }

    /**
     * Reads alternatives as HAProxy does: {@code or} in any letter case; an exclamation mark may
     * stand alone; nothing at all on one side of {@code or} is no alternative.
     */
    Expression any() {
      List<Expression> alternatives = new ArrayList<>();
      List<Expression> parts = new ArrayList<>();
      boolean negated = false;
      while (at < words.size()) {
        String word = words.get(at++);
        while (word.startsWith("!")) {
          negated = !negated;
          word = word.substring(1);
        }
        if (isOr(word)) {
          end(parts, alternatives);
          negated = false;
        } else if (!word.isEmpty()) {
          Expression one = word.equals("{") ? anonymous() : named(word, leaf, predefined);
          parts.add(negated ? Expression.not(one) : one);
          negated = false;
        }
      }
      end(parts, alternatives);
      return Expression.any(alternatives);
    }

    private static void end(List<Expression> parts, List<Expression> alternatives) {
      if (!parts.isEmpty()) {
        alternatives.add(Expression.all(parts));
        parts.clear();
      }
    }

    private Expression anonymous() {
      int from = at;
      while (at < words.size() && !words.get(at).equals("}")) {
        at++;
      }
      if (at >= words.size()) {
        throw new SyntaxException(0, "expected '}' (as a word of its own) after '{'");
      }
      List<String> inside = words.subList(from, at++);
      try {
        return leaf.apply(AclTest.parse(inside));
      } catch (SyntaxException e) {
        return unreadable(inside, e);
      }
    }
  }
}
