package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.SwitchSettings.Connections;
import dev.understudy.snapshot.Authority;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.testing.Await;
import dev.understudy.testing.BlackHole;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.ConnectionEnd;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What happens to a pool while a connection to one of its servers is being made. The black hole "a"
 * does not respond; "b" does.
 */
@Tag(Extent.FULL)
@Order(Extent.FIRST)
class ConnectingTest extends Relayed {
  private final BlackHole hole = new BlackHole();

  /** Of "a" as it was when the connection to it was begun. */
  private ServerTraffic made;

  @AfterEach
  void close() {
    hole.close();
  }

  /**
   * Something that happens to the pool of a master "a" and a backup "b" while a connection to "a"
   * is being made.
   *
   * @param then what becomes of the client: "a", it stays; "b", it goes there; "held"; "refused"
   */
  private record Meanwhile(String name, boolean balance, String then, String act) {
    static Meanwhile of(String row) {
      String[] cells = row.split(" *[|] *");
      return new Meanwhile(cells[1], cells[0].equals("balance"), cells[2], cells[3]);
    }

    void happens(TestPools pools) {
      switch (act) {
        case "idle" -> pools.configure(changed(pools, true));
        case "leaves" -> pools.configure(changed(pools, false));
        case "leaves to b" -> pools.configure(changed(pools, false), "b");
        default -> Relayed.happens(pools, new Words(act.split(" ")));
      }
    }

    @Override
    public String toString() {
      return (balance ? "balance: " : "failover: ") + name + ": " + then;
    }
  }

  /** The pool as another file has it: "a" has the weight 0, or is gone. */
  private static Pool changed(TestPools pools, boolean hasA) {
    Pool now = pools.state().pool();
    Server a = now.servers().getFirst();
    Server idle = TestServers.of(a.id(), a.address(), a.rank(), OptionalInt.empty(), 0);
    Server b = now.servers().getLast();
    return TestPools.like(now).servers(hasA ? new Server[] {idle, b} : new Server[] {b}).build();
  }

  static List<Meanwhile> meanwhile() {
    return """
    failover | another is DOWN                        | a       | down b
    failover | the role moves                         | b       | serves b
    failover | it drains                              | b       | drain a b
    failover | it drains, nobody serves               | held    | drain a nobody
    failover | it is in maintenance, and still serves | held    | MAINTENANCE a
    failover | it is DOWN                             | b       | failover b
    failover | it is DOWN here                        | held    | silent a
    failover | it is DOWN and doubted to be           | a       | doubted a
    failover | it leaves the pool                     | b       | leaves to b
    failover | a planned switch pauses                | held    | pause b
    failover | this replica is out of touch           | held    | untouched
    failover | it does not know what was agreed on    | held    | doubtful
    failover | the client is excluded                 | refused | allow 192.0.2.1
    failover | the client is not excluded             | a       | allow 127.0.0.0/8
    balance  | another is DOWN                        | a       | down b
    balance  | it drains                              | b       | DRAIN a
    balance  | it is in maintenance                   | b       | MAINTENANCE a
    balance  | it is DOWN                             | b       | down a
    balance  | it is DOWN and doubted to be           | a       | doubted a
    balance  | its circuit breaker opens              | b       | circuit a
    balance  | it gets the weight 0                   | b       | idle
    balance  | it leaves the pool                     | b       | leaves
    balance  | this replica is out of touch           | held    | untouched
    balance  | the client is excluded                 | refused | allow 192.0.2.1
    """
        .lines()
        .map(Meanwhile::of)
        .toList();
  }

  /** The setting is for connections that are open: it makes no difference. */
  static Stream<Arguments> connecting() {
    return Extent.byTurns(
        meanwhile().stream()
            .flatMap(each -> Stream.of(Connections.values()).map(on -> Arguments.of(each, on))));
  }

  private void start(boolean balance, Connections setting) {
    Duration hour = Duration.ofHours(1);
    TestPools.Builder pool =
        TestPools.pool()
            .master("a", hole.port())
            .backup("b", b.port())
            .timeouts(TestSettings.timeouts(hour, hour, hour, hour))
            .onSwitch(onSwitch(setting));
    start(balance ? pool.balance() : pool);
  }

