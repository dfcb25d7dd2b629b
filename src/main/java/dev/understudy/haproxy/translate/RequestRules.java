package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Call;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Authenticated;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.VariableName;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import dev.understudy.haproxy.translate.RuleState.Tracking;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rules of an HTTP section on requests, in HAProxy's order: {@code tcp-request}, {@code
 * monitor-uri}, {@code http-request}, {@code redirect}.
 */
final class RequestRules extends Rules {
  private static final String PLACE = "http-request";

  /** A path's beginning, which is taken away as a whole. */
  private static final Pattern PREFIX = Pattern.compile("\\^((?:/[A-Za-z0-9_-]+)+/)");

  /** Values of time and chance, by which nobody is recognised. */
  private static final Pattern TIMES =
      Pattern.compile("%(T|t|ms|r|\\[(date|rand|uuid|unique))[^,;]* has no value in braces here");

  /** A path's beginning, and what follows it. */
  private static final Pattern BEGINNING = Pattern.compile("\\^/[A-Za-z0-9/_-]*\\(\\.\\*\\)\\$?");

  private static final String PER_ADDRESS = "understudy.client.max-connections-per-address";

  RequestRules(Context context, Proxy proxy, FrontTerms terms) {
    super(context, proxy, terms);
  }

  List<Filter> translate() {
    for (String stage : List.of("connection", "session", "content")) {
      beginSet();
      proxy.takeAll("tcp-request", stage).forEach(this::connection);
    }
    beginSet();
    monitor();
    proxy.takeAll("http-request").forEach(this::request);
    beginSet();
    proxy.takeAll("redirect").forEach(each -> redirect(each, RuleCondition.of(each, 1), "proxy"));
    return filters;
  }

  private void connection(Statement statement) {
    RuleCondition rule = RuleCondition.of(statement, 2);
    String action = rule.argument(0);
    switch (action) {
      case "accept" -> pass(statement, rule, "tcp-request", action);
      case "reject", "silent-drop", "close" ->
          denying(statement, rule, "tcp-request", action, "Reject");
      default -> {
        if (action.startsWith("track-sc")) {
          track(statement, rule, "tcp-request", action);
        } else {
          ledger.row(statement, "tcp-request", actionName(action));
          lostVariable(action);
        }
      }
    }
  }

  private void monitor() {
    Optional<Statement> uri = proxy.take("monitor-uri");
    List<Statement> fails = proxy.takeAll("monitor", "fail");
    if (uri.isEmpty()) {
      fails.forEach(each -> ledger.notNeeded(each, "there is no monitor-uri"));
      return;
    }
    Expression path = new Expression.Term("path(" + ValueText.of(uri.get().word(1)) + ")");
    for (Statement fail : fails) {
      RuleCondition rule = RuleCondition.of(fail, 2);
      Expression when = Expression.all(List.of(path, condition(fail, rule)));
      change(fail, Filter.of("Deny", when, fail, "status", "503"), "proxy", "monitor fail", "");
    }
    filters.add(Filter.of("Respond", path, uri.get(), "status", "200", "text", "OK"));
    ledger.row(uri.get(), "proxy", "monitor-uri");
  }

  private void request(Statement statement) {
    RuleCondition rule = RuleCondition.of(statement, 1);
    String action = rule.argument(0);
    switch (action) {
      case "allow" -> pass(statement, rule, PLACE, action);
      case "deny", "block" -> deny(statement, rule);
      case "reject", "silent-drop" -> denying(statement, rule, PLACE, action, "Reject");
      case "tarpit" -> tarpit(statement, rule);
      case "auth" -> auth(statement, rule);
      case "return" -> respond(statement, rule);
      case "redirect" ->
          redirect(
              statement,
              new RuleCondition(
                  rule.arguments().subList(1, rule.arguments().size()),
                  rule.condition(),
                  rule.unless()),
              PLACE);
      case "set-header" -> header(statement, rule, "SetRequestHeader");
      case "add-header" -> header(statement, rule, "AddRequestHeader");
      case "del-header" -> removeHeader(statement, rule);
      case "replace-header", "replace-value" -> replaceHeader(statement, rule);
      case "set-path" -> setPath(statement, rule);
      case "replace-path" -> replacePath(statement, rule);
      case "set-query" -> value(statement, rule, "SetQuery", "query");
      case "set-method" -> value(statement, rule, "SetMethod", "method");
      case "set-pathq", "set-uri", "replace-uri", "replace-pathq" -> pathAndQuery(statement, rule);
      case "capture" -> capture(statement, rule);
      default -> others(statement, rule, action);
    }
  }

