package dev.understudy.admin;

import dev.understudy.failover.Reason;
import dev.understudy.health.ProbeOutcome;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The console's module {@code words.js}: the words of reasons and outcomes, by their names. */
final class ConsoleWords {
  private ConsoleWords() {}

  static byte[] script() {
    Map<String, String> reasons = new TreeMap<>();
    for (Reason reason : Reason.values()) {
      reasons.put(reason.name(), reason.words());
    }
    Map<String, String> outcomes = new TreeMap<>();
    for (ProbeOutcome outcome : ProbeOutcome.values()) {
      outcomes.put(outcome.name(), outcome.words());
    }
    String text =
        "// The words of reasons and outcomes, by their names.\n"
            + "export const REASONS = "
            + Json.COMPACT.writeValueAsString(reasons)
            + ";\nexport const OUTCOMES = "
            + Json.COMPACT.writeValueAsString(outcomes)
            + ";\n";
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
