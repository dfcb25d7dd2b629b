package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The rules of {@code http-response} and {@code http-after-response}. */
final class ResponseRules {
  private static final String NO_QUIC =
      "without HTTP/3 on this host, as its 'bind quic…' is left out";

  /** Commas between alternatives of {@code Alt-Svc} (RFC 7838), not those in quotes. */
  private static final Pattern SEPARATOR = Pattern.compile(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");

  /** An alternative over QUIC on this host, as no other is named before its port. */
  private static final Pattern OWN_QUIC =
      Pattern.compile("\\s*(h3|hq|quic)(-[^=]*)?=\\s*\"?:.*", Pattern.DOTALL);

  private ResponseRules() {}

  /** What is different of all rules; empty: nothing. */
  private static String detail(RuleTranslation rule) {
    return rule.line.statement().keyword().equals("http-after-response")
        ? "only on responses of servers, not on local ones"
        : "";
  }

  static void replace(RuleTranslation rule) {
    if (rule.line.arguments().contains("-m") || HeaderRules.isName(rule, rule.line.argument(1))) {
      HeaderRules.replace(rule, "ReplaceResponseHeader", detail(rule));
    }
  }

  static void remove(RuleTranslation rule) {
    if (rule.line.arguments().contains("-m")) {
      rule.leaveOut("fields are removed by their whole names here");
    } else if (HeaderRules.isName(rule, rule.line.argument(1))) {
      rule.change("RemoveResponseHeader", detail(rule), "name", rule.line.argument(1));
    }
  }

  static void status(RuleTranslation rule) {
    String status = rule.line.argument(1);
    if (status.matches("[2-5][0-9]{2}")) {
      boolean plain = rule.line.argument(2).isEmpty();
      String how = plain ? detail(rule) : "the reason phrase is the usual one";
      rule.change("SetStatus", how, "status", status);
    } else {
      rule.leaveOut("expected a status from 200 to 599");
    }
  }

  static void set(RuleTranslation rule, String filter) {
    String name = rule.line.argument(1);
    String text = rule.line.argument(2);
    if (!rule.line.arguments().contains("-m") && !HeaderRules.isName(rule, name)) {
      return;
    }
    if (!HeaderRules.isValue(text)) {
      rule.leaveOut(HeaderRules.NO_VALUE);
      return;
    }
    String value = announced(rule.context, name, text);
    String lacks = value.equals(text) ? detail(rule) : RuleConditions.joined(NO_QUIC, detail(rule));
    if (value.isEmpty() && !text.isEmpty()) {
      unannounced(rule, lacks);
    } else if (name.equalsIgnoreCase("Strict-Transport-Security") && !rule.line.hasCondition()) {
      String how = "on responses over TLS only, as RFC 6797 7.2 requires";
      rule.change("StrictTransportSecurity", how, "value", text);
    } else {
      rule.values(
          LogFormat.of(value),
          rule.condition(),
          (when, each) -> rule.line.filter(filter, when, "name", name, "value", each),
          lacks);
    }
  }

  /** Nothing is left to announce; a server's own field has no place either, where it had none. */
  private static void unannounced(RuleTranslation rule, String lacks) {
    if (rule.line.argument(0).equals("set-header")) {
      rule.change("RemoveResponseHeader", lacks, "name", rule.line.argument(1));
    } else {
      rule.notNeeded(lacks);
    }
  }

  /** A header field's value without HTTP/3 on a listener that is left out. */
  static String announced(ImportContext context, String field, String value) {
    return context.leavesQuicOut && field.equalsIgnoreCase("alt-svc") ? withoutQuic(value) : value;
  }

  /** The value without what this host serves over QUIC; empty if nothing else is announced. */
  private static String withoutQuic(String value) {
    return Arrays.stream(SEPARATOR.split(value))
        .filter(each -> !OWN_QUIC.matcher(each.toLowerCase(Locale.ROOT)).matches())
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .collect(Collectors.joining(", "));
  }
}
