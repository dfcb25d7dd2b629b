package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.TranslatedCondition;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.Optional;

/** Rules that set variables. */
final class VariableRules {
  private VariableRules() {}

  /** Understudy's name of the variable of an action such as {@code set-var(txn.a)}. */
  static String name(String action) {
    return Sample.variableName(action.substring(action.indexOf('(') + 1).replaceAll("[,)].*", ""));
  }

  /** An action that is left out: what it would set has no value. */
  static void leaveOut(RuleTranslation rule) {
    String action = rule.line.argument(0);
    if (action.startsWith("set-var")
        || (action.startsWith("unset-var") && !rule.line.isOfResponse())) {
      rule.context.missingVariables.add(name(action));
    }
  }

  static void set(RuleTranslation rule) {
    RuleLine line = rule.line;
    String action = line.argument(0);
    if (action.indexOf('(') < 0) {
      RuleActions.others(rule);
      return;
    }
    String name = name(action);
    boolean process = action.contains("(proc.");
    if (process || action.contains(",")) {
      rule.unsupported(
          process
              ? "variables of the process do not exist here"
              : "left out: here a variable is set even if it has a value already");
      leaveOut(rule);
      return;
    }
    String text = String.join(" ", line.arguments().subList(1, line.arguments().size()));
    LogFormat format = LogFormat.of(action.startsWith("set-var-fmt") ? text : "%[" + text + "]");
    Optional<Sample> sample = sample(action, text);
    TranslatedCondition present =
        sample.map(LogFormat::presence).orElse(TranslatedCondition.Constant.TRUE);
    TranslatedCondition condition = TranslatedCondition.all(rule.condition(), present);
    Assignment assignment = assignment(rule.opened(condition), format, sample);
    String scoped = action.substring(action.indexOf('(') + 1, action.length() - 1);
    if (!rule.missing(format).isEmpty() && assignment.isReadable(rule.terms)) {
      rule.after = rule.after.give(scoped, assignment, false);
      rule.approximated("conditions that read it compare " + text + " itself");
    } else if (rule.values(
        format,
        condition,
        (when, value) -> line.filter("SetVariable", when, "name", name, "value", value),
        "")) {
      rule.after = rule.after.give(scoped, assignment, true);
    } else {
      leaveOut(rule);
    }
  }

  private static Assignment assignment(
      TranslatedCondition when, LogFormat format, Optional<Sample> sample) {
    if (sample.isPresent()) {
      return Assignment.of(when, sample.get());
    }
    String text = format.text().orElse("{path}");
    return new Assignment(
        when,
        text.contains("{")
            ? new Assignment.Unknown(RuleState.isOfPath(text))
            : new Assignment.Text(text));
  }

  /**
   * What alone {@code set-var}, or a text of {@code set-var-fmt}, reads; absent if that is more.
   */
  private static Optional<Sample> sample(String action, String text) {
    boolean one = text.startsWith("%[") && text.indexOf(']') == text.length() - 1;
    boolean fmt = action.startsWith("set-var-fmt");
    try {
      return fmt && !one
          ? Optional.empty()
          : Optional.of(Sample.parse(fmt ? text.substring(2, text.length() - 1) : text.strip()));
    } catch (SyntaxException e) {
      return Optional.empty();
    }
  }
}
