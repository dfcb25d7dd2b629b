package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The server that a request goes to. */
@ParameterizedClass
@MethodSource("lanes")
class ServerSelectionTest extends LaneProtocolTable {
  private static final Duration LONG = Duration.ofSeconds(60);

  @Test
  void prefer_server_is_used_while_it_is_usable() {
    start(two(), new ServerId("b"), TrustedProxies.NONE);
    assertThat(client().get("/").body()).isEqualTo("backup");
    pools.down("b");
    assertThat(client().get("/").body()).isEqualTo("master");
  }

  @Test
  void a_sticky_cookie_is_opaque_and_keeps_the_session_over_a_failback() {
    start(two().sticky(AfterFailback.DRAIN).drain(LONG));
    pools.failover("a", "b");
    String cookie = client().get("/").header("set-cookie");
    assertThat(cookie)
        .matches(
            "UNDERSTUDY=[A-Za-z0-9_-]{22}[.][A-Za-z0-9_-]{11}; Path=/; HttpOnly; SameSite=Lax"
                + (protocol.isSecure() ? "; Secure" : ""));
    String sent = "Cookie: a=1; " + cookie.substring(0, cookie.indexOf(';')) + "; b=2";
    pools.up("a");
    pools.serve("a");
    Response response = client().get("/", sent);
    assertThat(response.body()).isEqualTo("backup");
    assertThat(response.header("set-cookie")).isNull();
    assertThat(backup.calls().get(1).headers("cookie")).containsExactly("a=1; b=2");
  }

  @Test
  void a_session_moves_once_the_drain_is_over() {
    start(two().sticky(AfterFailback.DRAIN).drain(Duration.ZERO));
    pools.serve("b");
    String cookie = client().get("/").header("set-cookie");
    pools.serve("a");
    Response response = client().get("/", "Cookie: " + cookie.substring(0, cookie.indexOf(';')));
    assertThat(response.body()).isEqualTo("master");
    assertThat(response.header("set-cookie")).isNotNull().isNotEqualTo(cookie);
  }

  @Test
  void in_balance_requests_take_turns_and_a_refused_connection_moves_to_the_next_server_at_once() {
    start(TestPools.pool().balance().master("a", master.port()).master("b", backup.port()));
    TestClient client = client();
    Set<String> responses = Set.of(client.get("/").body(), client.get("/").body());
    assertThat(responses).containsExactlyInAnyOrder("master", "backup");
    master.killIdle();
    for (int i = 0; i < 4; i++) {
      assertThat(client().request("POST", "/", bytes(3)).response().body()).isEqualTo("backup");
    }
    assertThat(seen.everHeld.get()).isZero();
  }
}
