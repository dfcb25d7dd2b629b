package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.TEXT_HI;
import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.monitor.Authority;
import dev.understudy.monitor.Snapshot;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.proxy.tunnel.Wires.Close;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which tunnels are told when, on real sockets. */
class TunnelsTest {
  private static final Duration DRAIN = Duration.ofSeconds(30);

  /** The spans of time over which it was asked to spread, in nanoseconds. */
  private final Queue<Long> spans = new ConcurrentLinkedQueue<>();

  private final List<Wire> wires = new ArrayList<>();
  private volatile boolean late;
  private TunnelRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = new TunnelRig(Transport.NIO, this::choose, Tunnels.PHASE_TIMEOUT, null, any -> {});
  }

  private long choose(long bound) {
    spans.add(bound);
    return late ? bound : 0;
  }

  @AfterEach
  void stop() throws Exception {
    for (Wire wire : wires) {
      wire.close();
    }
    rig.close();
  }

  @Test
  void a_failed_servers_tunnels_are_spread_over_two_seconds() throws Exception {
    Wire one = wire();
    Wire two = wire();
    rig.snapshots.masterFails();
    assertThat(receiveClose(one.client()).code()).isEqualTo(1012);
    assertThat(receiveClose(two.client()).code()).isEqualTo(1012);
    assertThat(spans).containsExactly(seconds(2), seconds(2));
  }

  @Test
  void no_message_reaches_a_server_out_of_touch_before_a_snapshot_says_so() throws Exception {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    rig.snapshots.authority = new Authority(true, true, inTouch::get);
    rig.snapshots.publish();
    Wire wire = wire();
    stillOpen(wire);
    inTouch.set(false);
    send(wire.client(), TEXT_HI);
    assertThat(receiveClose(wire.server()).code()).isEqualTo(1001);
    assertThat(receiveClose(wire.client()).code()).isEqualTo(1012);
    assertThat(spans).isEmpty();
  }

  @Test
  void a_failback_spreads_them_over_drain() throws Exception {
    Wire wire = wire();
    servingMoves(SwitchReason.FAILBACK);
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
    assertThat(receiveClose(wire.server())).isEqualTo(new Close(1001, "", true));
    assertThat(spans).containsExactly(DRAIN.toNanos());
  }

  @Test
  void clients_get_the_configured_close_code_and_servers_1001() throws Exception {
    rig.snapshots.onSwitch = TestSettings.onSwitch(WebSockets.CLOSE, Streams.CLOSE, DRAIN, 4001);
    rig.snapshots.publish();
    Wire moved = wire();
    Wire broken = wire();
    broken.server().close();
    assertThat(receiveClose(broken.client())).isEqualTo(new Close(4001, "", false));
    rig.snapshots.masterFails();
    assertThat(receiveClose(moved.client())).isEqualTo(new Close(4001, "", false));
    assertThat(receiveClose(moved.server())).isEqualTo(new Close(1001, "", true));
  }

  @Test
  void a_stop_sends_1001_whatever_is_set() throws Exception {
    rig.snapshots.onSwitch = TestSettings.onSwitch(WebSockets.CLOSE, Streams.CLOSE, DRAIN, 4001);
    rig.snapshots.publish();
    Wire wire = wire();
    rig.tunnels.drainAll(Duration.ZERO);
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1001, "", false));
  }

  @Test
  void a_sessions_tunnel_stays_on_a_drained_server_until_maintenance() throws Exception {
    rig.snapshots.sticky = TestSettings.sticky("U", AfterFailback.DRAIN);
    rig.snapshots.publish();
    Wire other = wire();
    Wire session = rig.sessionWire();
    wires.add(session);
    rig.snapshots.masterState = OperatorState.DRAIN;
    servingMoves(SwitchReason.OPERATOR);
    assertThat(receiveClose(other.client()).code()).isEqualTo(1012);
    onLoop(session);
    stillOpen(session);
    rig.snapshots.masterState = OperatorState.MAINTENANCE;
    rig.snapshots.publish();
    assertThat(receiveClose(session.client()).code()).isEqualTo(1012);
  }

  @Test
  void a_plan_to_end_a_sessions_tunnel_later_gives_way_to_its_servers_failure() throws Exception {
    rig.snapshots.sticky = TestSettings.sticky("U", AfterFailback.DRAIN);
    rig.snapshots.masterLeft = rig.snapshots.now();
    rig.snapshots.publish();
    Wire session = rig.sessionWire();
    wires.add(session);
    servingMoves(SwitchReason.FAILBACK);
    onLoop(session);
    assertThat(spans).containsExactly(seconds(2));
    stillOpen(session);
    rig.snapshots.masterFails();
    assertThat(receiveClose(session.client()).code()).isEqualTo(1012);
  }

  @Test
  void maintenance_ends_tunnels_at_once() throws Exception {
    late = true;
    Wire wire = wire();
    rig.snapshots.masterState = OperatorState.MAINTENANCE;
    servingMoves(SwitchReason.OPERATOR);
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
  }

  @Test
  void a_shorter_span_replaces_a_longer_one() throws Exception {
    late = true;
    Wire wire = wire();
    servingMoves(SwitchReason.FAILBACK);
    Await.until("the switch is reported", () -> spans.size() == 1);
    rig.snapshots.masterFails();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
    assertThat(spans).containsExactly(DRAIN.toNanos(), seconds(2));
  }

  @Test
  void many_snapshots_that_say_the_same_choose_a_time_only_once() throws Exception {
    late = true;
    Wire wire = wire();
    servingMoves(SwitchReason.FAILBACK);
    for (int i = 0; i < 20; i++) {
      rig.snapshots.publish();
      onLoop(wire);
    }
    assertThat(spans).containsExactly(DRAIN.toNanos());
    stillOpen(wire);
  }

  @Test
  void serving_that_returns_in_time_undoes_the_plan() throws Exception {
    late = true;
    Wire wire = wire();
    servingMoves(SwitchReason.OPERATOR);
    onLoop(wire);
    rig.snapshots.serving = TunnelSnapshots.MASTER;
    rig.snapshots.publish();
    onLoop(wire);
    servingMoves(SwitchReason.OPERATOR);
    onLoop(wire);
    assertThat(spans).containsExactly(DRAIN.toNanos(), DRAIN.toNanos());
    stillOpen(wire);
  }

  @Test
  void keep_leaves_them_on_failback_until_their_server_fails() throws Exception {
    rig.snapshots.onSwitch = TestSettings.onSwitch(WebSockets.KEEP, DRAIN);
    rig.snapshots.publish();
    Wire wire = wire();
    servingMoves(SwitchReason.FAILBACK);
    onLoop(wire);
    stillOpen(wire);
    rig.snapshots.masterFails();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
  }

  @Test
  void a_preferred_servers_tunnels_stay_while_it_is_usable() throws Exception {
    Wire wire = rig.preferredWire();
    wires.add(wire);
    servingMoves(SwitchReason.FAILBACK);
    onLoop(wire);
    stillOpen(wire);
    rig.snapshots.masterFails();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
  }

  @Test
  void a_server_that_serves_on_although_down_keeps_them_and_again_when_it_is_up() throws Exception {
    Wire wire = wire();
    rig.snapshots.masterStatus = HealthStatus.DOWN;
    rig.snapshots.masterIncarnation = 2;
    rig.snapshots.publish();
    onLoop(wire);
    stillOpen(wire);
    rig.snapshots.masterStatus = HealthStatus.UP;
    rig.snapshots.publish();
    onLoop(wire);
    stillOpen(wire);
    rig.snapshots.masterIncarnation = 3;
    rig.snapshots.publish();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
  }

  @Test
  void a_pool_that_is_gone_takes_its_tunnels_along() throws Exception {
    Wire wire = wire();
    rig.snapshots.publish(new Snapshot(99, Map.of()));
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
    assertThat(spans).containsExactly(DRAIN.toNanos());
  }

  @Test
  void a_tunnel_opened_on_a_server_that_has_failed_meanwhile_is_ended() throws Exception {
    rig.snapshots.masterFails();
    rig.snapshots.masterIncarnation--;
    Wire wire = wire();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1012, "", false));
  }

  @Test
  void a_silent_tunnel_is_ended_politely() throws Exception {
    rig.snapshots.tunnel = Duration.ofMillis(200);
    rig.snapshots.publish();
    Wire wire = wire();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1001, "", false));
    assertThat(receiveClose(wire.server())).isEqualTo(new Close(1001, "", true));
    assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_IDLE);
  }

  @Test
  void sides_that_sent_a_close_frame_but_do_not_hang_up_are_closed() throws Exception {
    rig.snapshots.tunnel = Duration.ofMillis(200);
    rig.snapshots.publish();
    Wire wire = wire();
    send(wire.client(), "888000000000");
    send(wire.server(), "8800");
    assertThat(receive(wire.client(), 2)).isEqualTo("8800");
    assertThat(ends(wire.client())).isTrue();
    assertThat(receive(wire.server(), 6)).isEqualTo("888000000000");
    assertThat(ends(wire.server())).isTrue();
    assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_half_closed_tunnel_does_not_last() throws Exception {
    rig.snapshots.tunnel = Duration.ofMillis(200);
    rig.snapshots.publish();
    Wire wire = wire();
    wire.client().shutdownOutput();
    assertThat(ends(wire.server())).isTrue();
    assertThat(ends(wire.client())).isTrue();
    assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void stopping_ends_all_tunnels_and_completes_when_none_is_left() throws Exception {
    Wire one = wire();
    Wire two = wire();
    CompletableFuture<Void> drained =
        rig.tunnels.drainAll(Duration.ofSeconds(7)).toCompletableFuture();
    assertThat(receiveClose(one.client())).isEqualTo(new Close(1001, "", false));
    assertThat(receiveClose(two.client())).isEqualTo(new Close(1001, "", false));
    assertThat(receiveClose(two.server())).isEqualTo(new Close(1001, "", true));
    assertThat(spans).containsExactly(seconds(5), seconds(5));
    drained.get();
    assertThat(rig.open()).isZero();
    assertThat(one.end().reason()).isEqualTo(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void stopping_overrules_a_later_plan_and_nothing_later_undoes_it() throws Exception {
    late = true;
    rig.snapshots.onSwitch = TestSettings.onSwitch(WebSockets.CLOSE, DRAIN);
    Wire wire = wire();
    servingMoves(SwitchReason.FAILBACK);
    onLoop(wire);
    late = false;
    CompletableFuture<Void> drained =
        rig.tunnels.drainAll(Duration.ofSeconds(3)).toCompletableFuture();
    rig.snapshots.serving = TunnelSnapshots.MASTER;
    rig.snapshots.publish();
    assertThat(receiveClose(wire.client()).code()).isEqualTo(1001);
    drained.get();
  }

  @Test
  void stopping_without_a_tunnel_is_done_at_once() throws Exception {
    rig.tunnels.drainAll(DRAIN).toCompletableFuture().get();
    Wire wire = wire();
    wire.close();
    wire.end();
    rig.tunnels.drainAll(DRAIN).toCompletableFuture().get();
    assertThat(rig.open()).isZero();
  }

  @Test
  void a_tunnel_opened_while_stopping_is_ended_at_once_and_no_other_sooner() throws Exception {
    Wire first = wire();
    late = true;
    rig.tunnels.drainAll(Duration.ofHours(1));
    onLoop(first);
    Wire wire = wire();
    assertThat(receiveClose(wire.client())).isEqualTo(new Close(1001, "", false));
    stillOpen(first);
    first.close();
  }

  private Wire wire() throws Exception {
    Wire wire = rig.wire();
    wires.add(wire);
    return wire;
  }

  private void servingMoves(SwitchReason reason) {
    rig.snapshots.serving = TunnelSnapshots.BACKUP;
    rig.snapshots.reason = reason;
    rig.snapshots.publish();
  }

  /** Returns once the event loop has done all that it was given before. */
  private static void onLoop(Wire wire) throws Exception {
    wire.clientChannel().eventLoop().submit(() -> {}).get();
  }

  private static void stillOpen(Wire wire) throws Exception {
    send(wire.server(), TEXT_HI);
    assertThat(receive(wire.client(), 4)).isEqualTo(TEXT_HI);
    send(wire.client(), TEXT_HI);
    assertThat(receive(wire.server(), 4)).isEqualTo(TEXT_HI);
    assertThat(wire.ended()).isNotDone();
  }

  private static long seconds(int seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
