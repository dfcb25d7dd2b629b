package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What requests experience by the type of their pool's sessions, in each lane and protocol. */
@ParameterizedClass
@MethodSource("lanes")
class SessionTypesTest extends SessionTable {
  private static final String OTHER = "theme=dark; Path=/";

  private static StickySettings sticky(StickySettings.Type type) {
    return TestSettings.sticky("JSESSIONID", AfterFailback.DRAIN, type);
  }

  /** Two equals, each of which sets the application's cookie at {@code /login}. */
  private void startBalanced(StickySettings.Type type) {
    startBalanced(sticky(type));
  }

  private void startBalanced(StickySettings sticky) {
    start(
        TestPools.pool()
            .balance()
            .master("a", master.port())
            .master("b", backup.port())
            .sticky(sticky)
            .drain(Duration.ZERO));
    master.script(call -> respond(call, "master"));
    backup.script(call -> respond(call, "backup"));
  }

  private static void respond(TestServer.Call call, String name) throws Exception {
    String login =
        call.line().contains("/login")
            ? "Set-Cookie: " + OTHER + "\r\nSet-Cookie: JSESSIONID=of-" + name + "; Path=/\r\n"
            : "";
    call.write(
        "HTTP/1.1 200 OK\r\n" + login + "Content-Length: " + name.length() + "\r\n\r\n" + name);
  }

  private String id(String server) {
    return server.equals("master") ? "a" : "b";
  }

  /** Goes to that server for as long as the session's cookie is there, and elsewhere without. */
  private void assertStays(String server, String target, String... fields) {
    for (int i = 0; i < 4; i++) {
      assertThat(client().get(target, fields).body()).isEqualTo(server);
    }
  }

  private TestServer.Call lastCall(String server) {
    return (server.equals("master") ? master : backup).calls().getLast();
  }

  @Test
  void the_applications_cookie_gets_a_prefix_that_its_server_does_not_see() {
    startBalanced(StickySettings.Type.PREFIX);
    Response login = client().get("/login");
    String server = login.body();
    List<String> set = login.headers("set-cookie");
    assertThat(set).hasSize(2).first().isEqualTo(OTHER);
    assertThat(set.getLast()).matches("JSESSIONID=[A-Za-z0-9_-]{22}~of-" + server + "; Path=/");
    String cookie = set.getLast().substring(0, set.getLast().indexOf(';'));
    assertStays(server, "/", "Cookie: x=1; " + cookie + "; y=2");
    assertThat(lastCall(server).header("cookie"))
        .isEqualTo("x=1; JSESSIONID=of-" + server + "; y=2");
  }

  @Test
  void a_prefix_of_a_server_that_is_gone_reaches_no_other() {
    startBalanced(StickySettings.Type.PREFIX);
    Response login = client().get("/login");
    String cookie = login.headers("set-cookie").getLast().replaceAll(";.*", "");
    pools.down(id(login.body()));
    String other = client().get("/", "Cookie: " + cookie).body();
    assertThat(other).isNotEqualTo(login.body());
    assertThat(lastCall(other).header("cookie")).isEqualTo("JSESSIONID=of-" + login.body());
    client().get("/", "Cookie: JSESSIONID=" + "x".repeat(22) + "~mine");
    assertThat(lastCall(other).header("cookie")).isEqualTo("JSESSIONID=mine");
  }

  @Test
  void a_cookie_without_a_prefix_goes_on_as_it_is() {
    startBalanced(StickySettings.Type.PREFIX);
    String server =
        client().get("/", "Cookie: JSESSIONID=a~b; JSESSIONIDX=" + "x".repeat(22) + "~c").body();
    assertThat(lastCall(server).header("cookie"))
        .isEqualTo("JSESSIONID=a~b; JSESSIONIDX=" + "x".repeat(22) + "~c");
  }

