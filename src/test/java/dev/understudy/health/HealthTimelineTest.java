package dev.understudy.health;

import static dev.understudy.health.Patient.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole failures with the default settings, millisecond by millisecond. */
class HealthTimelineTest {
  private static final int FALL = HealthSettings.DEFAULT.fall();

  /** How a probe of that start will end. */
  private record Ending(long start, long end, ProbeOutcome outcome) {}

  private final Patient patient = Patient.up(HealthSettings.DEFAULT);
  private final List<Long> starts = new ArrayList<>();
  private final TreeSet<Long> silences = new TreeSet<>();
  private final TreeSet<Long> refusals = new TreeSet<>();
  private final PriorityQueue<Ending> endings =
      new PriorityQueue<>((a, b) -> Long.compare(a.end(), b.end()));

  @Test
  void a_frozen_master_is_down_1750_ms_after_it_froze_under_traffic() {
    patient.probe(-1_000, ProbeOutcome.OK);
    silences.add(250L);

    long down = runUntilDown(HealthTimelineTest::hangs);

    assertThat(starts).startsWith(250L, 500L, 750L);
    assertThat(down).isEqualTo(1_750);
    assertThat(patient.health().firstBad()).isEqualTo(at(0));
    assertThat(patient.health().connectionFailed()).isFalse();
    assertThat(patient.health().lastProbeHadResponse()).isFalse();
  }

  @Test
  void a_probe_that_hung_before_the_silence_was_reported_counts_too() {
    patient.probe(-1_950, ProbeOutcome.OK);
    silences.add(250L);

    long down = runUntilDown(HealthTimelineTest::hangs);

    assertThat(starts).startsWith(50L, 250L, 500L);
    assertThat(down).isEqualTo(1_500);
  }

  @Test
  void a_master_that_freezes_without_traffic_is_found_by_its_next_probes() {
    patient.probe(-1, ProbeOutcome.OK);

    long down = runUntilDown(HealthTimelineTest::hangs);

    assertThat(starts).startsWith(1_999L, 2_999L, 3_249L);
    assertThat(down).isEqualTo(4_249);
  }

  @Test
  void a_killed_master_is_down_within_100_ms_of_the_first_refused_request() {
    patient.probe(-1_000, ProbeOutcome.OK);
    refusals.add(0L);

    long down = runUntilDown(start -> new Ending(start, start + 1, ProbeOutcome.CONNECT_FAILED));

    assertThat(starts).containsExactly(0L, 25L);
    assertThat(down).isEqualTo(26);
    assertThat(patient.health().firstBad()).isEqualTo(at(0));
    assertThat(patient.health().connectionFailed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"-1, 24", "-25, 0", "-249, 0", "-1999, 0"})
  void a_killed_master_is_down_within_100_ms_whenever_its_last_probe_was(long last, long first) {
    patient.probe(last, ProbeOutcome.OK);
    for (long now = 0; now < 100; now++) {
      refusals.add(now);
    }

    long down = runUntilDown(start -> new Ending(start, start + 1, ProbeOutcome.CONNECT_FAILED));

    assertThat(starts).first().isEqualTo(first);
    assertThat(down).isLessThan(100);
  }

  @Test
  void a_killed_master_without_traffic_is_down_51_ms_after_its_next_probe() {
    patient.probe(-1_000, ProbeOutcome.OK);

    long down = runUntilDown(start -> new Ending(start, start + 1, ProbeOutcome.CONNECT_FAILED));

    assertThat(starts).containsExactly(1_000L, 1_025L, 1_050L);
    assertThat(down).isEqualTo(1_051);
  }

  @Test
  void a_server_that_stalls_for_less_than_the_probe_timeout_stays_up() {
    patient.probe(-1_000, ProbeOutcome.OK);
    silences.add(250L);

    run(20_000, start -> new Ending(start, Math.max(start + 1, 1_200), ProbeOutcome.OK));

    assertThat(patient.status()).isEqualTo(HealthStatus.UP);
    assertThat(patient.health().settled()).isTrue();
    assertThat(patient.health().firstBad()).isNull();
  }

  private static Ending hangs(long start) {
    return new Ending(start, start + 1_000, ProbeOutcome.TIMED_OUT);
  }

  private long runUntilDown(LongFunction<Ending> server) {
    long now = run(20_000, server);
    assertThat(patient.status()).as("after %s bad", FALL).isEqualTo(HealthStatus.DOWN);
    return now;
  }

  /** Plays the monitor without jitter, from 0 until the server is DOWN or {@code limit}. */
  private long run(long limit, LongFunction<Ending> server) {
    for (long now = 0; now < limit; now++) {
      step(now, server);
      if (patient.status() == HealthStatus.DOWN) {
        return now;
      }
    }
    return limit;
  }

  private void step(long now, LongFunction<Ending> server) {
    while (!endings.isEmpty() && endings.element().end() <= now) {
      Ending ending = endings.remove();
      patient.end(ending.start(), now, ending.outcome());
    }
    if (silences.contains(now)) {
      patient.traffic(now - 250, now, Trouble.SILENT);
    }
    if (refusals.contains(now)) {
      patient.traffic(now, now, Trouble.CONNECT_FAILED);
    }
    if (patient.status() == HealthStatus.UP
        && patient.health().mayStartProbe()
        && !patient.health().nextProbe().isAfter(at(now))) {
      patient.start(now);
      starts.add(now);
      endings.add(server.apply(now));
    }
  }
}
