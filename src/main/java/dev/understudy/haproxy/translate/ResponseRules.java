package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.syntax.Statement;
import java.util.List;

/** The rules of a section on responses: {@code http-response} or {@code http-after-response}. */
final class ResponseRules extends Rules {
  private static final String PLACE = "http-response";

  private static final String NO_QUIC =
      "without HTTP/3 on this host, whose 'bind quic…' is left out";

  private final String keyword;

  /** What is different of all rules; empty: nothing. */
  private final String detail;

  ResponseRules(Context context, Proxy proxy, FrontTerms terms, String keyword) {
    super(context, proxy, terms);
    this.keyword = keyword;
    detail =
        keyword.equals("http-after-response") ? "on servers' responses, not on local ones" : "";
  }

  /** Rules on requests have run by then, the backend's too. */
  @Override
  boolean isSet(String variable) {
    return context.writtenVariables.contains(variable) && !context.lostVariables.contains(variable);
  }

  @Override
  FrontTerms known() {
    return terms.ofResponse();
  }

  List<Filter> translate() {
    proxy.takeAll(keyword).forEach(this::rule);
    return filters;
  }

  private void rule(Statement statement) {
    RuleCondition rule = RuleCondition.of(statement, 1);
    rule.tell(ledger, statement);
    String action = rule.argument(0);
    if ((action.endsWith("-header") || action.equals("replace-value"))
        && !rule.arguments().contains("-m")
        && !HeaderRules.isName(ledger, statement, rule.argument(1))) {
      return;
    }
    switch (action) {
      case "set-header" -> header(statement, rule, "SetResponseHeader");
      case "add-header" -> header(statement, rule, "AddResponseHeader");
      case "del-header" -> {
        if (rule.arguments().contains("-m")) {
          ledger.unsupported(statement, "left out: fields are removed by their whole names here");
        } else {
          change(
              statement,
              Filter.of(
                  "RemoveResponseHeader",
                  condition(statement, rule),
                  statement,
                  "name",
                  rule.argument(1)),
              PLACE,
              action,
              detail);
        }
      }
      case "replace-header", "replace-value" ->
          replaceHeader(
              statement,
              rule,
              "ReplaceResponseHeader",
              PLACE,
              action.equals("replace-value") ? joined(WHOLE_LINE, detail) : detail);
      case "set-status" -> {
        if (rule.argument(1).matches("[2-5][0-9]{2}")) {
          change(
              statement,
              Filter.of(
                  "SetStatus", condition(statement, rule), statement, "status", rule.argument(1)),
              PLACE,
              action,
              rule.argument(2).isEmpty() ? detail : "the reason phrase is the usual one");
        } else {
          ledger.unsupported(statement, "left out: expected a status from 200 to 599");
        }
      }
      case "allow" -> {
        var condition = plain(condition(statement, rule));
        pass(condition.bound(false));
        ledger.row(statement, PLACE, action);
      }
      default -> {
        if (action.startsWith("set-var")) {
          context.lostVariables.add(RequestRules.variable(action));
        }
        ledger.row(statement, PLACE, RequestRules.actionName(action));
      }
    }
  }

  private void header(Statement statement, RuleCondition rule, String filter) {
    String name = rule.argument(1);
    if (!HeaderRules.isValue(rule.argument(2))) {
      ledger.unsupported(statement, "left out: " + HeaderRules.NO_VALUE);
      return;
    }
    String value = announced(name, rule.argument(2));
    String lacks = value.equals(rule.argument(2)) ? detail : joined(NO_QUIC, detail);
    if (value.isEmpty() && !rule.argument(2).isEmpty()) {
      unannounced(statement, rule, lacks);
      return;
    }
    if (name.equalsIgnoreCase("Strict-Transport-Security") && !rule.hasCondition()) {
      change(
          statement,
          Filter.of(
              "StrictTransportSecurity",
              condition(statement, rule),
              statement,
              "value",
              rule.argument(2)),
          PLACE,
          "set-header",
          "on responses over TLS only, as RFC 6797 7.2 requires");
      return;
    }
    values(
        statement,
        LogFormat.of(value),
        condition(statement, rule),
        (when, text) -> Filter.of(filter, when, statement, "name", name, "value", text),
        PLACE,
        rule.argument(0),
        lacks);
  }

  /** The value without HTTP/3 on a listener that is left out. */
  private String announced(String name, String value) {
    return context.leavesQuicOut && AlternativeServices.areIn(name)
        ? AlternativeServices.withoutQuic(value)
        : value;
  }

  /** Nothing is left to announce; a server's own field has no place either, where it had none. */
  private void unannounced(Statement statement, RuleCondition rule, String lacks) {
    if (rule.argument(0).equals("set-header")) {
      change(
          statement,
          Filter.of(
              "RemoveResponseHeader",
              condition(statement, rule),
              statement,
              "name",
              rule.argument(1)),
          PLACE,
          "del-header",
          lacks);
    } else {
      ledger.notNeeded(statement, lacks);
    }
  }
}
