package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Open connections when their server must be left, or need not. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class SwitchTest extends Relayed {
  /** Opens a connection to "a" of two masters, to whose pool that happens then. */
  private void open(String mode, Connections setting, String act) throws IOException {
    TestPools.Builder pool = alone().master("b", b.port()).onSwitch(onSwitch(setting));
    open(mode.equals("balance") ? pool.balance() : pool);
    exchange(client, server);
    for (String each : act.split(", ")) {
      happens(rig.pools, new Words(each.split(" ")));
    }
  }

  @Rows(
      """
      the server is DOWN and another serves     | failover | CLOSE | failover b
      the server is DOWN and nobody serves      | failover | CLOSE | down b, failover nobody
      an operator switches                      | failover | CLOSE | serves b
      an operator drains it                     | failover | CLOSE | drain a b
      maintenance                               | failover | CLOSE | MAINTENANCE a
      this replica is out of touch              | failover | CLOSE | untouched
      its address changes                       | failover | CLOSE | reincarnates a
      its name moves, and it fails there        | failover | CLOSE | readdressed a, failover b
      keep, but the server failed               | failover | KEEP  | failover b
      keep, but other replicas found it bad     | failover | KEEP  | switch b HEALTH_CHECK_FAILED
      keep, but no reason is known              | failover | KEEP  | serves b
      keep, but maintenance                     | failover | KEEP  | MAINTENANCE a
      keep, but maintenance of the pool         | failover | KEEP  | allow 192.0.2.1
      maintenance of the pool                   | balance  | KEEP  | allow ::1
      it is DOWN                                | balance  | CLOSE | down a
      it is DOWN, keep                          | balance  | KEEP  | down a
      drained                                   | balance  | CLOSE | DRAIN a
      """)
  void both_sides_are_reset_when(String name, String mode, Connections setting, String act)
      throws IOException {
    open(mode, setting, act);
    assertBothReset();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MOVED);
  }

  @Rows(
      """
      another server is DOWN                      | failover | CLOSE | down b
      its name moves between good addresses       | failover | CLOSE | readdressed a
      its name moves again and again              | balance  | CLOSE | readdressed a, readdressed a
      it is DOWN but serves, as no other can      | failover | CLOSE | down a
      it does not know what was agreed on         | failover | CLOSE | doubtful
      keep, an operator switches                  | failover | KEEP  | switch b OPERATOR
      keep, a failback                            | failover | KEEP  | switch b FAILBACK
      keep, drained                               | failover | KEEP  | drain a b
      maintenance in which the client is allowed  | failover | CLOSE | allow 127.0.0.0/8
      maintenance, allowed                        | balance  | CLOSE | allow 127.0.0.0/8
      another is DOWN                             | balance  | CLOSE | down b
      drained, keep                               | balance  | KEEP  | DRAIN a
      """)
  void a_connection_goes_on_when(String name, String mode, Connections setting, String act)
      throws IOException {
    open(mode, setting, act);
    exchange(client, server);
    exchange(client, server);
    assertThat(rig.seen.connections).isEmpty();
  }

  @Override
  void step(Words words) throws Exception {
    switch (words.at(0)) {
      case "moved" -> rig.pools.configure(TestPools.pool().master("a", b.port()).build());
      default -> super.step(words);
    }
  }

  @Scenario.Each(
"""
in maintenance of the pool a new connection is refused unless it is allowed
  start alone; allow 192.0.2.1; connect; c ends |RST; end MAINTENANCE
  allow 127.0.0.1; connect; accept a; exchange
a connection outlives an outage of a server that went on serving
  open alone; exchange; down a; exchange; up a; exchange; exchange
a server that serves from another address keeps no old connection
  open alone; exchange; down a; exchange; moved a; both reset
connections have the drain time where nobody takes over from a drained server
  open alone drain 1000; exchange; drain a nobody; exchange; exchange
""")
  void connections_and_their_pool(Scenario scenario) {
    play(scenario);
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
