package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.pool.SwitchSettings.WebSockets;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the WebSockets of a session experience, in each lane; they are HTTP/1.1's here. */
@ParameterizedClass
@MethodSource("http1")
class SessionTunnelsTest extends SessionTable {
  private static final String TEXT_HI = "81026869";

  private static final TestServer.Script ECHO =
      call -> {
        if (call.headers("upgrade").isEmpty()) {
          call.reply(200, "x");
          return;
        }
        call.write(CONSENT);
        echo(call);
      };

  @ParameterizedTest
  @EnumSource(AfterFailback.class)
  void a_session_keeps_its_websockets_on_a_drained_server_until_maintenance(AfterFailback after)
      throws IOException {
    startTunnels(two().sticky(after).drain(Duration.ZERO));
    String cookie = newSession();
    RawClient early = webSocket(cookie);
    pools.drain("a", "b");
    RawClient late = webSocket(cookie);
    assertThat(tunnels("a")).isEqualTo(2);
    assertThat(tunnels("b")).isZero();
    for (RawClient each : List.of(early, late)) {
      echoes(each);
    }
    pools.operator("a", OperatorState.MAINTENANCE);
    for (RawClient each : List.of(early, late)) {
      assertIsToldClose(each);
    }
    webSocket(cookie);
    assertThat(tunnels("b")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "no session, false, false",
    "only given a cookie, true, false",
    "only its route, true, true"
  })
  void a_websocket_that_no_cookie_holds_leaves_a_drained_server(
      String name, boolean sticky, boolean preferred) throws IOException {
    TestPools.Builder pool = two().drain(Duration.ZERO);
    startTunnels(
        sticky ? pool.sticky(AfterFailback.KEEP) : pool, preferred ? new ServerId("a") : null);
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

  @Test
  void a_handshake_belongs_to_the_session_of_its_prefixed_cookie() throws IOException {
    start(
        two()
            .sticky(TestSettings.sticky("SID", AfterFailback.DRAIN, StickySettings.Type.PREFIX))
            .drain(Duration.ofMinutes(5)));
    master.script(
        call -> call.write(CONSENT.replace(ACCEPT, ACCEPT + "Set-Cookie: SID=mine; Path=/\r\n")));
    String cookie = cookieOf(raw().request("GET", "/ws", handshake()).response());
    assertThat(cookie).matches("Cookie: SID=[A-Za-z0-9_-]{22}~mine");
    pools.serve("b");
    assertThat(raw().request("GET", "/ws", handshake(cookie)).response().status()).isEqualTo(101);
    assertThat(master.calls().getLast().header("cookie")).isEqualTo("SID=mine");
  }

  @Test
  void all_websockets_are_told_of_the_maintenance_of_the_pool_and_allowed_clients_come_back()
      throws IOException {
    startTunnels(
        two()
            .sticky(AfterFailback.KEEP)
            .onSwitch(TestSettings.onSwitch(WebSockets.KEEP, Duration.ZERO)));
    RawClient before = webSocket(newSession());
    pools.maintenance("127.0.0.0/8");
    assertIsToldClose(before);
    RawClient allowed = webSocket();
    pools.probed("a");
    echoes(allowed);

    pools.maintenance("192.0.2.0/24");
    assertIsToldClose(allowed);
    assertThat(raw().request("GET", "/ws", handshake()).response().status()).isEqualTo(503);
  }

  private void startTunnels(TestPools.Builder pool) {
    startTunnels(pool, null);
  }

  private void startTunnels(TestPools.Builder pool, @Nullable ServerId preferred) {
    master.script(ECHO);
    backup.script(ECHO);
    start(pool, preferred, TrustedProxies.NONE);
  }

  private static String[] handshake(String... fields) {
    return Stream.concat(Stream.of(HANDSHAKE), Stream.of(fields)).toArray(String[]::new);
  }

  private RawClient webSocket(String... fields) throws IOException {
    RawClient client = raw();
    assertThat(client.request("GET", "/ws", handshake(fields)).response().status()).isEqualTo(101);
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
