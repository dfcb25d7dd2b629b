package dev.understudy.proxy.tunnel;

import static dev.understudy.pool.SwitchSettings.WebSockets.CLOSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.network.Networks;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.engine.TunnelVerdict;
import dev.understudy.proxy.engine.TunnelVerdict.Kind;
import dev.understudy.proxy.engine.TunnelVerdict.Why;
import dev.understudy.proxy.session.Stickiness;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerState.LastProbe;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a tunnel that was made with the master's first incarnation may stay there. */
class TunnelVerdictTest {
  private static final Duration DRAIN = Duration.ofSeconds(30);

  private static final Stickiness PREFERRED = new Stickiness(true, false);
  private static final Stickiness SESSION = new Stickiness(false, true);
  private static final Instant LEFT = Instant.EPOCH.plusSeconds(100);

  private final TunnelSnapshots now = new TunnelSnapshots();

  /** The master when the tunnel was made. */
  private final ServerState made = now.master();

  @Test
  void a_replica_that_may_send_nothing_while_out_of_touch_keeps_no_tunnels() {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    now.authority = new Authority(true, true, inTouch::get);
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
    inTouch.set(false);
    assertThat(verdict()).isEqualTo(TunnelVerdict.over(Why.MOVED, Duration.ofSeconds(2)));
    now.authority = new Authority(true, false, inTouch::get);
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
    now.authority = new Authority(false, true, () -> true);
    assertThat(verdict()).as("in touch, the record is in doubt").isEqualTo(TunnelVerdict.STAY);
  }

