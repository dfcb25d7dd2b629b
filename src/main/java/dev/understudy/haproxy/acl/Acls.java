package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.acl.TranslatedCondition.Compared;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.acl.TranslatedCondition.Unknown;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The named ACLs of a proxy section, and conditions made of them (manual, 7.2). */
public final class Acls {
  private static final int LONGEST = 2_000;

  /** The lines of each name, as comparisons or as unknown. */
  private final Map<String, List<TranslatedCondition>> named = new LinkedHashMap<>();

  private final Set<String> used = new LinkedHashSet<>();

  /**
   * Adds a line; lines of one name are alternatives.
   *
   * @param words the line's words after {@code acl}
   * @throws SyntaxException if it has no name or no criterion
   */
  public void add(List<String> words) {
    if (words.size() < 2) {
      throw new SyntaxException("expected 'acl NAME CRITERION [FLAGS] VALUES…'");
    }
    String name = words.getFirst();
    if (!isName(name) || isOr(name)) {
      throw new SyntaxException(
          "expected a name of letters, digits, '-', '_', '.' and ':', found '" + name + "'");
    }
    named
        .computeIfAbsent(name, any -> new ArrayList<>())
        .add(comparison(words.subList(1, words.size()), name));
  }

  /**
   * A comparison; unknown if it cannot be read.
   *
   * @param name for messages, which do not show its values: these may be secrets
   */
  private static TranslatedCondition comparison(List<String> words, String name) {
    try {
      return new Compared(AclComparison.parse(words));
    } catch (SyntaxException e) {
      return new Unknown("'" + name + "' cannot be read here: " + e.text());
    }
  }

  /** Why a line of an ACL cannot be read, so that conditions do not know whether it holds. */
  public Optional<String> unreadable(String name) {
    return named.getOrDefault(name, List.of()).stream()
        .flatMap(line -> line.leaves(TranslatedCondition.Unknown.class))
        .map(TranslatedCondition.Unknown::why)
        .findFirst();
  }

  /** Names of ACLs that a condition has used. */
  public Set<String> used() {
    return used;
  }

  /**
   * Reads a condition, and translates its comparisons.
   *
   * @param words after {@code if} or {@code unless}
   * @throws SyntaxException if it is none
   */
  public TranslatedCondition condition(List<String> words, TermContext context) {
    return comparisons(words)
        .each(leaf -> leaf instanceof Compared it ? TermTranslation.of(it.test(), context) : leaf);
  }

  /**
   * Reads a condition with HAProxy's comparisons as its leaves.
   *
   * @param words after {@code if} or {@code unless}
   * @throws SyntaxException if it is none
   */
  public TranslatedCondition comparisons(List<String> words) {
    if (words.isEmpty()) {
      throw new SyntaxException("expected a condition after 'if' or 'unless'");
    }
    if (words.size() > LONGEST) {
      throw new SyntaxException("expected at most " + LONGEST + " words in a condition");
    }
    return read(words);
  }

  /** A comparison of a sample with one value, as in a condition. */
  public static TranslatedCondition test(
      Sample sample, String matcher, String value, TermContext context) {
    return TermTranslation.of(
        new AclComparison(sample.canonical(), matcher, false, List.of(value), List.of()), context);
  }

  private static boolean isName(String word) {
    return word.matches("[A-Za-z0-9_.:-]+");
  }

  private static boolean isOr(String word) {
    return word.equalsIgnoreCase("or") || word.equals("||");
  }

  /**
   * Reads alternatives as HAProxy does: {@code or} in any letter case; an exclamation mark may
   * stand alone; nothing at all on one side of {@code or} is no alternative.
   */
  private TranslatedCondition read(List<String> words) {
    List<TranslatedCondition> alternatives = new ArrayList<>();
    List<TranslatedCondition> parts = new ArrayList<>();
    boolean negated = false;
    for (int at = 0; at < words.size(); at++) {
      String word = words.get(at);
      while (word.startsWith("!")) {
        negated = !negated;
        word = word.substring(1);
      }
      if (isOr(word)) {
        end(parts, alternatives);
        negated = false;
      } else if (!word.isEmpty()) {
        TranslatedCondition one;
        if (word.equals("{")) {
          int close = at + 1 + words.subList(at + 1, words.size()).indexOf("}");
          if (close == at) {
            throw new SyntaxException("expected '}' (as a word of its own) after '{'");
          }
          List<String> inside = words.subList(at + 1, close);
          one = comparison(inside, inside.isEmpty() ? "{ }" : inside.getFirst());
          at = close;
        } else {
          one = named(word);
        }
        parts.add(negated ? TranslatedCondition.not(one) : one);
        negated = false;
      }
    }
    end(parts, alternatives);
    return TranslatedCondition.any(alternatives);
  }

  private static void end(List<TranslatedCondition> parts, List<TranslatedCondition> alternatives) {
    if (!parts.isEmpty()) {
      alternatives.add(TranslatedCondition.all(parts));
      parts.clear();
    }
  }

  private TranslatedCondition named(String name) {
    List<TranslatedCondition> lines = named.get(name);
    if (lines == null) {
      return predefined(name);
    }
    used.add(name);
    return TranslatedCondition.any(lines);
  }

  /** A predefined ACL (configuration manual, 7.4). */
  private TranslatedCondition predefined(String name) {
    SampleTable.Row row = SampleTable.of("acl " + name);
    return switch (row.kind()) {
      case "always" -> Constant.TRUE;
      case "never" -> Constant.FALSE;
      case "is" ->
          new Compared(AclComparison.parse(List.of(row.term().split(" "))).writtenAs(name));
      default -> {
        if (SampleTable.has("acl " + name)) {
          yield Unknown.of(name, row.term());
        }
        // Else it may be a part of a comparison that is not in braces.
        String found = isName(name) ? "'" + name + "'" : "another word";
        throw new SyntaxException(
            "expected the name of an ACL of this section, found %s; there are %s"
                .formatted(found, named.isEmpty() ? "none" : String.join(", ", named.keySet())));
      }
    };
  }
}
