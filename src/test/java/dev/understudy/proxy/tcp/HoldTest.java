package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RetryReason;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** New connections: where they go, and how long they wait. */
@Order(Extent.FIRST)
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class HoldTest extends Relayed {
  @Test
  void connections_wait_while_nobody_serves_and_go_to_the_next_that_does() throws IOException {
    start(failover());
    rig.pools.failover("a", null);
    Socket client = connect();
    send(client, "early");
    awaitHeld();
    rig.pools.serve("b");
    Socket server = accept(b);
    assertThat(receive(server, 5)).isEqualTo("early");
    passes(server, client, "ok");
    assertThat(rig.seen.everHeld.get()).isEqualTo(1);
  }

  @Test
  void connections_wait_for_the_replicas_while_their_server_is_down_here() throws IOException {
    start(failover());
    rig.pools.silent("a");
    Socket client = connect();
    awaitHeld();
    rig.pools.serve("b");
    Socket server = accept(b);
    passes(server, client, "ok");
    server.close();
    client.close();
    assertThat(rig.seen.connection().attempts()).isEqualTo(1);
  }

  @Test
  void a_connection_goes_to_the_server_that_the_replicas_keep_once_hold_time_is_over()
      throws IOException {
    start(failover().hold(Duration.ofMillis(200), 10, 0));
    rig.pools.silent("a");
    Socket client = connect();
    Socket server = accept(a);
    passes(server, client, "ok");
    assertThat(rig.seen.everHeld.get()).isEqualTo(1);
  }

  /** The next connection of "a", which the rig has taken for open. */
  private Socket opened() throws IOException {
    Socket connection = accept(a);
    Await.until("it is open", () -> rig.pools.server("a").traffic().tunnels().get() == 1);
    return connection;
  }

  /** As by what accepts connections for a dead server. */
  @Test
  void a_connection_reset_before_any_byte_waits_for_the_next_serving_server() throws IOException {
    start(failover());
    Socket client = connect();
    reset(opened());
    awaitHeld();
    assertThat(rig.seen.troubles).containsExactly(Trouble.BROKEN);
    send(client, "early");
    rig.pools.silent("a");
    rig.pools.serve("b");
    Socket server = accept(b);
    assertThat(receive(server, 5)).isEqualTo("early");
    passes(server, client, "ok");
    assertThat(rig.pools.server("a").traffic().tunnels()).hasValue(0);
    assertThat(rig.pools.server("b").traffic().tunnels()).hasValue(1);
    server.close();
    client.close();
    assertThat(rig.seen.connection().attempts()).isEqualTo(2);
    assertThat(rig.seen.retries).containsExactly(RetryReason.BROKEN);
  }

  /** Whichever is seen first: a failed write, too, means that the server got none of them. */
  @Test
  void it_waits_also_if_its_first_bytes_come_together_with_the_reset() throws IOException {
    start(failover());
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Socket client = rig.connect();
      try (Socket server = opened();
          TcpRig.Pause pause = rig.pause()) {
        if (i % 2 == 0) {
          send(client, "early");
        }
        reset(server);
        send(client, "early");
      }
      clients.add(client);
      Await.until("it is held", () -> rig.seen.held.get() == clients.size());
    }
    reset(clients.removeLast());
    reset(clients.removeLast());
    Await.until("both have left", () -> rig.seen.held.get() == clients.size());
    rig.pools.silent("a");
    rig.pools.serve("b");
    for (Socket client : clients) {
      client.shutdownOutput();
    }
    List<String> got = new ArrayList<>();
    for (Socket client : clients) {
      try (Socket next = accept(b)) {
        got.add(rest(next));
      }
      client.close();
    }
    assertThat(got)
        .containsExactlyInAnyOrder("early|FIN", "earlyearly|FIN", "early|FIN", "earlyearly|FIN");
    Await.until("all is counted", () -> rig.pools.server("b").traffic().bytesIn().sum() == 30);
    assertThat(rig.pools.server("a").traffic().bytesIn().sum()).isZero();
  }

  @Test
  void a_reset_after_the_end_of_its_output_passes_on() throws IOException {
    start(failover());
    Socket client = connect();
    Socket server = opened();
    server.shutdownOutput();
    assertThat(rest(client)).isEqualTo("|FIN");
    reset(server);
    send(client, "late");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
    assertThat(rig.seen.everHeld).hasValue(0);
  }

  @Test
  void a_living_server_that_resets_a_connection_before_any_byte_gets_it_once_more()
      throws IOException {
    start(failover());
    Socket client = connect();
    reset(opened());
    awaitHeld();
    rig.pools.probed("a");
    reset(opened());
    assertThat(rest(client)).isEqualTo("|RST");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
    assertThat(rig.seen.connection().attempts()).isEqualTo(2);
  }

  @Test
  void a_connection_reset_before_any_byte_waits_no_longer_than_hold_time() throws IOException {
    start(failover().hold(Duration.ofMillis(200), 10, 0));
    Socket client = connect();
    reset(opened());
    Socket server = accept(a);
    passes(server, client, "ok");
    assertThat(rig.seen.everHeld).hasValue(1);
  }

  @Test
  void what_a_server_got_bytes_of_is_given_to_no_other() throws IOException {
    start(failover());
    Socket client = connect();
    send(client, "once");
    Socket server = accept(a);
    assertThat(receive(server, 4)).isEqualTo("once");
    reset(server);
    assertThat(rest(client)).isEqualTo("|RST");
    assertThat(rig.seen.everHeld).hasValue(0);
  }

  @Test
  void an_end_without_a_byte_passes_on_and_brings_the_probe_forward() throws IOException {
    start(failover());
    Socket client = connect();
    send(client, "once");
    Socket server = accept(a);
    assertThat(receive(server, 4)).isEqualTo("once");
    server.close();
    assertThat(rest(client)).isEqualTo("|FIN");
    assertThat(rig.seen.troubles).containsExactly(Trouble.BROKEN);
  }

  @Test
  void an_end_after_the_clients_own_says_nothing_of_the_server() throws IOException {
    start(failover());
    Socket client = connect();
    send(client, "once");
    client.shutdownOutput();
    try (Socket server = accept(a)) {
      assertThat(rest(server)).isEqualTo("once|FIN");
    }
    assertThat(rest(client)).isEqualTo("|FIN");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
    assertThat(rig.seen.troubles).isEmpty();
  }

  @Test
  void in_a_balance_pool_a_connection_reset_before_any_byte_goes_to_another_server_at_once()
      throws IOException {
    start(alone().weighted("b", b.port(), 0).balance());
    Socket client = connect();
    Socket first = opened();
    rig.pools.configure(balance().build());
    reset(first);
    Socket server = accept(b);
    passes(server, client, "ok");
    assertThat(rig.seen.everHeld).hasValue(0);
  }

  @Test
  void a_connection_that_nobody_serves_in_time_is_reset() throws IOException {
    start(failover().hold(Duration.ofMillis(200), 10, 0));
    rig.pools.failover("a", null);
    Socket client = connect();
    assertThat(rest(client)).isEqualTo("|RST");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.NO_SERVER);
    assertThat(rig.seen.connection().server()).isNull();
  }

  @Test
  void a_connection_is_reset_at_once_where_none_is_held() throws IOException {
    start(failover().hold(Duration.ZERO, 10, 0));
    rig.pools.failover("a", null);
    Socket client = connect();
    assertThat(rest(client)).isEqualTo("|RST");
    assertThat(rig.seen.everHeld.get()).isZero();
  }

  @Test
  void a_refused_connection_refuses_no_client_much_later() throws Exception {
    TcpServer dead = new TcpServer();
    dead.close();
    start(TestPools.pool().master("a", dead.port()).hold(Duration.ZERO, 10, 0));
    // Connections are dealt out to the event loops: each of them meets the refusal.
    for (int i = 0; i < 4; i++) {
      try (Socket client = rig.connect()) {
        assertThat(rest(client)).isEqualTo("|RST");
      }
    }
    try (TcpServer alive = new TcpServer(dead.port())) {
      long from = System.nanoTime();
      Await.until(
          "an attempt is admitted again",
          () -> System.nanoTime() - from > TimeUnit.MILLISECONDS.toNanos(1100));
      for (int i = 0; i < 4; i++) {
        try (Socket client = rig.connect();
            Socket server = accept(alive)) {
          passes(server, client, "x");
        }
      }
    }
  }

  private static final StickySettings BY_ADDRESS =
      new StickySettings(
          "S",
          StickySettings.AfterFailback.DRAIN,
          StickySettings.Type.CLIENT_ADDRESS,
          null,
          true,
          StickySettings.SameSite.LAX,
          null,
          1000,
          Duration.ofMinutes(1));

  /** The name of the server that a new connection reaches. */
  private String reached() throws IOException {
    try (Socket client = rig.connect()) {
      Await.until(
          "it is open",
          () ->
              rig.pools.state().servers().stream()
                  .anyMatch(each -> each.traffic().tunnels().get() > 0));
      int before = rig.seen.connections.size();
      reset(client);
      Await.until("it is over", () -> rig.seen.connections.size() > before);
      return String.valueOf(rig.seen.connection().server());
    }
  }

  @Test
  void a_client_returns_to_the_server_of_its_last_connection_while_that_is_usable()
      throws IOException {
    start(balance().sticky(BY_ADDRESS));
    String first = reached();
    for (int i = 0; i < 8; i++) {
      assertThat(reached()).isEqualTo(first);
    }
    rig.pools.down(first);
    String second = first.equals("a") ? "b" : "a";
    assertThat(reached()).isEqualTo(second);
    rig.pools.up(first);
    for (int i = 0; i < 8; i++) {
      assertThat(reached()).isEqualTo(second);
    }
    rig.pools.operator(second, OperatorState.DRAIN);
    assertThat(reached()).isEqualTo(first);
  }

  @Test
  void no_more_connections_are_held_than_the_limit() throws IOException {
    start(failover().hold(Duration.ofSeconds(20), 1, 0));
    rig.pools.failover("a", null);
    Socket first = connect();
    awaitHeld();
    Socket second = connect();
    assertThat(rest(second)).isEqualTo("|RST");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.HOLD_FULL);
    assertThat(rig.seen.limits).containsExactly(Limit.HELD_REQUESTS);
    rig.pools.serve("b");
    Socket server = accept(b);
    passes(server, first, "x");
  }

  @Test
  void a_held_client_that_leaves_reaches_no_server() throws IOException {
    start(failover());
    rig.pools.failover("a", null);
    rig.connect().close();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLIENT_GONE);
    rig.pools.serve("b");
    assertThat(b.isAskedWithin(200)).isFalse();
  }

  @Test
  void a_server_that_does_not_answer_is_given_up_after_the_connect_time_out() throws Exception {
    Duration minute = Duration.ofMinutes(1);
    try (BlackHole hole = new BlackHole()) {
      start(
          TestPools.pool()
              .master("a", hole.port())
              .backup("b", b.port())
              .timeouts(TestSettings.timeouts(Duration.ofMillis(200), minute, minute, minute)));
      send(connect(), "x");
      Await.until(
          "the time-out is reported", () -> rig.seen.troubles.contains(Trouble.CONNECT_TIMED_OUT));
      rig.pools.failover("a", "b");
      assertThat(receive(accept(b), 1)).isEqualTo("x");
    }
  }

  @Test
  void a_balance_pool_takes_turns_and_passes_over_a_server_that_refuses() throws IOException {
    TcpServer dead = new TcpServer();
    dead.close();
    start(alone().master("dead", dead.port()).master("b", b.port()).balance());
    for (int i = 0; i < 6; i++) {
      try (Socket client = rig.connect()) {
        Await.until(
            "it is connected",
            () ->
                rig.pools.server("a").traffic().tunnels().get()
                        + rig.pools.server("b").traffic().tunnels().get()
                    == 1);
        reset(client);
      }
      int ended = i + 1;
      Await.until("it ended", () -> rig.seen.connections.size() == ended);
    }
    assertThat(a.isAskedWithin(1000)).isTrue();
    assertThat(b.isAskedWithin(1000)).isTrue();
    assertThat(rig.seen.troubles).contains(Trouble.CONNECT_FAILED);
  }

  @Test
  void connections_beyond_max_requests_wait_for_a_place() throws IOException {
    start(TestPools.pool().limited("a", a.port(), 1));
    Socket first = connect();
    Socket taken = accept(a);
    passes(first, taken, "1");
    Socket second = connect();
    send(second, "2");
    Await.until("it waits", () -> rig.pools.server("a").traffic().queue().get() == 1);
    first.close();
    taken.close();
    assertThat(receive(accept(a), 1)).isEqualTo("2");
  }
}
