package dev.understudy.haproxy.translate;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.LinearPattern;
import dev.understudy.haproxy.acl.ForwardedFields;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.LogFormat.Alternative;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.report.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The rules of {@code http-request} on header fields. */
final class HeaderRules {
  static final String NO_VALUE = "expected visible ASCII characters in a header field";

  private static final TranslatedCondition TLS = new TranslatedCondition.Term("tls");

  /** Values of time and chance, by which nobody is recognised. */
  private static final Pattern TIMES =
      Pattern.compile(
          "%(T|t|ms|r|\\[(date|rand|uuid|unique))[^,;]* has no counterpart among the values here");

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
    TranslatedCondition condition = rule.condition();
    String missing = isValue ? rule.missing(format) : NO_VALUE;
    String unknown = condition.plain().whyUnknown();
    if (replaces && !(missing.isEmpty() && unknown.isEmpty())) {
      forge(rule, name, condition, RuleConditions.joined(missing, unknown));
    } else {
      rule.values(
          format,
          condition,
          (when, value) -> rule.line.filter(filter, when, "name", name, "value", value),
          "");
    }
  }

  /** A field that is always sent: the connection's own, or one of a trusted proxy. */
  private static void forwarded(RuleTranslation rule, String name) {
    TranslatedCondition condition = rule.condition().plain();
    List<Alternative> texts = LogFormat.of(rule.line.argument(2)).alternatives();
    boolean same =
        !texts.isEmpty()
            && texts.stream()
                .allMatch(
                    each ->
                        isSent(
                            name,
                            TranslatedCondition.all(condition, each.when()),
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
    rule.row("http-request set-header " + name, "");
  }

  /**
   * Whether a rule sets a field to what servers get anyway.
   *
   * @param name in lower case
   * @param when the rule's condition
   * @param value a template of Understudy
   */
  private static boolean isSent(
      String name, TranslatedCondition when, String value, FrontendTermContext terms) {
    return switch (name) {
      case "x-forwarded-for" -> value.equals("{client.address}");
      case "x-forwarded-host" -> value.equals("{host}");
      case "x-forwarded-proto" ->
          value.equals("{scheme}")
              || (value.equals("https") && isTls(when, terms))
              || (value.equals("http") && isPlain(when, terms));
      case "x-forwarded-port" ->
          value.equals("{listener.port}") || isPort(value, isTls(when, terms), terms);
      default -> value.startsWith("for={client.address}");
    };
  }

  private static boolean isTls(TranslatedCondition when, FrontendTermContext terms) {
    return terms.onlyTls() || when.conjuncts().contains(TLS);
  }

  private static boolean isPlain(TranslatedCondition when, FrontendTermContext terms) {
    return !terms.someTls() || when.conjuncts().contains(TranslatedCondition.not(TLS));
  }

  private static boolean isPort(String value, boolean tls, FrontendTermContext terms) {
    if (!value.matches("[0-9]{1,5}")) {
      return false;
    }
    List<String> named = terms.listenersOn(Integer.parseInt(value));
    return !named.isEmpty() && (tls || named.containsAll(terms.listeners()));
  }

  /** HAProxy writes over what the client sent, so a field that cannot be set is removed. */
  private static void forge(
      RuleTranslation rule, String name, TranslatedCondition condition, String why) {
    TranslatedCondition wider = rule.opened(condition.plain()).bound(true);
    if (rule.isNever(wider)) {
      return;
    }
    rule.add(rule.line.filter("RemoveRequestHeader", wider, "name", name));
    rule.after = rule.after.leaveOut(rule.line);
    String how = "not set, and removed from requests, so that no client forges it: " + why;
    boolean harmless = TIMES.matcher(why).matches();
    rule.judge(harmless ? Verdict.UNSUPPORTED : Verdict.APPROXIMATED, !harmless, how);
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
          "header fields are removed by their whole names here: write a RemoveRequestHeader for"
              + " each");
    } else if (ForwardedFields.areSent(name.toLowerCase(Locale.ROOT))) {
      rule.notNeeded(
          "the field is removed anyway, unless a proxy of understudy.trusted-proxies sends it");
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
            ? "the whole line of the field is one value: if it has several, separated by commas,"
                + " the others are lost"
            : "";
    String regex = rule.line.argument(2);
    replacement(rule, regex, rule.line.argument(3))
        .ifPresent(
            by ->
                rule.change(
                    filter,
                    RuleConditions.joined(whole, detail),
                    "name",
                    rule.line.argument(1),
                    "regexp",
                    regex,
                    "replacement",
                    by));
  }

  /**
   * The replacement with {@code $1} for {@code \1}; absent, with a verdict, if it or its expression
   * cannot be had here.
   */
  static Optional<String> replacement(RuleTranslation rule, String regex, String text) {
    if (text.contains("%[") || text.matches(".*%[A-Za-z{].*")) {
      rule.leaveOut("a replacement has groups only, no values of the request");
      return Optional.empty();
    }
    String by = text.replace("$", "\\$").replaceAll("\\\\([0-9])", "\\$$1").replace("%%", "%");
    try {
      LinearPattern.of(regex, false).require(by);
      return Optional.of(by);
    } catch (ExpressionException e) {
      rule.leaveOut(e.why());
      return Optional.empty();
    }
  }
}
