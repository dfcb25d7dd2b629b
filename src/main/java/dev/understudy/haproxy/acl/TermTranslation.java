package dev.understudy.haproxy.acl;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.FileValues;
import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TranslatedCondition.Authenticated;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.acl.TranslatedCondition.Rate;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import dev.understudy.haproxy.acl.TranslatedCondition.Unknown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Translates one comparison of HAProxy's, by its sample's row and by its matching method. */
final class TermTranslation {
  /** Endings of the terms that compare a text, by matching methods. */
  private static final Map<String, String> SUFFIXES =
      Map.of(
          "", "",
          "str", "",
          "beg", "-prefix",
          "end", "-suffix",
          "sub", "-contains",
          "reg", "-matches");

  private static final Pattern TRACKED = Pattern.compile("sc([0-2]?)_(.+)");

  /** Stands for the values of a file: a text, a number and an address. */
  private static final String ANY_VALUE = "10.0.0.1";

  private final TermContext context;
  private final List<TermDifference> notes = new ArrayList<>();

  private TermTranslation(TermContext context) {
    this.context = context;
  }

  /** One term or several, a constant, or what is unknown. */
  static TranslatedCondition of(AclComparison test, TermContext context) {
    TermTranslation terms = new TermTranslation(context);
    TranslatedCondition translated =
        MapLookup.ends(test.sample()) ? MapLookup.of(test, context, terms::ofKeys) : terms.of(test);
    return translated.noted(terms.notes);
  }

  private TranslatedCondition ofKeys(AclComparison keys) {
    if (keys.patterns().isEmpty()) {
      return Constant.FALSE;
    }
    notes.add(TermDifference.differs("from the map as it is now"));
    return of(keys);
  }

  private TranslatedCondition of(AclComparison written) {
    AclComparison test = withoutConverters(written);
    if (test == null) {
      return written.unknown("its converters");
    }
    TranslatedCondition rate = rate(test);
    if (rate != null) {
      return rate;
    }
    String second = test.sample().fetch().argument(1);
    if (!second.isEmpty() && !test.sample().isHost()) {
      return test.unknown("its argument '" + second + "'");
    }
    if (ForwardedFields.isReadBy(test.sample())) {
      notes.add(TermDifference.forwarded(test.sample().argument()));
    }
    return checked(test, translated(SampleTable.of(test.sample().fetch()), test));
  }

  /**
   * Returns the expression or, if the language of conditions refuses a term of it, an unknown
   * condition that says why.
   */
  private static TranslatedCondition checked(AclComparison test, TranslatedCondition expression) {
    for (Term term : expression.leaves(Term.class).toList()) {
      try {
        Condition.parse(FileValues.expanded(term.text(), file -> List.of(ANY_VALUE)));
      } catch (ExpressionException e) {
        return test.refused(e);
      }
    }
    return expression;
  }

  /** Letter case by converters is as good as {@code -i}; null: there are other converters. */
  private @Nullable AclComparison withoutConverters(AclComparison written) {
    AclComparison test = written;
    for (Call converter : written.sample().converters()) {
      boolean known = true;
      switch (converter.name()) {
        case "lower", "upper" -> test = test.withCase(true);
        case "host_only" -> known = test.sample().isHost();
        case "url_dec" -> test = decoded(test, written);
        case "ltrim", "rtrim" -> known = converter.argument(0).isBlank();
        case "length" -> test = test.matching("len");
        default -> known = false;
      }
      if (!known) {
        return null;
      }
    }
    return test;
  }

  private AclComparison decoded(AclComparison test, AclComparison written) {
    Optional<List<String>> decoded = UrlDecodedPatterns.patterns(written);
    if (decoded.isEmpty() && !test.sample().name().equals("url_param")) {
      notes.add(TermDifference.weaker("compares what the client has sent, not decoded"));
    }
    return decoded.map(patterns -> test.matching("reg").with(patterns)).orElse(test);
  }

  private TranslatedCondition translated(SampleTable.Row row, AclComparison test) {
    String term = row.term();
    String name = test.sample().argument();
    if (row.isNamed() && name.isEmpty()) {
      return test.unknown("it needs a name");
    }
    String[] first = row.isNamed() ? new String[] {name} : new String[0];
    return switch (row.kind()) {
      case "always" -> Constant.TRUE;
      case "never" -> Constant.FALSE;
      case "unknown", "constant" -> test.unknown(term);
      case "text" -> text(term, test, first);
      case "flag" ->
          ConstantComparison.flag(test, term.equals("any") ? Constant.TRUE : new Term(term));
      case "number" -> number(term, test, first);
      case "target" -> target(term, test);
      case "query" -> query(term, test);
      case "parameter" -> parameter(term, test, name);
      case "host" -> HostTerms.of(test, notes);
      case "header" -> header(term, test, name);
      case "cookie" -> cookie(term, test, name);
      case "presence" -> presence(term, test, name);
      case "method" -> method(term, test);
      case "address" -> AddressTerms.of(term, test);
      case "port" -> ListenerTerms.port(term, test, context);
      case "listener" -> ListenerTerms.name(term, test, context);
      case "server-name" -> serverName(term, test);
      case "subject" -> subject(term, test);
      case "verified" -> verified(term, test);
      case "usable-servers" -> usable(term, test, name);
      case "body-size" -> bodySize(term, test);
      case "status" -> status(term, test);
      case "variable" -> variable(term, test, name);
      case "user" -> new Authenticated(name, term.equals("groups") ? test.patterns() : List.of());
      case "version" -> version(test);
      default -> throw new IllegalStateException("samples.txt has the kind " + row.kind());
    };
  }

