package dev.understudy.bench.failure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Load.Sample;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadAccountTest {
  private static final long START = 1_000_000_000_000L;

  @Test
  void a_request_without_a_200_is_lost_and_counted_by_method() {
    LoadAccount account =
        LoadAccount.of(
            List.of(get(1, 0, 5, 200), get(2, 5, 10, 503), get(3, 10, 15, 0), post(4, 15, 20, 502)),
            List.of(),
            START);
    assertThat(account)
        .returns(4, LoadAccount::requests)
        .returns(2L, LoadAccount::lostGets)
        .returns(1L, LoadAccount::lostPosts)
        .returns(3L, LoadAccount::lost);
  }

  @Test
  void a_lost_post_could_be_saved_if_no_server_can_have_seen_it() {
    LoadAccount account =
        LoadAccount.of(
            List.of(post(1, 0, 9, 502), post(2, 6, 9, 502), post(3, 7, 9, 502), get(4, 0, 9, 502)),
            List.of("o2"),
            START + TimeUnit.MILLISECONDS.toNanos(5));
    assertThat(account)
        .returns(3L, LoadAccount::lostPosts)
        .as("one began before the server was gone, one was executed")
        .returns(2L, LoadAccount::lostInFlight)
        .as("the third, and the GET")
        .returns(2L, LoadAccount::lostForNothing);
  }

  @Test
  void gap_is_between_responses_and_not_between_failures() {
    LoadAccount account =
        LoadAccount.of(
            List.of(get(1, 0, 10, 200), get(2, 5, 400, 503), get(3, 10, 900, 200)),
            List.of(),
            START);
    assertThat(account.longestGapMillis()).isEqualTo(890);
  }

  @Test
  void worst_latency_counts_failures_too() {
    LoadAccount account =
        LoadAccount.of(List.of(get(1, 0, 10, 200), get(2, 100, 1_300, 0)), List.of(), START);
    assertThat(account.worstMillis()).isEqualTo(1_200);
  }

  @Test
  void orders_are_counted_over_the_books_of_all_servers() {
    List<Sample> posts =
        List.of(post(1, 0, 5, 200), post(2, 5, 10, 200), post(3, 10, 15, 200), post(4, 15, 20, 0));
    LoadAccount account =
        LoadAccount.of(posts, List.of("o1", "o2", "o4", "o2", "o99", "o99"), START);
    assertThat(account)
        .as("o99 belongs to another part of the run; o4 may be executed or not")
        .returns(1L, LoadAccount::executedTwice)
        .returns(1L, LoadAccount::forgotten);
  }

  private static Sample get(int id, long startMillis, long endMillis, int status) {
    return sample(id, false, startMillis, endMillis, status);
  }

  private static Sample post(int id, long startMillis, long endMillis, int status) {
    return sample(id, true, startMillis, endMillis, status);
  }

  private static Sample sample(int id, boolean post, long startMillis, long endMillis, int status) {
    return new Sample(id, post, nanos(startMillis), nanos(endMillis), status, "");
  }

  private static long nanos(long millis) {
    return START + TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
