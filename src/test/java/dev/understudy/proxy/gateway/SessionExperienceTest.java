package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.understudy.monitor.SessionCount;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.TrustedProxies;
import dev.understudy.proxy.TunnelFactory;
import dev.understudy.proxy.tunnel.Tunnels;
import dev.understudy.testing.Answer;
import dev.understudy.testing.Await;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the clients of a session experience, in each lane and protocol, WebSockets included. */
@ParameterizedClass
@CsvSource({
  "HTTP_1_1, true",
  "HTTP_1_1, false",
  "TLS, true",
  "TLS, false",
  "HTTP_2, true",
  "HTTP_2, false"
})
class SessionExperienceTest extends LaneTable {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final String TEXT_HI = "81026869";

  @TempDir static Path directory;

  /** Of this lane and protocol; made with the first row. */
  private static FrontTable table;

  @Parameter(0)
  Protocol speaks;

  @Parameter(1)
  boolean express;

  @AfterAll
  static void stop() {
    table.close();
    table = null;
  }

  @Override
  protected Lane.Factory factory() {
    if (table == null) {
      table = table(speaks);
    }
    return express ? table::express : table::gateway;
  }

  private static FrontTable table(Protocol protocol) {
    try {
      return new FrontTable(protocol, directory);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected TunnelFactory tunnels() {
    Tunnels tunnels = new Tunnels(pools, seen);
    closeLater(tunnels);
    return tunnels;
  }

  // ------------------------------------------------------------ requests

  @ParameterizedTest
  @EnumSource(AfterFailback.class)
  void a_drained_server_keeps_its_sessions_and_gets_no_new_ones(AfterFailback after) {
    start(two().sticky(after).drain(Duration.ZERO));
    String cookie = newSession();
    pools.drain("a", "b");
    for (int i = 0; i < 10; i++) {
      Answer answer = client().get("/", cookie);
      assertThat(answer.body()).isEqualTo("master");
      assertThat(answer.header("set-cookie")).isNull();
    }
    Answer fresh = client().get("/");
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
      Answer answer = client().get("/", cookie);
      assertThat(answer.body()).isEqualTo(server);
      assertThat(answer.header("set-cookie")).isNull();
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
    Answer answer = client().get("/", cookie);
    assertThat(answer.body()).isEqualTo("backup");
    String moved = cookieOf(answer);
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
    master.kill();
    TestClient client = client().request("POST", "/", bytes(100), cookie);
    Await.until("it is held", () -> seen.held.get() == 1);
    pools.down("a");
    Answer answer = client.answer();
    assertThat(answer.body()).isEqualTo("backup");
    assertThat(cookieOf(answer)).isNotEqualTo(cookie);
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
    assertThat(client.answer().body()).isEqualTo("1234");
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
      Answer answer = client().get("/", "Cookie: UNDERSTUDY=" + value);
      assertThat(answer.body()).isEqualTo("master");
      assertThat(answer.header("set-cookie")).as("a new one").isNotNull();
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

  // ------------------------------------------------------------ WebSockets

  private static final TestServer.Script ECHO =
      call -> {
        if (call.headers("upgrade").isEmpty()) {
          call.reply(200, "x");
          return;
        }
        call.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
        for (int b = call.in().read(); b >= 0; b = call.in().read()) {
          call.socket().getOutputStream().write(b);
        }
        call.close();
      };

  @ParameterizedTest
  @EnumSource(AfterFailback.class)
  void a_session_keeps_its_websockets_on_a_drained_server_until_maintenance(AfterFailback after)
      throws IOException {
    startTunnels(two().sticky(after).drain(Duration.ZERO));
    String cookie = newSession();
    RawClient early = webSocket(cookie);
    RawClient first = webSocket();
    pools.drain("a", "b");
    RawClient late = webSocket(cookie);
    assertThat(tunnels("a")).isEqualTo(3);
    assertThat(tunnels("b")).isZero();
    for (RawClient each : List.of(early, first, late)) {
      echoes(each);
    }
    pools.operator("a", OperatorState.MAINTENANCE);
    for (RawClient each : List.of(early, first, late)) {
      assertIsToldClose(each);
    }
    webSocket(cookie);
    assertThat(tunnels("b")).isEqualTo(1);
  }

  @Test
  void a_websocket_of_no_session_leaves_a_drained_server() throws IOException {
    startTunnels(two().drain(Duration.ZERO));
    RawClient client = webSocket();
    pools.drain("a", "b");
    assertIsToldClose(client);
  }

  @Test
  void a_websocket_that_only_its_route_holds_leaves_a_drained_server() throws IOException {
    assumeThat(speaks).isNotEqualTo(Protocol.HTTP_2);
    master.script(ECHO);
    backup.script(ECHO);
    start(
        two().sticky(AfterFailback.KEEP).drain(Duration.ZERO),
        new ServerId("a"),
        TrustedProxies.NONE);
    RawClient client = webSocket();
    pools.drain("a", "b");
    assertIsToldClose(client);
    webSocket();
    assertThat(tunnels("b")).isEqualTo(1);
  }

  @Test
  void a_sessions_websockets_leave_a_drained_server_that_fails() throws IOException {
    startTunnels(two().sticky(AfterFailback.KEEP).drain(Duration.ZERO));
    String cookie = newSession();
    RawClient client = webSocket(cookie);
    pools.drain("a", "b");
    pools.down("a");
    assertIsToldClose(client);
    webSocket(cookie);
    assertThat(tunnels("b")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(AfterFailback.class)
  void after_a_switch_a_new_websocket_goes_where_the_requests_of_its_session_go(AfterFailback after)
      throws IOException {
    startTunnels(two().sticky(after).drain(LONG));
    String cookie = newSession();
    RawClient early = webSocket(cookie);
    pools.serve("b");
    int before = master.calls().size();
    assertThat(client().get("/", cookie).header("set-cookie")).isNull();
    RawClient late = webSocket(cookie);
    assertThat(master.calls()).hasSize(before + 2);
    assertThat(tunnels("a")).isEqualTo(2);
    echoes(early);
    echoes(late);
    webSocket();
    assertThat(tunnels("b")).isEqualTo(1);
  }

  @Test
  void a_websocket_that_is_told_after_a_switch_does_not_come_back_by_its_cookie()
      throws IOException {
    startTunnels(two().sticky(AfterFailback.DRAIN).drain(Duration.ofMillis(700)));
    String cookie = newSession();
    RawClient early = webSocket(cookie);
    pools.serve("b");
    RawClient late = webSocket(cookie);
    assertThat(tunnels("a")).isEqualTo(2);
    for (RawClient each : List.of(early, late)) {
      assertIsToldClose(each);
      int before = tunnels("b");
      webSocket(cookie);
      assertThat(tunnels("b")).isEqualTo(before + 1);
    }
  }

  // ------------------------------------------------------------ tools

  private void startTunnels(TestPools.Builder pool) {
    assumeThat(speaks).as("WebSockets are HTTP/1.1's here").isNotEqualTo(Protocol.HTTP_2);
    master.script(ECHO);
    backup.script(ECHO);
    start(pool);
  }

  private String newSession() {
    return cookieOf(client().get("/"));
  }

  private static String cookieOf(Answer answer) {
    String set = answer.header("set-cookie");
    assertThat(set).isNotNull();
    return "Cookie: " + set.substring(0, set.indexOf(';'));
  }

  private RawClient webSocket(String... fields) throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "Host: h",
                "Connection: Upgrade",
                "Upgrade: websocket",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
    all.addAll(List.of(fields));
    RawClient client = (RawClient) client();
    assertThat(client.request("GET", "/ws", all.toArray(String[]::new)).answer().status())
        .isEqualTo(101);
    echoes(client);
    return client;
  }

  private int tunnels(String server) {
    return pools.server(server).traffic().tunnels().get();
  }

  private static void echoes(RawClient client) throws IOException {
    client.write(HexFormat.of().parseHex(TEXT_HI));
    assertThat(HexFormat.of().formatHex(client.in().readNBytes(4))).isEqualTo(TEXT_HI);
  }

  private static void assertIsToldClose(RawClient client) throws IOException {
    byte[] head = client.in().readNBytes(4);
    assertThat(HexFormat.of().formatHex(head))
        .as("a close frame")
        .startsWith("88")
        .endsWith("03f4");
  }
}
