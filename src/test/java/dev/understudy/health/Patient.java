package dev.understudy.health;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;

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

  static Instant at(long millis) {
    return ZERO.plusMillis(millis);
  }

  static HealthSettings settings(int fall, int rise) {
    HealthSettings d = HealthSettings.DEFAULT;
    return TestSettings.health(
        d.check(), d.interval(), d.fastInterval(), d.downInterval(), d.timeout(), fall, rise);
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
