package dev.understudy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.Check;
import dev.understudy.pool.HealthSettings;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/** One server's health as a test drives it: all times are milliseconds after {@link #ZERO}. */
final class Patient {
  static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");

  private Health health;
  private boolean changed;
  private long now = -10_000;

  private Patient(Health health) {
    this.health = health;
  }

  static Patient unknown(HealthSettings settings) {
    return new Patient(Health.unknown(settings, at(-10_000)));
  }

  /** UP since a good probe that was started at -10,000 and ended at -9,999. */
  static Patient up(HealthSettings settings) {
    Patient patient = unknown(settings);
    patient.start(-10_000).end(-10_000, -9_999, ProbeOutcome.OK);
    return patient;
  }

  /** DOWN since a bad probe that was started at -10,000 and ended at -9,999. */
  static Patient down(HealthSettings settings) {
    Patient patient = unknown(settings);
    patient.start(-10_000).end(-10_000, -9_999, ProbeOutcome.BAD_STATUS);
    return patient;
  }

  /**
   * Plays a scenario. It begins with {@code up}, {@code down} or {@code unknown} and fall and rise,
   * as {@code up 3/2}; {@code OK@250} is a probe that is started and ends then.
   */
  static void play(Scenario scenario) {
    AtomicReference<Patient> patient = new AtomicReference<>();
    scenario.play(
        words -> {
          HealthSettings settings = words.at(1).contains("/") ? settings(words.at(1)) : null;
          switch (words.at(0)) {
            case "up" -> patient.set(up(settings));
            case "down" -> patient.set(down(settings));
            case "unknown" -> patient.set(unknown(settings));
            case "with" -> patient.get().with(settings);
            default -> {
              if (!patient.get().acts(words)) {
                patient.get().check(words);
              }
            }
          }
        });
  }

  private boolean acts(Scenario.Words words) {
    String[] at = words.at(0).split("@", -1);
    if (at.length == 2) {
      probe(Long.parseLong(at[1]), ProbeOutcome.valueOf(at[0]));
      return true;
    }
    switch (words.at(0)) {
      case "start" -> start(words.number(1));
      case "end" -> end(words.number(1), words.number(2), ProbeOutcome.valueOf(words.at(3)));
      case "void" -> voided(words.number(1));
      case "traffic" -> traffic(words.number(1), words.number(2), Trouble.valueOf(words.at(3)));
      case "agent" -> agent(words.number(1), words.at(2).equals("up"));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void check(Scenario.Words words) {
    switch (words.at(0)) {
      case "is" -> assertThat(status()).hasToString(words.at(1));
      case "since" -> assertThat(health.statusSince()).isEqualTo(at(words.number(1)));
      case "changed", "same" -> assertThat(changed).isEqualTo(words.at(0).equals("changed"));
      case "next" -> assertThat(next()).isEqualTo(words.number(1));
      case "bad" ->
          assertThat(health.firstBad())
              .isEqualTo(words.at(1).equals("none") ? null : at(words.number(1)));
      case "running" -> assertThat(health.probes().inFlight()).hasSize(words.number(1));
      case "settled", "unsettled" ->
          assertThat(health.settled()).isEqualTo(words.at(0).equals("settled"));
      case "suspected", "trusted" ->
          assertThat(health.suspected()).isEqualTo(words.at(0).equals("suspected"));
      case "connection" ->
          assertThat(health.connectionFailed()).isEqualTo(words.at(1).equals("failed"));
      case "responded", "silent" ->
          assertThat(health.lastProbeHadResponse()).isEqualTo(words.at(0).equals("responded"));
      case "refuses", "welcomes" ->
          assertThat(health.refusesClients()).isEqualTo(words.at(0).equals("refuses"));
      case "says" -> assertThat(health.evidence()).isEqualTo(words.from(1));
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  private static HealthSettings settings(String fallAndRise) {
    String[] parts = fallAndRise.split("/", -1);
    return settings(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
  }

  static Instant at(long millis) {
    return ZERO.plusMillis(millis);
  }

  static HealthSettings settings(int fall, int rise) {
    return settings(HealthSettings.DEFAULT.check(), fall, rise);
  }

  static HealthSettings settings(Check check, int fall, int rise) {
    HealthSettings d = HealthSettings.DEFAULT;
    return TestSettings.health(
        check, d.interval(), d.fastInterval(), d.downInterval(), d.timeout(), fall, rise);
  }

  Patient start(long start) {
    now = Math.max(now, start);
    health = health.probeStarted(at(start));
    return this;
  }

  Patient end(long start, long now, ProbeOutcome outcome) {
    return observe(new Observation.Probe(at(start), outcome, outcome.name()), now);
  }

  /** A probe that is started and ends at once. */
  Patient probe(long start, ProbeOutcome outcome) {
    return start(start).end(start, start, outcome);
  }

  Patient traffic(long started, long now, Trouble trouble) {
    return observe(new Observation.Traffic(at(started), trouble, trouble.name()), now);
  }

  Patient agent(long now, boolean up) {
    return observe(new Observation.Agent(at(now), up, up ? "up" : "down"), now);
  }

  private Patient observe(Observation observation, long now) {
    this.now = Math.max(this.now, now);
    HealthStatus before = health.status();
    health = health.observe(observation, at(now));
    changed = health.status() != before;
    return this;
  }

  Patient voided(long start) {
    health = health.probeVoided(at(start));
    return this;
  }

  Patient with(HealthSettings settings) {
    health = health.with(settings);
    return this;
  }

  Health health() {
    return health;
  }

  HealthStatus status() {
    return health.status();
  }

  /** Whether the last observation changed the status. */
  boolean changed() {
    return changed;
  }

  /** When the next probe is due: one that is overdue, now. */
  long next() {
    return Math.max(now, Duration.between(ZERO, health.nextProbe()).toMillis());
  }
}
