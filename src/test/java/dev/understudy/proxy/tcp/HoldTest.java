package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.Authority;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.pool.SwitchSettings.Streams;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.proxy.listener.TcpRig.Transport;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RetryReason;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** New connections: where they go, and how long they wait. */
@Order(Extent.FIRST)
class HoldTest {
  private static final String TRANSPORTS =
      "dev.understudy.proxy.listener.TcpRig$Transport#available";

  private static TestPools.Builder failover(TcpServer a, TcpServer b) {
    return TestPools.pool().master("a", a.port()).backup("b", b.port());
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void connections_wait_while_nobody_serves_and_go_to_the_next_that_does(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start())) {
      rig.pools.failover("a", null);
      try (Socket client = rig.connect()) {
        send(client, "early");
        Await.until("it is held", () -> rig.seen.held.get() == 1);
        rig.pools.serve("b");
        try (Socket server = b.accept()) {
          assertThat(receive(server, 5)).isEqualTo("early");
          send(server, "ok");
          assertThat(receive(client, 2)).isEqualTo("ok");
        }
      }
      assertThat(rig.seen.everHeld.get()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void connections_wait_for_the_replicas_while_their_server_is_down_here(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start())) {
      rig.pools.silent("a");
      try (Socket client = rig.connect()) {
        Await.until("it is held", () -> rig.seen.held.get() == 1);
        rig.pools.serve("b");
        try (Socket server = b.accept()) {
          send(server, "ok");
          assertThat(receive(client, 2)).isEqualTo("ok");
        }
      }
      assertThat(rig.seen.connection().attempts()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_connection_goes_to_the_server_that_the_replicas_keep_once_hold_time_is_over(
      Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(transport, failover(a, b).hold(Duration.ofMillis(200), 10, 0).start())) {
      rig.pools.silent("a");
      try (Socket client = rig.connect();
          Socket server = a.accept()) {
        send(server, "ok");
        assertThat(receive(client, 2)).isEqualTo("ok");
      }
      assertThat(rig.seen.everHeld.get()).isEqualTo(1);
    }
  }

  /** The server's next connection, which the rig has taken for open. */
  private static Socket accept(TcpServer a, TcpRig rig) throws IOException {
    Socket connection = a.accept();
    Await.until("it is open", () -> rig.pools.server("a").traffic().tunnels().get() == 1);
    return connection;
  }

  /** As by what accepts connections for a dead server. */
  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_connection_reset_before_any_byte_waits_for_the_next_serving_server(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start());
        Socket client = rig.connect()) {
      reset(accept(a, rig));
      Await.until("it is held", () -> rig.seen.held.get() == 1);
      assertThat(rig.seen.troubles).containsExactly(Trouble.BROKEN);
      send(client, "early");
      rig.pools.silent("a");
      rig.pools.serve("b");
      try (Socket server = b.accept()) {
        assertThat(receive(server, 5)).isEqualTo("early");
        send(server, "ok");
        assertThat(receive(client, 2)).isEqualTo("ok");
        assertThat(rig.pools.server("a").traffic().tunnels()).hasValue(0);
        assertThat(rig.pools.server("b").traffic().tunnels()).hasValue(1);
      }
      client.close();
      assertThat(rig.seen.connection().attempts()).isEqualTo(2);
      assertThat(rig.seen.retries).containsExactly(RetryReason.BROKEN);
    }
  }

