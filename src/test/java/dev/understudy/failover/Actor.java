package dev.understudy.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.health.ProbeSchedule;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.OperatorState;
import dev.understudy.testing.TestSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One server of the randomised run. Beside its {@link Health} it keeps plain counts of what was
 * observed, and checks each judgement against them.
 */
final class Actor {
  /** What counts against a server; {@link #voidProbe} has the rest. */
  private static final List<ProbeOutcome> BAD =
      Arrays.stream(ProbeOutcome.values())
          .filter(outcome -> !outcome.good() && outcome.isObservation())
          .toList();

  private final Random random;
  private final List<Instant> inFlight = new ArrayList<>();
  private Health health;
  private Instant newestStart;
  private Instant newestEnded = Instant.MIN;

  /** In order and without a break. */
  private int badProbes;

  private int goodProbes;

  /** Failed connections since the last good probe, however many would count. */
  private int failedConnections;

  OperatorState state = OperatorState.READY;
  boolean open;
  boolean changed;
  boolean present = true;

  /** Whether it is UNKNOWN because the process was started again. */
  boolean restarted;

  /** Whether its probes tend to be good. */
  boolean well = true;

  Actor(Random random, Instant now) {
    this.random = random;
    this.newestStart = now;
    this.health = Health.unknown(HealthSettings.DEFAULT, now);
  }

  Health health() {
    return health;
  }

  Candidate candidate() {
    return Candidate.of(health, open, state, changed);
  }

  /** Another server, or this one in a new process: nothing is known of it. */
  void renew(Instant now) {
    health = Health.unknown(health.settings(), now);
    inFlight.clear();
    newestStart = now;
    newestEnded = Instant.MIN;
    forget();
  }

  void reload() {
    HealthSettings d = HealthSettings.DEFAULT;
    health =
        health.with(
            TestSettings.health(
                d.check(),
                d.interval(),
                d.fastInterval(),
                d.downInterval(),
                d.timeout(),
                1 + random.nextInt(4),
                1 + random.nextInt(3)));
  }

  void startProbe(Instant now) {
    if (health.probes().mayStart() && !inFlight.contains(now)) {
      health = health.probeStarted(now);
      inFlight.add(now);
      newestStart = now;
    }
    checkProbes();
  }

  void voidProbe() {
    if (!inFlight.isEmpty()) {
      health = health.probeVoided(inFlight.remove(random.nextInt(inFlight.size())));
    }
    checkProbes();
  }

  /** Ends a probe, now and then one that overtakes others. */
  void endProbe(Instant now) {
    if (inFlight.isEmpty()) {
      return;
    }
    int index = random.nextInt(5) == 0 ? random.nextInt(inFlight.size()) : 0;
    Instant start = inFlight.remove(index);
    boolean good = well == (random.nextInt(10) != 0);
    ProbeOutcome outcome = good ? ProbeOutcome.OK : BAD.get(random.nextInt(BAD.size()));
    boolean inOrder = !start.isBefore(newestEnded);
    if (inOrder) {
      newestEnded = start;
      badProbes = good ? 0 : badProbes + 1;
      goodProbes = good ? goodProbes + 1 : 0;
      failedConnections = good && health.status() == HealthStatus.UP ? 0 : failedConnections;
    }
    HealthStatus before = health.status();
    observe(new Observation.Probe(start, outcome, outcome.name()), now);
    checkProbe(before, good, inOrder);
    checkProbes();
  }

  void traffic(Instant now) {
    Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
    if (trouble == Trouble.CONNECT_FAILED || trouble == Trouble.CONNECT_TIMED_OUT) {
      failedConnections++;
    }
    HealthStatus before = health.status();
    Instant started = now.minusMillis(random.nextInt(500));
    observe(new Observation.Traffic(started, trouble, trouble.name()), now);
    assertThat(health.status()).as("traffic alone changes no status").isEqualTo(before);
    checkProbes();
  }

  private void observe(Observation observation, Instant now) {
    HealthStatus before = health.status();
    health = health.observe(observation, now);
    if (health.status() != before) {
      assertThat(health.statusSince()).isEqualTo(now);
      assertThat(health.settled()).isTrue();
    }
  }

  private void checkProbe(HealthStatus before, boolean good, boolean inOrder) {
    HealthStatus after = health.status();
    if (!inOrder) {
      assertThat(after).as("overtaken").isEqualTo(before);
      return;
    }
    switch (before) {
      case UNKNOWN -> assertThat(after).isEqualTo(good ? HealthStatus.UP : HealthStatus.DOWN);
      case UP -> {
        int fall = health.settings().fall();
        if (after == HealthStatus.DOWN) {
          assertThat(good).isFalse();
          assertThat(badProbes + failedConnections).isGreaterThanOrEqualTo(fall);
        } else {
          assertThat(badProbes).as("bad probes in a row").isLessThan(fall);
        }
      }
      case DOWN ->
          assertThat(after == HealthStatus.UP)
              .as("UP after %s good probes", goodProbes)
              .isEqualTo(goodProbes >= health.settings().rise());
    }
    if (after != before) {
      forget();
    }
  }

  private void checkProbes() {
    assertThat(health.probes().inFlight())
        .hasSameSizeAs(inFlight)
        .hasSizeLessThanOrEqualTo(ProbeSchedule.MOST_IN_FLIGHT);
    assertThat(health.nextProbe())
        .as("probing never ends")
        .isBeforeOrEqualTo(newestStart.plus(health.settings().interval()));
  }

  private void forget() {
    badProbes = 0;
    goodProbes = 0;
    failedConnections = 0;
    restarted = false;
  }
}
