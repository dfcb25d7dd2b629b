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

  /** Starts of probes since the status changed, in any order. */
  private final List<Instant> badProbes = new ArrayList<>();

  private final List<Instant> goodProbes = new ArrayList<>();

  /** Starts of failed connections since the status changed, however many would count. */
  private final List<Instant> failedConnections = new ArrayList<>();

  private Instant newestGood = Instant.MIN;
  private Instant newestBad = Instant.MIN;

  /** That of traffic included. */
  private Instant newestTrouble = Instant.MIN;

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
    newestGood = Instant.MIN;
    newestBad = Instant.MIN;
    newestTrouble = Instant.MIN;
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
    (good ? goodProbes : badProbes).add(start);
    if (good) {
      newestGood = start.isAfter(newestGood) ? start : newestGood;
    } else {
      newestBad = start.isAfter(newestBad) ? start : newestBad;
      newestTrouble = start.isAfter(newestTrouble) ? start : newestTrouble;
    }
    HealthStatus before = health.status();
    observe(new Observation.Probe(start, outcome, outcome.name()), now);
    checkProbe(before, good, start);
    checkProbes();
  }

  void traffic(Instant now) {
    Instant started = now.minusMillis(random.nextInt(500));
    Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
    if (trouble == Trouble.CONNECT_FAILED || trouble == Trouble.CONNECT_TIMED_OUT) {
      failedConnections.add(started);
      newestTrouble = started.isAfter(newestTrouble) ? started : newestTrouble;
    }
    HealthStatus before = health.status();
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

  private void checkProbe(HealthStatus before, boolean good, Instant start) {
    HealthStatus after = health.status();
    switch (before) {
      case UNKNOWN -> assertThat(after).isEqualTo(good ? HealthStatus.UP : HealthStatus.DOWN);
      case UP -> {
        int fall = health.settings().fall();
        long bad = after(newestGood, badProbes);
        boolean counts = !good && start.isAfter(newestGood);
        if (after == HealthStatus.DOWN) {
          assertThat(counts).isTrue();
          assertThat(bad + after(newestGood, failedConnections)).isGreaterThanOrEqualTo(fall);
        } else if (counts) {
          assertThat(bad).as("bad probes since the newest good one").isLessThan(fall);
        }
      }
      case DOWN -> {
        int rise = health.settings().rise();
        boolean up = after == HealthStatus.UP;
        long some = after(newestBad, goodProbes);
        assertThat(up && (!good || some < rise)).as("UP after %s good probes", some).isFalse();
        boolean newest = good && start.isAfter(newestTrouble);
        assertThat(!up && newest && after(newestTrouble, goodProbes) >= rise).isFalse();
      }
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

  private static long after(Instant moment, List<Instant> starts) {
    return starts.stream().filter(each -> each.isAfter(moment)).count();
  }

  private void forget() {
    badProbes.clear();
    goodProbes.clear();
    failedConnections.clear();
    restarted = false;
  }
}
