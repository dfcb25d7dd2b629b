package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.proxy.listener.TcpRig.Transport;
import dev.understudy.testing.Await;
import dev.understudy.testing.TcpServer;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.traffic.ConnectionEnd;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions of PostgreSQL that are open when a planned switch has clients wait. */
class SessionSwitchTest {
  private static final String START = "\0\0\0\11\0\3\0\0\0";
  private static final String QUERY = "Q\0\0\0\6?\0";
  private static final String IDLE = "Z\0\0\0\5I";
  private static final String IN_TRANSACTION = "Z\0\0\0\5T";
  private static final String TERMINATE = "X\0\0\0\4";
  private static final String TERMINATED =
      "E\0\0\0\117SFATAL\0VFATAL\0C57P01\0"
          + "Mterminating connection due to administrator command\0\0";

  private static final Check POSTGRESQL =
      new PostgresqlCheck("probe", null, null, DatabaseRole.PRIMARY, CheckConnection.DEFAULT);

  /** What happens to an open session. */
  @FunctionalInterface
  private interface Scenario {
    void run(TcpRig rig, Socket client, Socket server, TcpServer next) throws IOException;
  }

  /** Begins an idle session at one server of a pool with such checks, beside the next one. */
  private static void session(Check check, Transport transport, Scenario scenario)
      throws IOException {
    try (TcpServer a = new TcpServer();
        TcpServer b = new TcpServer();
        TcpRig rig =
            new TcpRig(
                transport,
                TestPools.pool()
                    .master("a", a.port())
                    .backup("b", b.port())
                    .health(TestSettings.health(check))
                    .start());
        Socket client = rig.connect();
        Socket server = a.accept()) {
      passes(client, server, START);
      passes(server, client, IDLE);
      scenario.run(rig, client, server, b);
    }
  }

  private static void passes(Socket from, Socket to, String bytes) throws IOException {
    send(from, bytes);
    assertThat(receive(to, bytes.length())).isEqualTo(bytes);
  }

  /** Both sides learn that the session is over, and nothing is counted at the server any more. */
  private static void assertLeft(TcpRig rig, Socket client, Socket server) throws IOException {
    assertThat(rest(client)).isEqualTo(TERMINATED + "|FIN");
    assertThat(rest(server)).isEqualTo(TERMINATE + "|FIN");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MOVED);
    Await.until("none is counted", () -> rig.pools.server("a").traffic().tunnels().get() == 0);
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.listener.TcpRig$Transport#available")
  void an_idle_one_ends_as_the_pause_begins(Transport transport) throws IOException {
    session(
        POSTGRESQL,
        transport,
        (rig, client, server, next) -> {
          rig.pools.pause("b", false);
          assertLeft(rig, client, server);
        });
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.listener.TcpRig$Transport#available")
  void one_in_a_transaction_ends_after_it(Transport transport) throws IOException {
    session(
        POSTGRESQL,
        transport,
        (rig, client, server, next) -> {
          passes(client, server, QUERY);
          rig.pools.pause("b", false);
          passes(server, client, IN_TRANSACTION);
          passes(client, server, QUERY);
          send(server, IDLE);
          assertThat(receive(client, IDLE.length())).isEqualTo(IDLE);
          assertLeft(rig, client, server);
        });
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.listener.TcpRig$Transport#available")
  void one_that_is_busy_is_reset_when_the_rest_is_cut(Transport transport) throws IOException {
    session(
        POSTGRESQL,
        transport,
        (rig, client, server, next) -> {
          passes(client, server, QUERY);
          rig.pools.pause("b", false);
          passes(server, client, IN_TRANSACTION);
          rig.pools.pause("b", true);
          assertThat(rest(client)).isEqualTo("|RST");
          assertThat(rest(server)).isEqualTo("|RST");
        });
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.listener.TcpRig$Transport#available")
  void one_that_was_busy_goes_on_if_the_switch_is_given_up(Transport transport) throws IOException {
    session(
        POSTGRESQL,
        transport,
        (rig, client, server, next) -> {
          passes(client, server, QUERY);
          rig.pools.pause("b", false);
          passes(server, client, IN_TRANSACTION);
          rig.pools.giveUp();
          passes(client, server, QUERY);
          passes(server, client, IDLE);
          passes(client, server, QUERY);
          assertThat(rig.seen.connections).isEmpty();
        });
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.listener.TcpRig$Transport#available")
  void the_next_session_begins_at_the_new_server(Transport transport) throws IOException {
    session(
        POSTGRESQL,
        transport,
        (rig, client, server, next) -> {
          rig.pools.pause("b", false);
          assertLeft(rig, client, server);
          try (Socket second = rig.connect()) {
            send(second, START);
            Await.until("it is held", () -> rig.seen.held.get() == 1);
            rig.pools.move();
            try (Socket moved = next.accept()) {
              assertThat(receive(moved, START.length())).isEqualTo(START);
              passes(moved, second, IDLE);
              passes(second, moved, QUERY);
            }
          }
        });
  }

  @ParameterizedTest
  @MethodSource("dev.understudy.proxy.listener.TcpRig$Transport#available")
  void the_bytes_of_other_pools_are_not_followed(Transport transport) throws IOException {
    session(
        HealthSettings.DEFAULT.check(),
        transport,
        (rig, client, server, next) -> {
          rig.pools.pause("b", false);
          passes(client, server, QUERY);
          passes(server, client, IDLE);
          rig.pools.pause("b", true);
          assertThat(rest(client)).isEqualTo("|RST");
        });
  }
}