  private void others(Statement statement, RuleCondition rule, String action) {
    if (action.startsWith("track-sc")) {
      track(statement, rule, PLACE, action);
    } else if (action.startsWith("set-var(") || action.startsWith("set-var-fmt(")) {
      setVariable(statement, rule, action);
    } else {
      ledger.row(statement, PLACE, actionName(action));
      lostVariable(action);
    }
  }

  /** The action's name without its arguments in parentheses. */
  static String actionName(String action) {
    int open = action.indexOf('(');
    return open < 0 ? action : action.substring(0, open);
  }

  private void lostVariable(String action) {
    if (action.startsWith("set-var") || action.startsWith("unset-var")) {
      context.lostVariables.add(variable(action));
    }
  }

  /** Our name of the variable of an action such as {@code set-var(txn.a)}. */
  static String variable(String action) {
    return VariableName.of(action.substring(action.indexOf('(') + 1).replaceAll("[,)].*", ""));
  }

  private void pass(Statement statement, RuleCondition rule, String place, String action) {
    Expression condition = plain(condition(statement, rule));
    List<String> unknown = condition.unknown();
    Expression narrower = condition.bound(false);
    pass(narrower);
    if (unknown.isEmpty()) {
      ledger.row(statement, place, action, terms.differences());
    } else {
      ledger.guardDifferently(
          statement, "lets fewer requests pass than HAProxy: " + String.join("; ", unknown));
    }
  }

  private void deny(Statement statement, RuleCondition rule) {
    String status = rule.after("deny_status");
    status = status.isEmpty() ? rule.after("status") : status;
    if (!status.isEmpty() && !status.matches("[1-5][0-9]{2}")) {
      ledger.problem(statement, "expected a status after deny_status, found '" + status + "'");
      return;
    }
    String code = status.isEmpty() ? "403" : status;
    boolean own = rule.arguments().size() > (status.isEmpty() ? 1 : 3);
    if (Integer.parseInt(code) < 400) {
      respond(statement, rule);
      return;
    }
    denying(
        statement,
        rule,
        PLACE,
        "deny",
        "Deny",
        own ? "the body is Understudy's error page; see error-pages" : "",
        "status",
        code);
  }

  private void tarpit(Statement statement, RuleCondition rule) {
    String status = rule.after("deny_status").isEmpty() ? "500" : rule.after("deny_status");
    Duration time =
        proxy.statements().stream()
            .filter(each -> each.begins("timeout", "tarpit"))
            .reduce((first, second) -> second)
            .flatMap(each -> TimeText.parse(each.word(2)))
            .orElse(Duration.ofSeconds(5));
    denying(
        statement,
        rule,
        PLACE,
        "tarpit",
        "Tarpit",
        "",
        "status",
        status,
        "time",
        TimeText.ours(time));
  }

  private void denying(
      Statement statement, RuleCondition rule, String place, String action, String filter) {
    denying(statement, rule, place, action, filter, "");
  }

  /** Adds what denies: for each alternative its own filter, if counters are among them. */
  private void denying(
      Statement statement,
      RuleCondition rule,
      String place,
      String action,
      String filter,
      String detail,
      String... arguments) {
    Expression condition = condition(statement, rule);
    if (condition.leaves().anyMatch(Authenticated.class::isInstance)) {
      authenticate(statement, condition, "");
      return;
    }
    if (condition.leaves().noneMatch(Rate.class::isInstance)) {
      deny(statement, Filter.of(filter, condition, statement, arguments), place, action, detail);
      return;
    }
    List<Expression> alternatives =
        condition instanceof Expression.Any any ? any.parts() : List.of(condition);
    String status = arguments.length > 1 ? arguments[1] : "429";
    for (Expression alternative : alternatives) {
      List<Expression> parts =
          alternative instanceof Expression.All all ? all.parts() : List.of(alternative);
      List<Rate> rates =
          parts.stream().filter(Rate.class::isInstance).map(Rate.class::cast).toList();
      Expression rest =
          Expression.all(parts.stream().filter(part -> !(part instanceof Rate)).toList());
      boolean more = rest.leaves().anyMatch(Rate.class::isInstance);
      if (rates.isEmpty() && !more) {
        deny(statement, Filter.of(filter, rest, statement, arguments), place, action, detail);
      } else if (rates.size() != 1 || more) {
        deny(
            statement, Filter.of(filter, alternative, statement, arguments), place, action, detail);
      } else {
        limit(statement, rates.getFirst(), rest, status, atOnce(filter, status));
      }
    }
  }

