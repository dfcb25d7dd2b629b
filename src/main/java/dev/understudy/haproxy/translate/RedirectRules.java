package dev.understudy.haproxy.translate;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.Note;
import dev.understudy.haproxy.report.Judgement;
import java.util.List;
import java.util.Set;

/** Redirects, of {@code http-request} and of lines of their own. */
final class RedirectRules {
  private static final String WITHIN =
      "leads to a path of this host: its origin would be the client's to choose";

  private RedirectRules() {}

  static void redirect(RuleTranslation rule) {
    RuleLine line = rule.line;
    Redirection to = Redirection.of(line.arguments().subList(1, line.arguments().size()));
    if (!to.wrong().isEmpty()) {
      rule.problem(to.wrong());
      return;
    }
    Expression condition = to.mayLeadToLogin() ? rule.guard(false) : rule.condition();
    boolean login = to.mayLeadToLogin() && !to.kind().equals("scheme");
    if (login && Note.areWeaker(condition.notes())) {
      rule.judge(Judgement.guardApproximated(rule.how(condition.notes())));
    }
    // A rule that sets Host gives its port a meaning, and RedirectToHttps drops it.
    if (to.isHttps()
        && !rule.terms.state().changesHost()
        && condition.equals(Expression.not(new Expression.Term("tls")))) {
      Expression always = Expression.Constant.TRUE;
      rule.change(
          line.filter("RedirectToHttps", always, "status", to.code()), line.row(), to.detail());
      return;
    }
    // Only rules of http-request take values; a percent sign means itself otherwise.
    boolean values = line.row().startsWith("http-request");
    LogFormat format = LogFormat.of(values ? to.target() : to.target().replace("%", "%%"));
    String missing = rule.missing(format);
    List<String> unknown = Rules.plain(condition).unknown();
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      deny(rule, to, condition, Rules.joined(missing, String.join("; ", unknown)));
      return;
    }
    if (to.appendsSlash()) {
      // A path that ends with a slash gets no other.
      Expression ends = Expression.all(List.of(condition, new Expression.Term("path-suffix(/)")));
      if (!redirect(rule, to.withoutSlash(), format, ends)) {
        return;
      }
    }
    redirect(rule, to, format, condition);
  }

  private static boolean redirect(
      RuleTranslation rule, Redirection to, LogFormat format, Expression condition) {
    return rule.values(
        format,
        condition,
        (when, target) ->
            rule.line.filter(
                "Redirect", when, "status", to.code(), "location", to.location(target)),
        Rules.joined(to.detail(), leadsElsewhere(to, format) ? WITHIN : ""));
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
  private static void deny(RuleTranslation rule, Redirection to, Expression condition, String why) {
    Expression wider = rule.opened(Rules.plain(condition)).bound(true);
    if (rule.isNever(wider)) {
      return;
    }
    if (!to.mayLeadToLogin()) {
      rule.leaveOut(why);
    } else if (wider.equals(Expression.Constant.TRUE)) {
      rule.judge(
          Judgement.guardUnsupported(
              "left out, so that the servers get what HAProxy redirects: " + why));
    } else {
      rule.add(rule.line.filter("Deny", wider, "status", "403"));
      rule.judge(Judgement.guardApproximated("denies with 403 what HAProxy redirects: " + why));
    }
  }
}
