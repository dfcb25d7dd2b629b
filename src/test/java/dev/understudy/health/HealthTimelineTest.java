package dev.understudy.health;

import static dev.understudy.health.Patient.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

  // When the last good probe was, when silence or a refusal was reported, what the server does to
  // probes, when they are started, when it is DOWN, and its first bad observation.
  @Rows(
      """
      a frozen master is down 1750 ms after it froze under traffic          | -1000 | 250 |   | hangs   | 250 500 750    | 1750 | 0
      a probe that hung before the silence was reported counts too          | -1950 | 250 |   | hangs   | 50 250 500     | 1500 | 0
      a master that freezes without traffic is found by its next probes     | -1    |     |   | hangs   | 1999 2999 3249 | 4249 | 1999
      a killed master is down within 100 ms of the first refused request    | -1000 |     | 0 | refuses | 0 25           | 26   | 0
      a killed master without traffic is down 51 ms after its next probe    | -1000 |     |   | refuses | 1000 1025 1050 | 1051 | 1000
      """)
  void a_master_that_fails(
      String row,
      long last,
      @Nullable Long silence,
      @Nullable Long refusal,
      String does,
      String expected,
      long down,
      long firstBad) {
    patient.probe(last, ProbeOutcome.OK);
    if (silence != null) {
      silences.add(silence);
    }
    if (refusal != null) {
      refusals.add(refusal);
    }
    boolean hangs = does.equals("hangs");
    long found = runUntilDown(hangs ? HealthTimelineTest::hangs : HealthTimelineTest::refuses);

    List<Long> times = Stream.of(expected.split(" ")).map(Long::valueOf).toList();
    assertThat(hangs ? starts.subList(0, times.size()) : starts).isEqualTo(times);
    assertThat(found).isEqualTo(down);
    assertThat(patient.health().firstBad()).isEqualTo(at(firstBad));
    assertThat(patient.health().connectionFailed()).isEqualTo(!hangs);
    assertThat(patient.health().lastProbeHadResponse()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"-1, 24", "-25, 0", "-249, 0", "-1999, 0"})
  void a_killed_master_is_down_within_100_ms_whenever_its_last_probe_was(long last, long first) {
    patient.probe(last, ProbeOutcome.OK);
    for (long now = 0; now < 100; now++) {
      refusals.add(now);
    }

    long down = runUntilDown(HealthTimelineTest::refuses);

    assertThat(starts).first().isEqualTo(first);
    assertThat(down).isLessThan(100);
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

  private static Ending refuses(long start) {
    return new Ending(start, start + 1, ProbeOutcome.CONNECT_FAILED);
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
        && patient.health().probes().mayStart()
        && !patient.health().nextProbe().isAfter(at(now))) {
      patient.start(now);
      starts.add(now);
      endings.add(server.apply(now));
    }
  }
}
