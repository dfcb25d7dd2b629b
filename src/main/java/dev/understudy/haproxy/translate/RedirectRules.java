package dev.understudy.haproxy.translate;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.TermDifference;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import java.util.List;
import java.util.Set;

/** Redirects, of {@code http-request} and of lines of their own. */
final class RedirectRules {
  private static final String WITHIN =
      "leads to a path of this host, because the client could choose the host otherwise";

  /**
   * Where a redirect leads. Its options come in any order, and the last kind of target counts, as
   * in HAProxy.
   *
   * @param kind {@code location}, {@code prefix} or {@code scheme}
   * @param appendsSlash whether a path without a slash at its end gets one
   * @param detail the part that is left out; empty for none
   * @param wrong what HAProxy refuses in it; empty: nothing
   */
  private record Redirection(
      String kind,
      String target,
      String code,
      boolean dropsQuery,
      boolean appendsSlash,
      String detail,
      String wrong) {
    private static final Set<String> CODES = Set.of("301", "302", "303", "307", "308");
    private static final Set<String> PERMANENT = Set.of("301", "308");

    /** The words of a redirect without its condition. */
    static Redirection of(List<String> words) {
      String kind = "";
      String target = "";
      String code = "302";
      String detail = "";
      String wrong = "";
      boolean drops = false;
      boolean slash = false;
      for (int i = 0; i < words.size(); i++) {
        String word = words.get(i);
        String next = i + 1 < words.size() ? words.get(i + 1) : "";
        switch (word) {
          case "location", "prefix", "scheme" -> {
            kind = word;
            target = next;
            i++;
          }
          case "code" -> {
            code = next;
            i++;
          }
          case "set-cookie", "set-cookie-fmt", "clear-cookie" -> {
            detail = RuleConditions.joined(detail, "'" + word + "' is left out");
            i++;
          }
          case "ignore-empty" ->
              detail = RuleConditions.joined(detail, "'" + word + "' is left out");
          case "append-slash" -> slash = true;
          case "drop-query" -> drops = true;
          default -> wrong = wrong.isEmpty() ? word : wrong;
        }
      }
      boolean appends = slash && drops && kind.equals("prefix");
      return new Redirection(
          kind, target, code, drops, appends, detail, wrong(wrong, target, code));
    }

    private static String wrong(String word, String target, String code) {
      if (!word.isEmpty() || target.isEmpty()) {
        return "expected 'redirect location|prefix|scheme TARGET', found '" + word + "'";
      }
      return CODES.contains(code)
          ? ""
          : "expected code 301, 302, 303, 307 or 308, found '" + code + "'";
    }

    /** Whether a {@code RedirectToHttps} does it. */
    boolean isHttps() {
      return kind.equals("scheme") && target.equalsIgnoreCase("https") && !code.equals("303");
    }

    /** Whether what it redirects is not meant for the servers, instead of better named. */
    boolean mayLeadToLogin() {
      return kind.equals("scheme") || !PERMANENT.contains(code);
    }

    /** The value of {@code Location}, with or without a slash behind the path of a prefix. */
    String location(String to, boolean slash) {
      String path = dropsQuery ? "{path}" : "{target}";
      return switch (kind) {
        case "scheme" -> to + "://{host}" + path;
        case "prefix" -> (to.equals("/") ? "" : to) + path + (slash ? "/" : "");
        default -> to;
      };
    }
  }

  private RedirectRules() {}

  static void redirect(RuleTranslation rule) {
    RuleLine line = rule.line;
    Redirection to = Redirection.of(line.arguments().subList(1, line.arguments().size()));
    if (!to.wrong().isEmpty()) {
      rule.problem(to.wrong());
      return;
    }
    TranslatedCondition condition = to.mayLeadToLogin() ? rule.guard(false) : rule.condition();
    boolean login = to.mayLeadToLogin() && !to.kind().equals("scheme");
    if (login && TermDifference.areWeaker(condition.notes())) {
      rule.guardApproximated(rule.how(condition.notes()));
    }
    // A rule that sets Host gives its port a meaning, and RedirectToHttps drops it.
    if (to.isHttps()
        && !rule.terms.state().changesHost()
        && condition.equals(TranslatedCondition.not(new Term("tls")))) {
      TranslatedCondition always = TranslatedCondition.Constant.TRUE;
      rule.change(
          line.filter("RedirectToHttps", always, "status", to.code()), line.row(), to.detail());
      return;
    }
    // Only rules of http-request take values; a percent sign means itself otherwise.
    boolean values = line.row().startsWith("http-request");
    LogFormat format = LogFormat.of(values ? to.target() : to.target().replace("%", "%%"));
    String missing = rule.missing(format);
    String unknown = condition.plain().whyUnknown();
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      deny(rule, to, condition, RuleConditions.joined(missing, unknown));
      return;
    }
    if (to.appendsSlash()) {
      // A path that ends with a slash gets no other.
      TranslatedCondition ends = TranslatedCondition.all(condition, new Term("path-suffix(/)"));
      if (!redirect(rule, to, format, ends, false)) {
        return;
      }
    }
    redirect(rule, to, format, condition, to.appendsSlash());
  }

  private static boolean redirect(
      RuleTranslation rule,
      Redirection to,
      LogFormat format,
      TranslatedCondition condition,
      boolean slash) {
    return rule.values(
        format,
        condition,
        (when, target) ->
            rule.line.filter(
                "Redirect", when, "status", to.code(), "location", to.location(target, slash)),
        RuleConditions.joined(to.detail(), leadsElsewhere(to, format, slash) ? WITHIN : ""));
  }

  /** Whether browsers would be led to an origin that a client may choose. */
  private static boolean leadsElsewhere(Redirection to, LogFormat format, boolean slash) {
    return format.alternatives().stream()
        .map(each -> to.location(each.text(), slash))
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
  private static void deny(
      RuleTranslation rule, Redirection to, TranslatedCondition condition, String why) {
    TranslatedCondition wider = rule.opened(condition.plain()).bound(true);
    if (rule.isNever(wider)) {
      return;
    }
    if (!to.mayLeadToLogin()) {
      rule.leaveOut(why);
    } else if (wider.isAlways()) {
      rule.guardUnsupported("left out, so that the servers get what HAProxy redirects: " + why);
    } else {
      rule.add(rule.line.filter("Deny", wider, "status", "403"));
      rule.guardApproximated("denies with 403 what HAProxy redirects: " + why);
    }
  }
}
