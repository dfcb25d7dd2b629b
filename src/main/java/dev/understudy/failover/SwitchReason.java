package dev.understudy.failover;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reason for a change of a pool's serving server; the label {@code reason} of {@code
 * understudy_switches_total}.
 */
public enum SwitchReason {
  /** There was no record, and a server was usable. */
  INITIAL("first choice after the start"),
  /** No server was serving, and one became usable. */
  RECOVERED("a server became usable again"),
  /** Probes found the serving server bad. */
  HEALTH_CHECK_FAILED("health check failed"),
  /** The serving server accepts no connections. */
  CONNECTION_FAILED("no connection could be made"),
  /** The serving server's circuit breaker opened. */
  CIRCUIT_OPEN("circuit breaker opened"),
  /** An operator asked for the change, or the serving server's agent or cluster did. */
  OPERATOR("an operator's command"),
  /** No server is usable. */
  NO_SERVER("no server is usable"),
  /** A server of better rank returned. */
  FAILBACK("failback: a better rank returned"),
  /** The serving server was removed or changed by a new file. */
  CONFIGURATION("the configuration changed");

  private final String words;

  SwitchReason(String words) {
    this.words = words;
  }

  /** The reason by its stored name; null if that is null, or of another version. */
  public static @Nullable SwitchReason ofStored(@Nullable String name) {
    return Arrays.stream(values())
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** The reason as a clause for people; the name is for programs. */
  public String words() {
    return words;
  }

  /** Whether the server was left although nobody found anything wrong with it. */
  public boolean isVoluntary() {
    return this == OPERATOR || this == FAILBACK;
  }
}
