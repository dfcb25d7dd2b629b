package dev.understudy.condition;

import dev.understudy.condition.ConditionParser.Arguments;
import dev.understudy.condition.TermSubject.Kind;
import dev.understudy.network.Networks;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.SettingNames;
import dev.understudy.pool.TextFormat;
import dev.understudy.text.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  /** Makes a term of its arguments. */
  private interface Term {
    Condition of(Arguments arguments) throws ExpressionException;
  }

  private static final Map<String, Term> NUMBERS =
      Map.of(
          "client-address",
          arguments -> new Condition.ClientAddress(networks(arguments.values())),
          "content-length",
          arguments -> new Condition.ContentLength(only(arguments.values())),
          "header-count",
          arguments ->
              new Condition.HeaderCount(
                  token(arguments.values().getFirst()), second(arguments.values())),
          "random",
          arguments ->
              new Condition.RandomNumber(
                  bound(arguments.values().getFirst()), second(arguments.values())),
          "status",
          arguments -> status(arguments.values()),
          "usable-servers",
          arguments ->
              new Condition.UsableServers(
                  new PoolId(arguments.pool()), second(arguments.values())));

  private static final Map<String, Term> TEXTS = texts();

  /** How conditions begin: with a term and its arguments, a term that has none, or an operator. */
  static final Pattern BEGINNING =
      Pattern.compile(
          "(not\\s|\\(|[a-z][a-z-]*\\s*\\(|("
              + String.join("|", FLAGS.keySet())
              + ")(\\s|\\)|$)).*",
          Pattern.DOTALL);

  private ConditionTerms() {}

  private static Map<String, Condition> flags() {
    Map<String, Condition> flags = new LinkedHashMap<>();
    flags.put("any", Condition.Constant.TRUE);
    flags.put("never", Condition.Constant.FALSE);
    for (Condition.Flag each : Condition.Flag.values()) {
      flags.put(SettingNames.of(each), each);
    }
    return flags;
  }

  private static Map<String, Term> texts() {
    Map<String, Term> texts = new LinkedHashMap<>();
    for (Kind kind : Kind.values()) {
      for (How how : How.values()) {
        if (isDefined(kind, how)) {
          texts.put(kind.term + how.ending, arguments -> text(kind, how, arguments));
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
    return TEXTS.containsKey(name) || NUMBERS.containsKey(name);
  }

  /** What is expected instead of an unknown term: the nearest one, or all without their endings. */
  static String instead(String name) {
    List<String> known = new ArrayList<>(FLAGS.keySet());
    known.addAll(NUMBERS.keySet());
    known.addAll(TEXTS.keySet());
    String nearest = Suggestions.nearest(name, known);
    return nearest == null ? "a term, one of " + names() : "a term (did you mean " + nearest + "?)";
  }

  private static String names() {
    List<String> names = new ArrayList<>(FLAGS.keySet());
    names.addAll(NUMBERS.keySet());
    for (Kind kind : Kind.values()) {
      names.add(kind.term);
    }
    return String.join(", ", names.stream().sorted().toList())
        + "; with -prefix, -suffix, -contains and -matches";
  }

  private static Networks networks(List<String> texts) throws ExpressionException {
    try {
      return Networks.of(texts);
    } catch (IllegalArgumentException e) {
      throw new ExpressionException(String.valueOf(e.getMessage()));
    }
  }

  static Condition term(String name, Arguments arguments) throws ExpressionException {
    Term number = NUMBERS.get(name);
    if (number != null && arguments.ignoreCase()) {
      throw new ExpressionException("expected no i:, which is only for texts");
    }
    return Objects.requireNonNull(number == null ? TEXTS.get(name) : number).of(arguments);
  }

  private static Condition status(List<String> values) throws ExpressionException {
    List<NumberRange> ranges = new ArrayList<>();
    for (String each : values) {
      ranges.add(NumberRange.of(each));
    }
    return new Condition.Status(List.copyOf(ranges));
  }

  private static int bound(String text) throws ExpressionException {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new ExpressionException(
          "expected a number from 1 to 999999999 to draw below, found '" + text + "'");
    }
    return Integer.parseInt(text);
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

  private static Condition text(Kind kind, How how, Arguments arguments)
      throws ExpressionException {
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
      if (values.isEmpty() && how == How.EQUAL) {
        return new Condition.Text(new TermSubject(kind, name), new TextMatch.Present(), values);
      }
    }
    if (values.isEmpty()) {
      throw new ExpressionException("expected a value after the name");
    }
    if (kind == Kind.PATH
        && arguments.values().stream().anyMatch(v -> v.indexOf('?') >= 0)
        && how != How.MATCHES) {
      throw new ExpressionException(
          "expected a path without a query; compare the query by query(NAME, VALUE)");
    }
    List<String> spellings =
        kind.isOfPath() && how != How.MATCHES
            ? values.stream().flatMap(ConditionTerms::spellings).distinct().toList()
            : values;
    return new Condition.Text(
        new TermSubject(kind, name), match(kind, how, arguments, spellings), values);
  }

  /** Of a target, its path is written in each way. */
  private static Stream<String> spellings(String target) {
    int question = target.indexOf('?');
    String path = question < 0 ? target : target.substring(0, question);
    return PathForms.spellings(path).map(each -> each + target.substring(path.length()));
  }

  private static TextMatch match(Kind kind, How how, Arguments arguments, List<String> values)
      throws ExpressionException {
    boolean host = kind == Kind.HOST || kind == Kind.TLS_SERVER_NAME;
    boolean ignoreCase = arguments.ignoreCase() || host;
    return switch (how) {
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
    if (!TextFormat.TOKEN.fits(name)) {
      throw new ExpressionException(
          "expected a name of letters, digits and '-', found '" + name + "'");
    }
    return name;
  }
}
