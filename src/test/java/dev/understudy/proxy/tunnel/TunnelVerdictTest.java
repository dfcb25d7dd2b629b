package dev.understudy.proxy.tunnel;

import static dev.understudy.pool.SwitchSettings.WebSockets.CLOSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Authority;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.ServerTraffic;
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
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
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
  void the_serving_servers_tunnels_stay() {
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
  }

  @Test
  void a_replica_that_may_send_nothing_while_out_of_touch_keeps_no_tunnels() {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    now.authority = new Authority(true, true, inTouch::get);
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
    inTouch.set(false);
    assertThat(verdict()).isEqualTo(TunnelVerdict.over(Why.MOVED, Duration.ofSeconds(2)));
    now.authority = new Authority(true, false, inTouch::get);
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
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

  @ParameterizedTest
  @CsvSource({"PT30S, PT2S", "PT1S, PT1S", "PT0S, PT0S"})
  void a_failed_servers_tunnels_are_told_over_two_seconds_or_drain_if_that_is_less(
      Duration drain, Duration over) {
    now.onSwitch = TestSettings.onSwitch(CLOSE, drain);
    now.masterFails();
    assertThat(verdict()).isEqualTo(TunnelVerdict.over(Why.FAILED, over));
  }

  @ParameterizedTest
  @EnumSource(WebSockets.class)
  void keep_does_not_hold_tunnels_on_a_failed_server(WebSockets setting) {
    now.onSwitch = TestSettings.onSwitch(setting, DRAIN);
    now.masterFails();
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void preferring_does_not_hold_tunnels_on_a_failed_server() {
    now.masterFails();
    assertThat(preferred().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void a_server_left_for_its_open_circuit_has_failed() {
    now.masterCircuitOpen = true;
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = SwitchReason.CIRCUIT_OPEN;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void a_server_that_returned_as_another_incarnation_has_failed_in_between() {
    now.masterIncarnation = 2;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void without_a_serving_server_all_tunnels_get_a_close() {
    now.masterFails();
    now.serving = null;
    now.reason = SwitchReason.NO_SERVER;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void a_server_that_serves_although_it_is_down_keeps_its_tunnels() {
    now.masterStatus = HealthStatus.DOWN;
    now.masterIncarnation = 2;
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
  }

  @Test
  void a_server_that_was_forgotten_in_between_is_another_one_although_it_serves() {
    now.masterStatus = HealthStatus.UNKNOWN;
    now.masterIncarnation = 2;
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
    now.masterTraffic = new ServerTraffic();
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @ParameterizedTest
  @CsvSource({
    "CLOSE, FAILBACK, MOVED",
    "CLOSE, OPERATOR, MOVED",
    "CLOSE, CONFIGURATION, MOVED",
    "KEEP, FAILBACK, STAYS",
    "KEEP, OPERATOR, STAYS",
    "KEEP, HEALTH_CHECK_FAILED, MOVED",
    "KEEP, CONNECTION_FAILED, MOVED",
    "KEEP, CONFIGURATION, MOVED"
  })
  void a_healthy_server_that_serves_no_longer(WebSockets setting, SwitchReason reason, Why why) {
    now.onSwitch = TestSettings.onSwitch(setting, DRAIN);
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = reason;
    assertThat(verdict().why()).isEqualTo(why);
    assertThat(verdict().over()).isEqualTo(why == Why.STAYS ? Duration.ZERO : DRAIN);
    assertThat(preferred()).isEqualTo(TunnelVerdict.STAY);
  }

  @ParameterizedTest
  @CsvSource({
    "CLOSE, FAILBACK, MOVED",
    "KEEP, FAILBACK, STAYS",
    "KEEP, OPERATOR, STAYS",
    "KEEP, HEALTH_CHECK_FAILED, MOVED",
    "KEEP, CONNECTION_FAILED, MOVED",
    "KEEP, CONFIGURATION, MOVED"
  })
  void streams_have_a_keep_of_their_own(Streams setting, SwitchReason reason, Why why) {
    WebSockets other = setting == Streams.KEEP ? CLOSE : WebSockets.KEEP;
    now.onSwitch = TestSettings.onSwitch(other, setting, DRAIN, SwitchSettings.DEFAULT.closeCode());
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = reason;
    PoolState pool = now.pool();
    TunnelVerdict stream =
        TunnelVerdict.of(
            Kind.STREAM,
            made,
            Stickiness.NONE,
            pool,
            pool.server(TunnelSnapshots.MASTER),
            SwitchSettings.DEFAULT);
    assertThat(stream.why()).isEqualTo(why);
  }

  @ParameterizedTest
  @CsvSource({"CLOSE, MOVED", "KEEP, STAYS"})
  void a_server_set_to_drain(WebSockets setting, Why why) {
    now.onSwitch = TestSettings.onSwitch(setting, DRAIN);
    now.masterState = OperatorState.DRAIN;
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = SwitchReason.OPERATOR;
    assertThat(verdict().why()).isEqualTo(why);
    assertThat(preferred().why()).isEqualTo(why);
  }

  @ParameterizedTest
  @EnumSource(WebSockets.class)
  void maintenance_ends_tunnels_at_once_whatever_is_set(WebSockets setting) {
    now.onSwitch = TestSettings.onSwitch(setting, DRAIN);
    now.masterState = OperatorState.MAINTENANCE;
    TunnelVerdict atOnce = TunnelVerdict.over(Why.MAINTENANCE, Duration.ZERO);
    assertThat(verdict()).isEqualTo(atOnce);
    assertThat(preferred()).isEqualTo(atOnce);
  }

  @Test
  void in_a_balance_pool_a_tunnel_stays_while_its_server_is_usable() {
    now.mode = PoolMode.BALANCE;
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
    now.masterStatus = HealthStatus.DOWN;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
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
  @CsvSource({
    // mode, after-failback, operator's state, UP, circuit open, left serving → a session's tunnel
    "FAILOVER, DRAIN, READY,       true,  false, true,  MOVED",
    "FAILOVER, DRAIN, DRAIN,       true,  false, false, STAYS",
    "FAILOVER, DRAIN, DRAIN,       true,  false, true,  MOVED",
    "FAILOVER, DRAIN, MAINTENANCE, true,  false, true,  MAINTENANCE",
    "FAILOVER, KEEP,  READY,       true,  false, true,  STAYS",
    "FAILOVER, KEEP,  DRAIN,       true,  false, false, STAYS",
    "FAILOVER, KEEP,  DRAIN,       true,  false, true,  STAYS",
    "FAILOVER, KEEP,  MAINTENANCE, true,  false, true,  MAINTENANCE",
    "FAILOVER, KEEP,  READY,       false, false, true,  FAILED",
    "FAILOVER, KEEP,  DRAIN,       false, false, false, FAILED",
    "FAILOVER, KEEP,  READY,       true,  true,  true,  FAILED",
    "FAILOVER, KEEP,  DRAIN,       true,  true,  false, FAILED",
    "BALANCE,  DRAIN, READY,       true,  false, false, STAYS",
    "BALANCE,  DRAIN, DRAIN,       true,  false, false, STAYS",
    "BALANCE,  DRAIN, DRAIN,       true,  false, true,  STAYS",
    "BALANCE,  DRAIN, DRAIN,       false, false, false, FAILED",
    "BALANCE,  DRAIN, DRAIN,       true,  true,  false, FAILED",
    "BALANCE,  DRAIN, MAINTENANCE, true,  false, false, MAINTENANCE",
  })
  void a_tunnel_of_a_session_on_a_server_that_does_not_serve(
      PoolMode mode,
      AfterFailback after,
      OperatorState state,
      boolean up,
      boolean circuitOpen,
      boolean left,
      Why why) {
    now.mode = mode;
    now.sticky = TestSettings.sticky("U", after);
    now.masterState = state;
    now.masterStatus = up ? HealthStatus.UP : HealthStatus.DOWN;
    now.masterCircuitOpen = circuitOpen;
    now.masterLeft = left ? LEFT : null;
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = SwitchReason.OPERATOR;
    assertThat(session().why()).isEqualTo(why);
    if (state == OperatorState.DRAIN && up && !circuitOpen) {
      assertThat(verdict()).as("of no session").isEqualTo(TunnelVerdict.over(Why.MOVED, DRAIN));
    }
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

  @Test
  void without_cookies_in_the_pool_any_more_a_sessions_tunnel_is_like_any_other() {
    now.masterState = OperatorState.DRAIN;
    now.serving = TunnelSnapshots.BACKUP;
    assertThat(session()).isEqualTo(TunnelVerdict.over(Why.MOVED, DRAIN));
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

  private TunnelVerdict preferred() {
    return of(PREFERRED);
  }

  private TunnelVerdict session() {
    return of(SESSION);
  }

  private TunnelVerdict of(Stickiness held) {
    PoolState pool = now.pool();
    return TunnelVerdict.of(
        Kind.TUNNEL, made, held, pool, pool.server(TunnelSnapshots.MASTER), SwitchSettings.DEFAULT);
  }
}
