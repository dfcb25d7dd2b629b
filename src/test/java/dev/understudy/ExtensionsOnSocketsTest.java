package dev.understudy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Await;
import dev.understudy.testing.ExtensionJar;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Filters and predicates of jars in the directory of extensions, in the whole application. */
class ExtensionsOnSocketsTest {
  private static final String SETTING = "understudy.extensions=";

  @TempDir static Path jars;
  @TempDir private Path folder;

  @BeforeAll
  static void buildJar(@TempDir Path work) throws Exception {
    new ExtensionJar(work)
        .filter(
            "Stamp",
            """
            return (exchange, chain) -> {
              var context = Thread.currentThread().getContextClassLoader();
              if (context != getClass().getClassLoader()) {
                throw new IllegalStateException("libraries do not find their services");
              }
              var request = exchange.getRequest().mutate().header("X-Stamp", config.getText());
              return chain.filter(exchange.mutate().request(request.build()).build());
            };
            """)
        .predicate(
            "Marked",
            """
            return exchange ->
                config.getText().equals(exchange.getRequest().getHeaders().getFirst("X-Mark"));
            """)
        .check(
            "Lag",
            """
            if (Thread.currentThread().getContextClassLoader() != getClass().getClassLoader()) {
              return Result.bad("libraries do not find their services");
            }
            String page = target.arguments().get("page");
            var url = new java.net.URI(
                "http", null, target.host(), target.address().getPort(), page, null, null).toURL();
            String lag;
            try (var body = url.openConnection().getInputStream()) {
              lag = new String(body.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            }
            return lag.equals("0") ? Result.good("") : Result.bad("lag " + lag + " s");
            """)
        .build(jars.resolve("stamp.jar"));
  }

  private static String routes(String routes) {
    return TestProxy.POOLS + "routes:\n" + routes;
  }

  private static String get(TestProxy proxy, String path, String... fields) {
    try (RawClient client = new RawClient(proxy.port())) {
      return client.get(path, fields).body();
    }
  }

  private static void echoStamp(TestProxy proxy) {
    proxy.server.script(call -> call.reply(200, "stamp " + call.header("x-stamp")));
  }

  @Test
  void routes_name_filters_and_predicates_of_the_jars() throws Exception {
    String file =
        routes(
            """
              - { id: marked, uri: "pool://p", predicates: ["Path=/a", "Marked=yes"], filters: ["Stamp=one"] }
              - { id: rest, uri: "pool://p", predicates: ["Path=/**"], filters: ["Stamp=two when path(/b)"] }
            """);
    try (TestProxy proxy = new TestProxy(folder, file, SETTING + jars)) {
      echoStamp(proxy);
      assertThat(get(proxy, "/a", "Host: a", "X-Mark: yes")).isEqualTo("stamp one");
      assertThat(get(proxy, "/a", "Host: a")).isEqualTo("stamp null");
      assertThat(get(proxy, "/b", "Host: a")).isEqualTo("stamp two");
      assertThat(RawClient.get(proxy.managementPort(), "/api/routes", "Host: localhost"))
          .contains("Stamp", "Marked");
    }
  }

  @Test
  void a_reload_takes_routes_that_name_them_and_refuses_their_wrong_arguments() throws Exception {
    String before = routes("  - { id: a, uri: 'pool://p', predicates: ['Path=/**'] }\n");
    try (TestProxy proxy = new TestProxy(folder, before, SETTING + jars)) {
      echoStamp(proxy);
      assertThat(get(proxy, "/", "Host: a")).isEqualTo("stamp null");

      proxy.write(before.replace("**'] }\n", "**'], filters: [ 'Stamp=a,b' ] }\n"));
      Await.until(
          "the reason is told",
          () ->
              RawClient.get(proxy.managementPort(), "/api/events", "Host: localhost")
                  .contains("expected at most 1 arguments [text], found 2"));
      assertThat(get(proxy, "/", "Host: a")).isEqualTo("stamp null");

      proxy.write(before.replace("**'] }\n", "**'], filters: [ 'Stamp=new' ] }\n"));
      Await.until("it is applied", () -> get(proxy, "/", "Host: a").equals("stamp new"));
    }
  }

  private static final String LAG =
      """
      pools:
        p:
          servers: { a: { url: "http://SERVER" } }
          health: { type: extension, name: Lag, arguments: { page: /lag },
            interval: 100ms, fast-interval: 50ms, down-interval: 50ms }
      routes:
        - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
      """;

  private static String pool(TestProxy proxy) {
    return RawClient.get(proxy.managementPort(), "/api/pools/p", "Host: localhost");
  }