  /** Whichever is seen first: a failed write, too, means that the server got none of them. */
  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void it_waits_also_if_its_first_bytes_come_together_with_the_reset(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start())) {
      List<Socket> clients = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Socket client = rig.connect();
        try (Socket server = accept(a, rig);
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
        try (Socket next = b.accept()) {
          got.add(rest(next));
        }
        client.close();
      }
      assertThat(got)
          .containsExactlyInAnyOrder("early|FIN", "earlyearly|FIN", "early|FIN", "earlyearly|FIN");
      Await.until("all is counted", () -> rig.pools.server("b").traffic().bytesIn().sum() == 30);
      assertThat(rig.pools.server("a").traffic().bytesIn().sum()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_reset_after_the_end_of_its_output_passes_on(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start());
        Socket client = rig.connect();
        Socket server = accept(a, rig)) {
      server.shutdownOutput();
      assertThat(rest(client)).isEqualTo("|FIN");
      reset(server);
      send(client, "late");
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
      assertThat(rig.seen.everHeld).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_living_server_that_resets_a_connection_before_any_byte_gets_it_once_more(
      Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start());
        Socket client = rig.connect()) {
      reset(accept(a, rig));
      Await.until("it is held", () -> rig.seen.held.get() == 1);
      rig.pools.probed("a");
      reset(accept(a, rig));
      assertThat(rest(client)).isEqualTo("|RST");
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.SERVER_FAILED);
      assertThat(rig.seen.connection().attempts()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_connection_reset_before_any_byte_waits_no_longer_than_hold_time(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(transport, failover(a, b).hold(Duration.ofMillis(200), 10, 0).start());
        Socket client = rig.connect()) {
      reset(accept(a, rig));
      try (Socket server = a.accept()) {
        send(server, "ok");
        assertThat(receive(client, 2)).isEqualTo("ok");
      }
      assertThat(rig.seen.everHeld).hasValue(1);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void what_a_server_got_bytes_of_is_given_to_no_other(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start());
        Socket client = rig.connect()) {
      send(client, "once");
      try (Socket server = a.accept()) {
        assertThat(receive(server, 4)).isEqualTo("once");
        reset(server);
      }
      assertThat(rest(client)).isEqualTo("|RST");
      assertThat(rig.seen.everHeld).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void an_end_without_a_byte_passes_on_and_brings_the_probe_forward(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start());
        Socket client = rig.connect()) {
      send(client, "once");
      try (Socket server = a.accept()) {
        assertThat(receive(server, 4)).isEqualTo("once");
      }
      assertThat(rest(client)).isEqualTo("|FIN");
      assertThat(rig.seen.troubles).containsExactly(Trouble.BROKEN);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void an_end_after_the_clients_own_says_nothing_of_the_server(Transport transport)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start());
        Socket client = rig.connect()) {
      send(client, "once");
      client.shutdownOutput();
      try (Socket server = a.accept()) {
        assertThat(rest(server)).isEqualTo("once|FIN");
      }
      assertThat(rest(client)).isEqualTo("|FIN");
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
      assertThat(rig.seen.troubles).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void in_a_balance_pool_a_connection_reset_before_any_byte_goes_to_another_server_at_once(
      Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool()
                    .balance()
                    .master("a", a.port())
                    .weighted("b", b.port(), 0)
                    .start());
        Socket client = rig.connect()) {
      Socket first = accept(a, rig);
      rig.pools.configure(
          TestPools.pool().balance().master("a", a.port()).master("b", b.port()).build());
      reset(first);
      try (Socket server = b.accept()) {
        send(server, "ok");
        assertThat(receive(client, 2)).isEqualTo("ok");
      }
      assertThat(rig.seen.everHeld).hasValue(0);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_connection_that_nobody_serves_in_time_is_reset(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(transport, failover(a, b).hold(Duration.ofMillis(200), 10, 0).start())) {
      rig.pools.failover("a", null);
      try (Socket client = rig.connect()) {
        assertThat(rest(client)).isEqualTo("|RST");
        assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.NO_SERVER);
        assertThat(rig.seen.connection().server()).isNull();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_connection_is_reset_at_once_where_none_is_held(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).hold(Duration.ZERO, 10, 0).start())) {
      rig.pools.failover("a", null);
      try (Socket client = rig.connect()) {
        assertThat(rest(client)).isEqualTo("|RST");
        assertThat(rig.seen.everHeld.get()).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_refused_connection_refuses_no_client_much_later(Transport transport) throws Exception {
    TcpServer dead = new TcpServer();
    dead.close();
    try (TcpRig rig =
        new TcpRig(
            transport,
            TestPools.pool().master("a", dead.port()).hold(Duration.ZERO, 10, 0).start())) {
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
              Socket server = alive.accept()) {
            send(server, "x");
            assertThat(receive(client, 1)).isEqualTo("x");
          }
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
  private static String reached(TcpRig rig) throws IOException {
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

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_client_returns_to_the_server_of_its_last_connection_while_that_is_usable(
      Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool()
                    .balance()
                    .master("a", a.port())
                    .master("b", b.port())
                    .sticky(BY_ADDRESS)
                    .start())) {
      String first = reached(rig);
      for (int i = 0; i < 8; i++) {
        assertThat(reached(rig)).isEqualTo(first);
      }
      rig.pools.down(first);
      String second = first.equals("a") ? "b" : "a";
      assertThat(reached(rig)).isEqualTo(second);
      rig.pools.up(first);
      for (int i = 0; i < 8; i++) {
        assertThat(reached(rig)).isEqualTo(second);
      }
      rig.pools.operator(second, OperatorState.DRAIN);
      assertThat(reached(rig)).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void no_more_connections_are_held_than_the_limit(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(transport, failover(a, b).hold(Duration.ofSeconds(20), 1, 0).start())) {
      rig.pools.failover("a", null);
      try (Socket first = rig.connect()) {
        Await.until("it is held", () -> rig.seen.held.get() == 1);
        try (Socket second = rig.connect()) {
          assertThat(rest(second)).isEqualTo("|RST");
        }
        assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.HOLD_FULL);
        assertThat(rig.seen.limits).containsExactly(Limit.HELD_REQUESTS);
        rig.pools.serve("b");
        try (Socket server = b.accept()) {
          send(server, "x");
          assertThat(receive(first, 1)).isEqualTo("x");
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_held_client_that_leaves_reaches_no_server(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig = new TcpRig(transport, failover(a, b).start())) {
      rig.pools.failover("a", null);
      rig.connect().close();
      assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLIENT_GONE);
      rig.pools.serve("b");
      assertThat(b.isAskedWithin(200)).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_server_that_does_not_answer_is_given_up_after_the_connect_time_out(Transport transport)
      throws Exception {
    try (BlackHole hole = new BlackHole();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool()
                    .master("a", hole.port())
                    .backup("b", b.port())
                    .timeouts(
                        TestSettings.timeouts(
                            Duration.ofMillis(200),
                            Duration.ofSeconds(60),
                            Duration.ofSeconds(60),
                            Duration.ofHours(1)))
                    .start());
        Socket client = rig.connect()) {
      send(client, "x");
      Await.until(
          "the time-out is reported", () -> rig.seen.troubles.contains(Trouble.CONNECT_TIMED_OUT));
      rig.pools.failover("a", "b");
      try (Socket server = b.accept()) {
        assertThat(receive(server, 1)).isEqualTo("x");
      }
    }
  }

  /**
   * Something that happens to the pool of a master "a" and a backup "b" while a connection to "a"
   * is being made.
   *
   * @param then what becomes of the client: "a", it stays; "b", it goes there; "held"; "refused"
   */
  private record Meanwhile(String name, boolean balance, String then, Consumer<TestPools> act) {
    @Override
    public String toString() {
      return (balance ? "balance: " : "failover: ") + name + ": " + then;
    }
  }

  private static Meanwhile failover(String name, String then, Consumer<TestPools> act) {
    return new Meanwhile(name, false, then, act);
  }

  private static Meanwhile balance(String name, String then, Consumer<TestPools> act) {
    return new Meanwhile(name, true, then, act);
  }

  /** The pool as another file has it: "a" has the weight 0, or is gone. */
  private static Pool changed(TestPools pools, boolean hasA) {
    Pool now = pools.state().pool();
    Server a = now.servers().getFirst();
    Server idle = TestServers.of(a.id(), a.address(), a.rank(), OptionalInt.empty(), 0);
    Server b = now.servers().getLast();
    return TestPools.like(now).servers(hasA ? new Server[] {idle, b} : new Server[] {b}).build();
  }

  private static void outOfTouch(TestPools pools) {
    pools.authority(new Authority(false, true, () -> false));
  }

  static List<Meanwhile> meanwhile() {
    return List.of(
        failover("another is DOWN", "a", pools -> pools.down("b")),
        failover("the role moves", "b", pools -> pools.serve("b")),
        failover("it drains", "b", pools -> pools.drain("a", "b")),
        failover("it drains, nobody serves", "held", pools -> pools.drain("a", null)),
        failover(
            "it is in maintenance, and still serves",
            "held",
            pools -> pools.operator("a", OperatorState.MAINTENANCE)),
        failover("it is DOWN", "b", pools -> pools.failover("a", "b")),
        failover("it is DOWN here", "held", pools -> pools.silent("a")),
        failover("it is DOWN and doubted to be", "a", pools -> pools.keepDown("a")),
        failover("it leaves the pool", "b", pools -> pools.configure(changed(pools, false), "b")),
        failover("a planned switch pauses", "held", pools -> pools.pause("b", false)),
        failover("this replica is out of touch", "held", HoldTest::outOfTouch),
        failover("the client is excluded", "refused", pools -> pools.maintenance("192.0.2.1")),
        failover("the client is not excluded", "a", pools -> pools.maintenance("127.0.0.0/8")),
        balance("another is DOWN", "a", pools -> pools.down("b")),
        balance("it drains", "b", pools -> pools.operator("a", OperatorState.DRAIN)),
        balance(
            "it is in maintenance", "b", pools -> pools.operator("a", OperatorState.MAINTENANCE)),
        balance("it is DOWN", "b", pools -> pools.down("a")),
        balance("it is DOWN and doubted to be", "a", pools -> pools.keepDown("a")),
        balance("its circuit breaker opens", "b", pools -> pools.circuitOpen("a")),
        balance("it gets the weight 0", "b", pools -> pools.configure(changed(pools, true))),
        balance("it leaves the pool", "b", pools -> pools.configure(changed(pools, false))),
        balance("this replica is out of touch", "held", HoldTest::outOfTouch),
        balance("the client is excluded", "refused", pools -> pools.maintenance("192.0.2.1")));
  }

  static Stream<Arguments> connecting() {
    return meanwhile().stream()
        .flatMap(each -> Stream.of(Connections.values()).map(on -> Arguments.of(each, on)));
  }

  private static TestPools pools(BlackHole a, TcpServer b, boolean balance, Connections setting) {
    TestPools.Builder pool =
        TestPools.pool()
            .master("a", a.port())
            .backup("b", b.port())
            .timeouts(
                TestSettings.timeouts(
                    Duration.ofHours(1),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(60),
                    Duration.ofHours(1)))
            .onSwitch(
                new SwitchSettings(
                    WebSockets.CLOSE,
                    Streams.CLOSE,
                    Duration.ZERO,
                    SwitchSettings.DEFAULT.closeCode(),
                    setting));
    return (balance ? pool.balance() : pool).start();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("connecting")
  void while_it_connects(Meanwhile meanwhile, Connections setting) throws IOException {
    try (BlackHole hole = new BlackHole();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                Transport.available().getLast(), pools(hole, b, meanwhile.balance, setting));
        Socket client = rig.connect()) {
      send(client, "x");
      ServerTraffic a = rig.pools.server("a").traffic();
      Await.until("it connects", () -> a.requests().get() == 1);
      meanwhile.act.accept(rig.pools);
      // The event loops have seen it when they stand still.
      rig.pause().close();
      if (meanwhile.then.equals("a")) {
        assertThat(a.requests()).hasValue(1);
      } else {
        leaves(meanwhile, client, b, rig);
      }
      assertThat(rig.seen.everHeld).hasValue(meanwhile.then.equals("held") ? 1 : 0);
      assertThat(rig.seen.retries).isEmpty();
    }
  }

  private static void leaves(Meanwhile meanwhile, Socket client, TcpServer b, TcpRig rig)
      throws IOException {
    switch (meanwhile.then) {
      case "b" -> {
        try (Socket server = b.accept()) {
          assertThat(receive(server, 1)).isEqualTo("x");
        }
      }
      case "held" -> Await.until("it is held", () -> rig.seen.held.get() == 1);
      default -> {
        assertThat(rest(client)).isEqualTo("|RST");
        assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MAINTENANCE);
      }
    }
  }

  /** One for each result. */
  static Collection<Meanwhile> untold() {
    return meanwhile().stream()
        .collect(Collectors.toMap(each -> each.balance + each.then, each -> each, (a, b) -> a))
        .values();
  }

  @ParameterizedTest
  @MethodSource("untold")
  void when_it_is_connected_before_the_event_loop_knows_that(Meanwhile meanwhile)
      throws IOException {
    try (BlackHole hole = new BlackHole();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                Transport.available().getLast(),
                pools(hole, b, meanwhile.balance, Connections.CLOSE));
        Socket client = rig.connect()) {
      send(client, "x");
      Await.until("it connects", () -> rig.pools.server("a").traffic().requests().get() == 1);
      rig.pools.withhold();
      meanwhile.act.accept(rig.pools);
      try (Socket server = hole.open()) {
        if (meanwhile.then.equals("a")) {
          assertThat(receive(server, 1)).isEqualTo("x");
        } else {
          assertThat(rest(server)).isEqualTo("|FIN");
          leaves(meanwhile, client, b, rig);
        }
      }
      rig.pools.tell();
      assertThat(rig.seen.everHeld).hasValue(meanwhile.then.equals("held") ? 1 : 0);
      assertThat(rig.seen.retries).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_connection_that_is_made_once_its_pool_is_gone_ends_as_those_before(boolean atOnce)
      throws IOException {
    try (BlackHole hole = new BlackHole();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                Transport.available().getLast(),
                TestPools.pool()
                    .master("a", hole.port())
                    .backup("b", b.port())
                    .drain(atOnce ? Duration.ZERO : Duration.ofDays(1000))
                    .start());
        Socket client = rig.connect()) {
      ServerTraffic a = rig.pools.server("a").traffic();
      Await.until("it connects", () -> a.requests().get() == 1);
      PoolState before = rig.pools.state();
      rig.pools.publish(new PoolState[0]);
      try (Socket server = hole.open()) {
        if (atOnce) {
          assertThat(rest(server)).isEqualTo("|RST");
        } else {
          send(server, "x");
          assertThat(receive(client, 1)).isEqualTo("x");
        }
      }
      client.close();
      assertThat(rig.seen.connection().end())
          .isEqualTo(atOnce ? ConnectionEnd.MOVED : ConnectionEnd.CLOSED);
      rig.pools.publish(before);
    }
  }

  @Test
  void a_replica_that_is_out_of_touch_before_a_snapshot_says_so_makes_no_use_of_a_new_connection()
      throws IOException {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    try (BlackHole hole = new BlackHole();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(Transport.available().getLast(), pools(hole, b, false, Connections.CLOSE))) {
      rig.pools.authority(new Authority(true, true, inTouch::get));
      try (Socket client = rig.connect()) {
        send(client, "x");
        Await.until("it connects", () -> rig.pools.server("a").traffic().requests().get() == 1);
        inTouch.set(false);
        try (Socket server = hole.open()) {
          assertThat(rest(server)).isEqualTo("|FIN");
        }
        Await.until("it is held", () -> rig.seen.held.get() == 1);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void a_balance_pool_takes_turns_and_passes_over_a_server_that_refuses(Transport transport)
      throws IOException {
    TcpServer dead = new TcpServer();
    dead.close();
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool()
                    .master("a", a.port())
                    .master("dead", dead.port())
                    .master("b", b.port())
                    .balance()
                    .start())) {
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
  }

  @ParameterizedTest
  @MethodSource(TRANSPORTS)
  void connections_beyond_max_requests_wait_for_a_place(Transport transport) throws IOException {
    try (TcpServer a = new TcpServer();
        TcpRig rig = new TcpRig(transport, TestPools.pool().limited("a", a.port(), 1).start());
        Socket first = rig.connect();
        Socket taken = a.accept()) {
      send(first, "1");
      assertThat(receive(taken, 1)).isEqualTo("1");
      try (Socket second = rig.connect()) {
        send(second, "2");
        Await.until("it waits", () -> rig.pools.server("a").traffic().queue().get() == 1);
        first.close();
        taken.close();
        try (Socket server = a.accept()) {
          assertThat(receive(server, 1)).isEqualTo("2");
        }
      }
    }
  }
}
