package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;

/** The rules of {@code http-response} and {@code http-after-response}. */
final class ResponseRules {
  private static final String NO_QUIC =
      "without HTTP/3 on this host, whose 'bind quic…' is left out";

  private ResponseRules() {}

  /** What is different of all rules; empty: nothing. */
  private static String detail(RuleTranslation rule) {
    return rule.line.statement().keyword().equals("http-after-response")
        ? "on servers' responses, not on local ones"
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
    String value = AlternativeServices.announced(rule.context, name, text);
    String lacks = value.equals(text) ? detail(rule) : Rules.joined(NO_QUIC, detail(rule));
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
}
