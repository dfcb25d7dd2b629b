package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.engine.SelectionPolicy.Facts;
import dev.understudy.proxy.engine.SelectionPolicy.Plan;
import dev.understudy.proxy.engine.SelectionPolicy.Wait;
import dev.understudy.proxy.engine.SelectionPolicy.Why;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table in the javadoc of {@link SelectionPolicy}. */
class SelectionPolicyTest {
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
    return SelectionPolicy.plan(facts, pool, now, Balancers.begun(pool.pool()), true, full);
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

  private static TestPools.Builder weighted() {
    return TestPools.pool()
        .balance()
        .weighted("a", 1001, 0)
        .weighted("b", 1002, 1)
        .backup("c", 1003);
  }

  /** Each act names what happens, and to which server. */
  private static void happens(TestPools pools, String act) {
    String[] words = act.split(" ");
    String server = words[1].equals("nobody") ? null : words[1];
    switch (words[0]) {
      case "DOWN" -> pools.down(server);
      case "silent" -> pools.silent(server);
      case "circuit" -> pools.circuitOpen(server);
      case "serves" -> pools.serve(server);
      case "drains" -> pools.drain(server, words.length > 2 ? words[2] : null);
      default -> pools.operator(server, OperatorState.valueOf(words[0]));
    }
  }