  /**
   * What happened, and the verdicts on tunnels: of no kind, preferred, of a session; on streams.
   */
  @Rows(
      """
      # the serving server's tunnels stay
      nothing                                                    | STAYS       |  |  |
      # a failed server's are told over two seconds, or drain if that is less, whatever holds them
      drain 30, fails                                            | FAILED 2    | FAILED 2 |  |
      drain 1, fails                                             | FAILED 1    |  |  |
      drain 0, fails                                             | FAILED 0    |  |  |
      sockets CLOSE, fails                                       | FAILED 2    |  |  |
      sockets KEEP, fails                                        | FAILED 2    |  |  |
      # a server left for its open circuit has failed
      circuit, backup CIRCUIT_OPEN                               | FAILED 2    |  |  |
      # one that is DOWN and not silent may end its tunnels itself, and has drain for it
      ends CONNECT_FAILED                                        | DOWN 2 at 30 | DOWN 2 at 30 |  | DOWN 2 at 30
      ends BAD_STATUS                                            | DOWN 2 at 30 |  |  |
      ends BROKEN                                                | DOWN 2 at 30 |  |  |
      ends OK                                                    | DOWN 2 at 30 |  |  |
      ends UNREACHABLE                                           | FAILED 2    | FAILED 2 |  | FAILED 2
      drain 1, ends CONNECT_FAILED                               | DOWN 1 at 1 |  |  |
      sockets KEEP, streams KEEP, ends CONNECT_FAILED            | DOWN 2 at 30 |  |  | DOWN 2 at 30
      ends CONNECT_FAILED, nobody                                | DOWN 2 at 30 |  |  |
      ends CONNECT_FAILED, circuit                               | FAILED 2    |  |  |
      ends CONNECT_FAILED, MAINTENANCE                           | MAINTENANCE 0 |  |  |
      # one that has returned as another incarnation likewise
      incarnation                                                | DOWN 2 at 30 |  |  |
      # one whose name has moved has not failed, at either address
      moves                                                      | STAYS       | STAYS | STAYS | STAYS
      moves, backup FAILBACK                                     | MOVED 30    | STAYS |  | MOVED 30
      moves, DRAIN, backup OPERATOR                              | MOVED 30    | MOVED 30 |  |
      moves, silent, DOWN, backup HEALTH_CHECK_FAILED            | FAILED 2    |  |  | FAILED 2
      moves, forgotten                                           | FAILED 2    |  |  | FAILED 2
      elsewhere                                                  | FAILED 2    | FAILED 2 |  | FAILED 2
      # without a serving server all get a close
      fails, nobody                                              | FAILED 2    |  |  |
      # a server that serves although it is DOWN keeps them
      DOWN, incarnation                                          | STAYS       |  |  |
      # one that was forgotten in between is another one although it serves
      UNKNOWN, incarnation                                       | STAYS       |  |  |
      UNKNOWN, incarnation, forgotten                            | FAILED 2    |  |  |
      # a healthy server that serves no longer
      sockets CLOSE, backup FAILBACK                             | MOVED 30    | STAYS | |
      sockets CLOSE, backup OPERATOR                             | MOVED 30    | STAYS | |
      sockets CLOSE, backup CONFIGURATION                        | MOVED 30    | STAYS | |
      sockets KEEP, backup FAILBACK                              | STAYS       | STAYS | |
      sockets KEEP, backup OPERATOR                              | STAYS       | STAYS | |
      sockets KEEP, backup HEALTH_CHECK_FAILED                   | MOVED 30    | STAYS | |
      sockets KEEP, backup CONNECTION_FAILED                     | MOVED 30    | STAYS | |
      sockets KEEP, backup CONFIGURATION                         | MOVED 30    | STAYS | |
      # streams have a keep of their own
      streams CLOSE, backup FAILBACK                             | | | | MOVED 30
      streams KEEP, backup FAILBACK                              | | | | STAYS
      streams KEEP, backup OPERATOR                              | | | | STAYS
      streams KEEP, backup HEALTH_CHECK_FAILED                   | | | | MOVED 30
      streams KEEP, backup CONNECTION_FAILED                     | | | | MOVED 30
      streams KEEP, backup CONFIGURATION                         | | | | MOVED 30
      # a server set to drain
      sockets CLOSE, DRAIN, backup OPERATOR                      | MOVED 30    | MOVED 30 |  |
      sockets KEEP, DRAIN, backup OPERATOR                       | STAYS       | STAYS |  |
      # maintenance ends them at once, whatever is set
      sockets CLOSE, MAINTENANCE                                 | MAINTENANCE 0 | MAINTENANCE 0 |  |
      sockets KEEP, MAINTENANCE                                  | MAINTENANCE 0 | MAINTENANCE 0 |  |
      # in a balance pool one stays while its server is usable
      balance                                                    | STAYS       |  |  |
      balance, silent, DOWN                                      | FAILED 2    |  |  |
      balance, DOWN                                              | DOWN 2 at 30 |  |  |
      # without cookies in the pool any more a session's is like any other
      DRAIN, backup INITIAL                                      |             |  | MOVED 30 |
      # one of a session on a server that does not serve
      cookie DRAIN, left, backup OPERATOR                        |             | | MOVED 2 at 130 |
      cookie DRAIN, DRAIN, backup OPERATOR                       | MOVED 30    | | STAYS          |
      cookie DRAIN, DRAIN, left, backup OPERATOR                 | MOVED 30    | | MOVED 2 at 130 |
      cookie DRAIN, MAINTENANCE, left, backup OPERATOR           |             | | MAINTENANCE 0  |
      cookie KEEP, left, backup OPERATOR                         |             | | STAYS          |
      cookie KEEP, DRAIN, backup OPERATOR                        | MOVED 30    | | STAYS          |
      cookie KEEP, DRAIN, left, backup OPERATOR                  | MOVED 30    | | STAYS          |
      cookie KEEP, MAINTENANCE, left, backup OPERATOR            |             | | MAINTENANCE 0  |
      cookie KEEP, silent, DOWN, left, backup OPERATOR           |             | | FAILED 2       |
      cookie KEEP, DRAIN, silent, DOWN, backup OPERATOR          |             | | FAILED 2       |
      cookie KEEP, circuit, left, backup OPERATOR                |             | | FAILED 2       |
      cookie KEEP, DRAIN, circuit, backup OPERATOR               |             | | FAILED 2       |
      balance, cookie DRAIN, backup OPERATOR                     |             | | STAYS          |
      balance, cookie DRAIN, DRAIN, backup OPERATOR              | MOVED 30    | | STAYS          |
      balance, cookie DRAIN, DRAIN, left, backup OPERATOR        | MOVED 30    | | STAYS          |
      balance, cookie DRAIN, DRAIN, silent, DOWN, backup OPERATOR |            | | FAILED 2       |
      balance, cookie DRAIN, DRAIN, circuit, backup OPERATOR     |             | | FAILED 2       |
      balance, cookie DRAIN, MAINTENANCE, backup OPERATOR        |             | | MAINTENANCE 0  |
      """)
  void a_verdict(
      String acts,
      @Nullable String plain,
      @Nullable String preferred,
      @Nullable String session,
      @Nullable String stream) {
    for (String act : acts.split(", ")) {
      happens(act.split(" "));
    }
    assertVerdict(of(Stickiness.NONE), plain);
    assertVerdict(of(PREFERRED), preferred);
    assertVerdict(session(), session);
    assertVerdict(of(Kind.STREAM, Stickiness.NONE), stream);
  }

