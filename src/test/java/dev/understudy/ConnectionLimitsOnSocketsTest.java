package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.traffic.Limit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many connections clients may have, from the setting to the metric. */
class ConnectionLimitsOnSocketsTest {
  private static final int MAX = 8;
  private static final int MAX_PER_ADDRESS = 4;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    proxy =
        new TestProxy(
            folder,
            TestProxy.ALL,
            // So long that it is not what makes room.
            "understudy.client.header-timeout=1h",
            "understudy.client.max-connections=" + MAX,
            "understudy.client.max-connections-per-address=" + MAX_PER_ADDRESS);
  }

  @AfterEach
  void nobody_is_left() {
    proxy.rest();
  }

  private static RawClient client(int number) {
    return proxy.client("127.0.1." + (1 + number / MAX_PER_ADDRESS));
  }

  /** Connections that say nothing, from as many addresses as that takes. */
  private static List<RawClient> silent(int count) {
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(client(i));
    }
    return clients;
  }

  @Test
  void one_more_from_an_address_than_may_be_is_closed_at_once_and_others_are_not_concerned() {
    int before = proxy.limited(Limit.CONNECTIONS_PER_ADDRESS);
    List<RawClient> clients = silent(MAX_PER_ADDRESS);
    Await.until("they are there", () -> proxy.connections() == MAX_PER_ADDRESS);
    assertThat(proxy.client("127.0.1.1").isEnded()).isTrue();
    assertThat(proxy.limited(Limit.CONNECTIONS_PER_ADDRESS)).isEqualTo(before + 1);
    assertThat(proxy.client("127.0.2.1").get("/express/").status()).isEqualTo(200);
    for (RawClient client : clients) {
      assertThat(client.get("/gateway/").status()).isEqualTo(200);
    }
    clients.get(0).close();
    Await.until("one has left", () -> proxy.connections() == MAX_PER_ADDRESS);
    assertThat(proxy.client("127.0.1.1").get("/express/").status()).isEqualTo(200);
  }

  @Test
  void a_new_connection_replaces_the_longest_idle_one() {
    int before = proxy.limited(Limit.CONNECTIONS);
    silent(MAX);
    assertThat(proxy.client("127.0.3.1").get("/express/").status()).isEqualTo(200);
    assertThat(proxy.limited(Limit.CONNECTIONS)).isGreaterThan(before);
  }

  @Test
  void a_connection_with_a_request_stays_and_a_new_one_waits() {
    CountDownLatch go = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          go.await();
          call.reply(200, "late");
        });
    int calls = proxy.server.calls().size();
    List<RawClient> busy = new ArrayList<>();
    for (int i = 0; i < MAX; i++) {
      // At once: who has waited for a second may be closed.
      busy.add(client(i).request("GET", "/express/"));
    }
    Await.until("they are all served", () -> proxy.server.calls().size() == calls + MAX);
    RawClient waiting = proxy.client("127.0.3.1").request("GET", "/express/");
    assertThat(proxy.connections()).isEqualTo(MAX);
    go.countDown();
    for (RawClient client : busy) {
      assertThat(client.response().body()).isEqualTo("late");
    }
    assertThat(waiting.response().body()).isEqualTo("late");
  }

  @Test
  void a_flood_of_slow_connections_leaves_other_clients_served() {
    List<RawClient> flood = new ArrayList<>();
    for (int i = 0; i < 4 * MAX; i++) {
      RawClient slow = proxy.client("127.0.4." + (1 + i / MAX_PER_ADDRESS));
      flood.add(i % 2 == 0 ? slow : slow.send("GET /express/ HTTP/1.1\r\nHost: h\r\nX: "));
    }
    for (int i = 0; i < 3; i++) {
      RawClient client = proxy.client("127.0.5." + (1 + i));
      assertThat(client.request("GET", "/gateway/").response().status()).isEqualTo(200);
      assertThat(client.get("/express/").status()).isEqualTo(200);
    }
    assertThat(flood.get(0).isEnded()).isTrue();
    // One that made room may still be on its way to be closed.
    Await.until("no more than are allowed are open", () -> proxy.connections() <= MAX);
  }
}
