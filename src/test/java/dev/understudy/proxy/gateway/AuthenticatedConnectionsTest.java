package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.testing.Await;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers that authenticate a connection and not a request, by NTLM or Negotiate: it belongs to its
 * client. In each lane over each protocol.
 */
@ParameterizedClass
@MethodSource("lanes")
class AuthenticatedConnectionsTest extends LaneProtocolTable {
  /** Who was authenticated, by server and connection. */
  private final Map<String, String> users = new ConcurrentHashMap<>();

  private final Set<String> challenged = ConcurrentHashMap.newKeySet();

  /** Speaks NTLM in form: two steps on one connection, which belongs to the user from then on. */
  private TestServer.Script ntlm(String server) {
    return call -> {
      String connection = server + call.connection();
      String credentials = call.header("authorization");
      if (credentials != null && credentials.startsWith("NTLM hello")) {
        challenged.add(connection);
        unauthorized(call, "NTLM challenge");
      } else if (credentials != null && challenged.contains(connection)) {
        users.put(connection, credentials.substring("NTLM ".length()));
        call.reply(200, users.get(connection));
      } else if (users.containsKey(connection)) {
        call.reply(200, users.get(connection));
      } else {
        unauthorized(call, "Negotiate\r\nWWW-Authenticate: NTLM");
      }
    };
  }

  private static void unauthorized(TestServer.Call call, String challenge) throws IOException {
    call.body();
    call.write(
        "HTTP/1.1 401 No\r\nContent-Length: 0\r\nWWW-Authenticate: " + challenge + "\r\n\r\n");
  }

  private static void logIn(TestClient client, String user) {
    assertThat(client.get("/").status()).isEqualTo(401);
    assertThat(client.get("/", "Authorization: NTLM hello").header("www-authenticate"))
        .isEqualTo("NTLM challenge");
    assertThat(client.get("/", "Authorization: NTLM " + user).body()).isEqualTo(user);
  }

  private void no_stranger_is_taken_for(TestClient alice) {
    for (int i = 0; i < 12; i++) {
      assertThat(client().get("/").status()).isEqualTo(401);
    }
    assertThat(alice.get("/").body()).isEqualTo("alice");
    Response posted = alice.request("POST", "/", bytes(3)).response();
    assertThat(posted.body()).isEqualTo("alice");
  }

  @Test
  void an_authenticated_connection_is_its_clients_alone_and_ends_with_it() {
    master.script(ntlm("a"));
    start(two());
    TestClient alice = client();
    logIn(alice, "alice");
    no_stranger_is_taken_for(alice);
    int before = master.openConnections();
    alice.close();
    Await.until("it is closed", () -> master.openConnections() < before);
  }

  @Test
  void a_client_of_a_balance_pool_returns_to_the_server_that_authenticated_it() {
    master.script(ntlm("a"));
    backup.script(ntlm("b"));
    start(two().balance());
    TestClient alice = client();
    logIn(alice, "alice");
    no_stranger_is_taken_for(alice);
    assertThat(users).hasSize(1);
  }

  @Test
  void credentials_that_suffice_at_once_keep_the_connection_too() {
    master.script(
        call -> {
          String connection = "a" + call.connection();
          if (call.header("authorization") != null) {
            users.put(connection, "alice");
          }
          if (users.containsKey(connection)) {
            call.reply(200, "alice");
          } else {
            call.reply(401, "");
          }
        });
    start(two());
    TestClient alice = client();
    assertThat(alice.get("/", "Authorization: Negotiate YIIB").body()).isEqualTo("alice");
    no_stranger_is_taken_for(alice);
  }

  @Test
  void a_handshake_works_where_no_other_connection_is_kept() {
    master.script(ntlm("a"));
    Duration minute = Duration.ofMinutes(1);
    start(two().timeouts(new TimeoutSettings(minute, minute, minute, minute, Duration.ZERO)));
    TestClient alice = client();
    logIn(alice, "alice");
    no_stranger_is_taken_for(alice);
  }
}
