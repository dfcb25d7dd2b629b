package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.report.Judgement;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The rules of {@code http-request} on header fields. */
final class HeaderRules {
  static final String NO_VALUE = "expected visible ASCII characters in a header field";

  /** Values of time and chance, by which nobody is recognised. */
  private static final Pattern TIMES =
      Pattern.compile("%(T|t|ms|r|\\[(date|rand|uuid|unique))[^,;]* has no value in braces here");

  private HeaderRules() {}

  static void set(RuleTranslation rule, String filter) {
    String name = rule.line.argument(1);
    String lower = name.toLowerCase(Locale.ROOT);
    if (!isName(rule, name)) {
      return;
    }
    if (ForwardedFields.areSent(lower)) {
      forwarded(rule, lower);
      return;
    }
    if (lower.equals("host")) {
      rule.value(2, "SetHost", "host");
      return;
    }
    boolean replaces = filter.equals("SetRequestHeader");
    boolean isValue = isValue(rule.line.argument(2));
    if (!isValue && !replaces) {
      rule.leaveOut(NO_VALUE);
      return;
    }
    LogFormat format = LogFormat.of(rule.line.argument(2));
    Expression condition = rule.condition();
    String missing = isValue ? rule.missing(format) : NO_VALUE;
    List<String> unknown = Rules.plain(condition).unknown();
    if (replaces && !(missing.isEmpty() && unknown.isEmpty())) {
      forge(rule, name, condition, Rules.joined(missing, String.join("; ", unknown)));
    } else {
      rule.values(
          format,
          condition,
          (when, value) -> rule.line.filter(filter, when, "name", name, "value", value),
          "");
    }
  }

  /** A field that is always sent, of the connection or of what a trusted proxy sends. */
  private static void forwarded(RuleTranslation rule, String name) {
    Expression condition = Rules.plain(rule.condition());
    List<Alternative> texts = LogFormat.of(rule.line.argument(2)).alternatives();
    boolean same =
        !texts.isEmpty()
            && texts.stream()
                .allMatch(
                    each ->
                        SentFields.isSent(
                            name,
                            Expression.all(List.of(condition, each.when())),
                            each.text(),
                            rule.terms));
    if (same) {
      rule.row("http-request set-header X-Forwarded-*", "");
    } else {
      sentInstead(rule, name);
    }
  }

  private static void sentInstead(RuleTranslation rule, String name) {
    rule.setting(RuleTranslation.TRUSTED_PROXIES, "");
    rule.approximated(SentFields.instead(name));
  }

  /** HAProxy writes over what the client sent, so a field that cannot be set is removed. */
  private static void forge(RuleTranslation rule, String name, Expression condition, String why) {
    Expression wider = rule.opened(Rules.plain(condition)).bound(true);
    if (rule.isNever(wider)) {
      return;
    }
    rule.add(rule.line.filter("RemoveRequestHeader", wider, "name", name));
    rule.after = rule.after.leaveOut(rule.line);
    String how = "not set, and removed from requests, so that no client forges it: " + why;
    boolean harmless = TIMES.matcher(why).matches();
    rule.judge(harmless ? Judgement.unsupported(how) : Judgement.guardApproximated(how));
  }

  /** Whether a text can be the value of a field. */
  static boolean isValue(String text) {
    return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7f));
  }

  static boolean isName(String text) {
    return text.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  }

  /** Whether a text is the name of a header field; a verdict, if it is none. */
  static boolean isName(RuleTranslation rule, String name) {
    if (!isName(name)) {
      rule.leaveOut("expected the name of a header field, found '" + name + "'");
    }
    return isName(name);
  }

  static void remove(RuleTranslation rule) {
    String method = rule.line.after("-m");
    String name = rule.line.argument(1);
    if (!method.isEmpty() && !method.equals("str")) {
      rule.guardUnsupported(
          "header fields are removed by their whole names here: name each by a"
              + " RemoveRequestHeader");
    } else if (ForwardedFields.areSent(name.toLowerCase(Locale.ROOT))) {
      rule.notNeeded(
          "clients' own is removed, unless a proxy of understudy.trusted-proxies sends it");
    } else if (isName(rule, name)) {
      rule.deny(
          rule.line.filter("RemoveRequestHeader", rule.condition(), "name", name),
          rule.line.row(),
          "");
    }
  }

  static void replace(RuleTranslation rule) {
    String lower = rule.line.argument(1).toLowerCase(Locale.ROOT);
    if (!isName(rule, rule.line.argument(1))) {
      return;
    }
    if (ForwardedFields.areSent(lower)) {
      sentInstead(rule, lower);
    } else {
      replace(rule, "ReplaceRequestHeader", "");
    }
  }

  /** A rule that replaces in the values of a field; a verdict, if it cannot be translated. */
  static void replace(RuleTranslation rule, String filter, String detail) {
    String whole =
        rule.line.argument(0).equals("replace-value")
            ? "the whole field line is one value: of several, separated by commas, the others are"
                + " lost"
            : "";
    String regex = rule.line.argument(2);
    rule.replacement(rule.line.argument(3))
        .filter(by -> rule.isReplacement(regex, by))
        .ifPresent(
            by ->
                rule.change(
                    filter,
                    Rules.joined(whole, detail),
                    "name",
                    rule.line.argument(1),
                    "regexp",
                    regex,
                    "replacement",
                    by));
  }
}