  private void happens(String[] act) {
    switch (act[0]) {
      case "drain" ->
          now.onSwitch = TestSettings.onSwitch(CLOSE, Duration.ofSeconds(Long.parseLong(act[1])));
      case "sockets" -> now.onSwitch = TestSettings.onSwitch(WebSockets.valueOf(act[1]), DRAIN);
      case "streams" -> {
        Streams setting = Streams.valueOf(act[1]);
        WebSockets other = setting == Streams.KEEP ? CLOSE : WebSockets.KEEP;
        int code = SwitchSettings.DEFAULT.closeCode();
        now.onSwitch = TestSettings.onSwitch(other, setting, DRAIN, code);
      }
      case "cookie" -> now.sticky = TestSettings.sticky("U", AfterFailback.valueOf(act[1]));
      case "balance" -> now.mode = PoolMode.BALANCE;
      case "fails" -> now.masterFails();
      case "ends" -> now.masterEnds(ProbeOutcome.valueOf(act[1]));
      case "silent" -> now.masterProbe = new LastProbe(LEFT, DRAIN, ProbeOutcome.TIMED_OUT, "");
      case "backup" -> {
        now.serving = TunnelSnapshots.BACKUP;
        now.reason = SwitchReason.valueOf(act[1]);
      }
      case "nobody" -> {
        now.serving = null;
        now.reason = SwitchReason.NO_SERVER;
      }
      case "circuit" -> now.masterCircuitOpen = true;
      case "incarnation" -> now.masterIncarnation = 2;
      case "moves" -> {
        now.masterIncarnation = 2;
        now.masterMoved = true;
        now.masterHost = "another";
      }
      case "elsewhere" -> {
        now.masterIncarnation = 2;
        now.masterHost = "another";
      }
      case "forgotten" -> now.masterTraffic = new ServerTraffic();
      case "left" -> now.masterLeft = LEFT;
      case "DOWN", "UNKNOWN" -> now.masterStatus = HealthStatus.valueOf(act[0]);
      case "DRAIN", "MAINTENANCE" -> now.masterState = OperatorState.valueOf(act[0]);
      default -> assertThat(act).containsExactly("nothing");
    }
  }

