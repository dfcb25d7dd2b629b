package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.Authority;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.engine.ForwardingPolicy.Attempt;
import dev.understudy.proxy.engine.ForwardingPolicy.Facts;
import dev.understudy.proxy.engine.ForwardingPolicy.Plan;
import dev.understudy.proxy.engine.ForwardingPolicy.Sent;
import dev.understudy.proxy.engine.ForwardingPolicy.Step;
import dev.understudy.proxy.engine.ForwardingPolicy.Wait;
import dev.understudy.proxy.engine.ForwardingPolicy.Why;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RetryReason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The two tables in the javadoc of {@link ForwardingPolicy}. */
class ForwardingPolicyTest {
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final Facts PLAIN = new Facts(null, null, Set.of(), false);
  private static final Instant NOW = Instant.now();

  private static TestPools.Builder two() {
    return TestPools.pool().master("a", 1001).backup("b", 1002);
  }

  private static TestPools.Builder tcp() {
    return TestPools.pool().servers(tcp("a", Rank.MASTER, 1001), tcp("b", Rank.BACKUP, 1002));
  }

  private static Server tcp(String id, Rank rank, int port) {
    ServerAddress address = new ServerAddress(Protocol.TCP, false, "127.0.0.1", port);
    return TestServers.of(new ServerId(id), address, rank, OptionalInt.empty());
  }

  private static TestPools.Builder balanced() {
    return TestPools.pool().balance().master("a", 1001).master("b", 1002).backup("c", 1003);
  }

  private static Plan plan(TestPools pools, Facts facts) {
    return plan(pools.state(), facts, NOW);
  }

  private static Plan plan(PoolState pool, Facts facts, Instant now) {
    return plan(pool, facts, now, server -> false);
  }

  private static Plan plan(PoolState pool, Facts facts, Instant now, Predicate<ServerState> full) {
    return ForwardingPolicy.plan(facts, pool, now, Balancers.begun(pool.pool()), true, full);
  }

  private static void assertSends(Plan plan, ServerId to, Why why) {
    assertThat(plan).isInstanceOf(Plan.Send.class);
    Plan.Send send = (Plan.Send) plan;
    assertThat(send.server().server().id()).isEqualTo(to);
    assertThat(send.why()).isEqualTo(why);
  }

  private static void assertHolds(Plan plan, Wait reason) {
    assertThat(plan).isEqualTo(new Plan.Hold(reason));
  }

  // plan, failover

  @Test
  void the_serving_server_gets_it() {
    assertSends(plan(two().start(), PLAIN), A, Why.SERVING);
  }

  @Test
  void the_serving_server_gets_it_even_if_it_is_not_usable() {
    TestPools pools = two().start();
    pools.down("a");
    assertSends(plan(pools, PLAIN), A, Why.SERVING);
  }

  @ParameterizedTest
  @CsvSource({
    // protocol, status, newest probe, operator's state, session → the plan
    "http, DOWN, TIMED_OUT,      READY, false, undecided",
    "http, DOWN, TIMED_OUT,      READY, true,  undecided",
    "http, DOWN, CONNECT_FAILED, READY, false, undecided",
    "http, DOWN, BROKEN,         READY, false, undecided",
    "http, DOWN, TLS_FAILED,     READY, false, undecided",
    "http, DOWN, BAD_RESPONSE,     READY, false, undecided",
    "http, DOWN, UNRESOLVED,     READY, false, undecided",
    "http, DOWN, BROKEN,         DRAIN, false, undecided",
    "http, DOWN, BAD_STATUS,     READY, false, send",
    "http, DOWN, BAD_BODY,       READY, false, send",
    "http, DOWN, BAD_HEADER,     READY, false, send",
    "http, DOWN, OK,             READY, false, send",
    "http, UP,   OK,       MAINTENANCE, false, undecided",
    "http, UP,   OK,       MAINTENANCE, true,  undecided",
    "tcp,  UP,   OK,       MAINTENANCE, false, undecided",
    "http, UP,   TIMED_OUT,      READY, false, send",
    "http, UP,   BROKEN,         READY, true,  send",
    "tcp,  DOWN, BROKEN,         READY, false, undecided",
    "tcp,  DOWN, BAD_STATUS,     READY, false, undecided",
    "tcp,  DOWN, BAD_BODY,       READY, true,  undecided",
    "tcp,  UP,   BROKEN,         READY, false, send",
  })
  void a_serving_server_that_is_about_to_be_left_gets_a_request_only_once_the_replicas_keep_it(
      String protocol,
      HealthStatus status,
      ProbeOutcome newest,
      OperatorState state,
      boolean session,
      String expected) {
    TestPools.Builder builder = protocol.equals("tcp") ? tcp() : two();
    TestPools pools = builder.sticky(AfterFailback.KEEP).start();
    pools.probed("a", newest);
    pools.operator("a", state);
    if (status == HealthStatus.DOWN) {
      pools.down("a");
    }
    boolean open = status == HealthStatus.UP && state != OperatorState.MAINTENANCE;
    Why why = session && open ? Why.SESSION : Why.SERVING;
    Plan.Send send = new Plan.Send(pools.server("a"), why);
    assertThat(plan(pools, session ? new Facts(null, A, Set.of(), false) : PLAIN))
        .isEqualTo(expected.equals("send") ? send : new Plan.Undecided(send));
  }

