package dev.understudy.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.upstream.ServerLiveness.Advice;
import dev.understudy.testing.Rows;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a connection takes for a sign of life, in milliseconds. */
class ServerLivenessTest {
  private final ServerLiveness liveness = new ServerLiveness();

  /** Near the end of the clock's range, which has no beginning. */
  private static long at(long millis) {
    return Long.MAX_VALUE - 500 + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void begin() {
    liveness.idle(at(0));
    assertThat(liveness.begin(true, at(0))).isEqualTo(at(0));
  }

  /**
   * What happens in turn to a connection with streams, with the time of each, and what is advised.
   */
  @Rows(
      """
      # a request is answered
      sent 0, check 999 NOTHING
      sent 0, received 10, check 5000 NOTHING
      # it is not
      sent 0, check 1000 PING, check 1001 NOTHING, check 1999 NOTHING, check 2000 RETIRE
      sent 0, check 1000 PING, received 1100, check 9000 NOTHING
      # the first request that is not answered counts
      sent 0, sent 900, check 1000 PING
      sent 0, received 500, sent 900, check 1000 NOTHING, check 1900 PING
      # two pings without a part of a response in between
      sent 0, check 1000 PING, received 1001, sent 1002, check 2002 PING, received 2003, sent 2004, check 9999 NOTHING
      sent 0, check 1000 PING, received 1001, responding 1001, sent 1002, check 2002 PING, received 2003, sent 2004, check 3004 PING
      # a user leaves, whose request was sent at 0
      sent 0, left 999 NOTHING
      sent 0, left 1000 RETIRE
      sent 0, check 1000 PING, left 1001 RETIRE
      sent 0, received 10, left 2000 NOTHING
      sent 0, received 10, sent 20, left 2000 NOTHING
      """)
  void what_is_advised(String course) {
    begin();
    for (String step : course.split(", ")) {
      String[] words = step.split(" ");
      long now = at(Long.parseLong(words[1]));
      switch (words[0]) {
        case "sent" -> liveness.sent(now);
        case "received" -> liveness.received();
        case "responding" -> liveness.responding();
        case "left" ->
            assertThat(liveness.left(at(0), now)).as(step).isEqualTo(Advice.valueOf(words[2]));
        default ->
            assertThat(liveness.check(false, now)).as(step).isEqualTo(Advice.valueOf(words[2]));
      }
    }
  }

  @Test
  void a_user_that_came_after_others_waits_a_second_of_its_own() {
    begin();
    liveness.sent(at(0));
    liveness.sent(at(900));
    assertThat(liveness.left(at(900), at(1500))).isEqualTo(Advice.NOTHING);
    assertThat(liveness.left(at(900), at(1900))).isEqualTo(Advice.RETIRE);
  }

  @Test
  void it_is_idle_for_15_seconds() {
    liveness.idle(at(0));
    assertThat(liveness.check(true, at(14_999))).isEqualTo(Advice.NOTHING);
    assertThat(liveness.check(true, at(15_000))).isEqualTo(Advice.RETIRE);
  }

  @Test
  void it_is_quiet_from_the_second_time_of_use_until_a_byte_comes() {
    begin();
    assertThat(liveness.isQuiet()).as("the first stream of all").isFalse();
    liveness.idle(at(10));
    assertThat(liveness.begin(true, at(20))).isEqualTo(at(10));
    assertThat(liveness.isQuiet()).isTrue();
    assertThat(liveness.begin(false, at(30))).as("beside another").isEqualTo(at(10));
    assertThat(liveness.isQuiet()).isTrue();
    liveness.received();
    assertThat(liveness.begin(false, at(40))).isEqualTo(at(40));
    assertThat(liveness.isQuiet()).isFalse();
  }
}
