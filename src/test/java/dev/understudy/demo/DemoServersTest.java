package dev.understudy.demo;

import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.understudy.demo.DemoServer.State;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

/** The demo's servers fail as real ones do. */
@Isolated("the port of a server that is down is anybody's")
class DemoServersTest {
  private static final Duration AMPLE = Duration.ofSeconds(20);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private DemoServers demo;

  @BeforeEach
  void start() {
    demo = DemoServers.start();
  }

  @AfterEach
  void stop() {
    demo.close();
    client.close();
  }

  private HttpResponse<String> send(String method, int port, String target, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
            .timeout(AMPLE)
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(int port, String target) throws Exception {
    return send("GET", port, target);
  }

  private HttpResponse<String> steer(String action) throws Exception {
    return send("POST", demo.controlPort(), "/demo/" + action);
  }

  /** A connection on which a request was sent and nothing was read yet. */
  private static Socket asking(int port, String requestLine) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    String head = requestLine + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String firstLine(Socket socket) throws IOException {
    socket.setSoTimeout((int) AMPLE.toMillis());
    StringBuilder line = new StringBuilder();
    InputStream in = socket.getInputStream();
    for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }

  private static void assertRefused(int port) {
    assertThatExceptionOfType(ConnectException.class)
        .isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());
  }

  private static void assertRunning(DemoServer server, boolean running) {
    assertThat(server.status().state()).isEqualTo(running ? State.RUNNING : State.KILLED);
  }

