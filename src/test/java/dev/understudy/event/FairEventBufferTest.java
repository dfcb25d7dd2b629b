package dev.understudy.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event.Kind;
import dev.understudy.pool.PoolId;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who makes room for whom. */
class FairEventBufferTest {
  private static final PoolId SHOP = new PoolId("shop");
  private static final PoolId REPORTS = new PoolId("reports");

  private record Sample(long id, @Nullable PoolId pool, Kind kind, int weight)
      implements FairEventBuffer.Item {
    Sample(long id, @Nullable PoolId pool, Kind kind) {
      this(id, pool, kind, 1);
    }
  }

  private static FairEventBuffer<Sample> shares(long budget) {
    return new FairEventBuffer<>(budget, Sample::weight);
  }

  private static List<Long> ids(List<Sample> events) {
    return events.stream().map(Sample::id).toList();
  }

  private static List<Long> all(FairEventBuffer<Sample> shares) {
    return ids(shares.after(0, Integer.MAX_VALUE));
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void within_the_budget_every_event_stays_and_beyond_it_the_oldest_goes() {
    FairEventBuffer<Sample> shares = shares(5);
    range(1, 5).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));
    assertThat(all(shares)).containsExactly(1L, 2L, 3L, 4L, 5L);

    range(6, 8).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));
    assertThat(all(shares)).containsExactly(4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void a_flood_of_one_kind_takes_nothing_from_a_kind_within_its_third() {
    FairEventBuffer<Sample> shares = shares(30);
    range(1, 10).forEach(id -> shares.add(new Sample(id, SHOP, Kind.OPERATION)));
    range(11, 20).forEach(id -> shares.add(new Sample(id, SHOP, Kind.SWITCH)));
    range(21, 5_000).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));

    assertThat(all(shares)).startsWith(range(1, 20).toArray(Long[]::new)).hasSize(30);
    assertThat(all(shares)).endsWith(range(4_991, 5_000).toArray(Long[]::new));
  }

  @Test
  void a_kind_with_more_than_its_third_gives_it_back_to_one_with_less() {
    FairEventBuffer<Sample> shares = shares(30);
    range(1, 30).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));
    range(31, 40).forEach(id -> shares.add(new Sample(id, SHOP, Kind.SWITCH)));

    assertThat(all(shares)).isEqualTo(range(11, 40));
  }

  @Test
  void a_flood_of_one_pool_takes_nothing_from_the_others() {
    FairEventBuffer<Sample> shares = shares(10);
    range(1, 3).forEach(id -> shares.add(new Sample(id, REPORTS, Kind.HEALTH)));
    range(4, 5).forEach(id -> shares.add(new Sample(id, null, Kind.HEALTH)));
    range(6, 1_000).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));

    assertThat(all(shares)).containsExactly(1L, 2L, 3L, 4L, 5L, 996L, 997L, 998L, 999L, 1_000L);
  }

  @Test
  void the_newest_event_stays_however_heavy() {
    FairEventBuffer<Sample> shares = shares(10);
    range(1, 5).forEach(id -> shares.add(new Sample(id, SHOP, Kind.SWITCH)));
    shares.add(new Sample(6, SHOP, Kind.HEALTH, 50));
    assertThat(all(shares)).containsExactly(6L);

    shares.add(new Sample(7, SHOP, Kind.SWITCH));
    assertThat(all(shares)).containsExactly(7L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1  | 20
          3  | 2 4 20
          4  | 2 4 19 20
          6  | 1 2 3 4 19 20
          9  | 1 2 3 4 16 17 18 19 20
          99 | 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
          """)
  void a_read_by_shares_has_an_equal_one_of_each_kind(int limit, String expected) {
    FairEventBuffer<Sample> shares = shares(100);
    range(1, 2).forEach(id -> shares.add(new Sample(id, SHOP, Kind.OPERATION)));
    range(3, 4).forEach(id -> shares.add(new Sample(id, SHOP, Kind.SWITCH)));
    range(5, 20).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));

    assertThat(ids(shares.newest(limit, event -> true)))
        .as("the newest, whatever their kind")
        .isEqualTo(range(Math.max(1, 21 - limit), 20));
    assertThat(ids(shares.shares(limit, event -> true)))
        .isEqualTo(List.of(expected.split(" ")).stream().map(Long::valueOf).toList());
  }

  @Test
  void a_read_selects_what_is_wanted_and_those_after_an_id() {
    FairEventBuffer<Sample> shares = shares(100);
    range(1, 9).forEach(id -> shares.add(new Sample(id, SHOP, Kind.HEALTH)));

    assertThat(ids(shares.newest(2, event -> event.id() % 2 == 0))).containsExactly(6L, 8L);
    assertThat(shares.newest(0, event -> true)).isEmpty();
    assertThat(ids(shares.after(5, 2))).containsExactly(6L, 7L);
  }
}
