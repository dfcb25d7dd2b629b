package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.Authority;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Open connections when their server must be left, or need not. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class SwitchTest extends Relayed {
  /**
   * Something that happens to the pool of masters "a" and "b" while a connection to "a" is open.
   */
  private record Occasion(
      String name, boolean balance, Connections setting, Consumer<TestPools> act) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Occasion failover(String name, Consumer<TestPools> act) {
    return new Occasion(name, false, Connections.CLOSE, act);
  }

  private static Occasion keep(String name, Consumer<TestPools> act) {
    return new Occasion(name, false, Connections.KEEP, act);
  }

  private static Occasion balance(String name, Connections setting, Consumer<TestPools> act) {
    return new Occasion(name, true, setting, act);
  }

  static List<Occasion> endings() {
    return List.of(
        failover("the server is DOWN and another serves", pools -> pools.failover("a", "b")),
        failover("the server is DOWN and nobody serves", SwitchTest::nobody),
        failover("an operator switches", pools -> pools.serve("b")),
        failover("an operator drains it", pools -> pools.drain("a", "b")),
        failover("maintenance", pools -> pools.operator("a", OperatorState.MAINTENANCE)),
        failover(
            "this replica is out of touch",
            pools -> pools.authority(new Authority(false, true, () -> false))),
        failover("its address changes", pools -> pools.reincarnate("a")),
        keep("keep, but the server failed", pools -> pools.failover("a", "b")),
        keep("keep, but other replicas found it bad", SwitchTest::foundBadElsewhere),
        keep("keep, but no reason is known", pools -> pools.serve("b")),
        keep("keep, but maintenance", pools -> pools.operator("a", OperatorState.MAINTENANCE)),
        keep("keep, but maintenance of the pool", pools -> pools.maintenance("192.0.2.1")),
        balance("balance: maintenance", Connections.KEEP, pools -> pools.maintenance("::1")),
        balance("balance: it is DOWN", Connections.CLOSE, pools -> pools.down("a")),
        balance("balance: it is DOWN, keep", Connections.KEEP, pools -> pools.down("a")),
        balance(
            "balance: drained",
            Connections.CLOSE,
            pools -> pools.operator("a", OperatorState.DRAIN)));
  }

  static List<Occasion> stays() {
    return List.of(
        failover("another server is DOWN", pools -> pools.down("b")),
        failover("it is DOWN but serves, as no other can", pools -> pools.down("a")),
        keep("keep, an operator switches", pools -> pools.serve("b", SwitchReason.OPERATOR)),
        keep("keep, a failback", pools -> pools.serve("b", SwitchReason.FAILBACK)),
        keep("keep, drained", pools -> pools.drain("a", "b")),
        failover("maintenance in which the client is allowed", SwitchTest::allowed),
        balance("balance: maintenance, allowed", Connections.CLOSE, SwitchTest::allowed),
        balance("balance: another is DOWN", Connections.CLOSE, pools -> pools.down("b")),
        balance(
            "balance: drained, keep",
            Connections.KEEP,
            pools -> pools.operator("a", OperatorState.DRAIN)));
  }

  private static void foundBadElsewhere(TestPools pools) {
    pools.serve("b", SwitchReason.HEALTH_CHECK_FAILED);
  }

  private static void allowed(TestPools pools) {
    pools.maintenance("127.0.0.0/8");
  }

  private static void nobody(TestPools pools) {
    pools.down("b");
    pools.failover("a", null);
  }

  private void open(Occasion occasion) throws IOException {
    SwitchSettings d = SwitchSettings.DEFAULT;
    TestPools.Builder pool =
        alone()
            .master("b", b.port())
            .onSwitch(
                new SwitchSettings(
                    WebSockets.CLOSE,
                    Streams.CLOSE,
                    Duration.ZERO,
                    d.closeCode(),
                    occasion.setting));
    open(occasion.balance ? pool.balance() : pool);
  }

  @ParameterizedTest
  @MethodSource("endings")
  void both_sides_are_reset_when(Occasion occasion) throws IOException {
    open(occasion);
    exchange(client, server);
    occasion.act.accept(rig.pools);
    assertBothReset();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MOVED);
  }

  @ParameterizedTest
  @MethodSource("stays")
  void a_connection_goes_on_when(Occasion occasion) throws IOException {
    open(occasion);
    exchange(client, server);
    occasion.act.accept(rig.pools);
    exchange(client, server);
    exchange(client, server);
    assertThat(rig.seen.connections).isEmpty();
  }

  @Test
  void in_maintenance_of_the_pool_a_new_connection_is_refused_unless_it_is_allowed()
      throws IOException {
    start(alone());
    rig.pools.maintenance("192.0.2.1");
    assertThat(rest(connect())).isEqualTo("|RST");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MAINTENANCE);
    rig.pools.maintenance("127.0.0.1");
    client = connect();
    server = accept(a);
    exchange(client, server);
  }

  @Test
  void a_connection_outlives_an_outage_of_a_server_that_went_on_serving() throws IOException {
    open(alone());
    exchange(client, server);
    rig.pools.down("a");
    exchange(client, server);
    rig.pools.up("a");
    exchange(client, server);
    exchange(client, server);
  }

  @Test
  void connections_have_the_drain_time_where_nobody_takes_over_from_a_drained_server()
      throws IOException {
    open(alone().drain(Duration.ofDays(1000)));
    exchange(client, server);
    rig.pools.drain("a", null);
    exchange(client, server);
    exchange(client, server);
  }

  @Test
  void a_replica_that_is_out_of_touch_passes_nothing_before_a_snapshot_says_so()
      throws IOException {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    start(alone());
    rig.pools.authority(new Authority(true, true, inTouch::get));
    client = connect();
    server = accept(a);
    exchange(client, server);
    inTouch.set(false);
    send(client, "late");
    assertBothReset();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MOVED);
  }

  @Test
  void a_pool_that_returns_with_another_address_keeps_no_old_connection() throws IOException {
    open(alone());
    exchange(client, server);
    ServerTraffic before = rig.pools.server("a").traffic();
    rig.pools.returnAs(TestPools.pool().master("a", b.port()).build());
    assertBothReset();
    Await.until("none is counted", () -> before.tunnels().get() == 0);
    assertThat(rig.pools.server("a").traffic().tunnels().get()).isZero();
  }

  @Test
  void a_server_that_serves_from_another_address_keeps_no_old_connection() throws IOException {
    open(alone());
    exchange(client, server);
    rig.pools.down("a");
    exchange(client, server);
    rig.pools.configure(TestPools.pool().master("a", b.port()).build());
    assertBothReset();
  }

  @Test
  void bytes_that_are_not_sent_yet_never_reach_the_server_that_was_left() throws Exception {
    open(failover());
    // The server reads nothing, so that most of what the client sends waits in between.
    Thread sender =
        Thread.startVirtualThread(() -> Sockets.sendUntilRefused(client, new AtomicLong()));
    Await.until(
        "the client is stopped by backpressure",
        () ->
            sender.getState() != Thread.State.RUNNABLE
                && rig.pools.server("a").traffic().bytesIn().sum() > 100_000);
    rig.pools.failover("a", "b");
    sender.join();
    Await.until("the end", () -> !rig.seen.connections.isEmpty());
    long passed = rig.seen.connection().bytesIn();
    assertThat(drained(server)).isLessThan(passed);
  }

  /** Bytes that came before the reset. */
  private static long drained(Socket server) throws IOException {
    long bytes = 0;
    byte[] piece = new byte[64 * 1024];
    InputStream in = server.getInputStream();
    try {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        bytes += read;
      }
      throw new AssertionError("a clean end after " + bytes);
    } catch (java.net.SocketException reset) {
      return bytes;
    }
  }
}
