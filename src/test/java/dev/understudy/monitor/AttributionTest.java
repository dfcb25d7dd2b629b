package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.Attribution.Cause;
import dev.understudy.monitor.Attribution.Circumstances;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of causes. */
class AttributionTest {
  private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");

  private Attribution attribution = Attribution.NONE;
  private long clock;

  /** The observation, the status before it, what is known here, and the cause. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          probe VOIDED              | UP      | starting paused fenced | SERVER
          probe LOCAL_FAILURE       | UNKNOWN | starting paused fenced | SERVER
          probe UNRESOLVED          | UNKNOWN | starting paused fenced | SERVER
          probe OK                  | UNKNOWN | starting paused fenced | SERVER
          probe TIMED_OUT           | UNKNOWN | starting paused fenced | START
          probe TIMED_OUT           | UP      | starting               | SERVER
          probe CONNECT_FAILED      | UNKNOWN | starting               | SERVER
          probe CONNECT_FAILED      | UP      | paused fenced          | FENCE
          probe BAD_STATUS          | DOWN    | fenced                 | FENCE
          probe BAD_STATUS          | UNKNOWN | fenced                 | FENCE
          probe CONNECT_FAILED      | UP      | paused                 | SERVER
          probe UNREACHABLE         | UP      | paused                 | PAUSE
          probe BROKEN              | UP      | paused                 | PAUSE
          probe TIMED_OUT           | DOWN    | paused                 | PAUSE
          probe TIMED_OUT           | UP      | nothing                | SERVER
          agent up                  | DOWN    | paused fenced          | SERVER
          agent down                | UP      | paused fenced          | FENCE
          agent down                | UP      | starting paused        | SERVER
          traffic CONNECT_FAILED    | UP      | fenced                 | FENCE
          traffic SILENT            | UP      | paused fenced          | FENCE
          traffic SILENT            | UP      | paused                 | PAUSE
          traffic CONNECT_TIMED_OUT | UP      | paused                 | PAUSE
          traffic CONNECT_FAILED    | UP      | paused                 | SERVER
          traffic BROKEN            | UP      | paused                 | SERVER
          traffic NO_PORT           | UP      | paused                 | SERVER
          traffic SILENT            | UP      | starting               | SERVER
          """)
  void an_observation_has_one_cause(
      String observed, HealthStatus status, String seen, Cause cause) {
    assertThat(of(observation(observed, 0), status, seen, 1)).isEqualTo(cause);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TIMED_OUT", "BROKEN", "BAD_STATUS"})
  void a_pause_explains_one_round_in_succession(String outcome) {
    for (int times = 0; times < 2; times++) {
      assertThat(rounds("probe " + outcome, 3))
          .containsExactly(Cause.PAUSE, Cause.SERVER, Cause.SERVER);
      assertThat(rounds("probe OK", 1)).containsExactly(Cause.SERVER);
    }
  }

  @Test
  void what_is_in_flight_together_is_one_round() {
    for (int i = 0; i < 5; i++) {
      Observation probe = observation("probe BROKEN", i);
      assertThat(of(probe, HealthStatus.UP, "paused", 10)).isEqualTo(Cause.PAUSE);
    }
  }

  @Test
  void after_a_probe_that_no_pause_spoils_the_next_round_is_the_first() {
    rounds("probe BROKEN", 3);
    assertThat(of(observation("probe BROKEN", 1000), HealthStatus.UP, "nothing", 1001))
        .isEqualTo(Cause.SERVER);
    clock = 2000;
    assertThat(rounds("probe BROKEN", 1)).containsExactly(Cause.PAUSE);
  }

  @Test
  void a_fence_explains_what_is_bad_of_a_server_that_is_not_judged_for_four_seconds() {
    Observation bad = observation("probe CONNECT_FAILED", 0);
    assertThat(of(bad, HealthStatus.UNKNOWN, "fenced", 3999)).isEqualTo(Cause.FENCE);
    assertThat(of(bad, HealthStatus.UNKNOWN, "fenced", 4000)).isEqualTo(Cause.SERVER);
    assertThat(of(bad, HealthStatus.DOWN, "fenced", 60_000)).isEqualTo(Cause.FENCE);
    // It was judged in between.
    Observation later = observation("probe CONNECT_FAILED", 60_000);
    assertThat(of(later, HealthStatus.UNKNOWN, "fenced", 60_001)).isEqualTo(Cause.FENCE);
  }

  /**
   * The causes of that many such probes of an UP server, one after the other, over a pause each.
   */
  private List<Cause> rounds(String probe, int count) {
    List<Cause> causes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clock += 10;
      causes.add(of(observation(probe, clock), HealthStatus.UP, "paused", clock + 5));
    }
    return causes;
  }

  private Cause of(Observation observation, HealthStatus status, String seen, long now) {
    Attribution.Verdict verdict =
        attribution.of(
            observation,
            status,
            new Circumstances(
                BEGAN.plusMillis(now),
                seen.contains("starting"),
                seen.contains("paused"),
                seen.contains("fenced")));
    attribution = verdict.next();
    assertThat(verdict.counts()).isEqualTo(verdict.cause() == Cause.SERVER);
    return verdict.cause();
  }

  private static Observation observation(String text, long began) {
    Instant start = BEGAN.plusMillis(began);
    String[] words = text.split(" ");
    return switch (words[0]) {
      case "probe" -> new Observation.Probe(start, ProbeOutcome.valueOf(words[1]), "a test");
      case "agent" -> new Observation.Agent(start, words[1].equals("up"), "a test");
      default -> new Observation.Traffic(start, Trouble.valueOf(words[1]), "a test");
    };
  }
}