  @Test
  void a_full_server_that_is_down_here_makes_it_wait_for_a_place() {
    TestPools pools = two().start();
    pools.silent("a");
    assertHolds(plan(pools.state(), PLAIN, NOW, server -> true), Wait.FULL);
  }

  @Test
  void the_backup_gets_what_the_replicas_have_moved_from_a_server_that_is_down() {
    TestPools pools = two().start();
    pools.silent("a");
    pools.serve("b");
    assertSends(plan(pools, PLAIN), B, Why.SERVING);
    assertSends(plan(pools, new Facts(A, A, Set.of(), false)), B, Why.SERVING);
  }

  @Test
  void a_request_waits_while_no_server_serves_although_a_backup_is_usable() {
    TestPools pools = two().start();
    pools.serve(null);
    assertHolds(plan(pools, PLAIN), Wait.NO_SERVER);
  }

  @Test
  void a_replica_that_may_send_nothing_while_out_of_touch_holds_at_once_and_sends_again_at_once() {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    TestPools pools = two().start();
    pools.authority(new Authority(true, true, inTouch::get));
    PoolState pool = pools.state();
    assertSends(plan(pool, PLAIN, NOW), A, Why.SERVING);
    inTouch.set(false);
    assertHolds(plan(pool, PLAIN, NOW), Wait.NO_SERVER);
    assertHolds(plan(pool, new Facts(B, A, Set.of(), false), NOW), Wait.NO_SERVER);
    inTouch.set(true);
    assertSends(plan(pool, PLAIN, NOW), A, Why.SERVING);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_client_that_is_excluded_by_maintenance_is_refused_before_anything_else(boolean balance) {
    TestPools pools = balance ? two().balance().start() : two().start();
    Facts excluded = new Facts(B, A, Set.of(), true);
    assertThat(plan(pools, excluded)).isEqualTo(new Plan.Reject(RequestEnd.MAINTENANCE));
    pools.authority(new Authority(true, true, () -> false));
    assertThat(plan(pools, excluded)).isEqualTo(new Plan.Reject(RequestEnd.MAINTENANCE));
    assertThat(ForwardingPolicy.plan(excluded, null, NOW, null, true, server -> false))
        .as("no such pool")
        .isEqualTo(new Plan.Reject(RequestEnd.NO_SERVER));
  }

  @Test
  void the_epoch_is_sent_only_while_in_touch() {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    TestPools pools = two().start();
    pools.authority(new Authority(true, false, inTouch::get));
    PoolState pool = pools.state();
    assertThat(pool.tellsEpoch(pool.servers().getFirst())).isTrue();
    inTouch.set(false);
    assertThat(pool.tellsEpoch(pool.servers().getFirst())).isFalse();
    assertSends(plan(pool, PLAIN, NOW), A, Why.SERVING);
  }

  @Test
  void a_full_server_makes_it_wait_and_sends_it_nowhere_else() {
    Plan plan = plan(two().start().state(), PLAIN, NOW, server -> true);
    assertHolds(plan, Wait.FULL);
  }

  @Test
  void nothing_waits_where_hold_time_is_zero() {
    TestPools pools = two().hold(Duration.ZERO, 10, 10).start();
    pools.serve(null);
    assertThat(plan(pools, PLAIN)).isInstanceOf(Plan.Reject.class);
  }

  @Test
  void a_pool_that_is_gone_rejects() {
    assertThat(ForwardingPolicy.plan(PLAIN, null, NOW, null, true, server -> false))
        .isInstanceOf(Plan.Reject.class);
  }

  @Test
  void the_preferred_server_wins_while_it_is_usable() {
    TestPools pools = two().start();
    Facts facts = new Facts(B, A, Set.of(), false);
    assertSends(plan(pools, facts), B, Why.PREFERRED);
    pools.down("b");
    assertSends(plan(pools, facts), A, Why.SESSION);
  }

  @Test
  void a_preferred_server_that_does_not_exist_is_no_matter() {
    assertSends(
        plan(two().start(), new Facts(new ServerId("x"), null, Set.of(), false)), A, Why.SERVING);
  }

  @ParameterizedTest
  @CsvSource({
    // after-failback, drain passed, usable → where
    "DRAIN, false, true,  b",
    "DRAIN, true,  true,  a",
    "DRAIN, false, false, a",
    "KEEP,  true,  true,  b",
    "KEEP,  false, false, a",
  })
  void a_session_on_a_server_that_left_serving_stays_or_goes(
      AfterFailback after, boolean drained, boolean usable, String where) {
    TestPools pools = two().sticky(after).drain(Duration.ofSeconds(30)).start();
    pools.serve("b");
    pools.serve("a");
    if (!usable) {
      pools.down("b");
    }
    Instant now = drained ? Instant.now().plusSeconds(31) : NOW;
    Plan plan = plan(pools.state(), new Facts(null, B, Set.of(), false), now);
    assertSends(plan, new ServerId(where), where.equals("b") ? Why.SESSION : Why.SERVING);
  }

  @ParameterizedTest
  @CsvSource({
    // mode, operator's state, UP, circuit open, after-failback → where a session of "a" goes
    "FAILOVER, READY,       true,  false, DRAIN, a",
    "FAILOVER, READY,       true,  false, KEEP,  a",
    "FAILOVER, DRAIN,       true,  false, DRAIN, a",
    "FAILOVER, DRAIN,       true,  false, KEEP,  a",
    "FAILOVER, MAINTENANCE, true,  false, DRAIN, b",
    "FAILOVER, MAINTENANCE, true,  false, KEEP,  b",
    "FAILOVER, READY,       false, false, KEEP,  b",
    "FAILOVER, DRAIN,       false, false, KEEP,  b",
    "FAILOVER, MAINTENANCE, false, false, KEEP,  b",
    "FAILOVER, READY,       true,  true,  KEEP,  b",
    "FAILOVER, DRAIN,       true,  true,  KEEP,  b",
    "FAILOVER, MAINTENANCE, true,  true,  KEEP,  b",
    "BALANCE,  READY,       true,  false, DRAIN, a",
    "BALANCE,  DRAIN,       true,  false, DRAIN, a",
    "BALANCE,  MAINTENANCE, true,  false, DRAIN, b",
    "BALANCE,  READY,       false, false, DRAIN, b",
    "BALANCE,  DRAIN,       false, false, DRAIN, b",
    "BALANCE,  READY,       true,  true,  DRAIN, b",
    "BALANCE,  DRAIN,       true,  true,  DRAIN, b",
  })
  void a_session_goes_by_the_state_of_its_server(
      PoolMode mode,
      OperatorState state,
      boolean up,
      boolean circuitOpen,
      AfterFailback after,
      String where) {
    boolean failover = mode == PoolMode.FAILOVER;
    TestPools pools = (failover ? two() : balanced()).sticky(after).start();
    pools.operator("a", state);
    if (!up) {
      pools.down("a");
    }
    if (circuitOpen) {
      pools.circuitOpen("a");
    }
    if (failover) {
      pools.serve("b");
    }
    Why moved = failover ? Why.SERVING : Why.BALANCED;
    Facts facts = new Facts(null, A, Set.of(), false);
    assertSends(plan(pools, facts), new ServerId(where), where.equals("a") ? Why.SESSION : moved);
    if (state != OperatorState.READY || !up || circuitOpen) {
      assertSends(plan(pools, PLAIN), B, moved);
    }
  }

  @Test
  void a_drained_server_keeps_its_sessions_without_limit_also_while_no_server_serves() {
    TestPools pools = two().sticky(AfterFailback.DRAIN).drain(Duration.ZERO).start();
    pools.drain("a", null);
    Facts session = new Facts(null, A, Set.of(), false);
    assertSends(plan(pools.state(), session, NOW.plusSeconds(9999)), A, Why.SESSION);
    assertHolds(plan(pools, PLAIN), Wait.NO_SERVER);
  }

  @Test
  void a_server_that_had_left_before_it_was_drained_gets_no_old_session_back() {
    TestPools pools = two().sticky(AfterFailback.DRAIN).drain(Duration.ZERO).start();
    pools.serve("b");
    pools.operator("a", OperatorState.DRAIN);
    Facts session = new Facts(null, A, Set.of(), false);
    assertSends(plan(pools.state(), session, Instant.now().plusSeconds(1)), B, Why.SERVING);
  }

  @Test
  void a_route_prefers_no_server_that_is_drained_but_its_session_stays_there() {
    TestPools pools = two().sticky(AfterFailback.DRAIN).start();
    pools.drain("a", "b");
    assertSends(plan(pools, new Facts(A, null, Set.of(), false)), B, Why.SERVING);
    assertSends(plan(pools, new Facts(A, A, Set.of(), false)), A, Why.SESSION);
    assertSends(plan(pools, new Facts(B, A, Set.of(), false)), B, Why.PREFERRED);
  }

  @Test
  void a_cookie_can_not_choose_a_server_that_never_served() {
    TestPools pools = two().sticky(AfterFailback.DRAIN).start();
    assertSends(plan(pools, new Facts(null, B, Set.of(), false)), A, Why.SERVING);
  }

  @Test
  void a_cookie_that_names_the_serving_server_is_a_session() {
    TestPools pools = two().sticky(AfterFailback.DRAIN).start();
    assertSends(plan(pools, new Facts(null, A, Set.of(), false)), A, Why.SESSION);
  }

  @Test
  void a_full_drained_server_makes_its_session_wait_and_not_move() {
    TestPools pools = two().sticky(AfterFailback.DRAIN).start();
    pools.drain("a", "b");
    Facts session = new Facts(null, A, Set.of(), false);
    assertHolds(plan(pools.state(), session, NOW, server -> true), Wait.FULL);
  }

  // plan, balance

  @Test
  void in_balance_all_usable_masters_take_turns_and_backups_none() {
    PoolState pool = balanced().start().state();
    Balancer balancer = Balancers.begun(pool.pool());
    List<ServerId> seen = new ArrayList<>();
    for (int turn = 0; turn < 4; turn++) {
      Plan plan = ForwardingPolicy.plan(PLAIN, pool, NOW, balancer, true, server -> false);
      seen.add(((Plan.Send) plan).server().server().id());
    }
    assertThat(seen).containsExactly(A, B, A, B);
  }

  @Test
  void in_balance_a_server_without_weight_keeps_its_sessions_and_gets_no_others() {
    TestPools pools =
        TestPools.pool()
            .balance()
            .weighted("a", 1001, 0)
            .weighted("b", 1002, 1)
            .backup("c", 1003)
            .sticky(AfterFailback.DRAIN)
            .start();
    assertSends(plan(pools, PLAIN), B, Why.BALANCED);
    assertSends(plan(pools, new Facts(null, A, Set.of(), false)), A, Why.SESSION);
    pools.down("b");
    assertSends(plan(pools, PLAIN), new ServerId("c"), Why.BALANCED);
  }

  /** Masters a and b are in this replica's zone, c is in another, as is the backup d. */
  @ParameterizedTest
  @CsvSource({
    // DOWN, drained, full, failed with this request, session → where it goes
    "'',  '',  '',  '', , ab",
    "a,   '',  '',  '', , b",
    "'',  a,   '',  '', , b",
    "'',  '',  a,   '', , b",
    "'',  '',  '',  a,  , b",
    "a,   b,   '',  '', , c",
    "'',  '',  ab,  '', , c",
    "'',  a,   '',  b,  , c",
    "'',  '',  abc, '', , wait",
    "abc, '',  '',  '', , d",
    "'',  '',  '',  '', c, c",
    "'',  c,   '',  '', c, c",
  })
  void in_balance_servers_of_this_zone_go_before_others_but_not_before_a_session(
      String down, String drained, String full, String failed, String session, String expected) {
    TestPools pools =
        TestPools.pool()
            .balance()
            .preferSameZone()
            .sticky(AfterFailback.DRAIN)
            .zoned("a", 1001, "east")
            .zoned("b", 1002, "east")
            .zoned("c", 1003, "west")
            .backup("d", 1004)
            .start();
    down.chars().forEach(each -> pools.down(Character.toString(each)));
    for (String each : drained.isEmpty() ? new String[0] : drained.split("")) {
      pools.drain(each, null);
    }
    PoolState pool = pools.state();
    Set<Long> incarnations =
        failed.isEmpty() ? Set.of() : Set.of(pool.server(new ServerId(failed)).incarnation());
    Facts facts =
        new Facts(null, session == null ? null : new ServerId(session), incarnations, false);
    Balancer balancer = Balancers.begun(pool.pool(), "east");
    Set<String> seen = new TreeSet<>();
    for (int turn = 0; turn < 6; turn++) {
      Plan plan =
          ForwardingPolicy.plan(
              facts,
              pool,
              NOW,
              balancer,
              true,
              server -> full.contains(server.server().id().value()));
      seen.add(plan instanceof Plan.Send send ? send.server().server().id().value() : "wait");
      balancer.begin(0);
    }
    assertThat(String.join("", seen)).isEqualTo(expected);
  }

  @Test
  void a_look_takes_no_turn() {
    PoolState pool = balanced().start().state();
    Balancer balancer = Balancers.begun(pool.pool());
    for (boolean takes : new boolean[] {false, false, true}) {
      assertSends(
          ForwardingPolicy.plan(PLAIN, pool, NOW, balancer, takes, server -> false),
          A,
          Why.BALANCED);
    }
    assertSends(
        ForwardingPolicy.plan(PLAIN, pool, NOW, balancer, true, server -> false), B, Why.BALANCED);
  }

  @Test
  void in_balance_backups_serve_only_when_no_master_is_usable() {
    TestPools pools = balanced().start();
    pools.down("a");
    assertSends(plan(pools, PLAIN), B, Why.BALANCED);
    pools.down("b");
    assertSends(plan(pools, PLAIN), new ServerId("c"), Why.BALANCED);
    pools.down("c");
    assertHolds(plan(pools, PLAIN), Wait.NO_SERVER);
  }

  @Test
  void in_balance_a_server_that_this_request_failed_on_is_passed_over() {
    TestPools pools = balanced().start();
    long a = pools.server("a").incarnation();
    long b = pools.server("b").incarnation();
    assertSends(plan(pools, new Facts(A, A, Set.of(a), false)), B, Why.BALANCED);
    assertHolds(plan(pools, new Facts(null, null, Set.of(a, b), false)), Wait.NO_SERVER);
  }

  @Test
  void in_balance_a_full_server_is_passed_over_and_all_full_wait() {
    PoolState pool = balanced().start().state();
    Plan plan = plan(pool, PLAIN, NOW, server -> server.server().id().equals(A));
    assertSends(plan, B, Why.BALANCED);
    assertHolds(plan(pool, PLAIN, NOW, server -> true), Wait.FULL);
  }

  @Test
  void in_balance_a_session_that_failed_on_its_drained_server_goes_to_another() {
    TestPools pools = balanced().sticky(AfterFailback.DRAIN).start();
    pools.operator("a", OperatorState.DRAIN);
    Set<Long> failed = Set.of(pools.server("a").incarnation());
    assertSends(plan(pools, new Facts(null, A, failed, false)), B, Why.BALANCED);
  }

  @Test
  void in_balance_a_session_stays_on_any_usable_server() {
    TestPools pools = balanced().sticky(AfterFailback.DRAIN).start();
    assertSends(plan(pools, new Facts(null, B, Set.of(), false)), B, Why.SESSION);
  }

  @Test
  void a_server_that_is_down_and_kept_in_use_keeps_its_requests_and_gets_more() {
    TestPools pools = balanced().start();
    ServerState before = pools.server("a");
    pools.keepDown("a");
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).isFalse();
    assertSends(plan(pools, new Facts(A, null, Set.of(), false)), A, Why.PREFERRED);
    pools.reincarnate("a");
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).isTrue();
  }

  // after a failure

  private static final Pool FAILOVER = two().build();
  private static final Pool BALANCE = balanced().build();

  private static Attempt attempt(String method, Sent sent, boolean kept, int sends) {
    return new Attempt(method, false, sent, kept, false, Math.min(sends, 1), sends);
  }

  @Test
  void for_want_of_own_means_any_request_is_held_as_any_other_server_would_fail_too() {
    Attempt post = attempt("POST", Sent.NOTHING, true, 0);
    for (Pool pool : List.of(FAILOVER, BALANCE)) {
      assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.LOCAL_FAILURE, post, pool))
          .isEqualTo(new Step.Hold(RetryReason.LOCAL_FAILURE));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamFailure.class,
      names = {"CONNECT_FAILED", "CONNECT_TIMED_OUT"})
  void without_a_connection_any_request_is_held_or_moves_on(UpstreamFailure failure) {
    Attempt post = attempt("POST", Sent.NOTHING, true, 0);
    assertThat(ForwardingPolicy.afterFailure(failure, post, FAILOVER))
        .isEqualTo(new Step.Hold(RetryReason.CONNECT_FAILED));
    assertThat(ForwardingPolicy.afterFailure(failure, post, BALANCE))
        .isEqualTo(new Step.Replay(RetryReason.CONNECT_FAILED));
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
    Attempt attempt = attempt(method, sent, kept, sends);
    assertThat(ForwardingPolicy.afterFailure(failure, attempt, FAILOVER)).isEqualTo(step(expected));
    assertThat(ForwardingPolicy.afterFailure(failure, attempt, BALANCE))
        .isEqualTo(step(failure == UpstreamFailure.STALE ? expected.replace("?", "") : expected));
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
    Pool pool = two().retry(new RetrySettings(attempts, Set.of("GET"), false)).build();
    Attempt attempt = new Attempt("GET", false, Sent.BODY, true, false, servers, sends);
    Step failed = new Step.Respond(502, RequestEnd.SERVER_FAILED);
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.BROKEN, attempt, pool))
        .isEqualTo(another ? new Step.Settle(RetryReason.BROKEN, again) : failed);
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.SERVER_DOWN, attempt, pool))
        .isEqualTo(another ? new Step.Replay(RetryReason.SERVER_DOWN) : failed);
  }

  private static Step step(String expected) {
    if (expected.equals("-")) {
      return new Step.Respond(502, RequestEnd.SERVER_FAILED);
    }
    RetryReason reason = RetryReason.valueOf(expected.replaceAll("[?!]", ""));
    return switch (expected.charAt(expected.length() - 1)) {
      case '?' -> new Step.Settle(reason, true);
      case '!' -> new Step.Settle(reason, false);
      default -> new Step.Replay(reason);
    };
  }

  @Test
  void the_end_of_a_connection_that_had_long_been_idle_raises_no_doubt() {
    Attempt get = new Attempt("GET", false, Sent.BODY, true, true, 1, 1);
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.STALE, get, FAILOVER))
        .isEqualTo(new Step.Replay(RetryReason.STALE_CONNECTION));
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.BROKEN, get, FAILOVER))
        .as("it had begun to answer")
        .isEqualTo(new Step.Settle(RetryReason.BROKEN, true));
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
    Pool pool = two().retry(new RetrySettings(2, Set.of("GET"), setting)).build();
    Attempt attempt = new Attempt("POST", key, Sent.BODY, true, false, 1, 1);
    assertThat(ForwardingPolicy.afterFailure(failure, attempt, pool) instanceof Step.Settle)
        .isEqualTo(replayed);
  }

  @Test
  void late_and_bad_responses_are_never_replayed() {
    Attempt get = attempt("GET", Sent.BODY, true, 1);
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.RESPONSE_TIMED_OUT, get, FAILOVER))
        .isEqualTo(new Step.Respond(504, RequestEnd.RESPONSE_TIMED_OUT));
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.BAD_RESPONSE, get, FAILOVER))
        .isEqualTo(new Step.Respond(502, RequestEnd.SERVER_FAILED));
    assertThat(ForwardingPolicy.afterFailure(UpstreamFailure.RESPONSE_BROKEN, get, FAILOVER))
        .isEqualTo(new Step.BreakOff(RequestEnd.RESPONSE_BROKEN));
  }

  // judged DOWN

  @Test
  void a_server_is_judged_down_for_what_runs_on_it_in_these_cases_only() {
    TestPools pools = two().start();
    ServerState before = pools.server("a");
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).isFalse();
    pools.reincarnate("a");
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).as("other settings").isFalse();
    pools.serve("b");
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).as("a switch").isFalse();
    pools.down("a");
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).as("DOWN").isTrue();
    pools.serve("a");
    ServerState down = pools.server("a");
    assertThat(ForwardingPolicy.judgedDown(down, pools.current()))
        .as("serves though DOWN")
        .isFalse();
    assertThat(ForwardingPolicy.judgedDown(before, pools.current()))
        .as("judged, not yet left")
        .isFalse();
    pools.serve("b");
    assertThat(ForwardingPolicy.judgedDown(down, pools.current())).as("DOWN and left").isTrue();
    pools.configure(TestPools.pool().backup("b", 1002).build());
    assertThat(ForwardingPolicy.judgedDown(before, pools.current())).as("removed").isFalse();
  }
}