  /** What a limit does otherwise than an action that does not respond at once. */
  private static String atOnce(String filter, String status) {
    return switch (filter) {
      case "Tarpit" -> "responds with " + status + " at once, without the delay";
      case "Reject" -> "responds with " + status + " instead of closing the connection";
      default -> "";
    };
  }

  private void limit(
      Statement statement, Rate rate, Expression rest, String status, String detail) {
    List<Tracking> trackings =
        rate.slot() < 0
            ? List.of(
                new Tracking("client-address", "", Expression.Constant.TRUE, proxy.name(), ""))
            : terms.state.tracked(rate.slot());
    if (trackings.isEmpty()) {
      ledger.guardLost(
          statement,
          "what counter "
              + rate.slot()
              + " counts is not said by a rule before: no limit"
              + " is in force; add a RateLimit");
      return;
    }
    for (int i = 0; i < trackings.size(); i++) {
      Tracking tracking = trackings.get(i);
      String name = context.pools.of(proxy.name()) + "-" + statement.line();
      if (tracking.key().isEmpty()) {
        ledger.guardLost(
            statement, "no limit is in force for what '" + tracking.source() + "' tracks");
      } else if (rate.counter().equals("conn_cur") && tracking.key().equals("client-address")) {
        connections(statement, rate.above());
      } else {
        limit(
            statement, rate, tracking, rest, i == 0 ? name : name + "-" + (i + 1), status, detail);
      }
    }
  }

  /** The number for all listeners is the lowest of those of all rules. */
  private void connections(Statement statement, long above) {
    String before = context.settings.get(PER_ADDRESS);
    long most = Math.max(1, above);
    context.settings.put(
        PER_ADDRESS, Long.toString(before == null ? most : Math.min(most, Long.parseLong(before))));
    ledger.guardDifferently(
        statement,
        PER_ADDRESS
            + ": a further connection of that address is closed, whatever it asks for, on every"
            + " listener; of several such lines the lowest number counts");
  }