  @Test
  void the_applications_cookie_is_learnt_and_passed_on_as_it_is() {
    startBalanced(StickySettings.Type.APP_COOKIE);
    Response login = client().get("/login");
    String server = login.body();
    assertThat(login.headers("set-cookie"))
        .containsExactly(OTHER, "JSESSIONID=of-" + server + "; Path=/");
    assertStays(server, "/", "Cookie: JSESSIONID=of-" + server);
    assertThat(lastCall(server).header("cookie")).isEqualTo("JSESSIONID=of-" + server);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/x;jsessionid=%s", "/x;a=b;JSESSIONID=%s;c=d/y?z=1", "/x;jsessionid=%s?q"})
  void the_applications_cookie_is_found_in_a_path_parameter(String target) {
    startBalanced(StickySettings.Type.APP_COOKIE);
    String server = client().get("/login").body();
    assertStays(server, target.formatted("of-" + server));
  }

  @Test
  void a_session_that_nobody_saw_begin_stays_where_its_first_request_went() {
    startBalanced(StickySettings.Type.APP_COOKIE);
    String server = client().get("/", "Cookie: JSESSIONID=old").body();
    assertStays(server, "/", "Cookie: JSESSIONID=old");
    pools.down(id(server));
    String other = client().get("/", "Cookie: JSESSIONID=old").body();
    pools.up(id(server));
    assertThat(other).isNotEqualTo(server);
    assertStays(other, "/", "Cookie: JSESSIONID=old");
  }

  @Test
  void invented_sessions_do_not_end_those_of_others() {
    startBalanced(
        new StickySettings(
            "JSESSIONID",
            AfterFailback.DRAIN,
            StickySettings.Type.APP_COOKIE,
            null,
            true,
            StickySettings.SameSite.LAX,
            null,
            16,
            Duration.ofMinutes(30)));
    TestClient flood = client();
    String server = flood.get("/login").body();
    for (int i = 0; i < 100; i++) {
      flood.get("/" + i, "Cookie: JSESSIONID=" + i);
    }
    assertStays(server, "/", "Cookie: JSESSIONID=of-" + server);
  }

  @Test
  void a_client_stays_by_its_address() {
    startBalanced(StickySettings.Type.CLIENT_ADDRESS);
    String server = client().get("/").body();
    assertStays(server, "/");
    pools.operator(id(server), OperatorState.DRAIN);
    assertStays(server, "/");
    pools.operator(id(server), OperatorState.MAINTENANCE);
    String other = client().get("/").body();
    assertThat(other).isNotEqualTo(server);
    pools.operator(id(server), OperatorState.READY);
    assertStays(other, "/");
  }

  @Test
  void clients_behind_a_trusted_proxy_are_told_apart() {
    start(
        TestPools.pool()
            .balance()
            .master("a", master.port())
            .master("b", backup.port())
            .sticky(sticky(StickySettings.Type.CLIENT_ADDRESS)),
        null,
        TrustedProxies.of(List.of("127.0.0.0/8", "10.0.0.0/8")));
    String one = client().get("/", "X-Forwarded-For: 192.0.2.1, 10.0.0.1").body();
    String two = client().get("/", "X-Forwarded-For: 192.0.2.2").body();
    assertThat(two).isNotEqualTo(one);
    assertStays(one, "/", "X-Forwarded-For: 198.51.100.1, 192.0.2.1");
    assertStays(two, "/", "X-Forwarded-For: 192.0.2.2, 10.1.1.1");
  }

  @Test
  void a_drained_server_keeps_the_sessions_of_the_applications_cookie() {
    for (StickySettings.Type type :
        List.of(StickySettings.Type.PREFIX, StickySettings.Type.APP_COOKIE)) {
      startBalanced(type);
      Response login = client().get("/login");
      String cookie = login.headers("set-cookie").getLast().replaceAll(";.*", "");
      pools.operator(id(login.body()), OperatorState.DRAIN);
      assertStays(login.body(), "/", "Cookie: " + cookie);
      assertThat(client().get("/").body()).isNotEqualTo(login.body());
    }
  }
}
