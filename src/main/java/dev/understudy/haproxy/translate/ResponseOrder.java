package dev.understudy.haproxy.translate;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The order of filters on responses. HAProxy runs such rules in their order, the backend's before
 * the frontend's; filters run backwards, as a response goes back through them.
 */
final class ResponseOrder {
  private ResponseOrder() {}

  /**
   * Turns the order round where it matters.
   *
   * @param rules in HAProxy's order
   */
  static List<Filter> of(List<Filter> rules) {
    return matters(rules) ? rules.reversed() : rules;
  }

  private static boolean matters(List<Filter> rules) {
    Set<String> fields = new HashSet<>();
    boolean statuses = rules.stream().anyMatch(rule -> rule.name().equals("SetStatus"));
    return rules.stream()
        .anyMatch(
            rule ->
                !fields.add(rule.arguments().getOrDefault("name", "").toLowerCase(Locale.ROOT))
                    || reads(rule)
                    || (statuses && rule.when().text().contains("status")));
  }

  /** Whether the filter reads the response's header, which others may have changed. */
  private static boolean reads(Filter rule) {
    return rule.when().text().contains("response-header")
        || rule.arguments().values().stream().anyMatch(each -> each.contains("{response."));
  }
}
