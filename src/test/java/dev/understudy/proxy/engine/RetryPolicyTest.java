package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Pool;
import dev.understudy.pool.RetrySettings;
import dev.understudy.proxy.engine.RetryPolicy.FailedAttempt;
import dev.understudy.proxy.engine.RetryPolicy.Reaction;
import dev.understudy.proxy.engine.RetryPolicy.Sent;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table in the javadoc of {@link RetryPolicy}. */
class RetryPolicyTest {
  private static final Pool FAILOVER = TestPools.pool().master("a", 1001).backup("b", 1002).build();
  private static final Pool BALANCE =
      TestPools.pool().balance().master("a", 1001).master("b", 1002).build();

  private static FailedAttempt attempt(String method, Sent sent, boolean kept, int sends) {
    return new FailedAttempt(method, false, sent, kept, false, Math.min(sends, 1), sends);
  }

  @Test
  void for_want_of_own_means_any_request_is_held_as_any_other_server_would_fail_too() {
    FailedAttempt post = attempt("POST", Sent.NOTHING, true, 0);
    for (Pool pool : List.of(FAILOVER, BALANCE)) {
      assertThat(RetryPolicy.afterFailure(UpstreamFailure.LOCAL_FAILURE, post, pool))
          .isEqualTo(new Reaction.Hold(RetryReason.LOCAL_FAILURE));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamFailure.class,
      names = {"CONNECT_FAILED", "CONNECT_TIMED_OUT", "NO_PORT"})
  void without_a_connection_any_request_is_held_or_moves_on(UpstreamFailure failure) {
    FailedAttempt post = attempt("POST", Sent.NOTHING, true, 0);
    assertThat(RetryPolicy.afterFailure(failure, post, FAILOVER))
        .isEqualTo(new Reaction.Hold(RetryReason.CONNECT_FAILED));
    assertThat(RetryPolicy.afterFailure(failure, post, BALANCE))
        .isEqualTo(new Reaction.Replay(RetryReason.CONNECT_FAILED));
  }

  @ParameterizedTest
  @CsvSource({
    // failure, method, sent, kept, sends → retry reason, ? if its server is in doubt, ! if only
    // another server may have it; - for 502
    "BROKEN,      GET,     BODY,    true,  1, BROKEN?",
    "BROKEN,      PUT,     BODY,    true,  1, BROKEN?",
    "BROKEN,      DELETE,  HEAD,    true,  1, BROKEN?",
    "BROKEN,      TRACE,   HEAD,    true,  1, BROKEN?",
    "BROKEN,      GET,     BODY,    true,  2, BROKEN!",
    "BROKEN,      PUT,     BODY,    true,  2, BROKEN!",
    "BROKEN,      GET,     BODY,    false, 2, -",
    "BROKEN,      POST,    BODY,    true,  2, -",
    "BROKEN,      PUT,     BODY,    false, 1, -",
    "BROKEN,      POST,    BODY,    true,  1, -",
    "BROKEN,      POST,    HEAD,    true,  1, -",
    "BROKEN,      PATCH,   BODY,    true,  1, -",
    "BROKEN,      get,     BODY,    true,  1, -",
    "BROKEN,      POST,    NOTHING, true,  0, BROKEN",
    "STALE,       GET,     BODY,    true,  1, STALE_CONNECTION?",
    "STALE,       POST,    BODY,    true,  1, -",
    "STALE,       POST,    NOTHING, true,  0, STALE_CONNECTION",
    "SERVER_DOWN, GET,     BODY,    true,  1, SERVER_DOWN",
    "SERVER_DOWN, HEAD,    BODY,    true,  1, SERVER_DOWN",
    "SERVER_DOWN, OPTIONS, BODY,    true,  1, SERVER_DOWN",
    "SERVER_DOWN, GET,     BODY,    true,  2, SERVER_DOWN",
    "SERVER_DOWN, GET,     BODY,    false, 1, -",
    "SERVER_DOWN, PUT,     BODY,    true,  1, -",
    "SERVER_DOWN, DELETE,  BODY,    true,  1, -",
    "SERVER_DOWN, POST,    BODY,    true,  1, -",
    "SERVER_DOWN, POST,    NOTHING, true,  0, SERVER_DOWN",
  })
  void a_break_before_the_response(
      UpstreamFailure failure, String method, Sent sent, boolean kept, int sends, String expected) {
    FailedAttempt attempt = attempt(method, sent, kept, sends);
    assertThat(RetryPolicy.afterFailure(failure, attempt, FAILOVER)).isEqualTo(reaction(expected));
    assertThat(RetryPolicy.afterFailure(failure, attempt, BALANCE))
        .isEqualTo(
            reaction(failure == UpstreamFailure.STALE ? expected.replace("?", "") : expected));
  }

  @ParameterizedTest
  @CsvSource({
    // attempts, servers, sends to the last one → this one again, another one
    "1, 1, 1, false, false",
    "2, 1, 1, true,  true",
    "2, 1, 2, false, true",
    "2, 2, 1, false, false",
    "3, 1, 2, true,  true",
    "3, 1, 3, false, true",
    "3, 2, 1, true,  true",
    "3, 2, 2, false, true",
    "3, 3, 1, false, false",
  })
  void a_server_on_its_way_down_uses_up_one_send_however_many_it_got(
      int attempts, int servers, int sends, boolean again, boolean another) {
    Pool pool =
        TestPools.pool()
            .master("a", 1001)
            .retry(new RetrySettings(attempts, Set.of("GET"), false))
            .build();
    FailedAttempt attempt = new FailedAttempt("GET", false, Sent.BODY, true, false, servers, sends);
    Reaction failed = new Reaction.Respond(502, RequestEnd.SERVER_FAILED);
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.BROKEN, attempt, pool))
        .isEqualTo(another ? new Reaction.Settle(RetryReason.BROKEN, again) : failed);
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.SERVER_DOWN, attempt, pool))
        .isEqualTo(another ? new Reaction.Replay(RetryReason.SERVER_DOWN) : failed);
  }

  private static Reaction reaction(String expected) {
    if (expected.equals("-")) {
      return new Reaction.Respond(502, RequestEnd.SERVER_FAILED);
    }
    RetryReason reason = RetryReason.valueOf(expected.replaceAll("[?!]", ""));
    return switch (expected.charAt(expected.length() - 1)) {
      case '?' -> new Reaction.Settle(reason, true);
      case '!' -> new Reaction.Settle(reason, false);
      default -> new Reaction.Replay(reason);
    };
  }

  @Test
  void the_end_of_a_connection_that_had_long_been_idle_raises_no_doubt() {
    FailedAttempt get = new FailedAttempt("GET", false, Sent.BODY, true, true, 1, 1);
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.STALE, get, FAILOVER))
        .isEqualTo(new Reaction.Replay(RetryReason.STALE_CONNECTION));
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.BROKEN, get, FAILOVER))
        .as("it had begun to answer")
        .isEqualTo(new Reaction.Settle(RetryReason.BROKEN, true));
  }

  @ParameterizedTest
  @CsvSource({
    // setting, request has a key, failure → replayed
    "true,  true,  BROKEN,      true",
    "true,  false, BROKEN,      false",
    "false, true,  BROKEN,      false",
    "true,  true,  SERVER_DOWN, false",
  })
  void an_idempotency_key_counts_only_where_it_is_allowed(
      boolean setting, boolean key, UpstreamFailure failure, boolean replayed) {
    Pool pool =
        TestPools.pool()
            .master("a", 1001)
            .retry(new RetrySettings(2, Set.of("GET"), setting))
            .build();
    FailedAttempt attempt = new FailedAttempt("POST", key, Sent.BODY, true, false, 1, 1);
    assertThat(RetryPolicy.afterFailure(failure, attempt, pool) instanceof Reaction.Settle)
        .isEqualTo(replayed);
  }

  @Test
  void late_and_bad_responses_are_never_replayed() {
    FailedAttempt get = attempt("GET", Sent.BODY, true, 1);
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.RESPONSE_TIMED_OUT, get, FAILOVER))
        .isEqualTo(new Reaction.Respond(504, RequestEnd.RESPONSE_TIMED_OUT));
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.BAD_RESPONSE, get, FAILOVER))
        .isEqualTo(new Reaction.Respond(502, RequestEnd.SERVER_FAILED));
    assertThat(RetryPolicy.afterFailure(UpstreamFailure.RESPONSE_BROKEN, get, FAILOVER))
        .isEqualTo(new Reaction.BreakOff(RequestEnd.RESPONSE_BROKEN));
  }
}
