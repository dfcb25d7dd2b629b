package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP listeners of the dynamic file, without TLS: opened, closed and left alone by reloads. */
class ListenersTest {
  private static final String TWO =
      """
      web: { port: 0 }
      api: { port: 0, address: 127.0.0.1 }
      """;

  private static final String BY_LISTENER =
      """
      - { id: express, uri: "pool://p", predicates: ["Path=/express/**", "Listener=api,main"] }
      - { id: gateway, uri: "pool://p", predicates: ["Path=/gateway/**", "Listener=web", "After=2020-01-01T00:00:00Z"] }
      - { id: both, uri: "pool://p", predicates: ["Path=/both"] }
      """;

  @AutoClose private static ListeningProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    proxy =
        new ListeningProxy(folder, "spare: { port: 0 }", ListeningProxy.ROUTES, "server.port=0");
  }

  @AfterEach
  void reset() {
    proxy.rest();
    if (!proxy.isOpen("spare")) {
      proxy.reload("spare: { port: 0 }");
    }
  }

  @Test
  void each_listener_and_the_main_one_serve_the_routes() {
    proxy.reload(TWO);
    for (int port : new int[] {proxy.port("web"), proxy.port("api"), proxy.mainPort()}) {
      assertThat(forwardedPort(port)).isEqualTo(port);
    }
  }

  /** The port that the last request came to, as the server was told; -1: it was not told. */
  private int forwardedPort(int port) {
    try (RawClient client = new RawClient(port)) {
      assertThat(client.request("GET", "/x").response().body()).isEqualTo("server");
    }
    List<String> told = proxy.server.calls().getLast().headers("x-forwarded-port");
    assertThat(told).hasSizeLessThan(2);
    return told.isEmpty() ? -1 : Integer.parseInt(told.getFirst());
  }

  @Test
  void a_port_may_change_from_http_to_tcp_and_back() {
    proxy.reload("web: { port: 0 }");
    int port = proxy.port("web");
    String http = "web: { port: " + port + " }";
    String tcp = "web: { port: " + port + ", pool: t }";
    assertThat(forwardedPort(port)).isEqualTo(port);
    proxy.reload(http);
    for (int i = 0; i < 3; i++) {
      proxy.reload(tcp);
      assertThat(forwardedPort(port)).as("relayed").isEqualTo(-1);
      proxy.reload(http);
      assertThat(forwardedPort(port)).as("proxied").isEqualTo(port);
    }
  }

  @Test
  void a_file_that_is_refused_leaves_a_port_with_another_kind_as_it_is() throws IOException {
    proxy.reload("web: { port: 0 }");
    int port = proxy.port("web");
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThat(
              proxy.refused(
                  "web: { port: %d, pool: t }\nother: { port: %d }"
                      .formatted(port, taken.getLocalPort()),
                  ListeningProxy.ROUTES))
          .hasSize(1);
    }
    assertThat(forwardedPort(port)).isEqualTo(port);
  }

  @Test
  void a_route_can_be_for_some_listeners_alone() {
    proxy.reload(TWO, BY_LISTENER);
    assertThat(proxy.lanes())
        .isEqualTo(Map.of("express", "express", "gateway", "gateway", "both", "express"));
    assertThat(statuses("/express/1")).isEqualTo(Map.of("web", 404, "api", 200, "main", 200));
    assertThat(statuses("/gateway/1")).isEqualTo(Map.of("web", 200, "api", 404, "main", 404));
    assertThat(statuses("/both")).isEqualTo(Map.of("web", 200, "api", 200, "main", 200));
  }

  private Map<String, Integer> statuses(String target) {
    return Map.of(
        "web", ListeningProxy.status(proxy.port("web"), target),
        "api", ListeningProxy.status(proxy.port("api"), target),
        "main", ListeningProxy.status(proxy.mainPort(), target));
  }

  @Test
  void a_reload_closes_a_listener_and_opens_another_without_touching_the_third() {
    proxy.reload(TWO);
    int api = proxy.port("api");
    int web = proxy.port("web");
    try (RawClient staying = new RawClient(web);
        RawClient leaving = new RawClient(api)) {
      assertThat(staying.request("GET", "/1").response().status()).isEqualTo(200);
      assertThat(leaving.request("GET", "/1").response().status()).isEqualTo(200);
      proxy.reload("web: { port: 0 }\nnew: { port: 0 }\n");
      assertThat(leaving.isEnded()).isTrue();
      assertThat(staying.request("GET", "/2").response().status()).isEqualTo(200);
    }
    assertThat(proxy.port("web")).isEqualTo(web);
    assertThat(proxy.isOpen("api")).isFalse();
    assertThat(ListeningProxy.status(proxy.port("new"), "/")).isEqualTo(200);
    assertThatThrownBy(() -> new RawClient(api))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("refused");
  }

  @Test
  void a_running_request_of_a_removed_listener_finishes_and_then_its_connection() {
    proxy.reload(TWO);
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    proxy.server.script(call -> hold(call, arrived, release));
    try (RawClient client = new RawClient(proxy.port("api"))) {
      client.request("GET", "/held");
      Await.open("the request is at the server", arrived);
      proxy.reload("web: { port: 0 }\n");
      release.countDown();
      Response response = client.response();
      assertThat(response.body()).isEqualTo("late");
      assertThat(response.header("connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void a_port_that_is_in_use_refuses_the_whole_file() throws IOException {
    proxy.reload(TWO);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThat(
              proxy.refused(
                  "other: { port: 0 }\nnew: { port: %d, address: 127.0.0.1 }\n".formatted(port),
                  ListeningProxy.ROUTES.replace("/**", "/only")))
          .singleElement()
          .asString()
          .endsWith(
              "gateway.yaml: listeners.new.port: expected a free port, found 127.0.0.1 port "
                  + port
                  + ", which is in use");
    }
    assertThat(proxy.isOpen("other")).isFalse();
    assertThat(ListeningProxy.status(proxy.port("api"), "/x")).isEqualTo(200);
  }

  @Test
  void a_port_can_change_its_listener() {
    proxy.reload("web: { port: 0, address: 127.0.0.1 }");
    int port = proxy.port("web");
    proxy.reload("api: { port: %d, proxy-protocol: true }".formatted(port));
    try (RawClient client = new RawClient(port)) {
      client.send("PROXY TCP4 10.1.2.3 10.0.0.1 1234 80\r\n").request("GET", "/x");
      assertThat(client.response().status()).isEqualTo(200);
    }
    assertThat(proxy.server.calls().getLast().headers("x-forwarded-for"))
        .containsExactly("10.1.2.3");
  }

  @Test
  void a_stop_drains_the_listeners_like_the_main_one(@TempDir Path own) throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (ListeningProxy stopping =
            new ListeningProxy(own, TWO, ListeningProxy.ROUTES, "server.port=0");
        RawClient idle = new RawClient(stopping.port("api"));
        RawClient busy = new RawClient(stopping.port("api"))) {
      stopping.server.script(call -> hold(call, arrived, release));
      busy.request("GET", "/held");
      Await.open("the request is at the server", arrived);
      Thread stop = Thread.ofPlatform().start(stopping::stop);
      assertThat(idle.isEnded()).isTrue();
      release.countDown();
      assertThat(busy.response().header("connection")).isEqualTo("close");
      stop.join();
    }
  }

  private static void hold(TestServer.Call call, CountDownLatch arrived, CountDownLatch release)
      throws Exception {
    arrived.countDown();
    release.await();
    call.reply(200, "late");
  }
}
