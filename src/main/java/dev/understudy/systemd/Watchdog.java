package dev.understudy.systemd;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The watchdog that the service manager has asked for: {@code WATCHDOG_USEC} and {@code
 * WATCHDOG_PID}, see sd_watchdog_enabled(3).
 */
final class Watchdog {
  private static final String MICROS = "WATCHDOG_USEC";
  private static final String PID = "WATCHDOG_PID";

  private Watchdog() {}

  /**
   * Returns the time between two keep-alives, half of the manager's limit as sd_watchdog_enabled(3)
   * recommends; null if there is no watchdog, it is another process's, or the value is no number.
   */
  static @Nullable Duration interval(Map<String, String> environment, long ownPid) {
    String pid = environment.get(PID);
    if (pid != null && !pid.equals(Long.toString(ownPid))) {
      return null;
    }
    String micros = environment.get(MICROS);
    if (micros == null || !micros.matches("[1-9][0-9]{0,17}")) {
      return null;
    }
    return Duration.of(Long.parseLong(micros), ChronoUnit.MICROS).dividedBy(2);
  }
}