  @Test
  void both_servers_respond_with_their_own_names() throws Exception {
    for (DemoServer server : List.of(demo.master(), demo.backup())) {
      assertThat(get(server.port(), "/status").body()).contains("version");
      assertThat(get(server.port(), "/whoami").body())
          .contains("\"name\":\"" + server.name() + "\"")
          .contains("\"id\":" + server.status().id());
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void requests_are_counted_but_probes_are_not() throws Exception {
    get(demo.master().port(), "/status");
    get(demo.master().port(), "/whoami");
    assertThat(get(demo.master().port(), "/whoami").body()).contains("\"requests\":2");
    assertThat(demo.master().status().requests()).isEqualTo(2);
    assertThat(demo.backup().status().requests()).isZero();
  }

  @Tag(Extent.SLOW)
  @Test
  void page_is_served_by_both_and_by_the_control_server() throws Exception {
    String page = get(demo.master().port(), "/").body();
    assertThat(page).startsWith("<!doctype html>").doesNotContain("src=\"http");
    assertThat(get(demo.backup().port(), "/").body()).isEqualTo(page);
    assertThat(get(demo.controlPort(), "/demo/").body()).isEqualTo(page);
    assertThat(get(demo.controlPort(), "/demo").body()).isEqualTo(page);
    HttpResponse<String> head = send("HEAD", demo.master().port(), "/");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @CsvSource({
    "GET, /nothing, 404",
    "POST, /status, 405",
    "DELETE, /orders?id=a, 405",
    "POST, /orders, 400",
    "POST, /orders?id=, 400",
    "POST, /orders?id=a&id=b, 400",
    "POST, /orders?id=%22, 400",
    "POST, /orders?other=a, 400"
  })
  void an_unknown_path_and_an_order_without_a_proper_id_are_refused(
      String method, String target, int status) throws Exception {
    assertThat(send(method, demo.master().port(), target).statusCode()).isEqualTo(status);
  }

  @Test
  void killed_server_refuses_and_resets_and_is_restored_as_a_new_run_on_the_same_port()
      throws Exception {
    int port = demo.master().port();
    try (Socket open = asking(port, "GET /whoami")) {
      assertThat(firstLine(open)).isEqualTo("HTTP/1.1 200 OK");
      demo.master().kill();

      assertThatExceptionOfType(SocketException.class)
          .isThrownBy(() -> open.getInputStream().readAllBytes())
          .withMessageContaining("reset");
      assertRefused(port);
      assertThat(get(demo.backup().port(), "/whoami").statusCode()).isEqualTo(200);
    }
    demo.master().restore();
    assertThat(demo.master().port()).isEqualTo(port);
    assertThat(get(port, "/whoami").body()).contains("\"requests\":1");
    assertRunning(demo.master(), true);
  }

  @Tag(Extent.SLOW)
  @Test
  void port_is_free_at_once_however_often_a_server_is_killed() throws Exception {
    int port = demo.master().port();
    for (int i = 0; i < 200; i++) {
      try (Socket open = asking(port, "GET /whoami")) {
        assertThat(firstLine(open)).isEqualTo("HTTP/1.1 200 OK");
        demo.master().kill();
        assertRefused(port);
        demo.master().restore();
      }
    }
  }

  @Test
  void frozen_server_accepts_connections_never_responds_and_is_restored_as_the_same_run()
      throws Exception {
    int id = demo.master().status().id();
    demo.master().freeze();
    try (Socket waiting = asking(demo.master().port(), "GET /whoami")) {
      waiting.setSoTimeout(500);
      assertThatExceptionOfType(SocketTimeoutException.class)
          .isThrownBy(() -> waiting.getInputStream().read());
      assertThat(get(demo.backup().port(), "/whoami").statusCode()).isEqualTo(200);

      demo.master().restore();
      assertThat(firstLine(waiting)).isEqualTo("HTTP/1.1 200 OK");
    }
    assertThat(get(demo.master().port(), "/whoami").body())
        .contains("\"id\":" + id)
        .contains("\"requests\":2");
  }

  @Tag(Extent.SLOW)
  @Test
  void frozen_server_that_is_killed_responds_to_nothing_that_it_received() throws Exception {
    try (Socket open = asking(demo.master().port(), "GET /whoami")) {
      firstLine(open);
      demo.master().freeze();
      open.getOutputStream()
          .write("POST /orders?id=a HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      demo.master().kill();

      assertThatExceptionOfType(SocketException.class)
          .isThrownBy(() -> open.getInputStream().readAllBytes());
      assertRefused(demo.master().port());
      assertThat(get(demo.controlPort(), "/demo/state").body()).contains("\"executed\":0");
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void every_action_may_be_repeated() throws Exception {
    demo.master().freeze();
    demo.master().freeze();
    demo.master().kill();
    demo.master().kill();
    demo.master().restore();
    demo.master().restore();
    assertThat(get(demo.master().port(), "/whoami").statusCode()).isEqualTo(200);
  }

  @Tag(Extent.SLOW)
  @Test
  void executions_of_an_order_are_counted_over_both_servers() throws Exception {
    assertThat(send("POST", demo.master().port(), "/orders?id=a-1").body())
        .contains("\"executions\":1");
    assertThat(send("POST", demo.master().port(), "/orders?id=a-2").statusCode()).isEqualTo(201);
    assertThat(send("POST", demo.backup().port(), "/orders?id=a-1").body())
        .contains("\"executions\":2");
    assertThat(get(demo.controlPort(), "/demo/state").body())
        .contains("\"orders\":{\"executed\":3,\"repeated\":1}");
  }

  @Tag(Extent.SLOW)
  @Test
  void web_socket_ticks_echoes_and_breaks_when_the_server_is_killed() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(
                URI.create("ws://127.0.0.1:" + demo.master().port() + "/websocket"),
                new Hearing(heard))
            .get(20, TimeUnit.SECONDS);
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("tick 1 from master");
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("tick 2 from master");
    socket.sendText("hello", true).get(20, TimeUnit.SECONDS);
    assertThat(afterTicks(heard)).isEqualTo("master echoes: hello");
    demo.master().kill();
    assertThat(afterTicks(heard)).isEqualTo("broken");
  }

  private static String afterTicks(BlockingQueue<String> heard) throws InterruptedException {
    String next = heard.poll(20, TimeUnit.SECONDS);
    while (next != null && next.startsWith("tick")) {
      next = heard.poll(20, TimeUnit.SECONDS);
    }
    return next;
  }

  private record Hearing(BlockingQueue<String> heard) implements WebSocket.Listener {
    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      heard.add("broken");
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      heard.add("closed " + code);
      return null;
    }
  }

  @Test
  void control_server_steers_both_and_always_responds() throws Exception {
    assertThat(steer("master/freeze").body()).contains("\"name\":\"master\",\"state\":\"frozen\"");
    assertThat(steer("backup/kill").body()).contains("\"name\":\"backup\",\"state\":\"killed\"");
    assertRefused(demo.backup().port());
    assertThat(get(demo.controlPort(), "/demo/state").body())
        .contains("\"state\":\"frozen\"")
        .contains("\"state\":\"killed\"");
    HttpResponse<String> refused = steer("backup/freeze");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("restore it first");
    steer("backup/restore");
    assertThat(get(demo.backup().port(), "/whoami").statusCode()).isEqualTo(200);
    assertThat(steer("master/restore").body())
        .contains("\"name\":\"master\",\"state\":\"running\"");
    assertThat(get(demo.master().port(), "/whoami").statusCode()).isEqualTo(200);
    for (String unknown : List.of("other/kill", "master/explode", "master", "master/kill/twice")) {
      assertThat(steer(unknown).statusCode()).as(unknown).isEqualTo(404);
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void server_whose_port_was_taken_stays_killed() throws Exception {
    steer("master/kill");
    try (ServerSocket thief =
        new ServerSocket(demo.master().port(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(steer("master/restore").statusCode()).isEqualTo(409);
      assertThat(thief.isBound()).isTrue();
    }
    assertRunning(demo.master(), false);
    assertThat(steer("master/restore").statusCode()).isEqualTo(200);
  }

  @Tag(Extent.SLOW)
  @Test
  void page_learns_of_the_console_once_the_proxy_runs_and_its_link_has_the_token_in_the_fragment()
      throws Exception {
    assertThat(get(demo.controlPort(), "/demo/state").body()).endsWith("\"console\":null}");
    assertThat(get(demo.controlPort(), "/demo/pool").statusCode()).isEqualTo(503);

    demo.console(new DemoConsole(9090, "secret"));
    assertThat(get(demo.controlPort(), "/demo/state").body())
        .endsWith("\"console\":{\"port\":9090,\"token\":\"secret\"}}");
    demo.console(new DemoConsole(9090, null));
    assertThat(get(demo.controlPort(), "/demo/state").body())
        .endsWith("\"console\":{\"port\":9090,\"token\":null}}");

    assertThat(new DemoConsole(9090, "secret").link())
        .isEqualTo("http://localhost:9090/#token=secret");
    assertThat(new DemoConsole(9090, null).link()).isEqualTo("http://localhost:9090/");
  }

  /** A page of a site whose name suddenly means this machine could read it, too. */
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, localhost:8080, true",
    "::1, LOCALHOST, true",
    "192.0.2.7, localhost:8080, false",
    "fe80::1, localhost:8080, false",
    "'127.0.0.1, 192.0.2.7', localhost:8080, false",
    "localhost, localhost:8080, false",
    "127.0.0.1, 127.0.0.1:8080, true",
    "127.0.0.1, [::1]:8080, true",
    "127.0.0.1, evil.example:8080, false",
    "127.0.0.1, localhost.evil.example, false",
    "127.0.0.1, 192.0.2.1:8080, false"
  })
  void only_a_browser_on_this_machine_on_a_page_of_its_own_name_gets_the_token(
      String client, String host, boolean given) {
    demo.console(new DemoConsole(9090, "secret"));
    assertThat(
            RawClient.get(
                demo.controlPort(), "/demo/state", "Host: " + host, "X-Forwarded-For: " + client))
        .startsWith("HTTP/1.1 200")
        .satisfies(state -> assertThat(state.contains("secret")).isEqualTo(given));
  }

  @Tag(Extent.SLOW)
  @Test
  void state_and_events_of_the_pool_are_the_proxys_own_with_its_time() throws Exception {
    HttpServer proxy =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    proxy.createContext(
        "/",
        exchange -> {
          String token = exchange.getRequestHeaders().getFirst("Authorization");
          String asked = exchange.getRequestURI() + " " + token;
          byte[] body = ("{\"asked\":\"" + asked + "\"}").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    proxy.start();
    try {
      demo.console(new DemoConsole(proxy.getAddress().getPort(), "secret"));
      assertThat(get(demo.controlPort(), "/demo/pool").body())
          .matches(
              "\\{\"now\":\"20[^\"]+Z\",\"pool\":\\{\"asked\":\"/api/pools/demo Bearer"
                  + " secret\"},\"history\":\\{\"asked\":\"/api/events\\?pool=demo&limit=20 Bearer"
                  + " secret\"}}");
    } finally {
      proxy.stop(0);
    }
    assertThat(get(demo.controlPort(), "/demo/pool").statusCode()).isEqualTo(503);
  }

  @Test
  void another_sites_page_cannot_steer() throws Exception {
    assertThat(
            send("POST", demo.controlPort(), "/demo/master/kill", "Sec-Fetch-Site", "cross-site")
                .statusCode())
        .isEqualTo(403);
    assertThat(demo.master().status().state()).isEqualTo(State.RUNNING);
    assertThat(
            send("POST", demo.controlPort(), "/demo/master/kill", "Sec-Fetch-Site", "same-origin")
                .statusCode())
        .isEqualTo(200);
  }

  @Test
  void gateway_file_names_the_running_ports() {
    assertHas(
        new JsonMapper().valueToTree(new Yaml().load(demo.gatewayYaml())),
        """
        {pools: {demo: {servers: {master: {url: "http://127.0.0.1:%d", role: "master"},
                                  backup: {url: "http://127.0.0.1:%d", role: "backup"}}},
                 "demo-control": {servers: {control: {url: "http://127.0.0.1:%d"}}}},
         "default-filters": ["RequireWebSocketUpgrade=/websocket"]}
        """
            .formatted(demo.master().port(), demo.backup().port(), demo.controlPort()));
    assertThat(demo.gatewayYaml()).contains("\nroutes:");
  }
}
