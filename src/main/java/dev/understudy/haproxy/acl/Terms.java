package dev.understudy.haproxy.acl;

import dev.understudy.condition.Condition;
import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.FileValues;
import dev.understudy.haproxy.acl.Expression.Authenticated;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.Expression.Term;
import dev.understudy.haproxy.acl.Expression.Unknown;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says one comparison of HAProxy's in our language of conditions. */
final class Terms {
  private static final Map<String, String> SUFFIXES =
      Map.of("str", "", "beg", "-prefix", "end", "-suffix", "sub", "-contains", "reg", "-matches");

  private static final Pattern TRACKED = Pattern.compile("sc([0-2]?)_(.+)");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}");
  private static final Pattern NETWORK = Pattern.compile("[0-9A-Fa-f:.]+(/[0-9.]+)?");

  /** Stands for the values of a file: a text, a number and an address. */
  private static final String ANY_VALUE = "10.0.0.1";

  /** Most rules that give a variable its value, of which a condition asks for each. */
  private static final int MOST_ASSIGNMENTS = 4;

  private static final String SAME_HOST = "a port and a final dot of the host do not count";

  private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");

  private final TermContext context;
  private final List<Note> notes = new ArrayList<>();

  private Terms(TermContext context) {
    this.context = context;
  }

  /** One term, a constant, or what is unknown. */
  static Expression of(AclTest written, TermContext context) {
    Terms terms = new Terms(context);
    return terms.read(written).noted(terms.notes);
  }

  private void differs(String how) {
    notes.add(Note.differs(how));
  }

  private void weakens(String how) {
    notes.add(Note.weaker(how));
  }

  private Expression read(AclTest written) {
    AclTest test = written;
    List<Call> converters = written.sample().converters();
    if (!converters.isEmpty() && converters.getLast().name().startsWith("map")) {
      MapLookup lookup = MapLookup.of(written, context);
      if (lookup.keys() == null) {
        return unknown(written, lookup.why());
      }
      if (lookup.keys().patterns().isEmpty()) {
        return Expression.Constant.FALSE;
      }
      differs("with the map as it is now");
      test = lookup.keys();
    }
    AclTest plain = withoutCase(test);
    if (plain == null) {
      return unknown(test, "its converters");
    }
    Expression rate = rate(plain);
    if (rate != null) {
      return rate;
    }
    String second = plain.sample().fetch().argument(1);
    if (!second.isEmpty() && !plain.sample().isHost()) {
      return unknown(test, "its argument '" + second + "'");
    }
    if (ForwardedFields.isReadBy(plain.sample())) {
      notes.add(Note.forwarded(plain.sample().argument()));
    }
    return checked(plain, simple(plain));
  }

  /** The same, or what the language of conditions refuses in it. */
  private static Expression checked(AclTest test, Expression expression) {
    for (Expression leaf : expression.leaves().toList()) {
      if (leaf instanceof Term term) {
        try {
          Condition.parse(FileValues.expanded(term.text(), file -> List.of(ANY_VALUE)));
        } catch (ExpressionException e) {
          return unknown(test, e.why().replaceFirst("^[a-z-]+ at column [0-9]+: ", ""));
        }
      }
    }
    return expression;
  }

  /** Letter case by converters is as good as {@code -i}; null: there are other converters. */
  private @Nullable AclTest withoutCase(AclTest test) {
    boolean ignoreCase = test.ignoreCase();
    String matcher = test.matcher();
    List<String> patterns = test.patterns();
    for (Call converter : test.sample().converters()) {
      boolean known = true;
      switch (converter.name()) {
        case "lower", "upper" -> ignoreCase = true;
        case "host_only" -> known = test.sample().isHost();
        case "url_dec" -> {
          Optional<List<String>> decoded = Decoded.patterns(test);
          if (decoded.isPresent()) {
            matcher = "reg";
            patterns = decoded.get();
          } else if (!test.sample().name().equals("url_param")) {
            weakens("compares what the client has sent, not decoded");
          }
        }
        case "ltrim", "rtrim" -> known = converter.argument(0).isBlank();
        case "length" -> matcher = "len";
        default -> known = false;
      }
      if (!known) {
        return null;
      }
    }
    return new AclTest(test.sample(), matcher, ignoreCase, patterns, test.files());
  }

  private static Unknown unknown(AclTest test, String what) {
    return new Unknown("'" + test.sample().source() + "' has no condition here: " + what);
  }

  private Expression simple(AclTest test) {
    Samples.Row row = Samples.of(test.sample().name());
    return switch (row.how()) {
      case "always" -> Expression.Constant.TRUE;
      case "never" -> Expression.Constant.FALSE;
      case "text" -> text(row.term(), test);
      case "named" -> named(row.term(), test);
      case "count" -> count(row.term(), test.sample().argument(), test);
      case "flag" ->
          bool(test, row.term().equals("any") ? Expression.Constant.TRUE : new Term(row.term()));
      case "unknown" -> unknown(test, row.term());
      default -> other(test);
    };
  }

  private Expression other(AclTest test) {
    String name = test.sample().name();
    return switch (name) {
      case "pathq", "url", "capture.req.uri", "uri" -> target(test);
      case "query" -> query(test);
      case "req.hdr", "req.fhdr" -> header(test);
      case "req.hdr_val" -> number(test);
      case "req.cook" -> cookie(test);
      case "req.cook_cnt" -> present("cookie", test);
      case "url_param" -> parameter(test);
      case "method", "capture.req.method" -> method(test);
      case "src", "fc_src" -> address(test);
      case "dst_port", "fc_dst_port" -> port(test);
      case "so_name" -> listener(test);
      case "ssl_fc_sni", "req.ssl_sni" -> serverName(test);
      case "ssl_c_verify" -> verified(test);
      case "ssl_c_s_dn" -> subject(test);
      case "nbsrv", "srv_is_up", "connslots" -> usable(test);
      case "req.body_size", "req.body_len" -> bodySize(test);
      case "status" -> status(test);
      case "var" -> variable(test);
      case "http_auth" -> new Authenticated(test.sample().argument(), List.of());
      case "http_auth_group" -> new Authenticated(test.sample().argument(), test.patterns());
      case "req.ver", "res.ver" -> version(test);
      default -> unknown(test, "no such term");
    };
  }

  /** A text compared in one of the usual ways. */
  private Expression text(String name, AclTest test) {
    String matcher = test.matcher().isEmpty() ? "str" : test.matcher();
    if (matcher.equals("dir") && name.equals("path")) {
      return new Term(Values.term("path-directory", test));
    }
    if (matcher.equals("found") && test.patterns().isEmpty()) {
      return Expression.Constant.TRUE;
    }
    return suffixed(name, List.of(), test, matcher);
  }

  private static Expression suffixed(
      String name, List<String> first, AclTest test, String matcher) {
    if (matcher.equals("len") && IntegerRanges.of(test.patterns()).isAtLeastOne()) {
      return new Term(Values.term(name + "-matches", first, withoutI(test), List.of(".")));
    }
    String suffix = SUFFIXES.get(matcher);
    if (suffix == null) {
      return unknown(test, "the matching method '" + matcher + "'");
    }
    if (test.patterns().isEmpty() && test.files().isEmpty()) {
      return Expression.Constant.FALSE;
    }
    return new Term(Values.term(name + suffix, first, test, test.patterns()));
  }

  private Expression target(AclTest test) {
    if (!test.sample().name().equals("pathq")) {
      notes.add(Note.wider("of a target with a host, only path and query count"));
    }
    if (test.matcher().equals("beg") && test.patterns().stream().noneMatch(p -> p.contains("?"))) {
      return new Term(Values.term("path-prefix", test));
    }
    return text("target", test);
  }

  /** HAProxy has a query, if only an empty one, where the target has a question mark. */
  private Expression query(AclTest test) {
    return test.matcher().equals("found") && test.patterns().isEmpty()
        ? new Term(Values.term("target-contains", List.of(), withoutI(test), List.of("?")))
        : text("query-string", test);
  }

  private Expression header(AclTest test) {
    String name = test.sample().argument();
    if (name.isEmpty()) {
      return unknown(test, "a header field without a name");
    }
    if (test.sample().isHost()) {
      return host(test);
    }
    if (test.sample().name().equals("req.fhdr") && !test.matcher().equals("found")) {
      weakens("the elements of '" + name + "' are compared, not its whole lines");
    }
    if (name.equalsIgnoreCase("upgrade")
        && test.patterns().stream().anyMatch(each -> !each.equalsIgnoreCase("websocket"))) {
      differs("of upgrades, those to WebSocket alone are relayed");
    }
    return given(named("header", test), test, context.field(name));
  }

  /**
   * A field that rules before give: with any form of the path, where their conditions look at it,
   * and with a value that may be empty, where it must only be there.
   */
  private Expression given(Expression field, AclTest test, List<Assignment> assigned) {
    boolean ofPath = assigned.stream().anyMatch(each -> each.readsPath(context));
    notes.addAll(givenBy(assigned));
    if (!ofPath && !test.matcher().equals("found")) {
      return field;
    }
    Optional<Expression> value = resolved(test, assigned);
    if (value.isPresent() && assigned.stream().anyMatch(Assignment::isAlways)) {
      return value.get();
    }
    if (ofPath) {
      weakens("a rule before sets the field by the normalised path alone");
    }
    return value.map(given -> Expression.any(List.of(field, given))).orElse(field);
  }

  private Expression host(AclTest test) {
    String matcher = test.matcher().isEmpty() ? "str" : test.matcher();
    AclTest lower = new AclTest(test.sample(), matcher, false, test.patterns(), test.files());
    if (matcher.equals("found")) {
      return Expression.Constant.TRUE;
    }
    if (!test.ignoreCase()) {
      differs("host names match in any letter case (RFC 9110 4.2.3)");
    }
    boolean whole = matcher.equals("str") || matcher.equals("end");
    boolean asksForPort = whole && test.sample().converters().stream().noneMatch(Terms::isHostOnly);
    notes.add(asksForPort ? Note.differs(SAME_HOST) : Note.wider(SAME_HOST));
    if (matcher.equals("dom")) {
      return domain(lower);
    }
    return whole ? withoutPorts(lower, matcher) : hostPart(lower, matcher);
  }

  private Expression withoutPorts(AclTest test, String matcher) {
    List<String> names = new ArrayList<>();
    for (String pattern : test.patterns()) {
      String name = PORT.matcher(pattern).replaceFirst("");
      if (name.isEmpty() || (matcher.equals("str") && name.indexOf('*') >= 0)) {
        return unknown(test, "expected the name of a host, found '" + pattern + "'");
      }
      if (!name.equals(pattern)) {
        weakens("'" + pattern + "' is compared without its port");
      }
      names.add(name);
    }
    return suffixed("host", List.of(), with(test, names.stream().distinct().toList()), matcher);
  }

  /** A comparison that says nothing of the port; an expression often allows for one. */
  private Expression hostPart(AclTest test, String matcher) {
    for (String pattern : test.patterns()) {
      if (pattern.replace("(?:", "").replace("[:", "").indexOf(':') >= 0) {
        if (!matcher.equals("reg")) {
          return unknown(test, "the port of the host, in '" + pattern + "'");
        }
        weakens("the host is compared without its port, which '" + pattern + "' may ask for");
      }
    }
    return suffixed("host", List.of(), test, matcher);
  }

  private static AclTest with(AclTest test, List<String> patterns) {
    return new AclTest(test.sample(), test.matcher(), test.ignoreCase(), patterns, test.files());
  }

  private static boolean isHostOnly(Call converter) {
    return converter.name().equals("host_only");
  }

  /** The pattern stands in the name as whole labels. */
  private static Expression domain(AclTest test) {
    if (!test.files().isEmpty() || test.patterns().stream().anyMatch(p -> p.contains(":"))) {
      return unknown(test, "domains from a file or with a port");
    }
    List<String> patterns =
        test.patterns().stream()
            .map(
                each -> "(^|.*[.:])" + each.replaceAll("([^A-Za-z0-9_-])", "\\\\$1") + "([.:].*|$)")
            .toList();
    return new Term(Values.term("host-matches", List.of(), test, patterns));
  }

  /** A term whose first argument is a name. */
  private static Expression named(String term, AclTest test) {
    String name = test.sample().argument();
    if (name.isEmpty()) {
      return unknown(test, "it needs a name");
    }
    String matcher = test.matcher().isEmpty() ? "str" : test.matcher();
    if (matcher.equals("found")) {
      return new Term(term + "(" + Values.value(name) + ")");
    }
    return suffixed(term, List.of(name), test, matcher);
  }

  private Expression parameter(AclTest test) {
    if (!test.matcher().equals("found")
        && test.sample().converters().stream().noneMatch(each -> each.name().equals("url_dec"))) {
      notes.add(Note.wider("the parameter's value may also be encoded"));
    }
    return named("query", test);
  }

  private Expression cookie(AclTest test) {
    Expression cookie = named("cookie", test);
    boolean presence =
        test.matcher().equals("found")
            || (cookie instanceof Term term && term.text().startsWith("cookie-matches("));
    return context.isSessionCookie(test.sample().argument()) && !presence
        ? unknown(test, "the cookie of sessions has a value of Understudy's own, no server's name")
        : cookie;
  }

  private static Expression present(String term, AclTest test) {
    IntegerRanges number = IntegerRanges.of(test.patterns());
    Term there = new Term(term + "(" + Values.value(test.sample().argument()) + ")");
    if (number.isAtLeastOne()) {
      return there;
    }
    return number.isZero() ? Expression.not(there) : unknown(test, "how many there are");
  }

  private Expression count(String term, String name, AclTest test) {
    if (name.isEmpty()) {
      return unknown(test, "it needs a name");
    }
    return comparison(term, List.of(name), test);
  }

  private static Expression comparison(String term, List<String> first, AclTest test) {
    List<Expression> parts = new ArrayList<>();
    for (IntegerRanges.Range range : IntegerRanges.of(test.patterns()).ranges()) {
      List<String> arguments = new ArrayList<>(first.stream().map(Values::value).toList());
      arguments.add(range.text());
      parts.add(new Term(term + "(" + String.join(", ", arguments) + ")"));
    }
    return parts.isEmpty() ? unknown(test, "no number to compare with") : Expression.any(parts);
  }

  /** A request without length has no body, or one in chunks whose size nobody knows yet. */
  private static Expression bodySize(AclTest test) {
    Expression known = comparison("content-length", List.of(), test);
    if (known instanceof Unknown) {
      return known;
    }
    Expression chunked = new Term("header(Transfer-Encoding)");
    Expression none =
        Expression.all(
            List.of(Expression.not(chunked), Expression.not(new Term("header(Content-Length)"))));
    return Expression.any(
        List.of(
            known,
            IntegerRanges.of(test.patterns()).hasZero() ? none : Expression.Constant.FALSE,
            Expression.all(
                List.of(chunked, unknown(test, "the size of a body that comes in chunks")))));
  }

  private Expression number(AclTest test) {
    if (test.sample().argument().equalsIgnoreCase("content-length")) {
      return comparison("content-length", List.of(), test);
    }
    return unknown(test, "numbers in header fields");
  }

  private static Expression method(AclTest test) {
    if (!test.matcher().isEmpty() && !test.matcher().equals("str")) {
      return unknown(test, "methods are compared as a whole");
    }
    return new Term(
        "method(" + String.join(", ", test.patterns().stream().map(Values::value).toList()) + ")");
  }

  private Expression address(AclTest test) {
    if (test.matcher().equals("found")) {
      return Expression.Constant.TRUE;
    }
    if (!Set.of("", "ip", "str").contains(test.matcher())) {
      return unknown(test, "the matching method '" + test.matcher() + "'");
    }
    for (String pattern : test.patterns()) {
      if (!NETWORK.matcher(pattern).matches()) {
        return unknown(test, "expected addresses and networks, found '" + pattern + "'");
      }
    }
    List<String> networks = test.patterns().stream().map(Terms::network).toList();
    List<String> whole = networks.stream().filter(each -> !each.isEmpty()).toList();
    List<Expression> parts = new ArrayList<>();
    if (!whole.isEmpty() || !test.files().isEmpty()) {
      parts.add(new Term(Values.term("client-address", List.of(), withoutI(test), whole)));
    }
    for (int i = 0; i < networks.size(); i++) {
      if (networks.get(i).isEmpty()) {
        String pattern = test.patterns().get(i);
        parts.add(
            Expression.all(
                List.of(around(pattern), unknown(test, "the mask of '" + pattern + "' has gaps"))));
      }
    }
    return Expression.any(parts);
  }

  private static AclTest withoutI(AclTest test) {
    return new AclTest(test.sample(), test.matcher(), false, test.patterns(), test.files());
  }

  /** A network with its prefix length instead of a mask; empty: the mask has gaps. */
  private static String network(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || text.indexOf('.', slash) < 0) {
      return text;
    }
    int mask = mask(text.substring(slash + 1));
    return Integer.bitCount(mask) == leading(mask)
        ? text.substring(0, slash) + "/" + leading(mask)
        : "";
  }

  /** The smallest network around one whose mask has gaps. */
  private static Expression around(String text) {
    int slash = text.indexOf('/');
    int bits = leading(mask(text.substring(slash + 1)));
    return bits == 0
        ? Expression.Constant.TRUE
        : new Term("client-address(" + text.substring(0, slash) + "/" + bits + ")");
  }

  private static int mask(String text) {
    int mask = 0;
    for (String part : List.of(text.split("\\.", -1))) {
      mask = mask << 8 | (part.matches("[0-9]{1,3}") ? Integer.parseInt(part) & 0xff : 0);
    }
    return mask;
  }

  private static int leading(int mask) {
    return Integer.numberOfLeadingZeros(~mask);
  }

  private Expression port(AclTest test) {
    if (!Set.of("", "int").contains(test.matcher())) {
      return unknown(test, "the matching method '" + test.matcher() + "'");
    }
    if (context.isPortFromProxy()) {
      return unknown(test, "the port that the PROXY protocol tells");
    }
    List<String> names = new ArrayList<>();
    for (String pattern : test.patterns()) {
      if (!NUMBER.matcher(pattern).matches()) {
        return unknown(test, "expected a port, found '" + pattern + "'");
      }
      names.addAll(context.listenersOn((int) Math.min(Long.parseLong(pattern), 70_000)));
    }
    return listeners(test, names);
  }

  private Expression listener(AclTest test) {
    return test.matcher().isEmpty() || test.matcher().equals("str")
        ? listeners(test, test.patterns().stream().filter(context.listeners()::contains).toList())
        : unknown(test, "listeners are compared as a whole");
  }

  private Expression listeners(AclTest test, List<String> names) {
    if (context.listeners().isEmpty()) {
      return unknown(test, "there is no frontend, so no listener");
    }
    if (names.isEmpty()) {
      return Expression.Constant.FALSE;
    }
    return names.containsAll(context.listeners())
        ? Expression.Constant.TRUE
        : new Term("listener(" + String.join(", ", names) + ")");
  }

  /** A boolean sample: HAProxy ignores a value to compare it with, unless that is a number. */
  private static Expression bool(AclTest test, Expression term) {
    return switch (test.matcher()) {
      case "", "bool" -> term;
      case "int" ->
          switch (test.patterns().toString()) {
            case "[0]" -> Expression.not(term);
            case "[1]" -> term;
            default -> unknown(test, "numbers other than 0 and 1");
          };
      default -> unknown(test, "the matching method '" + test.matcher() + "'");
    };
  }

  private Expression serverName(AclTest test) {
    if (!test.ignoreCase()) {
      notes.add(Note.wider("server names match in any letter case (RFC 6066 3)"));
    }
    String matcher = test.matcher().isEmpty() ? "str" : test.matcher();
    return suffixed("tls-server-name", List.of(), withoutI(test), matcher);
  }

  /** OpenSSL's result is 0 also without a certificate; one that is not verified gets no session. */
  private static Expression verified(AclTest test) {
    return IntegerRanges.of(test.patterns()).isZero()
        ? new Term("tls")
        : unknown(test, "codes of OpenSSL");
  }

  private static Expression subject(AclTest test) {
    String part = test.sample().argument();
    if (!part.isEmpty()) {
      return named("client-certificate-subject-attribute", test);
    }
    return test.matcher().equals("sub")
            && test.patterns().stream().noneMatch(each -> each.contains("/"))
        ? new Term(Values.term("client-certificate-subject-contains", test))
        : unknown(test, "the whole subject is written CN=a,O=b here; name an attribute");
  }

  private Expression usable(AclTest test) {
    String backend = test.sample().argument();
    String pool = context.pool(backend.contains("/") ? "" : backend);
    if (!test.sample().name().equals("nbsrv") || pool == null) {
      return unknown(test, "only the number of usable servers of a pool");
    }
    if (test.patterns().isEmpty()) {
      return new Term("usable-servers(" + pool + ", > 0)");
    }
    IntegerRanges number = IntegerRanges.of(test.patterns());
    if (!number.isZero() && !number.isAtLeastOne() && context.hasBackups(backend)) {
      weakens(
          "the usable servers of '"
              + backend
              + "' are counted with its backups, which HAProxy counts only without the others");
    }
    return comparison("usable-servers", List.of(pool), test);
  }

  private static Expression status(AclTest test) {
    List<String> parts = new ArrayList<>();
    if (test.patterns().isEmpty()) {
      return unknown(test, "expected a status");
    }
    for (String pattern : test.patterns()) {
      if (!pattern.matches("[1-9][0-9]{2}([:-][1-9][0-9]{2})?")) {
        return unknown(test, "expected a status or a range, found '" + pattern + "'");
      }
      parts.add(pattern.replace(':', '-'));
    }
    return new Term("status(" + String.join(", ", parts) + ")");
  }

  private Expression variable(AclTest test) {
    String name = test.sample().argument();
    if (!name.matches("[A-Za-z0-9_.]+") || name.startsWith("proc.")) {
      return unknown(test, "variables of the process");
    }
    List<Assignment> assigned = context.variable(name);
    Optional<Expression> value = resolved(test, assigned);
    boolean always = assigned.stream().anyMatch(Assignment::isAlways);
    if (name.startsWith("sess.") && !always) {
      weakens("a variable of a session is one of the request here, which later ones do not see");
    }
    if (value.isPresent()) {
      return value.get();
    }
    notes.addAll(givenBy(assigned));
    if (assigned.stream().anyMatch(each -> each.readsPath(context))) {
      weakens("the variable is set by the normalised path alone");
    }
    List<String> first = List.of(VariableName.of(name));
    return switch (test.matcher()) {
      case "found" -> new Term("variable(" + first.getFirst() + ")");
      case "bool" ->
          assigned.isEmpty()
              ? new Term("variable(" + first.getFirst() + ", 1, true)")
              : unknown(test, "which of its values are true");
      default ->
          suffixed("variable", first, test, test.matcher().isEmpty() ? "str" : test.matcher());
    };
  }

  /** How the rules that give something decide otherwise than HAProxy's. */
  private List<Note> givenBy(List<Assignment> assigned) {
    return assigned.stream()
        .flatMap(each -> each.reads(context))
        .flatMap(each -> each.notes().stream())
        .map(Note::ofGiven)
        .toList();
  }

  /** The test of what rules have given, of which the last one counts; absent if one is unknown. */
  private Optional<Expression> resolved(AclTest test, List<Assignment> assigned) {
    if (assigned.isEmpty() || assigned.size() > MOST_ASSIGNMENTS) {
      return Optional.empty();
    }
    List<Expression> alternatives = new ArrayList<>();
    Expression later = Expression.Constant.FALSE;
    for (Assignment each : assigned.reversed()) {
      if (later.equals(Expression.Constant.TRUE)) {
        break;
      }
      Optional<Expression> value = each.test(test, context);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      alternatives.add(Expression.all(List.of(Expression.not(later), each.when(), value.get())));
      later = Expression.any(List.of(later, each.when()));
    }
    return Optional.of(Expression.any(alternatives));
  }

  private static Expression version(AclTest test) {
    return test.patterns().contains("1.1") && test.patterns().contains("1.0")
        ? Expression.Constant.TRUE
        : unknown(test, "versions of HTTP");
  }

  private @Nullable Expression rate(AclTest test) {
    String name = test.sample().name();
    Call fetch = test.sample().fetch();
    Matcher tracked = TRACKED.matcher(name);
    String counter;
    int slot;
    String table;
    if (tracked.matches() && Samples.has("counter " + tracked.group(2))) {
      counter = tracked.group(2);
      boolean numbered = !tracked.group(1).isEmpty();
      String number = numbered ? tracked.group(1) : fetch.argument(0);
      slot = NUMBER.matcher(number).matches() ? (int) Long.parseLong(number) : 0;
      table = fetch.argument(numbered ? 0 : 1);
    } else if (name.startsWith("src_") && Samples.has("counter " + name.substring(4))) {
      counter = name.substring(4);
      slot = -1;
      table = fetch.argument(0);
    } else {
      return null;
    }
    long above = IntegerRanges.of(test.patterns()).above();
    return above < 0
        ? unknown(test, "only 'more than N' is counted here")
        : new Rate(counter, table, slot, above);
  }

  /** A predefined ACL (configuration manual, 7.4); null if there is none of that name. */
  static @Nullable Expression predefined(String name) {
    Samples.Row row = Samples.of("acl " + name);
    return switch (row.how()) {
      case "always" -> Expression.Constant.TRUE;
      case "never" -> Expression.Constant.FALSE;
      case "term" -> new Term(row.term());
      case "unknown" -> new Unknown("'" + name + "' has no condition here: " + row.term());
      default -> null;
    };
  }

  /** An error's text with the ACL's words around it. */
  static SyntaxException in(String words, SyntaxException cause) {
    return new SyntaxException(0, "in the condition '" + words + "': " + cause.text());
  }
}