  @Test
  void a_pool_names_a_health_check_of_the_jars() throws Exception {
    AtomicInteger lag = new AtomicInteger();
    try (TestProxy proxy = new TestProxy(folder, LAG, SETTING + jars)) {
      proxy.server.script(
          call -> call.reply(200, call.line().contains(" /lag ") ? "" + lag.get() : "server"));
      Await.until("it is UP", () -> pool(proxy).contains("\"UP\""));
      assertThat(get(proxy, "/", "Host: a")).isEqualTo("server");
      assertThat(pool(proxy)).contains("the extension Lag");
      lag.set(9);
      Await.until("it is DOWN", () -> pool(proxy).contains("\"DOWN\""));
      assertThat(pool(proxy)).contains("lag 9 s");
      lag.set(0);
      Await.until("it is UP again", () -> pool(proxy).contains("\"UP\""));

      proxy.write(LAG.replace("name: Lag", "name: Lug"));
      Await.until(
          "the reason is told",
          () ->
              RawClient.get(proxy.managementPort(), "/api/events", "Host: localhost")
                  .contains("expected a check of the extensions, one of Lag"));
    }
  }

  @Test
  void a_check_without_extensions_ends_the_start() {
    assertThatThrownBy(() -> new TestProxy(folder, LAG).close())
        .hasMessageContaining(
            "pools.p.health.name: expected no check of an extension, as understudy.extensions is"
                + " not set");
  }

  @Test
  void requests_of_all_protocols_and_their_websockets_pass_a_filter() throws Exception {
    String file =
        routes(
            "  - { id: a, uri: 'pool://p', predicates: ['Path=/**'], filters: ['Stamp=one'] }\n");
    try (TestProxy proxy = new TestProxy(folder, file, TestProxy.tls(folder, SETTING + jars))) {
      for (Protocol protocol : Protocol.STATIC) {
        proxy.server.script(
            call -> call.reply(200, call.header("x-stamp") + " " + call.body().length));
        try (TestClient client = proxy.connect(protocol)) {
          assertThat(client.get("/").body()).as("%s", protocol).isEqualTo("one 0");
          assertThat(client.request("POST", "/", new byte[100_000]).response("POST").body())
              .as("%s", protocol)
              .isEqualTo("one 100000");
        }
        proxy.server.script(ExtensionsOnSocketsTest::echoWebSocket);
        try (TestClient client = proxy.connect(protocol)) {
          assertThat(echoed(client)).as("%s", protocol).isEqualTo("one");
        }
      }
    }
  }

  /** Agrees, and sends the field's value, and then all that comes. */
  private static void echoWebSocket(TestServer.Call call) throws Exception {
    byte[] key =
        (call.header("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(UTF_8);
    call.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "X-Stamped: "
            + call.header("x-stamp")
            + "\r\nSec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(key))
            + "\r\n\r\n");
    call.in().transferTo(call.socket().getOutputStream());
  }

  /** What the server got in the field, once a message has been there and back. */
  private static String echoed(TestClient client) throws Exception {
    byte[] hi = {(byte) 0x81, 2, 'h', 'i'};
    if (client instanceof Http2Client http2) {
      http2
          .head(
              Http2Client.headers("CONNECT", "/ws")
                  .add(":protocol", "websocket")
                  .add("sec-websocket-version", "13"),
              false)
          .body(hi);
      http2.awaitBody(hi.length);
      http2.end();
      return http2.response().header("x-stamped");
    }
    RawClient http1 = (RawClient) client;
    http1.sendLines(
        """
        GET /ws HTTP/1.1
        Host: localhost
        Connection: Upgrade
        Upgrade: websocket
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

        """);
    String head = http1.readUntil("\r\n\r\n");
    http1.write(hi);
    assertThat(http1.in().readNBytes(hi.length)).isEqualTo(hi);
    return head.replaceFirst("(?is).*x-stamped: (\\w+).*", "$1");
  }

  @Test
  void a_filter_with_the_name_of_another_one_ends_the_start(@TempDir Path other) throws Exception {
    new ExtensionJar(Files.createDirectory(folder.resolve("work")))
        .filter("SetPath", "return (exchange, chain) -> chain.filter(exchange);")
        .build(other.resolve("set.jar"));
    assertThatThrownBy(() -> new TestProxy(folder, TestProxy.ALL, SETTING + other).close())
        .rootCause()
        .hasMessage(
            "understudy.extensions: set.jar: expected another name than SetPath, which is the"
                + " Gateway's or ours");
  }
}
