package dev.understudy.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a server's probes and of the judgement on its health.
 *
 * @param check the probe
 * @param interval between probes while nothing is changing; default 2 s, jittered by ±10 %
 * @param fastInterval between probes while a change is pending or a server is suspected; default
 *     250 ms
 * @param downInterval between probes of a server that is DOWN; default 1 s
 * @param timeout for one probe, from its start to the end of its response; default 1 s
 * @param fall bad observations in a row that make an UP server DOWN; at least 1, default 3
 * @param rise good probes in a row that make a DOWN server UP; at least 1, default 2
 * @param agent an agent that is asked too; null for none
 */
public record HealthSettings(
    Check check,
    Duration interval,
    Duration fastInterval,
    Duration downInterval,
    Duration timeout,
    int fall,
    int rise,
    @Nullable AgentCheck agent) {
  public static final HealthSettings DEFAULT =
      new HealthSettings(
          HttpCheck.DEFAULT,
          Duration.ofSeconds(2),
          Duration.ofMillis(250),
          Duration.ofSeconds(1),
          Duration.ofSeconds(1),
          3,
          2,
          null);

  public HealthSettings {
    RangeChecks.requirePositive(interval, "interval");
    RangeChecks.requirePositive(fastInterval, "fast-interval");
    RangeChecks.requirePositive(downInterval, "down-interval");
    RangeChecks.requirePositive(timeout, "timeout");
    RangeChecks.requireAtLeastOne(fall, "fall");
    RangeChecks.requireAtLeastOne(rise, "rise");
  }

  /** Whether probes of the server connect to where its clients do. */
  public boolean isForClientsPort(Server server) {
    return server.settings().isProbedAtItsOwnPort() && check.connection().port().isEmpty();
  }

  /** The time within which a server whose probes have become bad is DOWN, if they respond. */
  public Duration detection() {
    return interval.plus(fastInterval.multipliedBy(fall)).plus(timeout);
  }
}
