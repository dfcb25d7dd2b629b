package dev.understudy.haproxy.translate;

import static java.util.Map.entry;

import dev.understudy.haproxy.acl.LogFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Translates the actions of rules: a row for each, by its keyword in the table of directives. */
final class RuleActions {
  private static final Map<String, Consumer<RuleTranslation>> ACTIONS =
      Map.ofEntries(
          entry("tcp-request accept", RuleTranslation::pass),
          entry("tcp-request reject", GuardRules::close),
          entry("tcp-request silent-drop", GuardRules::close),
          entry("tcp-request close", GuardRules::close),
          entry("tcp-request track-sc", LimitRules::track),
          entry("proxy fail", GuardRules::monitorFail),
          entry("proxy monitor-uri", GuardRules::monitor),
          entry("proxy stats", GuardRules::statistics),
          entry("proxy redirect", RedirectRules::redirect),
          entry("http-request allow", RuleTranslation::pass),
          entry("http-request deny", GuardRules::deny),
          entry("http-request block", GuardRules::deny),
          entry("http-request reject", GuardRules::close),
          entry("http-request silent-drop", GuardRules::close),
          entry("http-request tarpit", GuardRules::tarpit),
          entry("http-request auth", GuardRules::authenticate),
          entry("http-request lua.auth-request", ForwardAuthRules::unsupported),
          entry("http-request lua.auth-intercept", ForwardAuthRules::unsupported),
          entry("http-request use-service", GuardRules::service),
          entry("http-request return", ReturnRules::respond),
          entry("http-request redirect", RedirectRules::redirect),
          entry("http-request track-sc", LimitRules::track),
          entry("http-request set-header", rule -> HeaderRules.set(rule, "SetRequestHeader")),
          entry("http-request add-header", rule -> HeaderRules.set(rule, "AddRequestHeader")),
          entry("http-request del-header", HeaderRules::remove),
          entry("http-request replace-header", HeaderRules::replace),
          entry("http-request replace-value", HeaderRules::replace),
          entry("http-request set-path", PathRules::setPath),
          entry("http-request replace-path", PathRules::replacePath),
          entry("http-request set-pathq", PathRules::target),
          entry("http-request set-uri", PathRules::target),
          entry("http-request replace-pathq", PathRules::target),
          entry("http-request replace-uri", PathRules::target),
          entry("http-request set-query", rule -> rule.value(1, "SetQuery", "query")),
          entry("http-request set-method", rule -> rule.value(1, "SetMethod", "method")),
          entry("http-request set-var", VariableRules::set),
          entry("http-request set-var-fmt", VariableRules::set),
          entry("http-request capture", RuleActions::capture),
          entry("http-response allow", RuleTranslation::pass),
          entry("http-response set-header", rule -> ResponseRules.set(rule, "SetResponseHeader")),
          entry("http-response add-header", rule -> ResponseRules.set(rule, "AddResponseHeader")),
          entry("http-response del-header", ResponseRules::remove),
          entry("http-response replace-header", ResponseRules::replace),
          entry("http-response replace-value", ResponseRules::replace),
          entry("http-response set-status", ResponseRules::status));

  private RuleActions() {}

  static void translate(RuleTranslation rule) {
    String row = rule.line.row();
    ACTIONS
        .getOrDefault(row.replaceFirst(" track-sc.*", " track-sc"), RuleActions::others)
        .accept(rule);
  }

  /** An action that the table of directives alone judges. */
  static void others(RuleTranslation rule) {
    rule.row(rule.line.row(), "");
    VariableRules.leaveOut(rule);
  }

  private static void capture(RuleTranslation rule) {
    LogFormat format = LogFormat.of("%[" + rule.line.argument(1) + "]");
    Optional<String> field = rule.format(format);
    if (field.isPresent() && AccessLogFields.add(rule.context, field.get())) {
      rule.row(rule.line.row(), rule.how(format.notes()));
    } else if (field.isPresent()) {
      rule.leaveOut("the access log cannot have " + field.get());
    }
  }
}