  private void begin(String early) throws IOException {
    client = connect();
    send(client, early);
    made = rig.pools.server("a").traffic();
    Await.until("it connects", () -> made.requests().get() == 1);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("connecting")
  void while_it_connects(Meanwhile meanwhile, Connections setting) throws IOException {
    start(meanwhile.balance, setting);
    begin("x");
    meanwhile.happens(rig.pools);
    // The event loops have seen it when they stand still.
    rig.pause().close();
    if (meanwhile.then.equals("a")) {
      assertThat(made.requests()).hasValue(1);
    } else {
      leaves(meanwhile);
    }
    assertThat(rig.seen.everHeld).hasValue(meanwhile.then.equals("held") ? 1 : 0);
    assertThat(rig.seen.retries).isEmpty();
  }

  private void leaves(Meanwhile meanwhile) throws IOException {
    switch (meanwhile.then) {
      case "b" -> assertThat(receive(accept(b), 1)).isEqualTo("x");
      case "held" -> awaitHeld();
      default -> {
        assertThat(rest(client)).isEqualTo("|RST");
        assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MAINTENANCE);
      }
    }
  }

  /** The end of its output is what a client that leaves by TLS close_notify shows, too. */
  @ParameterizedTest
  @ValueSource(strings = {"drain a nobody", "silent a"})
  void a_client_that_leaves_meanwhile_without_a_byte_is_not_held(String act) throws IOException {
    start(false, Connections.CLOSE);
    begin("");
    client.shutdownOutput();
    rig.pause().close();
    Relayed.happens(rig.pools, new Words(act.split(" ")));
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLIENT_GONE);
  }

  @Test
  void what_a_client_sent_before_its_end_is_led_to_another_server() throws IOException {
    start(false, Connections.CLOSE);
    begin("x");
    client.shutdownOutput();
    rig.pause().close();
    Relayed.happens(rig.pools, new Words("failover b".split(" ")));
    assertThat(rest(accept(b))).isEqualTo("x|FIN");
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
    start(meanwhile.balance, Connections.CLOSE);
    begin("x");
    rig.pools.withhold();
    meanwhile.happens(rig.pools);
    try (Socket server = hole.open()) {
      if (meanwhile.then.equals("a")) {
        assertThat(receive(server, 1)).isEqualTo("x");
      } else {
        assertThat(rest(server)).isEqualTo("|FIN");
        leaves(meanwhile);
      }
    }
    rig.pools.tell();
    assertThat(rig.seen.everHeld).hasValue(meanwhile.then.equals("held") ? 1 : 0);
    assertThat(rig.seen.retries).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_connection_that_is_made_once_its_pool_is_gone_ends_as_those_before(boolean atOnce)
      throws IOException {
    start(
        TestPools.pool()
            .master("a", hole.port())
            .backup("b", b.port())
            .drain(atOnce ? Duration.ZERO : Duration.ofDays(1000)));
    begin("");
    PoolState before = rig.pools.state();
    rig.pools.publish(new PoolState[0]);
    server = closing(hole.open());
    if (atOnce) {
      assertThat(rest(server)).isEqualTo("|RST");
    } else {
      exchange(client, server);
    }
    server.close();
    client.close();
    assertThat(rig.seen.connection().end())
        .isEqualTo(atOnce ? ConnectionEnd.MOVED : ConnectionEnd.CLOSED);
    rig.pools.publish(before);
  }

  @Test
  void a_replica_that_is_out_of_touch_before_a_snapshot_says_so_makes_no_use_of_a_new_connection()
      throws IOException {
    AtomicBoolean inTouch = new AtomicBoolean(true);
    start(false, Connections.CLOSE);
    rig.pools.authority(new Authority(true, true, inTouch::get));
    begin("x");
    inTouch.set(false);
    assertThat(rest(closing(hole.open()))).isEqualTo("|FIN");
    awaitHeld();
  }
}
