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
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions of PostgreSQL that are open when a planned switch has clients wait. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class SessionSwitchTest extends Relayed {
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

  /** Begins an idle session at "a" of a pool with such checks. */
  private void begin(Check check) throws IOException {
    open(failover().health(TestSettings.health(check)));
    passes(client, server, START);
    passes(server, client, IDLE);
  }

  /** Both sides learn that the session is over, and nothing is counted at the server any more. */
  private void assertLeft() throws IOException {
    assertThat(rest(client)).isEqualTo(TERMINATED + "|FIN");
    assertThat(rest(server)).isEqualTo(TERMINATE + "|FIN");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.MOVED);
    Await.until("none is counted", () -> rig.pools.server("a").traffic().tunnels().get() == 0);
  }

  @Test
  void an_idle_one_ends_as_the_pause_begins() throws IOException {
    begin(POSTGRESQL);
    rig.pools.pause("b", false);
    assertLeft();
  }

  @Test
  void one_in_a_transaction_ends_after_it() throws IOException {
    begin(POSTGRESQL);
    passes(client, server, QUERY);
    rig.pools.pause("b", false);
    passes(server, client, IN_TRANSACTION);
    passes(client, server, QUERY);
    passes(server, client, IDLE);
    assertLeft();
  }

  @Test
  void one_that_is_busy_is_reset_when_the_rest_is_cut() throws IOException {
    begin(POSTGRESQL);
    passes(client, server, QUERY);
    rig.pools.pause("b", false);
    passes(server, client, IN_TRANSACTION);
    rig.pools.pause("b", true);
    assertBothReset();
  }

  @Test
  void one_that_was_busy_goes_on_if_the_switch_is_given_up() throws IOException {
    begin(POSTGRESQL);
    passes(client, server, QUERY);
    rig.pools.pause("b", false);
    passes(server, client, IN_TRANSACTION);
    rig.pools.giveUp();
    passes(client, server, QUERY);
    passes(server, client, IDLE);
    passes(client, server, QUERY);
    assertThat(rig.seen.connections).isEmpty();
  }

  @Test
  void the_next_session_begins_at_the_new_server() throws IOException {
    begin(POSTGRESQL);
    rig.pools.pause("b", false);
    assertLeft();
    Socket second = connect();
    send(second, START);
    awaitHeld();
    rig.pools.move();
    Socket moved = accept(b);
    assertThat(receive(moved, START.length())).isEqualTo(START);
    passes(moved, second, IDLE);
    passes(second, moved, QUERY);
  }

  @Test
  void the_bytes_of_other_pools_are_not_followed() throws IOException {
    begin(HealthSettings.DEFAULT.check());
    rig.pools.pause("b", false);
    passes(client, server, QUERY);
    passes(server, client, IDLE);
    rig.pools.pause("b", true);
    assertThat(rest(client)).isEqualTo("|RST");
  }
}