  /** A text that each request has, or the one of a name, which is the term's first argument. */
  private static TranslatedCondition text(String term, AclComparison test, String... first) {
    if (test.isFound()) {
      return first.length == 0 ? Constant.TRUE : Term.of(term, first);
    }
    return test.matcher().equals("dir") && term.equals("path")
        ? test.term("path-directory")
        : compared(term, test, first);
  }

  /** A text compared by one of the usual methods, after other arguments of the term. */
  static TranslatedCondition compared(String term, AclComparison test, String... first) {
    if (test.matcher().equals("len") && IntegerRanges.of(test.patterns()).isAtLeastOne()) {
      return test.with(List.of(".")).withCase(false).term(term + "-matches", first);
    }
    String suffix = SUFFIXES.get(test.matcher());
    if (suffix == null) {
      return test.unknownMatcher();
    }
    return test.patterns().isEmpty() && test.files().isEmpty()
        ? Constant.FALSE
        : test.term(term + suffix, first);
  }

  private static TranslatedCondition number(String term, AclComparison test, String... first) {
    List<TranslatedCondition> parts = new ArrayList<>();
    for (IntegerRanges.Range range : IntegerRanges.of(test.patterns()).ranges()) {
      List<String> arguments = new ArrayList<>(Stream.of(first).map(Term::quoted).toList());
      arguments.add(range.text());
      parts.add(new Term(term + "(" + String.join(", ", arguments) + ")"));
    }
    return parts.isEmpty()
        ? test.unknown("no number to compare with")
        : TranslatedCondition.any(parts);
  }

  private static TranslatedCondition presence(String term, AclComparison test, String name) {
    Term there = Term.of(term, name);
    IntegerRanges number = IntegerRanges.of(test.patterns());
    if (number.isAtLeastOne()) {
      return there;
    }
    return number.isZero()
        ? TranslatedCondition.not(there)
        : test.unknown("conditions do not know how many there are");
  }

  private TranslatedCondition target(String term, AclComparison test) {
    if (!test.sample().name().equals("pathq")) {
      notes.add(TermDifference.wider("of a target with a host, only path and query count"));
    }
    return test.matcher().equals("beg")
            && test.patterns().stream().noneMatch(each -> each.contains("?"))
        ? test.term("path-prefix")
        : text(term, test);
  }

  /** HAProxy has a query, if only an empty one, where the target has a question mark. */
  private static TranslatedCondition query(String term, AclComparison test) {
    return test.isFound() ? Term.of("target-contains", "?") : text(term, test);
  }

  private TranslatedCondition parameter(String term, AclComparison test, String name) {
    if (!test.isFound() && !test.sample().isConverted("url_dec")) {
      notes.add(TermDifference.wider("the parameter's value may also be encoded"));
    }
    return text(term, test, name);
  }

  private TranslatedCondition header(String term, AclComparison test, String name) {
    if (test.sample().name().equals("req.fhdr") && !test.isFound()) {
      notes.add(
          TermDifference.weaker(
              "the elements of '" + name + "' are compared, not its whole lines"));
    }
    if (name.equalsIgnoreCase("upgrade")
        && test.patterns().stream().anyMatch(each -> !each.equalsIgnoreCase("websocket"))) {
      notes.add(
          TermDifference.differs(
              "without an AllowUpgrade filter, only upgrades to WebSocket are relayed"));
    }
    return given(text(term, test, name), test, context.field(name));
  }

  /**
   * A field that rules before give: with any form of the path, where their conditions look at it,
   * and with a value that may be empty, where it must only be there.
   */
  private TranslatedCondition given(
      TranslatedCondition field, AclComparison test, List<Assignment> assigned) {
    boolean ofPath = assigned.stream().anyMatch(each -> each.readsPath(context));
    notes.addAll(Assignment.notes(assigned, context));
    if (!ofPath && !test.isFound()) {
      return field;
    }
    Optional<TranslatedCondition> value = Assignment.last(assigned, test, context);
    if (value.isPresent() && assigned.stream().anyMatch(Assignment::isAlways)) {
      return value.get();
    }
    if (ofPath) {
      notes.add(
          TermDifference.weaker("an earlier rule sets the field by the normalised path alone"));
    }
    return value.map(given -> TranslatedCondition.any(field, given)).orElse(field);
  }