  private void limit(
      Statement statement,
      Rate rate,
      Tracking tracking,
      Expression rest,
      String name,
      String status,
      String detail) {
    String from = !rate.table().isEmpty() ? rate.table() : tracking.table();
    StickTable table = context.tables.get(from.isEmpty() ? proxy.name() : from);
    String counter = rate.counter();
    Duration period = table == null ? null : table.counters().get(counter);
    if (table == null || period == null || period.isZero() || !counter.endsWith("_rate")) {
      ledger.guardLost(
          statement,
          "'"
              + counter
              + "' is not counted here: this limit is not in force; a RateLimit on"
              + " requests may do instead");
      return;
    }
    String counts =
        switch (counter) {
          case "http_req_rate" -> "";
          case "conn_rate", "sess_rate" -> "counts requests, which are more than connections";
          case "http_err_rate", "http_fail_rate" ->
              "counts all requests, not those with errors only: raise its number";
          default -> null;
        };
    if (counts == null) {
      ledger.guardLost(
          statement, "'" + counter + "' is not counted here: this limit is not in force");
      return;
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("requests", Long.toString(Math.max(1, rate.above())));
    arguments.put("period", TimeText.ours(period));
    arguments.put("key", tracking.key());
    arguments.put("entries", Long.toString(table.boundedEntries()));
    arguments.put("status", status);
    arguments.put("table", name);
    String own =
        tracking.proxy().equals(proxy.name()) ? "" : "counts only requests led to this backend";
    add(statement, tracking, rest, joined(joined(detail, counts), own), arguments);
  }

  private void add(
      Statement statement,
      Tracking tracking,
      Expression rest,
      String detail,
      Map<String, String> arguments) {
    Expression condition = plain(rest);
    Expression when = opened(Expression.all(List.of(tracking.when(), condition))).bound(true);
    if (when.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return;
    }
    filters.add(new Filter("RateLimit", arguments, when, List.of(statement.source())));
    String how = detail;
    if (!condition.unknown().isEmpty()) {
      how = joined(how, "limits more than HAProxy: " + String.join("; ", condition.unknown()));
    }
    if (!condition.bound(true).equals(Expression.Constant.TRUE)) {
      how =
          joined(
              how,
              "counts only requests for which the rest of the condition holds, where HAProxy"
                  + " counts all tracked ones");
    }
    how = joined(how, terms.differences());
    if (how.isEmpty()) {
      ledger.row(statement, PLACE, "deny (rate)");
    } else {
      ledger.guardDifferently(statement, how);
    }
  }

  private void track(Statement statement, RuleCondition rule, String place, String action) {
    int slot =
        action.length() > 8 && Character.isDigit(action.charAt(8)) ? action.charAt(8) - '0' : 0;
    Expression condition = plain(condition(statement, rule));
    String key = "";
    try {
      Sample sample = Sample.parse(rule.argument(1));
      String argument = sample.fetch().argument(0);
      key =
          switch (sample.name()) {
            case "src", "fc_src" -> "client-address";
            case "hdr", "req.hdr", "req.fhdr" ->
                argument.equalsIgnoreCase("host") ? "host" : "header:" + argument;
            case "cook", "req.cook" -> "cookie:" + argument;
            default -> "";
          };
      boolean same =
          sample.converters().stream()
              .allMatch(each -> Set.of("lower", "host_only").contains(each.name()));
      key = same && sample.fetch().argument(1).isEmpty() ? key : "";
    } catch (SyntaxException e) {
      ledger.guardLost(statement, "nothing is counted: " + e.text());
      return;
    }
    String table = rule.after("table").isEmpty() ? proxy.name() : rule.after("table");
    boolean applies =
        terms.state.track(
            slot, new Tracking(key, table, condition, proxy.name(), statement.source()));
    if (!applies) {
      ledger.notNeeded(statement, "a rule before tracks what it would track");
      terms.differences();
      return;
    }
    if (key.isEmpty()) {
      ledger.guardLost(
          statement,
          "'"
              + rule.argument(1)
              + "' is no key of a limit here: client-address, a header"
              + " field, a cookie and the host are");
      return;
    }
    ForwardedFields.in(key, terms);
    String how = terms.differences();
    if (terms.areWeaker()) {
      ledger.guardDifferently(statement, "nothing is counted without it: " + how);
    } else if (!condition.unknown().isEmpty()) {
      ledger.guardDifferently(
          statement, "tracks more than HAProxy: " + String.join("; ", condition.unknown()));
    } else {
      ledger.row(statement, place, "track-sc0", how);
    }
  }

  private void auth(Statement statement, RuleCondition rule) {
    authenticate(statement, condition(statement, rule), rule.after("realm"));
  }

  private void authenticate(Statement statement, Expression condition, String realm) {
    List<Authenticated> lists =
        condition
            .leaves()
            .filter(Authenticated.class::isInstance)
            .map(Authenticated.class::cast)
            .distinct()
            .toList();
    if (lists.size() != 1) {
      deny(
          statement,
          Filter.of("Deny", condition, statement, "status", "403"),
          PLACE,
          "auth",
          lists.isEmpty() ? "" : "several user lists are one file here: everything is denied");
      return;
    }
    Authenticated list = lists.getFirst();
    String file = context.userFiles.get(list.userlist());
    if (file == null) {
      ledger.problem(
          statement,
          "expected the name of a userlist, found '"
              + list.userlist()
              + "'; there are "
              + (context.userFiles.isEmpty()
                  ? "none"
                  : String.join(", ", context.userFiles.keySet())));
      return;
    }
    Expression when = with(condition, false);
    Expression stays = with(condition, true);
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("file", file);
    if (!realm.isEmpty()) {
      arguments.put("realm", realm);
    }
    if (!list.groups().isEmpty()) {
      arguments.put("groups", String.join(",", list.groups()));
    }
    deny(
        statement,
        new Filter("BasicAuth", arguments, when, List.of(statement.source())),
        PLACE,
        "auth",
        stays.equals(Expression.Constant.FALSE) ? "" : "users that have authenticated pass");
  }

  private static Expression with(Expression condition, boolean authenticated) {
    Expression constant = new Expression.Constant(authenticated);
    return condition.map(
        leaf -> leaf instanceof Authenticated ? constant : leaf,
        leaf -> leaf instanceof Authenticated ? constant : leaf);
  }

  private void respond(Statement statement, RuleCondition rule) {
    String status = rule.after("status");
    status = status.isEmpty() ? rule.after("deny_status") : status;
    status = status.isEmpty() ? "200" : status;
    if (!status.matches("[2-5][0-9]{2}")) {
      ledger.problem(statement, "expected a status from 200 to 599, found '" + status + "'");
      return;
    }
    String text = rule.after("string");
    String detail = "";
    if (!rule.after("lf-string").isEmpty()) {
      Optional<String> format = format(statement, rule.after("lf-string"));
      if (format.isEmpty()) {
        return;
      }
      text = format.get();
    }
    for (String source : List.of("file", "lf-file", "errorfile")) {
      if (!rule.after(source).isEmpty()) {
        Optional<String> content = context.files.apply(rule.after(source));
        detail = "the text is that of the file now";
        text = content.orElse("");
        if (content.isEmpty()) {
          detail = "the file " + rule.after(source) + " cannot be read: the text is empty";
        }
        if (source.equals("errorfile")) {
          text = ErrorFile.body(text);
        }
      }
    }
    if (rule.after("lf-string").isEmpty() && !LogFormat.of(text).value().isEmpty()) {
      text = text.replace('{', '(').replace('}', ')');
      detail = joined(detail, "its braces are parentheses, as some would stand for values");
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("status", status);
    arguments.put("text", text);
    String type = rule.after("content-type");
    if (!type.isEmpty() && !type.equals("text/plain")) {
      arguments.put("content-type", type);
    }
    for (int i = 1; i + 2 < rule.arguments().size(); i++) {
      if (rule.argument(i).equals("hdr")) {
        Optional<String> value = format(statement, rule.argument(i + 2));
        if (value.isEmpty()) {
          return;
        }
        arguments.put(Filter.HEADERS + rule.argument(i + 1), value.get());
        i += 2;
      }
    }
    Filter filter =
        new Filter("Respond", arguments, condition(statement, rule), List.of(statement.source()));
    if (status.charAt(0) >= '4') {
      deny(statement, filter, PLACE, "return", detail);
    } else {
      change(statement, filter, PLACE, "return", detail);
    }
  }

  private void redirect(Statement statement, RuleCondition rule, String place) {
    Redirection to = Redirection.of(rule.arguments());
    if (!to.wrong().isEmpty()) {
      ledger.problem(statement, to.wrong());
      return;
    }
    Expression condition = condition(statement, rule);
    if (to.isHttps() && condition.equals(Expression.not(new Expression.Term("tls")))) {
      change(
          statement,
          Filter.of("RedirectToHttps", Expression.Constant.TRUE, statement, "status", to.code()),
          place,
          "redirect",
          to.detail());
      return;
    }
    // Only rules of http-request take values; a percent sign means itself otherwise.
    boolean values = place.equals(PLACE);
    LogFormat format = read(statement, values ? to.target() : to.target().replace("%", "%%"));
    String missing = missing(format);
    List<String> unknown = plain(condition).unknown();
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      terms.differences();
      unredirected(statement, to, condition, joined(missing, String.join("; ", unknown)));
      return;
    }
    if (to.appendsSlash()) {
      // A path that ends with a slash gets no other.
      Expression ends = Expression.all(List.of(condition, new Expression.Term("path-suffix(/)")));
      if (!redirect(statement, to.withoutSlash(), format, ends, place)) {
        return;
      }
    }
    redirect(statement, to, format, condition, place);
  }

  private boolean redirect(
      Statement statement, Redirection to, LogFormat format, Expression condition, String place) {
    return values(
        statement,
        format.alternatives(),
        condition,
        (when, target) ->
            Filter.of(
                "Redirect", when, statement, "status", to.code(), "location", to.location(target)),
        place,
        "redirect",
        to.detail());
  }

  /** A redirect may lead clients to a login: what it keeps from servers is denied, if not all. */
  private void unredirected(Statement statement, Redirection to, Expression condition, String why) {
    Expression wider = opened(plain(condition)).bound(true);
    if (wider.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
    } else if (!to.mayLeadToLogin()) {
      ledger.lost(statement, "left out: " + why);
    } else if (wider.equals(Expression.Constant.TRUE)) {
      ledger.guardLost(
          statement, "left out, so that the servers get what HAProxy redirects: " + why);
    } else {
      filters.add(Filter.of("Deny", wider, statement, "status", "403"));
      ledger.guardDifferently(statement, "denies with 403 what HAProxy redirects: " + why);
    }
  }

  private void header(Statement statement, RuleCondition rule, String filter) {
    String name = rule.argument(1);
    String lower = name.toLowerCase(Locale.ROOT);
    if (!isName(statement, name)) {
      return;
    }
    if (ForwardedFields.areSent(lower)) {
      forwarded(statement, lower, rule);
      return;
    }
    if (lower.equals("host")) {
      value(statement, rule, 2, "SetHost", "host");
      return;
    }
    LogFormat format = read(statement, rule.argument(2));
    Expression condition = condition(statement, rule);
    String missing = missing(format);
    List<String> unknown = plain(condition).unknown();
    if (!filter.equals("SetRequestHeader") || (missing.isEmpty() && unknown.isEmpty())) {
      values(
          statement,
          formats(statement, rule.argument(2)),
          condition,
          (when, value) -> Filter.of(filter, when, statement, "name", name, "value", value),
          PLACE,
          rule.argument(0),
          "");
      return;
    }
    terms.differences();
    remove(statement, name, condition, joined(missing, String.join("; ", unknown)));
  }

  /** A field that is always sent, of the connection or of what a trusted proxy says of it. */
  private void forwarded(Statement statement, String name, RuleCondition rule) {
    Expression condition = plain(condition(statement, rule));
    List<Alternative> texts = LogFormat.of(rule.argument(2)).alternatives();
    terms.differences();
    boolean same =
        !texts.isEmpty()
            && texts.stream()
                .allMatch(
                    each ->
                        SentFields.isSent(
                            name,
                            Expression.all(List.of(condition, each.when())),
                            each.text(),
                            terms));
    if (same) {
      ledger.row(statement, PLACE, "set-header X-Forwarded-*");
    } else {
      context.settings.putIfAbsent("understudy.trusted-proxies", "");
      ledger.differently(statement, SentFields.instead(name));
    }
  }

  /** HAProxy writes over what the client sent, so a field that cannot be set is removed. */
  private void remove(Statement statement, String name, Expression condition, String why) {
    Expression wider = opened(plain(condition)).bound(true);
    if (wider.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return;
    }
    filters.add(Filter.of("RemoveRequestHeader", wider, statement, "name", name));
    String how = "not set, and removed from requests, so that no client forges it: " + why;
    if (TIMES.matcher(why).matches()) {
      ledger.lost(statement, how);
    } else {
      ledger.guardDifferently(statement, how);
    }
  }

  private boolean isName(Statement statement, String name) {
    if (name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
      return true;
    }
    ledger.lost(statement, "left out: expected the name of a header field, found '" + name + "'");
    return false;
  }

  private void removeHeader(Statement statement, RuleCondition rule) {
    String method = rule.after("-m");
    if (!method.isEmpty() && !method.equals("str")) {
      ledger.guardLost(
          statement,
          "header fields are removed by their whole names here: name each by a"
              + " RemoveRequestHeader");
    } else if (ForwardedFields.areSent(rule.argument(1).toLowerCase(Locale.ROOT))) {
      ledger.notNeeded(
          statement,
          "clients' own is removed, unless a proxy of understudy.trusted-proxies sends it");
    } else if (isName(statement, rule.argument(1))) {
      deny(
          statement,
          Filter.of(
              "RemoveRequestHeader",
              condition(statement, rule),
              statement,
              "name",
              rule.argument(1)),
          PLACE,
          "del-header",
          "");
    }
  }

  private void replaceHeader(Statement statement, RuleCondition rule) {
    if (!isName(statement, rule.argument(1))) {
      return;
    }
    String lower = rule.argument(1).toLowerCase(Locale.ROOT);
    if (ForwardedFields.areSent(lower)) {
      context.settings.putIfAbsent("understudy.trusted-proxies", "");
      ledger.differently(statement, SentFields.instead(lower));
      return;
    }
    Optional<String> replacement = replacement(statement, rule.argument(3));
    if (replacement.isPresent() && isReplacement(statement, rule.argument(2), replacement.get())) {
      change(
          statement,
          Filter.of(
              "ReplaceRequestHeader",
              condition(statement, rule),
              statement,
              "name",
              rule.argument(1),
              "regexp",
              rule.argument(2),
              "replacement",
              replacement.get()),
          PLACE,
          rule.argument(0),
          rule.argument(0).equals("replace-value") ? "the whole field line is one value" : "");
    }
  }

  /** The replacement with {@code $1} for {@code \1}; no values of the request. */
  private Optional<String> replacement(Statement statement, String text) {
    if (text.contains("%[") || text.matches(".*%[A-Za-z{].*")) {
      ledger.lost(statement, "left out: a replacement has groups only, no values of the request");
      return Optional.empty();
    }
    return Optional.of(
        text.replace("$", "\\$").replaceAll("\\\\([0-9])", "\\$$1").replace("%%", "%"));
  }

  private void setPath(Statement statement, RuleCondition rule) {
    String text = rule.argument(1);
    if (text.startsWith("%[path,regsub(") && text.endsWith("]")) {
      try {
        Sample sample = Sample.parse(text.substring(2, text.length() - 1));
        if (sample.converters().size() == 1
            && sample.converters().getFirst().name().equals("regsub")) {
          regsub(statement, rule, sample.converters().getFirst());
          return;
        }
      } catch (SyntaxException e) {
        ledger.lost(statement, "left out: " + e.text());
        return;
      }
    }
    value(statement, rule, "SetPath", "template");
  }

  /** Without the flag {@code g} only the first match is replaced, here all are. */
  private void regsub(Statement statement, RuleCondition rule, Call call) {
    Optional<String> by = replacement(statement, call.argument(1));
    if (by.isEmpty()) {
      return;
    }
    String flags = call.argument(2);
    String regex = call.argument(0);
    boolean once = regex.startsWith("^") || regex.endsWith("$") || flags.contains("g");
    rewrite(
        statement,
        rule,
        "set-path",
        (flags.contains("i") ? "(?i)" : "") + regex,
        by.get(),
        once ? "" : "replaces every match, where HAProxy replaces the first");
  }

  private void rewrite(
      Statement statement,
      RuleCondition rule,
      String action,
      String regex,
      String replacement,
      String detail) {
    if (!isReplacement(statement, regex, replacement)) {
      return;
    }
    Matcher prefix = PREFIX.matcher(regex);
    if (prefix.matches() && replacement.equals("/")) {
      String path = prefix.group(1);
      long parts = path.chars().filter(c -> c == '/').count() - 1;
      Expression when =
          Expression.all(
              List.of(
                  condition(statement, rule), new Expression.Term("path-prefix(" + path + ")")));
      change(
          statement,
          Filter.of("StripPrefix", when, statement, "parts", Long.toString(parts)),
          PLACE,
          action,
          "");
      return;
    }
    change(
        statement,
        Filter.of(
            "RewritePath",
            condition(statement, rule),
            statement,
            "regexp",
            regex,
            "replacement",
            replacement),
        PLACE,
        action,
        detail);
  }

  private void replacePath(Statement statement, RuleCondition rule) {
    Optional<String> replacement = replacement(statement, rule.argument(2));
    if (replacement.isPresent()) {
      rewrite(statement, rule, "replace-path", whole(rule.argument(1)), replacement.get(), "");
    }
  }

  /** HAProxy puts the replacement in place of the whole path, wherever the expression is found. */
  static String whole(String regex) {
    boolean begins = regex.startsWith("^") || regex.startsWith("(.*)") || regex.startsWith(".*");
    boolean ends = regex.endsWith("$") || regex.endsWith("(.*)") || regex.endsWith(".*");
    if (regex.contains("|") && !(begins && ends)) {
      return "^.*?(?:" + regex + ").*$";
    }
    return (begins ? "" : "^.*?") + regex + (ends ? "" : ".*$");
  }

  private void pathAndQuery(Statement statement, RuleCondition rule) {
    if (rule.argument(0).startsWith("replace-")) {
      replaceTarget(statement, rule);
      return;
    }
    TargetText text = TargetText.of(rule.argument(1));
    Expression condition = condition(statement, rule);
    boolean late = condition.leaves().anyMatch(RequestRules::isOfQuery);
    if (text == null || (!text.keepsQuery() && late)) {
      ledger.row(statement, PLACE, rule.argument(0));
      return;
    }
    Optional<String> path = format(statement, text.path());
    Optional<String> query = path.flatMap(any -> format(statement, text.query()));
    if (query.isEmpty()) {
      return;
    }
    if (!text.keepsQuery()) {
      Filter filter =
          query.get().isEmpty()
              ? Filter.of("SetQuery", condition, statement)
              : Filter.of("SetQuery", condition, statement, "query", query.get());
      if (!change(statement, filter, PLACE, "set-query", "")) {
        return;
      }
    }
    change(
        statement,
        Filter.of("SetPath", condition, statement, "template", path.get()),
        PLACE,
        "set-path",
        "");
  }

  private static boolean isOfQuery(Expression leaf) {
    return leaf instanceof Expression.Term term
        && (term.text().startsWith("query") || term.text().startsWith("target"));
  }

  /** A path's beginning is replaced, and all that follows stays, the query too. */
  private void replaceTarget(Statement statement, RuleCondition rule) {
    String regex = rule.argument(1);
    String by = rule.argument(2);
    if (!BEGINNING.matcher(regex).matches() || !by.matches("/[^?%\\\\]*\\\\1")) {
      ledger.row(statement, PLACE, rule.argument(0));
      return;
    }
    Optional<String> replacement = replacement(statement, by);
    if (replacement.isPresent()) {
      rewrite(statement, rule, "replace-path", regex, replacement.get(), "");
    }
  }

  private void value(Statement statement, RuleCondition rule, String filter, String argument) {
    value(statement, rule, 1, filter, argument);
  }

  private void value(
      Statement statement, RuleCondition rule, int index, String filter, String argument) {
    values(
        statement,
        formats(statement, rule.argument(index)),
        condition(statement, rule),
        (when, value) -> Filter.of(filter, when, statement, argument, value),
        PLACE,
        rule.argument(0),
        "");
  }

  private void setVariable(Statement statement, RuleCondition rule, String action) {
    String name = variable(action);
    boolean process = action.contains("(proc.");
    if (process || action.contains(",")) {
      ledger.lost(
          statement,
          process
              ? "variables of the process do not exist here"
              : "left out: a variable is set whether it has a value or not");
      context.lostVariables.add(name);
      return;
    }
    String text = String.join(" ", rule.arguments().subList(1, rule.arguments().size()));
    boolean all =
        values(
            statement,
            formats(statement, action.startsWith("set-var-fmt") ? text : "%[" + text + "]"),
            condition(statement, rule),
            (when, value) ->
                Filter.of("SetVariable", when, statement, "name", name, "value", value),
            PLACE,
            "set-var",
            "");
    if (all) {
      terms.state.variables.add(name);
    } else {
      context.lostVariables.add(name);
    }
  }

  private void capture(Statement statement, RuleCondition rule) {
    Optional<String> field = format(statement, "%[" + rule.argument(1) + "]");
    if (field.isPresent() && AccessLog.add(context, field.get())) {
      ledger.row(statement, PLACE, "capture", terms.differences());
    } else if (field.isPresent()) {
      ledger.lost(statement, "left out: the access log cannot have " + field.get());
    }
  }
}
