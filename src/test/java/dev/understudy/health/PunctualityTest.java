package dev.understudy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.HealthSettings;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The table of checks in time, with a bound of six seconds; times are seconds. */
class PunctualityTest {
  private static final Instant ZERO = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration BOUND = Duration.ofSeconds(6);

  // Checks by when they were asked, ?N a look at that time, !N one that found it DOWN; whether it
  // is
  // late in the end.
  @Rows(
      """
      a server that has just become known is in time           | ?0             | false
      a check is in time until the bound                       | 2 ?8           | false
      and late after it                                        | 2 ?8.1         | true
      a server without any check becomes late, too             | ?6.1           | true
      one check in time does not end it                        | 2 ?9 9         | true
      nor do two of which only one is                          | 2 ?9 9 11      | true
      two in time do                                           | 2 ?9 9 11 13   | false
      they have to come in a row                               | 2 ?9 9 11 18 20| true
      and in time themselves                                   | 2 ?9 9 11 ?18 18 20 | true
      bad news ends it at once                                 | 2 ?9 !9        | false
      for as long as others follow in time                     | 2 ?9 !9 ?16    | true
      a check that was asked earlier changes nothing           | 2 4 3 ?10.1    | true
      """)
  void checks_come_in_time_or_late(String row, String course, boolean late) {
    Punctuality is = Punctuality.since(ZERO);
    for (String each : course.split(" ")) {
      char kind = each.charAt(0);
      String seconds = Character.isDigit(kind) ? each : each.substring(1);
      Instant at = ZERO.plusMillis((long) (1000 * Double.parseDouble(seconds)));
      is =
          switch (kind) {
            case '?' -> is.at(at, BOUND);
            case '!' -> is.checked(at, BOUND).down(at);
            default -> is.checked(at, BOUND);
          };
    }
    assertThat(is.late()).isEqualTo(late);
  }

  // Interval, down-interval, time-out, status, and the bound.
  @Rows(
      """
      three intervals                                     | 2  | 1  | 1  | UP      | 6
      or one and two time-outs, if these are longer       | 2  | 1  | 10 | UP      | 22
      of a server that is DOWN the longer interval counts | 2  | 30 | 1  | DOWN    | 90
      of any other its own                                | 2  | 30 | 1  | UNKNOWN | 6
      """)
  void the_bound_is(
      String row, long interval, long down, long timeout, HealthStatus status, long bound) {
    HealthSettings d = HealthSettings.DEFAULT;
    HealthSettings settings =
        TestSettings.health(
            d.check(),
            Duration.ofSeconds(interval),
            d.fastInterval(),
            Duration.ofSeconds(down),
            Duration.ofSeconds(timeout),
            3,
            2);
    assertThat(Punctuality.bound(settings, status)).hasSeconds(bound);
  }

  @Test
  void what_is_known_without_a_break_is_known_since_the_checks_are_in_time_again() {
    Patient patient = Patient.up(Patient.settings(3, 2));
    Instant up = patient.health().statusSince();
    assertThat(patient.health().unbrokenSince()).isEqualTo(up);
    Health late = patient.health().at(Patient.at(0));
    assertThat(late.isLate()).isTrue();
    Health again = good(good(late, 1_000), 3_000);
    assertThat(again.isLate()).isTrue();
    again = good(again, 5_000);
    assertThat(again.isLate()).isFalse();
    assertThat(again.statusSince()).isEqualTo(up);
    assertThat(again.unbrokenSince()).isEqualTo(Patient.at(5_000));
  }

  private static Health good(Health health, long at) {
    return health
        .probeStarted(Patient.at(at))
        .observe(
            new Observation.Probe(Patient.at(at), ProbeOutcome.OK, "status 200"), Patient.at(at));
  }
}
