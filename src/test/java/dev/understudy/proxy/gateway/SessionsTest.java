package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.snapshot.SessionCount;
import dev.understudy.testing.Await;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the requests of a session experience, in each lane and protocol. */
@ParameterizedClass
@MethodSource("lanes")
class SessionsTest extends SessionTable {
  @ParameterizedTest
  @EnumSource(AfterFailback.class)
  void a_drained_server_keeps_its_sessions_and_gets_no_new_ones(AfterFailback after) {
    start(two().sticky(after).drain(Duration.ZERO));
    String cookie = newSession();
    pools.drain("a", "b");
    for (int i = 0; i < 10; i++) {
      Response response = client().get("/", cookie);
      assertThat(response.body()).isEqualTo("master");
      assertThat(response.header("set-cookie")).isNull();
    }
    Response fresh = client().get("/");
    assertThat(fresh.body()).isEqualTo("backup");
    assertThat(client().get("/", cookieOf(fresh)).body()).isEqualTo("backup");
  }

  @Test
  void in_balance_a_drained_server_keeps_its_sessions_and_gets_no_new_ones() {
    start(
        TestPools.pool()
            .balance()
            .master("a", master.port())
            .master("b", backup.port())
            .sticky(AfterFailback.DRAIN)
            .drain(Duration.ZERO));
    String cookie = newSession();
    String server = client().get("/", cookie).body();
    pools.operator(server.equals("master") ? "a" : "b", OperatorState.DRAIN);
    for (int i = 0; i < 5; i++) {
      Response response = client().get("/", cookie);
      assertThat(response.body()).isEqualTo(server);
      assertThat(response.header("set-cookie")).isNull();
      assertThat(client().get("/").body()).isNotEqualTo(server);
    }
  }

  @ParameterizedTest
  @EnumSource(Leaves.class)
  void sessions_leave_a_drained_server_that(Leaves because) {
    start(two().sticky(AfterFailback.KEEP));
    String cookie = newSession();
    pools.drain("a", "b");
    switch (because) {
      case FAILS -> pools.down("a");
      case OPENS_ITS_CIRCUIT -> pools.circuitOpen("a");
      case GOES_TO_MAINTENANCE -> pools.operator("a", OperatorState.MAINTENANCE);
    }
    Response response = client().get("/", cookie);
    assertThat(response.body()).isEqualTo("backup");
    String moved = cookieOf(response);
    assertThat(moved).isNotEqualTo(cookie);
    pools.up("a");
    assertThat(client().get("/", moved).body()).isEqualTo("backup");
  }

  enum Leaves {
    FAILS,
    OPENS_ITS_CIRCUIT,
    GOES_TO_MAINTENANCE
  }

  @Test
  void a_request_of_a_session_whose_drained_server_dies_waits_and_moves_with_a_new_cookie() {
    start(two().sticky(AfterFailback.DRAIN));
    String cookie = newSession();
    pools.drain("a", "b");
    master.killIdle();
    TestClient client = client().request("POST", "/", bytes(100), cookie);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.down("a");
    Response response = client.response();
    assertThat(response.body()).isEqualTo("backup");
    assertThat(cookieOf(response)).isNotEqualTo(cookie);
  }

  @Test
  void a_running_request_finishes_on_the_drained_server_without_any_cookie() {
    start(two());
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n12");
          Await.until("it is drained", () -> pools.server("a").operatorState() != READY);
          call.write("34");
        });
    TestClient client = client().request("GET", "/");
    client.awaitBody(2);
    pools.drain("a", "b");
    assertThat(client.response().body()).isEqualTo("1234");
  }

  private static final OperatorState READY = OperatorState.READY;

  @ParameterizedTest
  @ValueSource(strings = {"a", "b"})
  void a_cookie_that_a_client_made_up_chooses_no_server(String server) throws Exception {
    start(two().sticky(AfterFailback.KEEP));
    pools.serve("b");
    pools.serve("a");
    byte[] hash =
        MessageDigest.getInstance("SHA-256")
            .digest((TestPools.POOL + "/" + server).getBytes(StandardCharsets.UTF_8));
    String own = newSession();
    String id = own.substring(own.indexOf('.'));
    String hex = HexFormat.of().formatHex(hash);
    for (String value : List.of(hex.substring(0, 16), hex, hex.substring(0, 22) + id, server)) {
      Response response = client().get("/", "Cookie: UNDERSTUDY=" + value);
      assertThat(response.body()).isEqualTo("master");
      assertThat(response.header("set-cookie")).as("a new one").isNotNull();
    }
  }

  @Test
  void a_server_knows_how_many_sessions_it_still_has() {
    start(two().sticky(AfterFailback.KEEP));
    assertThat(sessions("a").recent()).isZero();
    String one = newSession();
    String two = newSession();
    newSession();
    assertThat(sessions("a").recent()).as("none has come back").isZero();
    for (String cookie : List.of(one, two, one)) {
      client().get("/", cookie);
    }
    assertThat(sessions("a").recent()).isEqualTo(2);
    assertThat(sessions("a").last()).isNotNull();
    pools.drain("a", "b");
    client().get("/", one);
    assertThat(sessions("a").recent()).isEqualTo(2);
    assertThat(sessions("b").recent()).isZero();
    pools.operator("a", OperatorState.MAINTENANCE);
    client().get("/", cookieOf(client().get("/", one)));
    assertThat(sessions("b").recent()).isEqualTo(1);
  }

  private SessionCount.Seen sessions(String server) {
    return pools.server(server).traffic().sessions().read(pools.now());
  }
}