  /**
   * Asked for are a preferred server, the session's, those that the request failed on, and those
   * that are full.
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      // name | pool | acts | preferred session failed full | the server and why, or the wait
      textBlock =
          """
          the serving server gets it | failover || - - - - | a SERVING
          the serving server gets it even if it is not usable | failover | DOWN a | - - - - | a SERVING
          a full server that is DOWN here makes it wait for a place | failover | silent a | - - - ab | FULL
          the backup gets what the replicas have moved from a server that is DOWN | failover | silent a, serves b | - - - - | b SERVING
          the backup gets a session, too, that the replicas have moved | failover | silent a, serves b | a a - - | b SERVING
          it waits while no server serves although a backup is usable | failover | serves nobody | - - - - | NO_SERVER
          a full server makes it wait and sends it nowhere else | failover || - - - ab | FULL
          nothing waits where hold time is zero | no hold | serves nobody | - - - - | rejected
          the preferred server wins while it is usable | failover || b a - - | b PREFERRED
          the preferred server does not win while it is DOWN | failover | DOWN b | b a - - | a SESSION
          a preferred server that does not exist is no matter | failover || x - - - | a SERVING
          a route prefers no server that is drained | sticky | drains a b | a - - - | b SERVING
          a session stays on a drained server that its route prefers | sticky | drains a b | a a - - | a SESSION
          a preferred server wins over the drained one of a session | sticky | drains a b | b a - - | b PREFERRED
          a drained server keeps its sessions without limit, also while no server serves | sticky | drains a | - a - - | a SESSION
          a drained server gets nothing else, also while no server serves | sticky | drains a | - - - - | NO_SERVER
          a server that had left before it was drained gets no old session back | sticky | serves b, DRAIN a | - a - - | b SERVING
          a cookie cannot choose a server that never served | sticky || - b - - | a SERVING
          a cookie that names the serving server is a session | sticky || - a - - | a SESSION
          a full drained server makes its session wait and not move | sticky | drains a b | - a - ab | FULL
          in balance a server without weight gets no other requests | weighted || - - - - | b BALANCED
          in balance a server without weight keeps its sessions | weighted || - a - - | a SESSION
          in balance a backup goes before a master without weight | weighted | DOWN b | - - - - | c BALANCED
          in balance backups serve only when no master is usable: one is | balance | DOWN a | - - - - | b BALANCED
          in balance backups serve only when no master is usable: none is | balance | DOWN a, DOWN b | - - - - | c BALANCED
          in balance it waits while no server is usable | balance | DOWN a, DOWN b, DOWN c | - - - - | NO_SERVER
          in balance a server that this request failed on is passed over | balance || a a a - | b BALANCED
          in balance it waits once it failed on all masters, as backups serve only when they are not usable | balance || - - ab - | NO_SERVER
          in balance a full server is passed over | balance || - - - a | b BALANCED
          in balance it waits while all are full | balance || - - - abc | FULL
          in balance a session that failed on its drained server goes to another | balance | DRAIN a | - a a - | b BALANCED
          in balance a session stays on any usable server | balance || - b - - | b SESSION
          a session on a server that left serving stays as long as it may | draining | serves b, serves a | - b - - | b SESSION
          a session on a server that left serving stays as long as it may | sticky | serves b, serves a | - b - - | a SERVING
          a session on a server that left serving stays as long as it may | draining | serves b, serves a, DOWN b | - b - - | a SERVING
          a session on a server that left serving stays as long as it may | kept long | serves b, serves a | - b - - | b SESSION
          a session on a server that left serving stays as long as it may | keep | serves b, serves a, DOWN b | - b - - | a SERVING
          a session goes by the state of its server | draining | serves b | - a - - | a SESSION
          a session goes by the state of its server | keep | serves b | - a - - | a SESSION
          a session goes by the state of its server | draining | DRAIN a, serves b | - a - - | a SESSION
          a session goes by the state of its server | keep | DRAIN a, serves b | - a - - | a SESSION
          a session goes by the state of its server | draining | MAINTENANCE a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | MAINTENANCE a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | DOWN a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | DRAIN a, DOWN a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | MAINTENANCE a, DOWN a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | circuit a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | DRAIN a, circuit a, serves b | - a - - | b SERVING
          a session goes by the state of its server | keep | MAINTENANCE a, circuit a, serves b | - a - - | b SERVING
          a session goes by the state of its server | balance |  | - a - - | a SESSION
          a session goes by the state of its server | balance | DRAIN a | - a - - | a SESSION
          a session goes by the state of its server | balance | MAINTENANCE a | - a - - | b BALANCED
          a session goes by the state of its server | balance | DOWN a | - a - - | b BALANCED
          a session goes by the state of its server | balance | DRAIN a, DOWN a | - a - - | b BALANCED
          a session goes by the state of its server | balance | circuit a | - a - - | b BALANCED
          a session goes by the state of its server | balance | DRAIN a, circuit a | - a - - | b BALANCED
          other requests go where they always do | keep | DRAIN a, serves b | - - - - | b SERVING
          other requests go where they always do | keep | MAINTENANCE a, serves b | - - - - | b SERVING
          other requests go where they always do | keep | DOWN a, serves b | - - - - | b SERVING
          other requests go where they always do | keep | circuit a, serves b | - - - - | b SERVING
          other requests go where they always do | balance | DRAIN a | - - - - | b BALANCED
          other requests go where they always do | balance | MAINTENANCE a | - - - - | b BALANCED
          other requests go where they always do | balance | DOWN a | - - - - | b BALANCED
          other requests go where they always do | balance | DRAIN a, DOWN a | - - - - | b BALANCED
          other requests go where they always do | balance | circuit a | - - - - | b BALANCED
          other requests go where they always do | balance | DRAIN a, circuit a | - - - - | b BALANCED
          """)
  void a_request_goes_where_it_must(
      String name, String pool, @Nullable String acts, String asked, String expected) {
    TestPools pools =
        switch (pool) {
          case "no hold" -> two().hold(Duration.ZERO, 10, 10).start();
          case "sticky" -> two().sticky(AfterFailback.DRAIN).drain(Duration.ZERO).start();
          case "draining" ->
              two().sticky(AfterFailback.DRAIN).drain(Duration.ofSeconds(30)).start();
          case "keep" -> two().sticky(AfterFailback.KEEP).start();
          case "kept long" -> two().sticky(AfterFailback.KEEP).drain(Duration.ZERO).start();
          case "weighted" -> weighted().sticky(AfterFailback.DRAIN).start();
          case "balance" -> balanced().sticky(AfterFailback.DRAIN).start();
          default -> two().start();
        };
    for (String act : acts == null ? new String[0] : acts.split(", ")) {
      happens(pools, act);
    }
    String[] servers = asked.split(" ");
    Set<Long> failed =
        pools.state().servers().stream()
            .filter(each -> servers[2].contains(each.server().id().value()))
            .map(ServerState::incarnation)
            .collect(Collectors.toSet());
    Facts facts = new Facts(id(servers[0]), id(servers[1]), failed, false);
    Instant later =
        Instant.now().plusSeconds(pool.equals("sticky") || pool.equals("kept long") ? 9999 : 0);
    Plan plan =
        plan(pools.state(), facts, later, each -> servers[3].contains(each.server().id().value()));
    assertThat(
            switch (plan) {
              case Plan.Send send -> send.server().server().id() + " " + send.why();
              case Plan.Hold hold -> hold.reason().toString();
              case Plan.Reject reject -> "rejected";
              default -> plan.toString();
            })
        .isEqualTo(expected);
  }

  private static @Nullable ServerId id(String name) {
    return name.equals("-") ? null : new ServerId(name);
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

  @Test
  void a_replica_back_in_touch_that_cannot_tell_the_epoch_holds_only_if_it_must_not_decide_alone() {
    TestPools pools = two().start();
    pools.authority(new Authority(false, true, () -> true));
    assertHolds(plan(pools.state(), PLAIN, NOW), Wait.NO_SERVER);
    assertHolds(plan(pools.state(), new Facts(B, A, Set.of(), false), NOW), Wait.NO_SERVER);
    pools.authority(new Authority(false, false, () -> true));
    assertSends(plan(pools.state(), PLAIN, NOW), A, Why.SERVING);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_client_that_is_excluded_by_maintenance_is_refused_before_anything_else(boolean balance) {
    TestPools pools = balance ? two().balance().start() : two().start();
    Facts excluded = new Facts(B, A, Set.of(), true);
    assertThat(plan(pools, excluded)).isEqualTo(new Plan.Reject(RequestEnd.MAINTENANCE));
    pools.authority(new Authority(true, true, () -> false));
    assertThat(plan(pools, excluded)).isEqualTo(new Plan.Reject(RequestEnd.MAINTENANCE));
    assertThat(SelectionPolicy.plan(excluded, null, NOW, null, true, server -> false))
        .as("no such pool")
        .isEqualTo(new Plan.Reject(RequestEnd.NO_SERVER));
  }

  @Test
  void the_epoch_is_sent_only_while_in_touch() {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    TestPools pools = two().start();
    pools.authority(new Authority(true, false, inTouch::get));
    PoolState pool = pools.state();
    ServerState serving = pool.servers().getFirst();
    assertThat(pool.epochFor(serving)).isEqualTo(pool.epoch()).isPositive();
    assertThat(pool.epochFor(pool.servers().getLast())).isEqualTo(PoolState.NO_EPOCH);
    inTouch.set(false);
    assertThat(pool.epochFor(serving)).isEqualTo(PoolState.NO_EPOCH);
    assertThat(pool.tellsEpoch(serving)).isFalse();
    assertSends(plan(pool, PLAIN, NOW), A, Why.SERVING);
  }

  // plan, balance

  @Test
  void in_balance_all_usable_masters_take_turns_and_backups_none() {
    PoolState pool = balanced().start().state();
    Balancer balancer = Balancers.begun(pool.pool());
    List<ServerId> seen = new ArrayList<>();
    for (int turn = 0; turn < 4; turn++) {
      Plan plan = SelectionPolicy.plan(PLAIN, pool, NOW, balancer, true, server -> false);
      seen.add(((Plan.Send) plan).server().server().id());
    }
    assertThat(seen).containsExactly(A, B, A, B);
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
          SelectionPolicy.plan(
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
          SelectionPolicy.plan(PLAIN, pool, NOW, balancer, takes, server -> false),
          A,
          Why.BALANCED);
    }
    assertSends(
        SelectionPolicy.plan(PLAIN, pool, NOW, balancer, true, server -> false), B, Why.BALANCED);
  }

  @Test
  void a_server_that_is_down_and_kept_in_use_gets_more_requests() {
    TestPools pools = balanced().start();
    pools.probed("a", ProbeOutcome.TIMED_OUT);
    pools.keepDown("a");
    assertSends(plan(pools, new Facts(A, null, Set.of(), false)), A, Why.PREFERRED);
  }
}
