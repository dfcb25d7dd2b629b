package dev.understudy.haproxy.translate;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.Expression.Authenticated;
import dev.understudy.haproxy.acl.Expression.Rate;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.VariableName;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules of an HTTP section on requests, in HAProxy's order: {@code tcp-request}, {@code
 * monitor-uri}, {@code http-request}, {@code redirect}.
 */
final class RequestRules extends Rules {
  static final String PLACE = "http-request";

  private static final String WITHIN =
      "leads to a path of this host: its origin would be the client's to choose";

  private static final String NO_SERVICE = "its requests get 404, so that no server has them";

  /** What a response that denies has of its own. */
  private static final Set<String> OWN_TEXT =
      Set.of("string", "lf-string", "file", "lf-file", "hdr", "errorfile", "errorfiles");

  private final LimitRules limits;
  private final HeaderRules headers;
  private final PathRules paths;

  RequestRules(Context context, Proxy proxy, FrontTerms terms) {
    super(context, proxy, terms);
    limits = new LimitRules(this);
    headers = new HeaderRules(this);
    paths = new PathRules(this);
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
    Statistics.line(proxy).ifPresent(this::statistics);
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
          limits.track(statement, rule, "tcp-request", action);
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

  /** Requests for HAProxy's statistics, which never reach servers. */
  private void statistics(Statement statement) {
    String uri = Statistics.uri(statement);
    if (!terms.state.statistics.add(uri)) {
      return;
    }
    Remaining.judge(ledger, statement);
    RuleCondition rule = RuleCondition.when("url_beg", uri);
    deny(
        statement,
        Filter.of("Deny", guard(statement, rule), statement, "status", "404"),
        "proxy",
        "stats",
        "requests that begin with '" + uri + "' get 404, so that no server has them");
  }

  private void request(Statement statement) {
    RuleCondition rule = RuleCondition.of(statement, 1);
    rule.tell(ledger, statement);
    request(statement, rule);
    if (ledger.isUnsupported(statement)) {
      terms.state.lose(statement, rule);
    }
  }

  private void request(Statement statement, RuleCondition rule) {
    String action = rule.argument(0);
    switch (action) {
      case "allow" -> pass(statement, rule, PLACE, action);
      case "deny", "block" -> deny(statement, rule);
      case "reject", "silent-drop" -> denying(statement, rule, PLACE, action, "Reject");
      case "tarpit" -> tarpit(statement, rule);
      case "auth" -> auth(statement, rule);
      case "return" -> respond(statement, rule);
      case "redirect" -> redirect(statement, rule.withoutFirst(), PLACE);
      case "set-header" -> headers.header(statement, rule, "SetRequestHeader");
      case "add-header" -> headers.header(statement, rule, "AddRequestHeader");
      case "del-header" -> headers.removeHeader(statement, rule);
      case "replace-header", "replace-value" -> headers.replaceHeader(statement, rule);
      case "set-path" -> paths.setPath(statement, rule);
      case "replace-path" -> paths.replacePath(statement, rule);
      case "set-query" -> value(statement, rule, "SetQuery", "query");
      case "set-method" -> value(statement, rule, "SetMethod", "method");
      case "set-pathq", "set-uri", "replace-uri", "replace-pathq" ->
          paths.pathAndQuery(statement, rule);
      case "capture" -> capture(statement, rule);
      default -> others(statement, rule, action);
    }
  }

  private void others(Statement statement, RuleCondition rule, String action) {
    if (action.startsWith("track-sc")) {
      limits.track(statement, rule, PLACE, action);
    } else if (action.equals("use-service")) {
      ledger.row(statement, PLACE, action);
      denying(statement, rule, PLACE, action, "Deny", NO_SERVICE, "status", "404");
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
    Expression condition = plain(permission(statement, rule));
    List<String> unknown = condition.unknown();
    Expression narrower = condition.bound(false);
    pass(narrower);
    String how = how(condition.notes());
    if (unknown.isEmpty() && !Note.areWeaker(condition.notes())) {
      ledger.row(statement, place, action, how);
    } else if (unknown.isEmpty()) {
      ledger.guardApproximated(statement, "may let more requests pass than HAProxy: " + how);
    } else {
      ledger.guardApproximated(
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
    if (Integer.parseInt(code) < 400 || rule.arguments().stream().anyMatch(OWN_TEXT::contains)) {
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
    Expression condition = guard(statement, rule);
    if (condition.leaves().anyMatch(Authenticated.class::isInstance)) {
      authenticate(statement, condition, "", "asks for the password, where HAProxy denies");
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
        limits.limit(statement, rates.getFirst(), rest, status, atOnce(filter, status));
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

  private void auth(Statement statement, RuleCondition rule) {
    authenticate(statement, guard(statement, rule), rule.after("realm"), "");
  }

  private void authenticate(
      Statement statement, Expression condition, String realm, String detail) {
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
    Expression stays = with(condition, true);
    if (!stays.equals(Expression.Constant.FALSE)) {
      authenticated(statement, condition, stays);
    }
    Expression when = with(condition, false);
    if (when.equals(Expression.Constant.FALSE)) {
      return;
    }
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
        detail);
  }

  /** Denies what a rule denies users that have authenticated, too; all others have to go along. */
  private void authenticated(Statement statement, Expression condition, Expression stays) {
    String detail =
        plain(condition).bound(false).equals(stays)
            ? ""
            : "denies everybody what HAProxy denies users that have authenticated";
    Filter filter = Filter.of("Deny", stays, statement, "status", "403");
    if (deny(statement, filter, PLACE, "deny", detail) && !detail.isEmpty()) {
      ledger.guardApproximated(statement, detail);
    }
  }

  private static Expression with(Expression condition, boolean authenticated) {
    Expression constant = new Expression.Constant(authenticated);
    return condition.each(leaf -> leaf instanceof Authenticated ? constant : leaf);
  }

  private void respond(Statement statement, RuleCondition rule) {
    String status = rule.after("status");
    status = status.isEmpty() ? rule.after("deny_status") : status;
    status = status.isEmpty() ? (rule.argument(0).equals("return") ? "200" : "403") : status;
    if (!status.matches("[2-5][0-9]{2}")) {
      ledger.problem(statement, "expected a status from 200 to 599, found '" + status + "'");
      return;
    }
    if (rule.arguments().contains("default-errorfiles") && status.charAt(0) >= '4') {
      String pages = "the body is Understudy's error page; see error-pages";
      denying(statement, rule, PLACE, "return", "Deny", pages, "status", status);
      return;
    }
    String file = rule.after("errorfile");
    if (rule.arguments().contains("errorfiles")) {
      file =
          context
              .errorFiles
              .getOrDefault(rule.after("errorfiles"), Map.of())
              .getOrDefault(status, "");
    }
    if (!file.isEmpty() && respond(statement, rule, file)) {
      return;
    }
    String text = rule.after("string");
    String type = rule.after("content-type");
    String detail = "";
    if (!rule.after("lf-string").isEmpty()) {
      LogFormat format = LogFormat.of(rule.after("lf-string"));
      text = part(format);
      detail =
          text.isEmpty()
              ? "its text is left out, as a part of it has no words here"
              : how(format.notes());
    }
    if (rule.arguments().contains("errorfiles") && file.isEmpty()) {
      detail = "the text is left out: '" + rule.after("errorfiles") + "' has no page of " + status;
    }
    for (String source : List.of("file", "lf-file", "errorfile")) {
      if (!rule.after(source).isEmpty()) {
        Optional<String> content = context.files.apply(rule.after(source));
        detail = "the text is that of the file now";
        if (source.equals("lf-file") && content.isPresent() && content.get().contains("%[")) {
          detail = detail + "; its values stand there as they are written";
        }
        text = content.orElse("");
        if (content.isEmpty()) {
          detail = "the file " + rule.after(source) + " cannot be read: the text is empty";
        }
      }
    }
    if (rule.after("lf-string").isEmpty()) {
      String plain = LocalResponse.withoutValues(text);
      detail = joined(detail, LocalResponse.braces(text, plain));
      text = plain;
    }
    if (text.length() > LocalResponse.LONGEST) {
      detail = joined(detail, "the text is cut to 16 KB");
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("status", status);
    arguments.put("text", text);
    if (!LocalResponse.isPlain(type)) {
      arguments.put("content-type", type);
    }
    for (int i = 1; i + 2 < rule.arguments().size(); i++) {
      if (rule.argument(i).equals("hdr")) {
        String name = rule.argument(i + 1);
        LogFormat format = LogFormat.of(rule.argument(i + 2));
        String value = part(format);
        if (context.leavesQuicOut && AlternativeServices.areIn(name)) {
          value = AlternativeServices.withoutQuic(value);
        }
        if (!HeaderRules.isName(name) || !HeaderRules.isValue(value)) {
          detail = joined(detail, "without " + name + ", which is no header field");
        } else if (value.isEmpty()) {
          detail = joined(detail, "without " + name + ", whose value has no words here");
        } else {
          arguments.put(Filter.HEADERS + name, value);
          detail = joined(detail, how(format.notes()));
        }
        i += 2;
      }
    }
    deny(
        statement,
        new Filter("Respond", arguments, guard(statement, rule), List.of(statement.source())),
        PLACE,
        "return",
        detail);
  }

  /**
   * Responds with a file that is a whole response, whatever status the rule names.
   *
   * @return whether the file can be read
   */
  private boolean respond(Statement statement, RuleCondition rule, String file) {
    Optional<LocalResponse> response =
        context.files.apply(file).map(ErrorFile::of).map(LocalResponse::of);
    response.ifPresent(
        each ->
            deny(
                statement,
                new Filter(
                    "Respond",
                    each.arguments(),
                    guard(statement, rule),
                    List.of(statement.source())),
                PLACE,
                "return",
                joined("the text is that of the file now", each.detail())));
    return response.isPresent();
  }

  /**
   * A text of a local response. What has no words is left out of it, so that it still keeps
   * requests from servers.
   */
  private String part(LogFormat format) {
    List<Alternative> texts = format.alternatives();
    boolean one = missing(format).isEmpty() && texts.size() == 1;
    return one ? texts.getFirst().text() : "";
  }

  private void redirect(Statement statement, RuleCondition rule, String place) {
    Redirection to = Redirection.of(rule.arguments());
    if (!to.wrong().isEmpty()) {
      ledger.problem(statement, to.wrong());
      return;
    }
    Expression condition =
        to.mayLeadToLogin() ? guard(statement, rule) : condition(statement, rule);
    boolean login = to.mayLeadToLogin() && !to.kind().equals("scheme");
    if (login && Note.areWeaker(condition.notes())) {
      ledger.guardApproximated(statement, how(condition.notes()));
    }
    // A rule that sets Host gives its port a meaning, and RedirectToHttps drops it.
    if (to.isHttps()
        && !terms.state.changesHost
        && condition.equals(Expression.not(new Expression.Term("tls")))) {
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
    LogFormat format = LogFormat.of(values ? to.target() : to.target().replace("%", "%%"));
    String missing = missing(format);
    List<String> unknown = plain(condition).unknown();
    if (!missing.isEmpty() || !unknown.isEmpty()) {
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
        format,
        condition,
        (when, target) ->
            Filter.of(
                "Redirect", when, statement, "status", to.code(), "location", to.location(target)),
        place,
        "redirect",
        joined(to.detail(), leadsElsewhere(to, format) ? WITHIN : ""));
  }

  /** Whether browsers would be led to an origin that a client may choose. */
  private static boolean leadsElsewhere(Redirection to, LogFormat format) {
    return format.alternatives().stream()
        .map(each -> to.location(each.text()))
        .anyMatch(each -> !each.matches("(?s)/(?![/\\\\]|\\{).*") && !isOrigin(each));
  }

  private static boolean isOrigin(String location) {
    try {
      Template template = Template.parse(location, Set.of());
      return template.namesOrigin() || template.isRelative() || location.equals("{target}");
    } catch (ExpressionException e) {
      return true;
    }
  }

  /** A redirect may lead clients to a login: what it keeps from servers is denied, if not all. */
  private void unredirected(Statement statement, Redirection to, Expression condition, String why) {
    Expression wider = opened(plain(condition)).bound(true);
    if (wider.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
    } else if (!to.mayLeadToLogin()) {
      ledger.unsupported(statement, "left out: " + why);
    } else if (wider.equals(Expression.Constant.TRUE)) {
      ledger.guardUnsupported(
          statement, "left out, so that the servers get what HAProxy redirects: " + why);
    } else {
      filters.add(Filter.of("Deny", wider, statement, "status", "403"));
      ledger.guardApproximated(statement, "denies with 403 what HAProxy redirects: " + why);
    }
  }

  void value(Statement statement, RuleCondition rule, String filter, String argument) {
    value(statement, rule, 1, filter, argument);
  }

  void value(Statement statement, RuleCondition rule, int index, String filter, String argument) {
    values(
        statement,
        LogFormat.of(rule.argument(index)),
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
      ledger.unsupported(
          statement,
          process
              ? "variables of the process do not exist here"
              : "left out: a variable is set whether it has a value or not");
      context.lostVariables.add(name);
      return;
    }
    String text = String.join(" ", rule.arguments().subList(1, rule.arguments().size()));
    LogFormat format = LogFormat.of(action.startsWith("set-var-fmt") ? text : "%[" + text + "]");
    Optional<Sample> sample = sample(action, text);
    Expression condition =
        Expression.all(
            List.of(
                condition(statement, rule),
                sample.map(LogFormat::presence).orElse(Expression.Constant.TRUE)));
    Assignment assignment = assignment(opened(condition), format, sample);
    if (!missing(format).isEmpty() && assignment.isReadable(terms)) {
      terms.state.give(scoped(action), assignment);
      ledger.approximated(statement, "conditions that read it compare " + text + " itself");
      return;
    }
    boolean all =
        values(
            statement,
            format,
            condition,
            (when, value) ->
                Filter.of("SetVariable", when, statement, "name", name, "value", value),
            PLACE,
            "set-var",
            "");
    if (all) {
      terms.state.variables.add(name);
      terms.state.give(scoped(action), assignment);
    } else {
      context.lostVariables.add(name);
    }
  }

  /** HAProxy's name of the variable of an action. */
  private static String scoped(String action) {
    return action.substring(action.indexOf('(') + 1, action.length() - 1);
  }

  private static Assignment assignment(Expression when, LogFormat format, Optional<Sample> sample) {
    if (sample.isPresent()) {
      return Assignment.of(when, sample.get());
    }
    String text = format.text().orElse("{path}");
    return new Assignment(
        when,
        text.contains("{")
            ? new Assignment.Unknown(RuleState.isOfPath(text))
            : new Assignment.Text(text));
  }

  /**
   * What alone {@code set-var}, or a text of {@code set-var-fmt}, reads; absent if that is more.
   */
  private static Optional<Sample> sample(String action, String text) {
    boolean one = text.startsWith("%[") && text.indexOf(']') == text.length() - 1;
    boolean fmt = action.startsWith("set-var-fmt");
    try {
      return fmt && !one
          ? Optional.empty()
          : Optional.of(Sample.parse(fmt ? text.substring(2, text.length() - 1) : text.strip()));
    } catch (SyntaxException e) {
      return Optional.empty();
    }
  }

  private void capture(Statement statement, RuleCondition rule) {
    LogFormat format = LogFormat.of("%[" + rule.argument(1) + "]");
    Optional<String> field = format(statement, format);
    if (field.isPresent() && AccessLog.add(context, field.get())) {
      ledger.row(statement, PLACE, "capture", how(format.notes()));
    } else if (field.isPresent()) {
      ledger.unsupported(statement, "left out: the access log cannot have " + field.get());
    }
  }
}