  private TranslatedCondition variable(String term, AclComparison test, String name) {
    if (!name.matches("[A-Za-z0-9_.]+") || name.startsWith("proc.")) {
      return test.unknown("variables of the process");
    }
    List<Assignment> assigned = context.variable(name);
    if (name.startsWith("sess.") && assigned.stream().noneMatch(Assignment::isAlways)) {
      notes.add(
          TermDifference.weaker(
              "a variable of a session lasts for one request here: later requests do not see it"));
    }
    Optional<TranslatedCondition> value = Assignment.last(assigned, test, context);
    if (value.isPresent()) {
      return value.get();
    }
    notes.addAll(Assignment.notes(assigned, context));
    if (assigned.stream().anyMatch(each -> each.readsPath(context))) {
      notes.add(TermDifference.weaker("the variable is set by the normalised path alone"));
    }
    String variable = Sample.variableName(name);
    return switch (test.matcher()) {
      case "found" -> Term.of(term, variable);
      case "bool" ->
          assigned.isEmpty()
              ? Term.of(term, variable, "1", "true")
              : test.unknown("conditions do not know which of its values are true");
      default -> compared(term, test, variable);
    };
  }

  private TranslatedCondition cookie(String term, AclComparison test, String name) {
    boolean presence = test.isFound() || test.matcher().equals("len");
    return context.isSessionCookie(name) && !presence
        ? test.unknown("the cookie of sessions has a value of Understudy's own, no server's name")
        : text(term, test, name);
  }

  private static TranslatedCondition method(String term, AclComparison test) {
    return test.isWhole()
        ? test.withCase(false).term(term)
        : test.unknown("methods are compared as a whole");
  }

  private TranslatedCondition serverName(String term, AclComparison test) {
    if (!test.ignoreCase()) {
      notes.add(TermDifference.wider("server names match in any letter case (RFC 6066 3)"));
    }
    return compared(term, test.withCase(false));
  }

  private static TranslatedCondition subject(String term, AclComparison test) {
    return test.matcher().equals("sub")
            && test.patterns().stream().noneMatch(each -> each.contains("/"))
        ? test.term(term)
        : test.unknown("the whole subject is written CN=a,O=b here; name an attribute");
  }

  /** OpenSSL's result is 0 also without a certificate; one that is not verified gets no session. */
  private static TranslatedCondition verified(String term, AclComparison test) {
    return IntegerRanges.of(test.patterns()).isZero()
        ? new Term(term)
        : test.unknown("codes of OpenSSL");
  }

  private TranslatedCondition usable(String term, AclComparison test, String backend) {
    String pool = context.pool(backend.contains("/") ? "" : backend);
    if (pool == null) {
      return test.unknown("only the usable servers of a pool can be counted");
    }
    if (test.patterns().isEmpty()) {
      return new Term(term + "(" + pool + ", > 0)");
    }
    IntegerRanges number = IntegerRanges.of(test.patterns());
    if (!number.isZero() && !number.isAtLeastOne() && context.hasBackups(backend)) {
      notes.add(
          TermDifference.weaker(
              "the usable backups of '%s' are always counted; HAProxy counts them only if nothing"
                      .formatted(backend)
                  + " else is usable"));
    }
    return number(term, test, pool);
  }

  /** A request without length has no body, or one in chunks whose size nobody knows yet. */
  private static TranslatedCondition bodySize(String term, AclComparison test) {
    TranslatedCondition known = number(term, test);
    if (known instanceof Unknown) {
      return known;
    }
    TranslatedCondition chunked = new Term("header(Transfer-Encoding)");
    TranslatedCondition none =
        TranslatedCondition.all(
            TranslatedCondition.not(chunked),
            TranslatedCondition.not(new Term("header(Content-Length)")));
    return TranslatedCondition.any(
        known,
        IntegerRanges.of(test.patterns()).has(0) ? none : Constant.FALSE,
        TranslatedCondition.all(chunked, test.unknown("the size of a body that comes in chunks")));
  }

  private static TranslatedCondition status(String term, AclComparison test) {
    return test.with(test.patterns().stream().map(each -> each.replace(':', '-')).toList())
        .withCase(false)
        .term(term);
  }

  private static TranslatedCondition version(AclComparison test) {
    return test.patterns().containsAll(List.of("1.0", "1.1"))
        ? Constant.TRUE
        : test.unknown("versions of HTTP");
  }

  /** A counter of a stick table; null if the sample is none. */
  private static @Nullable TranslatedCondition rate(AclComparison test) {
    String name = test.sample().name();
    Call fetch = test.sample().fetch();
    Matcher tracked = TRACKED.matcher(name);
    boolean ofSource = name.startsWith("src_");
    String counter = tracked.matches() ? tracked.group(2) : ofSource ? name.substring(4) : "";
    if (!SampleTable.has("counter " + counter)) {
      return null;
    }
    boolean numbered = ofSource || !tracked.group(1).isEmpty();
    String number = ofSource ? "-1" : numbered ? tracked.group(1) : fetch.argument(0);
    int slot = number.matches("-1|[0-9]{1,15}") ? (int) Long.parseLong(number) : 0;
    long above = IntegerRanges.of(test.patterns()).above();
    return above < 0
        ? test.unknown("only 'more than N' is counted here")
        : new Rate(counter, fetch.argument(numbered ? 0 : 1), slot, above);
  }
}
