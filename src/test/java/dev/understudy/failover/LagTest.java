package dev.understudy.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Lag.Unit;
import dev.understudy.pool.PromotionSettings;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LagTest {
  private static final Instant ZERO = Instant.parse("2026-01-01T14:02:00Z");
  private static final long MB = 1 << 20;

  private static Lag lag(Unit unit, OptionalLong amount, long seconds) {
    return new Lag(new ServerId("db-1"), unit, amount, ZERO.plusSeconds(seconds), ZERO);
  }

  // What is lacking, "?" if that is not known; the time of it; the bounds, and whether they keep
  // the
  // server from being promoted.
  @Rows(
      """
      nothing is lacking, whatever the time     | 0 BYTES              | 3600 | 16 30 | false
      as much as may be lost                    | 16777216 BYTES       | 0    | 16 30 | false
      a byte more                               | 16777217 BYTES       | 0    | 16 30 | true
      a byte for as long as it may be           | 1 BYTES              | 30   | 16 30 | false
      a byte for longer                         | 1 BYTES              | 31   | 16 30 | true
      nothing may be lost                       | 1 BYTES              | 0    | 0 30  | true
      no time may be lost                       | 1 BYTES              | 1    | 16 0  | true
      transactions are no bytes                 | 99999999 TRANSACTIONS | 30  | 16 30 | false
      transactions for longer                   | 1 TRANSACTIONS       | 31   | 16 30 | true
      data that cannot be compared, for a while | ? BYTES              | 30   | 16 30 | false
      data that cannot be compared, for longer  | ? BYTES              | 31   | 16 30 | true
      any lag will do                           | 99999999999 BYTES    | 3600 | any   | false
      """)
  void a_bound_keeps_who_lacks_too_much_from_being_promoted(
      String says, String lacks, long seconds, String bounds, boolean tooFar) {
    String[] words = lacks.split(" ");
    OptionalLong amount =
        words[0].equals("?") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(words[0]));
    assertThat(lag(Unit.valueOf(words[1]), amount, seconds).exceeds(settings(bounds)))
        .isEqualTo(tooFar);
  }

  private static PromotionSettings settings(String bounds) {
    if (bounds.equals("any")) {
      return new PromotionSettings(0, Duration.ZERO, true);
    }
    long[] each = Stream.of(bounds.split(" ")).mapToLong(Long::parseLong).toArray();
    return new PromotionSettings(each[0] * MB, Duration.ofSeconds(each[1]), false);
  }

  @Rows(
      """
      bytes                | 18140365 BYTES  | 17.3 MB behind server db-1 as of 14:02:31 UTC, since 14:02:00 UTC
      one transaction      | 1 TRANSACTIONS  | 1 transaction behind server db-1 as of 14:02:31 UTC, since 14:02:00 UTC
      transactions         | 20 TRANSACTIONS | 20 transactions behind server db-1 as of 14:02:31 UTC, since 14:02:00 UTC
      other data           | ? BYTES         | at other data than server db-1 as of 14:02:31 UTC, since 14:02:00 UTC
      nothing              | 0 BYTES         | level with server db-1 as of 14:02:31 UTC
      """)
  void a_lag_is_told_with_its_times(String says, String lacks, String words) {
    String[] parts = lacks.split(" ");
    OptionalLong amount =
        parts[0].equals("?") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(parts[0]));
    assertThat(lag(Unit.valueOf(parts[1]), amount, 1).words(Duration.ofSeconds(0)))
        .isEqualTo(words.replace("14:02:31", "14:02:01"));
    assertThat(lag(Unit.valueOf(parts[1]), amount, 1).words(Duration.ofHours(1)))
        .contains("15:02:01 UTC");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KB",
    "1536, 1.5 KB",
    "16777216, 16 MB",
    "9223372036854775807, 8 EB"
  })
  void a_size_is_told_in_its_largest_unit(long bytes, String words) {
    assertThat(Lag.size(bytes)).isEqualTo(words);
  }
}
