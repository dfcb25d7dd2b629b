package dev.understudy.proxy.tunnel;

import static dev.understudy.pool.SwitchSettings.WebSockets.CLOSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.Reason;
import dev.understudy.health.Status;
import dev.understudy.monitor.PoolState;
import dev.understudy.pool.Mode;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.TunnelVerdict;
import dev.understudy.proxy.TunnelVerdict.Kind;
import dev.understudy.proxy.TunnelVerdict.Why;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether a tunnel that was made with the master's first incarnation may stay there. */
class TunnelVerdictTest {
  private static final Duration DRAIN = Duration.ofSeconds(30);

  private final TunnelSnapshots now = new TunnelSnapshots();

  @Test
  void the_serving_servers_tunnels_stay() {
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
  }

  @ParameterizedTest
  @CsvSource({"PT30S, PT2S", "PT1S, PT1S", "PT0S, PT0S"})
  void a_failed_servers_tunnels_are_told_over_two_seconds_or_drain_if_that_is_less(
      Duration drain, Duration over) {
    now.onSwitch = new SwitchSettings(CLOSE, Streams.CLOSE, drain);
    now.masterFails();
    assertThat(verdict()).isEqualTo(new TunnelVerdict(Why.FAILED, over));
  }

  @ParameterizedTest
  @EnumSource(WebSockets.class)
  void keep_does_not_hold_tunnels_on_a_failed_server(WebSockets setting) {
    now.onSwitch = new SwitchSettings(setting, Streams.CLOSE, DRAIN);
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
    now.reason = Reason.CIRCUIT_OPEN;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void a_server_that_returned_as_another_incarnation_has_failed_in_between() {
    now.masterIncarnation = 2;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void with_nobody_serving_all_are_told() {
    now.masterFails();
    now.serving = null;
    now.reason = Reason.NO_SERVER;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void a_server_that_serves_although_it_is_down_keeps_its_tunnels() {
    now.masterStatus = Status.DOWN;
    now.masterIncarnation = 2;
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
  }

  @ParameterizedTest
  @CsvSource({
    "CLOSE, FAILBACK, MOVED",
    "CLOSE, OPERATOR, MOVED",
    "CLOSE, CONFIGURATION, MOVED",
    "KEEP, FAILBACK, STAYS",
    "KEEP, OPERATOR, STAYS",
    "KEEP, CONFIGURATION, MOVED"
  })
  void a_healthy_server_that_serves_no_longer(WebSockets setting, Reason reason, Why why) {
    now.onSwitch = new SwitchSettings(setting, Streams.CLOSE, DRAIN);
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = reason;
    assertThat(verdict().why()).isEqualTo(why);
    assertThat(verdict().over()).isEqualTo(why == Why.STAYS ? Duration.ZERO : DRAIN);
    assertThat(preferred()).isEqualTo(TunnelVerdict.STAY);
  }

  @ParameterizedTest
  @CsvSource({"CLOSE, MOVED", "KEEP, STAYS"})
  void a_server_set_to_drain(WebSockets setting, Why why) {
    now.onSwitch = new SwitchSettings(setting, Streams.CLOSE, DRAIN);
    now.masterState = OperatorState.DRAIN;
    now.serving = TunnelSnapshots.BACKUP;
    now.reason = Reason.OPERATOR;
    assertThat(verdict().why()).isEqualTo(why);
    assertThat(preferred().why()).isEqualTo(why);
  }

  @ParameterizedTest
  @EnumSource(WebSockets.class)
  void maintenance_tells_at_once_whatever_is_set(WebSockets setting) {
    now.onSwitch = new SwitchSettings(setting, Streams.CLOSE, DRAIN);
    now.masterState = OperatorState.MAINTENANCE;
    TunnelVerdict atOnce = new TunnelVerdict(Why.MAINTENANCE, Duration.ZERO);
    assertThat(verdict()).isEqualTo(atOnce);
    assertThat(preferred()).isEqualTo(atOnce);
  }

  @Test
  void in_a_balance_pool_a_tunnel_stays_while_its_server_is_usable() {
    now.mode = Mode.BALANCE;
    assertThat(verdict()).isEqualTo(TunnelVerdict.STAY);
    now.masterStatus = Status.DOWN;
    assertThat(verdict().why()).isEqualTo(Why.FAILED);
  }

  @Test
  void a_server_or_pool_that_is_gone_is_left_over_the_last_known_drain() {
    TunnelVerdict removed = new TunnelVerdict(Why.REMOVED, DRAIN);
    SwitchSettings last = new SwitchSettings(CLOSE, Streams.CLOSE, DRAIN);
    assertThat(TunnelVerdict.of(Kind.TUNNEL, 1, true, null, null, last)).isEqualTo(removed);
    assertThat(TunnelVerdict.of(Kind.TUNNEL, 1, true, now.pool(), null, last)).isEqualTo(removed);
  }

  private TunnelVerdict verdict() {
    return of(false);
  }

  private TunnelVerdict preferred() {
    return of(true);
  }

  private TunnelVerdict of(boolean preferred) {
    PoolState pool = now.pool();
    return TunnelVerdict.of(
        Kind.TUNNEL, 1, preferred, pool, pool.server(TunnelSnapshots.MASTER), SwitchSettings.DEFAULT);
  }
}
