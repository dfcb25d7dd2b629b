package dev.understudy.condition;

import dev.understudy.condition.ConditionParser.Arguments;
import dev.understudy.condition.TextSource.Kind;
import dev.understudy.pool.PoolId;
import dev.understudy.text.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The terms of the language: their names and the checks of their arguments. */
final class ConditionTerms {
  static final Set<String> RESERVED = Set.of("and", "or", "not");

  private static final Map<String, Condition> FLAGS = flags();

  /** The tests of texts, by what follows the subject's name; none for equality. */
  private enum How {
    EQUAL(""),
    PREFIX("-prefix"),
    SUFFIX("-suffix"),
    CONTAINS("-contains"),
    DIRECTORY("-directory"),
    MATCHES("-matches");

    final String ending;

    How(String ending) {
      this.ending = ending;
    }
  }

  private record TextTerm(Kind kind, How how) {}

  private static final Map<String, TextTerm> TEXTS = texts();

  private static final Set<String> NUMBERS =
      Set.of("client-address", "content-length", "header-count", "status", "usable-servers");

  private ConditionTerms() {}

  private static Map<String, Condition> flags() {
    Map<String, Condition> flags = new LinkedHashMap<>();
    flags.put("any", new Condition.Constant(true));
    flags.put("never", new Condition.Constant(false));
    flags.put("tls", new Condition.Tls());
    flags.put("client-certificate", new Condition.ClientCertificate());
    flags.put("websocket", new Condition.WebSocket());
    return flags;
  }

  private static Map<String, TextTerm> texts() {
    Map<String, TextTerm> texts = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      for (How how : How.values()) {
        if (isDefined(kind, how)) {
          texts.put(kind.term + how.ending, new TextTerm(kind, how));
        }
      }
    }
    return texts;
  }

  private static boolean isDefined(Kind kind, How how) {
    return switch (kind) {
      case METHOD, LISTENER -> how == How.EQUAL;
      default -> how != How.DIRECTORY || kind == Kind.PATH;
    };
  }

  /** The term without arguments of that name; null if there is none. */
  static @Nullable Condition flag(String name) {
    return FLAGS.get(name);
  }

  static boolean isKnown(String name) {
    return TEXTS.containsKey(name) || NUMBERS.contains(name);
  }

  /** What is expected instead of an unknown term: the nearest one, or all without their endings. */
  static String instead(String name) {
    List<String> known = new ArrayList<>(FLAGS.keySet());
    known.addAll(NUMBERS);
    known.addAll(TEXTS.keySet());
    String nearest = Suggestions.nearest(name, known);
    return nearest == null ? "a term, one of " + names() : "a term (did you mean " + nearest + "?)";
  }

  private static String names() {
    List<String> names = new ArrayList<>(FLAGS.keySet());
    names.addAll(NUMBERS);
    for (Kind kind : Kind.values()) {
      names.add(kind.term);
    }
    return String.join(", ", names.stream().sorted().toList())
        + "; with -prefix, -suffix, -contains and -matches";
  }

  static Condition term(String name, Arguments arguments) throws ExpressionException {
    TextTerm text = TEXTS.get(name);
    List<String> values = arguments.values();
    if (text != null) {
      return text(text, arguments);
    }
    if (arguments.ignoreCase()) {
      throw new ExpressionException("expected no i:, which is for texts");
    }
    return switch (name) {
      case "client-address" -> new Condition.ClientAddress(Networks.of(values));
      case "content-length" -> new Condition.ContentLength(only(values));
      case "header-count" -> new Condition.HeaderCount(token(values.getFirst()), second(values));
      case "usable-servers" ->
          new Condition.UsableServers(new PoolId(arguments.pool()), second(values));
      default -> {
        List<NumberRange> ranges = new ArrayList<>();
        for (String each : values) {
          ranges.add(NumberRange.of(each));
        }
        yield new Condition.Status(List.copyOf(ranges));
      }
    };
  }

  private static NumberRange only(List<String> values) throws ExpressionException {
    if (values.size() != 1) {
      throw new ExpressionException("expected one argument, found " + values.size());
    }
    return NumberRange.of(values.getFirst());
  }

  private static NumberRange second(List<String> values) throws ExpressionException {
    if (values.size() != 2) {
      throw new ExpressionException(
          "expected a name and a number such as '> 5', found "
              + values.size()
              + (values.size() == 1 ? " argument" : " arguments"));
    }
    return NumberRange.of(values.get(1));
  }

  private static Condition text(TextTerm term, Arguments arguments) throws ExpressionException {
    Kind kind = term.kind();
    List<String> values = arguments.values();
    String name = "";
    if (kind.isNamed()) {
      name = values.getFirst();
      name =
          switch (kind) {
            case QUERY -> name;
            case CERTIFICATE_ATTRIBUTE -> DistinguishedName.keyword(name);
            default -> token(name);
          };
      values = values.subList(1, values.size());
      if (values.isEmpty() && term.how() == How.EQUAL) {
        return new Condition.Text(new TextSource(kind, name), new TextMatch.Present(), values);
      }
    }
    if (values.isEmpty()) {
      throw new ExpressionException("expected a value after the name");
    }
    if (kind == Kind.PATH
        && arguments.values().stream().anyMatch(v -> v.indexOf('?') >= 0)
        && term.how() != How.MATCHES) {
      throw new ExpressionException("expected a path without a query; query(NAME, VALUE) has that");
    }
    return new Condition.Text(new TextSource(kind, name), match(term, arguments, values), values);
  }

  private static TextMatch match(TextTerm term, Arguments arguments, List<String> values)
      throws ExpressionException {
    Kind kind = term.kind();
    boolean host = kind == Kind.HOST || kind == Kind.TLS_SERVER_NAME;
    boolean ignoreCase = arguments.ignoreCase() || host;
    return switch (term.how()) {
      case EQUAL -> host ? hosts(values) : TextMatch.OneOf.of(values, ignoreCase);
      case PREFIX -> TextMatch.Affix.of(values, false, ignoreCase);
      case SUFFIX -> TextMatch.Affix.of(values, true, ignoreCase);
      case CONTAINS -> TextMatch.Contains.of(values, false, ignoreCase);
      case DIRECTORY -> TextMatch.Contains.of(values, true, ignoreCase);
      case MATCHES -> {
        List<LinearPattern> patterns = new ArrayList<>();
        for (String each : values) {
          patterns.add(LinearPattern.of(each, ignoreCase));
        }
        yield new TextMatch.Matches(List.copyOf(patterns));
      }
    };
  }

  private static TextMatch hosts(List<String> values) throws ExpressionException {
    for (String each : values) {
      String name =
          each.startsWith("**.")
              ? each.substring(3)
              : each.startsWith("*.") ? each.substring(2) : each;
      boolean literal = name.startsWith("[") && name.endsWith("]");
      if (name.isEmpty() || name.indexOf('*') >= 0 || (!literal && name.indexOf(':') >= 0)) {
        throw new ExpressionException(
            "expected a host without a port, such as a.example.com or *.example.com, found '"
                + each
                + "'");
      }
    }
    return TextMatch.Hosts.of(values);
  }

  /** A name of a header, a cookie or a variable (RFC 9110 §5.6.2). */
  private static String token(String name) throws ExpressionException {
    if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")) {
      throw new ExpressionException(
          "expected a name of letters, digits and '-', found '" + name + "'");
    }
    return name;
  }
}
