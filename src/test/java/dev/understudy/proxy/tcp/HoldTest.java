package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.StickySettings.Type;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.Limit;
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
  @Override
  void step(Words words) throws Exception {
    switch (words.at(0)) {
      case "start-idle" -> start(alone().weighted("b", b.port(), 0).balance());
      case "balance" -> rig.pools.configure(balance().build());
      default -> super.step(words);
    }
  }

  @Scenario.Each(
"""
connections wait while nobody serves and go to the next that does
  start failover; failover nobody; connect; c sends early; held
  serves b; accept b; s gets early; s passes ok; everheld 1
connections wait for the replicas while their server is DOWN here
  start failover; silent a; connect; held
  serves b; accept b; s passes ok; s closes; c closes; attempts 1
a connection goes to the server that the replicas keep once hold time is over
  start failover hold 200; silent a; connect; accept a; s passes ok; everheld 1
a connection reset before any byte, as by what accepts for a dead server, waits for the next server
  start failover; connect; opened; s resets; held; troubles BROKEN; c sends early
  silent a; serves b; accept b; s gets early; s passes ok; tunnels a 0; tunnels b 1
  s closes; c closes; attempts 2; retries BROKEN
a reset after the end of its output passes on
  start failover; connect; opened; s shuts; c ends |FIN; s resets; c sends late
  end SERVER_FAILED; everheld 0
a living server that resets a connection before any byte gets it once more
  start failover; connect; opened; s resets; held; probed a; opened; s resets; c ends |RST
  end SERVER_FAILED; attempts 2
a connection reset before any byte waits no longer than hold time
  start failover hold 200; connect; opened; s resets; accept a; s passes ok; everheld 1
what a server got bytes of is given to no other
  start failover; connect; c sends once; accept a; s gets once; s resets; c ends |RST; everheld 0
an end without a byte passes on and brings the probe forward
  start failover; connect; c sends once; accept a; s gets once; s closes; c ends |FIN
  troubles BROKEN
an end after the client's own says nothing of the server
  start failover; connect; c sends once; c shuts; accept a; s ends once|FIN; s closes; c ends |FIN
  end CLOSED; troubles
in a balance pool a connection reset before any byte goes to another server at once
  start-idle b; connect; opened; balance; s resets; accept b; s passes ok; everheld 0
a connection that nobody serves in time is reset
  start failover hold 200; failover nobody; connect; c ends |RST; end NO_SERVER; server null
a connection is reset at once where none is held
  start failover hold 0; failover nobody; connect; c ends |RST; everheld 0
a held client that leaves reaches no server
  start failover; failover nobody; connect; c closes; end CLIENT_GONE; serves b; unasked b
""")
  void a_connection_goes_where_it_must(Scenario scenario) {
    play(scenario);
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
    Type byAddress = Type.CLIENT_ADDRESS;
    start(balance().sticky(TestSettings.sticky("S", AfterFailback.DRAIN, byAddress)));
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

  @Test
  void what_is_held_when_the_process_stops_gets_no_place_that_becomes_free_by_that()
      throws IOException {
    // It deals connections out to the two event loops in turn; with epoll, the kernel chooses.
    transport = Transport.NIO;
    try (BlackHole hole = new BlackHole()) {
      start(TestPools.pool().limited("a", hole.port(), 1));
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(connect());
        int waiting = i;
        Await.until(
            "the first connects, and the others wait",
            () ->
                rig.pools.server("a").traffic().requests().get() == 1
                    && rig.seen.held.get() == waiting);
        // On the other event loop, so that the next one is on the first.
        reset(connect());
        Await.until("it ended", () -> rig.seen.connections.size() == waiting + 1);
      }
      // The last takes its slot, behind which the next one connects: that is cut before the last.
      reset(clients.getFirst());
      Await.until("the next one connects", () -> rig.seen.held.get() == 1);
      rig.relays.drainAll(Duration.ZERO);
      Await.until("all ended", () -> rig.seen.connections.size() == 6);
    }
    assertThat(rig.seen.connections)
        .extracting(ConnectionOutcome::attempts)
        .containsExactlyInAnyOrder(0, 0, 0, 0, 1, 1);
  }
}
