package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.Judgement;
import dev.understudy.haproxy.syntax.Statement;
import java.util.List;
import java.util.Map;

/**
 * What becomes of a rule.
 *
 * @param judgements verdicts on its parts, of which the worst counts
 * @param settings static settings that it asks for, by name: of numbers the lowest counts
 * @param after what it and the rules before leave for later ones
 */
record TranslatedRule(
    Statement statement,
    List<Filter> filters,
    List<Judgement> judgements,
    Map<String, String> settings,
    RuleState after) {
  /** Writes the verdicts and the settings. */
  void report(ImportContext context) {
    judgements.forEach(each -> context.ledger.judge(statement, each));
    settings.forEach((name, value) -> context.settings.merge(name, value, TranslatedRule::lower));
  }

  static String lower(String one, String other) {
    boolean numbers = !one.isEmpty() && !other.isEmpty();
    return numbers && Long.parseLong(other) < Long.parseLong(one) ? other : one;
  }
}