  private static void assertVerdict(TunnelVerdict verdict, @Nullable String expected) {
    if (expected != null) {
      String at = verdict.after() == null ? "" : " at " + verdict.after().getEpochSecond();
      assertThat(
              verdict.equals(TunnelVerdict.STAY)
                  ? "STAYS"
                  : verdict.why() + " " + verdict.over().toSeconds() + at)
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(WebSockets.class)
  void in_maintenance_of_the_pool_all_are_told_over_drain_but_who_was_let_in(WebSockets setting) {
    now.onSwitch = TestSettings.onSwitch(setting, DRAIN);
    now.maintenance = new PoolMaintenance(true, LEFT, null, Networks.of(List.of("::1")), null);
    for (Stickiness held : List.of(Stickiness.NONE, PREFERRED, SESSION)) {
      assertThat(of(held)).isEqualTo(TunnelVerdict.over(Why.MOVED, DRAIN));
    }
    Stickiness allowed = new Stickiness(false, false, now.maintenance);
    assertThat(of(allowed)).isEqualTo(TunnelVerdict.STAY);
    now.maintenance = new PoolMaintenance(true, LEFT, null, Networks.NONE, null);
    assertThat(of(allowed).why()).isEqualTo(Why.MOVED);
    now.maintenance = null;
    assertThat(of(allowed)).isEqualTo(TunnelVerdict.STAY);
  }

  @Test
  void a_removed_server_or_pool_is_left_over_the_last_known_drain() {
    TunnelVerdict removed = TunnelVerdict.over(Why.REMOVED, DRAIN);
    SwitchSettings last = TestSettings.onSwitch(CLOSE, DRAIN);
    assertThat(TunnelVerdict.of(Kind.TUNNEL, made, PREFERRED, null, null, last)).isEqualTo(removed);
    assertThat(TunnelVerdict.of(Kind.TUNNEL, made, PREFERRED, now.pool(), null, last))
        .isEqualTo(removed);
  }

  @ParameterizedTest
  @CsvSource({"PT30S, PT2S", "PT1S, PT1S", "PT0S, PT0S"})
  void a_sessions_tunnel_is_told_when_its_cookie_holds_no_longer_so_that_it_does_not_come_back(
      Duration drain, Duration over) {
    now.sticky = TestSettings.sticky("U", AfterFailback.DRAIN);
    now.onSwitch = TestSettings.onSwitch(CLOSE, drain);
    now.masterLeft = LEFT;
    now.serving = TunnelSnapshots.BACKUP;
    assertThat(session()).isEqualTo(new TunnelVerdict(Why.MOVED, LEFT.plus(drain), over));
    assertThat(session().waits(LEFT)).isEqualTo(drain);
    assertThat(session().waits(LEFT.plus(drain).plusSeconds(1))).isZero();
    now.onSwitch = TestSettings.onSwitch(WebSockets.KEEP, drain);
    assertThat(session().why()).isEqualTo(Why.MOVED);
    now.reason = SwitchReason.FAILBACK;
    assertThat(session()).isEqualTo(TunnelVerdict.STAY);
  }

  @ParameterizedTest
  @CsvSource({
    // in seconds: after (- none) and over of one, of the other → one is sooner
    "-,  2,  -,  30, true",
    "-,  30, -,  2,  false",
    "-,  2,  -,  2,  false",
    "-,  2,  60, 2,  true",
    "60, 2,  -,  30, false",
    "50, 2,  60, 2,  true",
    "60, 2,  50, 1,  false",
    "60, 1,  60, 2,  true",
  })
  void a_plan_is_made_anew_only_for_a_sooner_verdict(
      String after, int over, String otherAfter, int otherOver, boolean sooner) {
    TunnelVerdict other = verdictOf(otherAfter, otherOver);
    assertThat(verdictOf(after, over).isSoonerThan(other)).isEqualTo(sooner);
  }

  private static TunnelVerdict verdictOf(String after, int over) {
    Instant at = after.equals("-") ? null : Instant.EPOCH.plusSeconds(Long.parseLong(after));
    return new TunnelVerdict(Why.MOVED, at, Duration.ofSeconds(over));
  }

  private TunnelVerdict verdict() {
    return of(Stickiness.NONE);
  }

  private TunnelVerdict session() {
    return of(SESSION);
  }

  private TunnelVerdict of(Stickiness held) {
    return of(Kind.TUNNEL, held);
  }

  private TunnelVerdict of(Kind kind, Stickiness held) {
    PoolState pool = now.pool();
    return TunnelVerdict.of(
        kind, made, held, pool, pool.server(TunnelSnapshots.MASTER), SwitchSettings.DEFAULT);
  }
}
