package dev.understudy.agreement.quorum;

import dev.understudy.failover.Reason;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reasons in the camel case of event logs: {@code ConnectionFailed}. */
final class EventReason {
  private EventReason() {}

  static String of(@Nullable Reason reason, boolean nobody) {
    if (reason == null) {
      return nobody ? "NoServer" : "Switched";
    }
    StringBuilder camel = new StringBuilder();
    for (String word : reason.name().split("_", -1)) {
      camel.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return camel.toString();
  }
}
