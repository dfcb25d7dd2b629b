package dev.understudy.warmup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.warmup.CpuShare.Use;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuShareTest {
  private static final long MILLI = 1_000_000;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      textBlock =
          """
          nobody else works,                            2.0, 1000,    0, 1.0
          the process before serves,                    2.0, 1000,  700, 0.65
          others use all,                               2.0, 1000, 2000, 0.2
          others use more than there is by the count,   2.0, 1000, 2400, 0.2
          the clock has not moved,                      2.0,    0,    0, 1.0
          a count went backwards,                       2.0, 1000, -100, 1.0
          a quota of half a processor,                  0.5, 1000,  100, 0.2
          a quota of a tenth that is used up,           0.1, 1000,  100, 0.01
          many processors,                             64.0, 1000, 4000, 30.0
          """)
  void half_of_what_others_leave_is_allowed_and_a_tenth_of_all_in_any_case(
      String case_, double processors, long elapsed, long others, double allowed) {
    CpuShare share = new CpuShare(processors);
    assertThat(share.allowed(new Use(elapsed * MILLI, 0, others * MILLI)))
        .isCloseTo(allowed, within(1e-9));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      textBlock =
          """
          less than is allowed,                          2.0, 1000,  900,    0,   0
          as much as is allowed,                         2.0, 1000, 1000,    0,   0
          a little more than is allowed,                 2.0, 1000, 1050,    0,  50
          far more than is allowed,                      2.0, 1000, 2000,    0, 100
          more than is left by the process before,       2.0, 1000,  670,  700,  30
          a quota of a tenth where little was used,      0.1, 1000,   40,    0,   0
          a quota of a tenth where much was used,        0.1, 1000,   90,    0, 100
          nothing was used and no time has passed,       2.0,    0,    0,    0,   0
          """)
  void it_rests_until_its_use_is_what_is_allowed_and_looks_again_after_100_ms(
      String case_, double processors, long elapsed, long own, long others, long rest) {
    CpuShare share = new CpuShare(processors);
    long pause = share.pauseNanos(new Use(elapsed * MILLI, own * MILLI, others * MILLI));
    assertThat(pause / 1e6).isCloseTo(rest, within(1.0));
  }
}
