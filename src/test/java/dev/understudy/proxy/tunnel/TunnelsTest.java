package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.TEXT_HI;
import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.proxy.tunnel.Wires.Close;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.RequestEnd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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

  private final Map<String, Wire> named = new HashMap<>();
  private CompletableFuture<Void> stopped = CompletableFuture.completedFuture(null);
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

  @Scenario.Each(
"""
a failed server's tunnels are spread over two seconds
  open one; open two; fails; client one 1012; client two 1012; spans 2 2
a failback spreads them over drain
  open one; moves FAILBACK; client one 1012; server one 1001; spans 30
clients get the configured close code and servers 1001
  code 4001; open one; open two; hangs-up two; client two 4001
  fails; client one 4001; server one 1001
a stop sends 1001 whatever is set
  code 4001; open one; stop 0; client one 1001
a session's tunnel stays on a drained server until maintenance
  sticky; publish; open other; session it; DRAIN; moves OPERATOR; client other 1012
  lasts it; MAINTENANCE; publish; client it 1012
a plan to end a session's tunnel later gives way to its server's failure
  sticky; left; publish; session it; moves FAILBACK; lasts it; spans 2; fails; client it 1012
maintenance ends tunnels at once
  late; open one; MAINTENANCE; moves OPERATOR; client one 1012
a shorter span replaces a longer one
  late; open one; moves FAILBACK; reported one; fails; client one 1012; spans 30 2
many snapshots that say the same choose a time only once
  late; open one; moves FAILBACK; again one 20; lasts one; spans 30
serving that returns in time undoes the plan
  late; open one; moves OPERATOR; reported one; returns; reported one; moves OPERATOR
  lasts one; spans 30 30
keep leaves them on failback until their server fails
  keep; publish; open one; moves FAILBACK; lasts one; fails; client one 1012
a preferred server's tunnels stay while it is usable
  preferred one; moves FAILBACK; lasts one; fails; client one 1012
a server that serves on although DOWN keeps them, and again when it is UP
  open one; DOWN 2; publish; lasts one; UP 2; publish; lasts one; UP 3; publish; lasts one; spans 2
a pool that is gone takes its tunnels along
  open one; gone; client one 1012; spans 30
a tunnel opened on a server that has failed meanwhile is ended
  failed; open one; client one 1012
a silent tunnel is ended politely
  idle; publish; open one; client one 1001; server one 1001; end one TUNNEL_IDLE
a half-closed tunnel does not last
  idle; publish; open one; shuts one; over one; end one TUNNEL_CLOSED
stopping ends all tunnels and completes when none is left
  open one; open two; stop 7; client one 1001; client two 1001; server two 1001; spans 5 5
  stopped; end one TUNNEL_TOLD
stopping overrules a later plan and nothing later undoes it
  late; open one; moves FAILBACK; reported one; soon; stop 3; returns; client one 1001; stopped
stopping without a tunnel is done at once
  stop 30; stopped; open one; closes one; ended one; stop 30; stopped
a tunnel opened while stopping is ended at once and no other sooner
  open first; late; stop 3600; reported first; open one; client one 1001; lasts first; closes first
""")
  void they_are_told_when(Scenario scenario) {
    scenario.play(this::step);
  }

  private void step(Words words) throws Exception {
    String name = words.at(1);
    Wire wire = named.get(name);
    switch (words.at(0)) {
      case "open" -> named.put(name, wire());
      case "session" -> named.put(name, closing(rig.sessionWire()));
      case "preferred" -> named.put(name, closing(rig.preferredWire()));
      case "client" ->
          assertThat(receiveClose(wire.client())).isEqualTo(new Close(words.number(2), "", false));
      case "server" ->
          assertThat(receiveClose(wire.server())).isEqualTo(new Close(words.number(2), "", true));
      case "reported" -> onLoop(wire);
      case "lasts" -> {
        onLoop(wire);
        stillOpen(wire);
      }
      case "again" -> {
        for (int i = 0; i < words.number(2); i++) {
          rig.snapshots.publish();
          onLoop(wire);
        }
      }
      case "shuts" -> wire.client().shutdownOutput();
      case "over" -> {
        assertThat(ends(wire.server())).isTrue();
        assertThat(ends(wire.client())).isTrue();
      }
      case "hangs-up" -> wire.server().close();
      case "closes" -> wire.close();
      case "end" -> assertThat(wire.end().reason()).hasToString(words.at(2));
      case "ended" -> wire.end();
      case "late" -> late = true;
      case "soon" -> late = false;
      case "stop" ->
          stopped = rig.tunnels.drainAll(Duration.ofSeconds(words.number(1))).toCompletableFuture();
      case "stopped" -> {
        stopped.get();
        assertThat(rig.open()).isZero();
      }
      case "spans" ->
          assertThat(spans)
              .extracting(span -> "" + Duration.ofNanos(span).toSeconds())
              .containsExactly(words.from(1).split(" "));
      default -> happens(rig.snapshots, words);
    }
  }

  private void happens(TunnelSnapshots now, Words words) {
    switch (words.at(0)) {
      case "publish" -> now.publish();
      case "fails" -> now.masterFails();
      case "failed" -> {
        now.masterFails();
        now.masterIncarnation--;
      }
      case "moves" -> servingMoves(SwitchReason.valueOf(words.at(1)));
      case "returns" -> {
        now.serving = TunnelSnapshots.MASTER;
        now.publish();
      }
      case "gone" -> now.publish(new Snapshot(99, Map.of()));
      case "code" -> {
        now.onSwitch =
            TestSettings.onSwitch(WebSockets.CLOSE, Streams.CLOSE, DRAIN, words.number(1));
        now.publish();
      }
      case "keep" -> now.onSwitch = TestSettings.onSwitch(WebSockets.KEEP, DRAIN);
      case "sticky" -> now.sticky = TestSettings.sticky("U", AfterFailback.DRAIN);
      case "left" -> now.masterLeft = now.now();
      case "idle" -> now.tunnel = Duration.ofMillis(200);
      case "DOWN", "UP" -> {
        now.masterStatus = HealthStatus.valueOf(words.at(0));
        now.masterIncarnation = words.number(1);
      }
      default -> now.masterState = OperatorState.valueOf(words.at(0));
    }
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

  private Wire wire() throws Exception {
    return closing(rig.wire());
  }

  private Wire closing(Wire wire) {
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
}
