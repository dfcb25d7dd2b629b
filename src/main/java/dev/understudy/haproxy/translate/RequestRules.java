package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Authenticated;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.VariableName;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.time.Duration;
import java.util.HashMap;
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
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  /** A path's beginning, which is taken away as a whole. */
  private static final Pattern PREFIX = Pattern.compile("\\^((?:/[A-Za-z0-9_-]+)+/)");

  /** A path's beginning, and what follows it. */
  private static final Pattern BEGINNING = Pattern.compile("\\^/[A-Za-z0-9/_-]*\\(\\.\\*\\)\\$?");

  /** What a tracking rule counts, by its slot. */
  private record Tracking(String key, String table, Expression when) {}

  private final Map<Integer, Tracking> tracked = new HashMap<>();

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
    int open = action.indexOf('(');
    if (action.startsWith("set-var") && open > 0) {
      context.lostVariables.add(
          VariableName.of(action.substring(open + 1).replaceAll("[,)].*", "")));
    }
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
        limit(statement, rates.getFirst(), rest, status);
      }
    }
  }

  private void limit(Statement statement, Rate rate, Expression rest, String status) {
    Tracking tracking =
        rate.slot() < 0
            ? new Tracking("client-address", rate.table(), Expression.Constant.TRUE)
            : tracked.get(rate.slot());
    if (tracking == null) {
      ledger.guardLost(
          statement,
          "what counter "
              + rate.slot()
              + " counts is not said by a rule before: no limit"
              + " is in force; add a RateLimit");
      return;
    }
    String name = !rate.table().isEmpty() ? rate.table() : tracking.table();
    StickTable table = context.tables.get(name.isEmpty() ? proxy.name() : name);
    String counter = rate.counter();
    Expression when = opened(plain(Expression.all(List.of(tracking.when(), rest)))).bound(true);
    if (counter.equals("conn_cur") && tracking.key().equals("client-address")) {
      context.settings.put(
          "understudy.client.max-connections-per-address",
          Long.toString(Math.max(1, rate.above())));
      ledger.guardDifferently(
          statement,
          "understudy.client.max-connections-per-address: a further connection of that address is"
              + " closed, whatever it asks for, on every listener");
      return;
    }
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
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("requests", Long.toString(Math.max(1, rate.above())));
    arguments.put("period", TimeText.ours(period));
    arguments.put("key", tracking.key());
    arguments.put("entries", Long.toString(table.boundedEntries()));
    arguments.put("status", status);
    arguments.put("table", context.pools.of(proxy.name()) + "-" + statement.line());
    switch (counter) {
      case "http_req_rate" -> add(statement, "RateLimit", when, rest, "", arguments);
      case "conn_rate", "sess_rate" ->
          add(
              statement,
              "RateLimit",
              when,
              rest,
              "counts requests, which are more than connections",
              arguments);
      case "http_err_rate", "http_fail_rate" ->
          add(
              statement,
              "RateLimit",
              when,
              rest,
              "counts all requests, not those with errors only: raise its number",
              arguments);
      default ->
          ledger.guardLost(
              statement, "'" + counter + "' is not counted here: this limit is not in force");
    }
  }

  private void add(
      Statement statement,
      String name,
      Expression when,
      Expression rest,
      String detail,
      Map<String, String> arguments) {
    if (when.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return;
    }
    filters.add(new Filter(name, arguments, when, List.of(statement.source())));
    String how =
        joined(
            detail,
            rest.equals(Expression.Constant.TRUE)
                ? ""
                : "counts only requests for which the rest of the condition holds, where HAProxy"
                    + " counts all tracked ones");
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
      ledger.problem(statement, e.text());
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
    tracked.put(slot, new Tracking(key, rule.after("table"), condition.bound(true)));
    ForwardedFields.in(key, terms);
    String how = terms.differences();
    if (terms.areWeaker()) {
      ledger.guardDifferently(statement, "nothing is counted without it: " + how);
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
    String kind = rule.argument(0);
    String to = rule.argument(1);
    String code = rule.after("code").isEmpty() ? "302" : rule.after("code");
    if (!Set.of("location", "prefix", "scheme").contains(kind) || to.isEmpty()) {
      ledger.problem(
          statement, "expected 'redirect location|prefix|scheme TARGET', found '" + kind + "'");
      return;
    }
    if (!code.matches("[0-9]{3}") || !REDIRECTS.contains(Integer.parseInt(code))) {
      ledger.problem(statement, "expected code 301, 302, 303, 307 or 308, found '" + code + "'");
      return;
    }
    String detail = "";
    for (String option : List.of("set-cookie", "set-cookie-fmt", "clear-cookie")) {
      if (rule.arguments().contains(option)) {
        detail = joined(detail, "'" + option + "' is left out");
      }
    }
    Expression condition = condition(statement, rule);
    if (kind.equals("scheme")
        && to.equalsIgnoreCase("https")
        && condition.equals(Expression.not(new Expression.Term("tls")))
        && !code.equals("303")) {
      change(
          statement,
          Filter.of("RedirectToHttps", Expression.Constant.TRUE, statement, "status", code),
          place,
          "redirect",
          detail);
      return;
    }
    Optional<String> target = format(statement, to);
    if (target.isEmpty()) {
      return;
    }
    if (place.equals("proxy") && to.contains("%[")) {
      detail = joined(detail, "values in the target, which HAProxy replaces in http-request only");
    }
    boolean dropQuery = rule.arguments().contains("drop-query");
    String path = dropQuery ? "{path}" : "{target}";
    String location =
        switch (kind) {
          case "scheme" -> target.get() + "://{host}" + path;
          case "prefix" -> (target.get().equals("/") ? "" : target.get()) + path;
          default -> target.get();
        };
    if (dropQuery && kind.equals("prefix") && rule.arguments().contains("append-slash")) {
      Expression ends = new Expression.Term("path-suffix(/)");
      Expression has = Expression.all(List.of(condition, ends));
      if (!redirect(statement, has, code, location, place, detail)) {
        return;
      }
      location += "/";
    }
    redirect(statement, condition, code, location, place, detail);
  }

  private boolean redirect(
      Statement statement,
      Expression when,
      String code,
      String location,
      String place,
      String detail) {
    return change(
        statement,
        Filter.of("Redirect", when, statement, "status", code, "location", location),
        place,
        "redirect",
        detail);
  }

  private void header(Statement statement, RuleCondition rule, String filter) {
    String name = rule.argument(1);
    String lower = name.toLowerCase(Locale.ROOT);
    if (!isName(statement, name)) {
      return;
    }
    if (Set.of(
            "x-forwarded-proto",
            "x-forwarded-port",
            "x-forwarded-host",
            "x-forwarded-for",
            "forwarded")
        .contains(lower)) {
      ledger.row(statement, PLACE, "set-header X-Forwarded-*");
      return;
    }
    if (lower.equals("host")) {
      value(statement, rule, 2, "SetHost", "host");
      return;
    }
    Optional<String> value = format(statement, rule.argument(2));
    if (value.isPresent()) {
      change(
          statement,
          Filter.of(
              filter, condition(statement, rule), statement, "name", name, "value", value.get()),
          PLACE,
          rule.argument(0),
          "");
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
          String regex = sample.converters().getFirst().argument(0);
          Optional<String> by = replacement(statement, sample.converters().getFirst().argument(1));
          if (by.isPresent()) {
            rewrite(statement, rule, "set-path", regex, by.get());
          }
          return;
        }
      } catch (SyntaxException e) {
        ledger.problem(statement, e.text());
        return;
      }
    }
    value(statement, rule, "SetPath", "template");
  }

  private void rewrite(
      Statement statement, RuleCondition rule, String action, String regex, String replacement) {
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
        "");
  }

  private void replacePath(Statement statement, RuleCondition rule) {
    Optional<String> replacement = replacement(statement, rule.argument(2));
    if (replacement.isPresent()) {
      rewrite(statement, rule, "replace-path", whole(rule.argument(1)), replacement.get());
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
      rewrite(statement, rule, "replace-path", regex, replacement.get());
    }
  }

  private void value(Statement statement, RuleCondition rule, String filter, String argument) {
    value(statement, rule, 1, filter, argument);
  }

  private void value(
      Statement statement, RuleCondition rule, int index, String filter, String argument) {
    Optional<String> value = format(statement, rule.argument(index));
    if (value.isPresent()) {
      change(
          statement,
          Filter.of(filter, condition(statement, rule), statement, argument, value.get()),
          PLACE,
          rule.argument(0),
          "");
    }
  }

  private void setVariable(Statement statement, RuleCondition rule, String action) {
    String name = action.substring(action.indexOf('(') + 1).replaceAll("[,)].*", "");
    String ours = VariableName.of(name);
    String text = String.join(" ", rule.arguments().subList(1, rule.arguments().size()));
    Optional<String> value =
        name.startsWith("proc.")
            ? Optional.empty()
            : format(statement, action.startsWith("set-var-fmt") ? text : "%[" + text + "]");
    if (value.isEmpty()
        || !change(
            statement,
            Filter.of(
                "SetVariable",
                condition(statement, rule),
                statement,
                "name",
                ours,
                "value",
                value.get()),
            PLACE,
            "set-var",
            "")) {
      context.lostVariables.add(ours);
      if (name.startsWith("proc.")) {
        ledger.lost(statement, "variables of the process do not exist here");
      }
    }
  }

  private void capture(Statement statement, RuleCondition rule) {
    Optional<String> field = format(statement, "%[" + rule.argument(1) + "]");
    if (field.isPresent()) {
      AccessLog.add(context, field.get());
      ledger.row(statement, PLACE, "capture", terms.differences());
    }
  }
}
