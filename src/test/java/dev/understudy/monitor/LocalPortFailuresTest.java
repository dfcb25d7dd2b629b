package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose failure it is that there is no local port or address. */
class LocalPortFailuresTest {
  private final LocalPortFailures destinations = new LocalPortFailures();

  /**
   * Results of destinations a, b and c: the second, + if reached, - if not; the last one counts.
   */
  @ParameterizedTest
  @CsvSource({
    // nobody else is known, or was reached for long
    "a0-,                          MACHINE",
    "a0- a3- a9-,                  MACHINE",
    "b0+ a11-,                     MACHINE",
    // another was reached, but before: all may fail from now on
    "b0+ a1-,                      OPEN",
    "b0+ a1- a2- a9-,              OPEN",
    "b0+ a1- b2- a3-,              MACHINE",
    // another was reached since
    "a0- b1+ a2-,                  SERVER",
    "b0+ a1- b2+ a3- b4+ a12-,     SERVER",
    "b0+ a1- b2+ a13-,             MACHINE",
    "a0- b1-  c2+ a3-,             SERVER",
    // the failures of this one have begun anew
    "a0- b1+ a2+ a3-,              OPEN",
    "a0- b1+ a2+ a3- b4+ a5-,      SERVER",
    // the other fails by now
    "a0- b1+ b2- a3-,              MACHINE",
    // what was long ago is forgotten, except for those that are tried again and again
    "a0- b1+ c4000+ a4001-,        OPEN",
    "a0- a3000- c4000+ a4001-,     SERVER",
  })
  void a_failure_is_the_servers_if_others_are_reached(
      String results, LocalPortFailures.Verdict expected) {
    LocalPortFailures.Verdict verdict = null;
    for (String each : results.split(" +")) {
      InetSocketAddress destination = InetSocketAddress.createUnresolved(each.substring(0, 1), 80);
      Instant at =
          Instant.EPOCH.plus(
              Duration.ofSeconds(Long.parseLong(each.substring(1, each.length() - 1))));
      if (each.endsWith("+")) {
        destinations.reached(destination, at);
      } else {
        verdict = destinations.failed(destination, at);
      }
    }
    assertThat(verdict).isEqualTo(expected);
  }
}
