package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The rules of {@code http-request} on header fields. */
final class HeaderRules {
  /** Values of time and chance, by which nobody is recognised. */
  private static final Pattern TIMES =
      Pattern.compile("%(T|t|ms|r|\\[(date|rand|uuid|unique))[^,;]* has no value in braces here");

  static final String NO_VALUE = "expected visible ASCII characters in a header field";

  private final RequestRules rules;
  private final Context context;
  private final FrontTerms terms;
  private final Ledger ledger;

  HeaderRules(RequestRules rules) {
    this.rules = rules;
    context = rules.context;
    terms = rules.terms;
    ledger = rules.ledger;
  }

  void header(Statement statement, RuleCondition rule, String filter) {
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
      rules.value(statement, rule, 2, "SetHost", "host");
      return;
    }
    LogFormat format = LogFormat.of(rule.argument(2));
    Expression condition = rules.condition(statement, rule);
    boolean isValue = isValue(rule.argument(2));
    String missing = isValue ? rules.missing(format) : NO_VALUE;
    List<String> unknown = Rules.plain(condition).unknown();
    if (!isValue && !filter.equals("SetRequestHeader")) {
      ledger.unsupported(statement, "left out: " + NO_VALUE);
      return;
    }
    if (!filter.equals("SetRequestHeader") || (missing.isEmpty() && unknown.isEmpty())) {
      rules.values(
          statement,
          format,
          condition,
          (when, value) -> Filter.of(filter, when, statement, "name", name, "value", value),
          RequestRules.PLACE,
          rule.argument(0),
          "");
      return;
    }
    remove(statement, name, condition, Rules.joined(missing, String.join("; ", unknown)));
  }

  /** A field that is always sent, of the connection or of what a trusted proxy says of it. */
  private void forwarded(Statement statement, String name, RuleCondition rule) {
    Expression condition = Rules.plain(rules.condition(statement, rule));
    List<Alternative> texts = LogFormat.of(rule.argument(2)).alternatives();
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
      ledger.row(statement, RequestRules.PLACE, "set-header X-Forwarded-*");
    } else {
      context.settings.putIfAbsent("understudy.trusted-proxies", "");
      ledger.approximated(statement, SentFields.instead(name));
    }
  }

  /** HAProxy writes over what the client sent, so a field that cannot be set is removed. */
  private void remove(Statement statement, String name, Expression condition, String why) {
    Expression wider = rules.opened(Rules.plain(condition)).bound(true);
    if (wider.equals(Expression.Constant.FALSE)) {
      ledger.notNeeded(statement, "its condition never holds here");
      return;
    }
    rules.add(Filter.of("RemoveRequestHeader", wider, statement, "name", name));
    terms.state.lose(statement, RuleCondition.of(statement, 1));
    String how = "not set, and removed from requests, so that no client forges it: " + why;
    if (TIMES.matcher(why).matches()) {
      ledger.unsupported(statement, how);
    } else {
      ledger.guardApproximated(statement, how);
    }
  }

  /** Whether a text can be the value of a field. */
  static boolean isValue(String text) {
    return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7f));
  }

  private boolean isName(Statement statement, String name) {
    return isName(ledger, statement, name);
  }

  static boolean isName(String text) {
    return text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  }

  /** Whether a text is the name of a header field; a verdict, if it is none. */
  static boolean isName(Ledger ledger, Statement statement, String name) {
    if (isName(name)) {
      return true;
    }
    ledger.unsupported(
        statement, "left out: expected the name of a header field, found '" + name + "'");
    return false;
  }

  void removeHeader(Statement statement, RuleCondition rule) {
    String method = rule.after("-m");
    if (!method.isEmpty() && !method.equals("str")) {
      ledger.guardUnsupported(
          statement,
          "header fields are removed by their whole names here: name each by a"
              + " RemoveRequestHeader");
    } else if (ForwardedFields.areSent(rule.argument(1).toLowerCase(Locale.ROOT))) {
      ledger.notNeeded(
          statement,
          "clients' own is removed, unless a proxy of understudy.trusted-proxies sends it");
    } else if (isName(statement, rule.argument(1))) {
      rules.deny(
          statement,
          Filter.of(
              "RemoveRequestHeader",
              rules.condition(statement, rule),
              statement,
              "name",
              rule.argument(1)),
          RequestRules.PLACE,
          "del-header",
          "");
    }
  }

  void replaceHeader(Statement statement, RuleCondition rule) {
    if (!isName(statement, rule.argument(1))) {
      return;
    }
    String lower = rule.argument(1).toLowerCase(Locale.ROOT);
    if (ForwardedFields.areSent(lower)) {
      context.settings.putIfAbsent("understudy.trusted-proxies", "");
      ledger.approximated(statement, SentFields.instead(lower));
      return;
    }
    rules.replaceHeader(
        statement,
        rule,
        "ReplaceRequestHeader",
        RequestRules.PLACE,
        rule.argument(0).equals("replace-value") ? Rules.WHOLE_LINE : "");
  }
}
