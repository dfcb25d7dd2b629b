package dev.understudy.bench.failure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.failure.TunnelAccount.Life;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TunnelAccountTest {
  private static final long STRUCK = nanos(1_000);
  private static final long OVER = nanos(9_000);

  @Test
  void told_cut_and_stayed_are_told_apart() {
    TunnelAccount account =
        account(
            List.of(
                List.of(ended("master", 0, 1_100, 1012)),
                List.of(ended("master", 0, 1_200, 1001)),
                List.of(ended("master", 0, 1_300, TunnelAccount.NO_CLOSE_FRAME)),
                List.of(open("master", 0))));
    assertThat(account.told()).isEqualTo(Map.of(1012, 1, 1001, 1));
    assertThat(account)
        .returns(2, TunnelAccount::toldInAll)
        .returns(1, TunnelAccount::cut)
        .returns(1, TunnelAccount::stayed)
        .returns(4, TunnelAccount::clients);
  }

  @Test
  void back_is_counted_from_the_end_of_each_and_from_the_event() {
    TunnelAccount account =
        account(
            List.of(
                List.of(ended("master", 0, 1_100, 1012), open("backup", 1_400)),
                List.of(ended("master", 0, 3_000, 1012), open("backup", 3_050))));
    assertThat(account)
        .returns(2, TunnelAccount::back)
        .returns(300.0, TunnelAccount::worstBackMillis)
        .returns(2_050.0, TunnelAccount::lastBackMillis);
  }

  @Test
  void client_that_reached_the_old_server_again_is_not_back_before_it_reaches_the_new_one() {
    TunnelAccount account =
        account(
            List.of(
                List.of(
                    ended("master", 0, 1_100, 1012),
                    ended("master", 1_200, 1_500, 1012),
                    open("backup", 1_600))));
    assertThat(account).returns(500.0, TunnelAccount::worstBackMillis);
  }

  @Test
  void client_that_never_came_back_is_not_counted_as_back() {
    assertThat(account(List.of(List.of(ended("master", 0, 1_100, 1012)))))
        .returns(0, TunnelAccount::back)
        .returns(1, TunnelAccount::toldInAll);
  }

  @Test
  void what_ended_before_the_event_or_after_the_run_is_none_of_its_doing() {
    TunnelAccount account =
        account(
            List.of(
                List.of(ended("master", 0, 500, 1000)),
                List.of(ended("master", 0, 9_500, TunnelAccount.NO_CLOSE_FRAME))));
    assertThat(account).returns(0, TunnelAccount::cut).returns(1, TunnelAccount::stayed);
  }

  private static TunnelAccount account(List<List<Life>> clients) {
    return TunnelAccount.of(clients, STRUCK, OVER, "backup");
  }

  private static Life ended(String server, long openedMillis, long endedMillis, int code) {
    return new Life(server, nanos(openedMillis), nanos(endedMillis), code);
  }

  private static Life open(String server, long openedMillis) {
    return new Life(server, nanos(openedMillis), Long.MAX_VALUE, 0);
  }

  private static long nanos(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
