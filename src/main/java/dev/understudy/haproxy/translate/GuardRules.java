package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Authenticated;
import dev.understudy.haproxy.acl.TranslatedCondition.Rate;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.pool.UnitParser;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules that keep requests from servers. */
final class GuardRules {
  static final String BUILT_IN_PAGE = "the body is Understudy's error page; see error-pages";

  private static final String DENY = "http-request deny";
  private static final String AUTHENTICATE = "http-request auth";

  /** What a response that denies has of its own. */
  private static final Set<String> OWN_TEXT =
      Set.of("string", "lf-string", "file", "lf-file", "hdr", "errorfile", "errorfiles");

  private GuardRules() {}

  static void deny(RuleTranslation rule) {
    RuleLine line = rule.line;
    String status = line.after("deny_status", "status");
    if (!status.isEmpty() && !status.matches("[1-5][0-9]{2}")) {
      rule.problem("expected a status after deny_status, found '" + status + "'");
      return;
    }
    String code = status.isEmpty() ? "403" : status;
    boolean own = line.arguments().size() > (status.isEmpty() ? 1 : 3);
    if (Integer.parseInt(code) < 400 || line.arguments().stream().anyMatch(OWN_TEXT::contains)) {
      ReturnRules.respond(rule);
    } else {
      deny(rule, "Deny", DENY, own ? BUILT_IN_PAGE : "", "status", code);
    }
  }

  static void close(RuleTranslation rule) {
    deny(rule, "Reject", rule.line.row(), "");
  }

  static void tarpit(RuleTranslation rule) {
    String status = rule.line.after("deny_status");
    Duration time =
        rule.proxy
            .last("timeout", "tarpit")
            .or(() -> rule.proxy.last("timeout", "connect").filter(any -> rule.proxy.isBack()))
            .flatMap(each -> HaproxyTimes.parse(each.word(2)))
            .orElse(Duration.ofSeconds(5));
    String code = status.isEmpty() ? "500" : status;
    deny(rule, "Tarpit", rule.line.row(), "", "status", code, "time", UnitParser.text(time));
  }

  /** A service of HAProxy's, which does not exist here. */
  static void service(RuleTranslation rule) {
    rule.row(rule.line.row(), "");
    String detail = "its requests get 404, so that they reach no server";
    deny(rule, "Deny", rule.line.row(), detail, "status", "404");
  }

  static void monitorFail(RuleTranslation rule) {
    TranslatedCondition uri = monitored(rule.proxy);
    TranslatedCondition when = TranslatedCondition.all(uri, rule.condition());
    rule.change(rule.line.filter("Deny", when, "status", "503"), "proxy monitor fail", "");
  }

  static void monitor(RuleTranslation rule) {
    rule.add(rule.line.filter("Respond", monitored(rule.proxy), "status", "200", "text", "OK"));
    rule.row(rule.line.row(), "");
  }

  private static TranslatedCondition monitored(ProxySection proxy) {
    String uri = proxy.take("monitor-uri").map(each -> each.word(1)).orElse("");
    return TranslatedCondition.Term.of("path", uri);
  }

  /** Requests for HAProxy's statistics, which never reach servers. */
  static void statistics(RuleTranslation rule) {
    Statement statement = rule.line.statement();
    String uri = StatisticsSection.uri(statement);
    if (rule.terms.state().refusesStatistics(uri)) {
      return;
    }
    rule.after = rule.after.refuseStatistics(uri);
    RemainingLines.judge(rule.context.ledger, statement);
    RuleLine asked =
        new RuleLine(statement, List.of(), List.of("{", "url_beg", "--", uri, "}"), false, false);
    TranslatedCondition when = rule.condition(asked).each(rule::unchanged).ofGuard(false);
    rule.deny(
        rule.line.filter("Deny", when, "status", "404"),
        rule.line.row(),
        "requests that begin with '" + uri + "' get 404, so that no server has them");
  }

  /** Adds what denies: for each alternative its own filter, if counters are among them. */
  static void deny(
      RuleTranslation rule, String filter, String row, String detail, String... arguments) {
    TranslatedCondition condition = rule.guard(false);
    if (condition.leaves(Authenticated.class).findAny().isPresent()) {
      authenticate(rule, condition, "", "asks for the password; HAProxy denies");
      return;
    }
    boolean counts = condition.leaves(Rate.class).findAny().isPresent();
    String status = arguments.length > 1 ? arguments[1] : "429";
    List<TranslatedCondition> alternatives =
        counts && condition instanceof TranslatedCondition.Any any
            ? any.parts()
            : List.of(condition);
    for (TranslatedCondition alternative : alternatives) {
      List<TranslatedCondition> parts = alternative.conjuncts();
      List<Rate> rates =
          parts.stream().filter(Rate.class::isInstance).map(Rate.class::cast).toList();
      TranslatedCondition rest =
          TranslatedCondition.all(parts.stream().filter(part -> !(part instanceof Rate)).toList());
      if (rates.size() == 1 && rest.leaves(Rate.class).findAny().isEmpty()) {
        LimitRules.limit(rule, rates.getFirst(), rest, status, atOnce(filter, status));
      } else {
        rule.deny(rule.line.filter(filter, alternative, arguments), row, detail);
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

  static void authenticate(RuleTranslation rule) {
    authenticate(rule, rule.guard(false), rule.line.after("realm"), "");
  }

  private static void authenticate(
      RuleTranslation rule, TranslatedCondition condition, String realm, String detail) {
    List<Authenticated> lists = condition.leaves(Authenticated.class).distinct().toList();
    if (lists.size() != 1) {
      String several =
          "a filter has the file of one user list only, and the condition names several: everything"
              + " is denied";
      ImportedFilter all = rule.line.filter("Deny", condition, "status", "403");
      rule.deny(all, AUTHENTICATE, lists.isEmpty() ? "" : several);
      return;
    }
    Authenticated list = lists.getFirst();
    Map<String, String> files = rule.context.userFiles;
    String file = files.get(list.userlist());
    if (file == null) {
      String names = files.isEmpty() ? "none" : String.join(", ", files.keySet());
      rule.problem(
          "expected the name of a userlist, found '" + list.userlist() + "'; there are " + names);
      return;
    }
    TranslatedCondition stays = with(condition, true);
    if (!stays.isNever()) {
      denyAuthenticated(rule, condition, stays);
    }
    TranslatedCondition when = with(condition, false);
    if (when.isNever()) {
      return;
    }
    Map<String, String> arguments = ImportedFilter.arguments("file", file);
    if (!realm.isEmpty()) {
      arguments.put("realm", realm);
    }
    if (!list.groups().isEmpty()) {
      arguments.put("groups", String.join(",", list.groups()));
    }
    rule.deny(rule.line.filter("BasicAuth", when, arguments), AUTHENTICATE, detail);
  }

  /** Denies what a rule denies users that have authenticated, too; all others have to go along. */
  private static void denyAuthenticated(
      RuleTranslation rule, TranslatedCondition condition, TranslatedCondition stays) {
    String detail =
        condition.plain().bound(false).equals(stays)
            ? ""
            : "denies to everybody what HAProxy denies only to users that have authenticated";
    ImportedFilter filter = rule.line.filter("Deny", stays, "status", "403");
    if (rule.deny(filter, DENY, detail) && !detail.isEmpty()) {
      rule.guardApproximated(detail);
    }
  }

  private static TranslatedCondition with(TranslatedCondition condition, boolean authenticated) {
    TranslatedCondition constant = new TranslatedCondition.Constant(authenticated);
    return condition.each(leaf -> leaf instanceof Authenticated ? constant : leaf);
  }
}
