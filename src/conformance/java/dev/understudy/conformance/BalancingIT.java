package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeNameServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How HAProxy and Understudy spread requests and keep sessions, each with its own configuration of
 * the same kind, before the same servers.
 */
class BalancingIT {
  private static final String NAME = "app.balancing.example";
  private static final List<String> KINDS =
      List.of("weighted", "least", "source", "prefix", "learnt", "address", "dns");

  @TempDir private static Path folder;
  private static final List<HttpServer> SERVERS = new ArrayList<>();
  private static final Map<String, List<String>> COOKIES = new TreeMap<>();
  private static final ExecutorService THREADS = Executors.newCachedThreadPool();
  private static volatile CountDownLatch slow = new CountDownLatch(0);
  private static FakeNameServer names;
  private static Process haproxy;
  private static ProxyProcess understudy;
  private static int[] ports;

  /** The proxy in front. */
  enum Proxy {
    HAPROXY,
    UNDERSTUDY;

    Answer get(String kind, String target, String... fields) throws IOException {
      try (HttpConnection connection = new HttpConnection(port(kind))) {
        return send(connection, kind, target, fields);
      }
    }

    Answer from(String address, String kind) throws IOException {
      try (Socket socket = new Socket()) {
        socket.bind(new InetSocketAddress(address, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port(kind)));
        return send(HttpConnection.over(socket), kind, "/");
      }
    }

    Answer send(HttpConnection connection, String kind, String target, String... fields)
        throws IOException {
      List<String> all = new ArrayList<>(List.of("Host: " + kind));
      all.addAll(List.of(fields));
      return connection.send("GET", target, "", all.toArray(String[]::new));
    }

    int port(String kind) {
      return this == HAPROXY ? ports[KINDS.indexOf(kind)] : understudy.port();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    int port = Ports.free();
    server("a", "127.0.0.2", port);
    server("b", "127.0.0.3", port);
    server("c", "127.0.0.4", port);
    names = new FakeNameServer();
    names.answer(NAME, 0, ip("127.0.0.2"), ip("127.0.0.3"));
    ports = new int[KINDS.size()];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = Ports.free();
    }
    startHaproxy(port);
    understudy =
        ProxyProcess.start(folder, Files.writeString(folder.resolve("u.yaml"), file(port)));
  }

  private static InetAddress ip(String literal) throws IOException {
    return InetAddress.getByName(literal);
  }

  private static void server(String name, String address, int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
    server.setExecutor(THREADS);
    server.createContext("/", exchange -> respond(exchange, name));
    server.start();
    SERVERS.add(server);
  }

  private static void respond(HttpExchange exchange, String name) throws IOException {
    String path = exchange.getRequestURI().getPath();
    synchronized (COOKIES) {
      COOKIES.put(
          name, List.copyOf(exchange.getRequestHeaders().getOrDefault("Cookie", List.of())));
    }
    if (path.equals("/slow")) {
      try {
        slow.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (path.equals("/login")) {
      exchange.getResponseHeaders().add("Set-Cookie", "SID=of-" + name + "; Path=/");
    }
    byte[] body = name.getBytes(StandardCharsets.US_ASCII);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void startHaproxy(int port) throws IOException {
    String a = " server a 127.0.0.2:" + port;
    String b = " server b 127.0.0.3:" + port;
    String c = " server c 127.0.0.4:" + port;
    Map<String, List<String>> kinds =
        Map.of(
            "weighted",
                List.of(" balance roundrobin", a + " weight 5", b + " weight 1", c + " weight 0"),
            "least", List.of(" balance leastconn", a, b),
            "source", List.of(" balance source", " hash-type consistent", a, b),
            "prefix", List.of(" cookie SID prefix", a + " cookie a", b + " cookie b"),
            "learnt",
                List.of(
                    " stick-table type string len 64 size 1k expire 30m",
                    " stick on req.cook(SID)",
                    " stick store-response res.cook(SID)",
                    a,
                    b),
            "address", List.of(" stick-table type ip size 1k expire 30m", " stick on src", a, b),
            "dns",
                List.of(
                    " server-template app 3 "
                        + NAME
                        + ":"
                        + port
                        + " check inter 200ms resolvers test init-addr none"));
    StringBuilder text =
        new StringBuilder(
            """
            global
              maxconn 512
            defaults
              mode http
              timeout connect 1s
              timeout client 30s
              timeout server 30s
            resolvers test
              nameserver own %s:%d
              hold obsolete 1s
              hold valid 1s
            """
                .formatted("127.0.0.1", names.address().getPort()));
    for (int i = 0; i < KINDS.size(); i++) {
      String kind = KINDS.get(i);
      text.append("listen ")
          .append(kind)
          .append("\n bind 127.0.0.1:")
          .append(ports[i])
          .append("\n");
      kinds.get(kind).forEach(line -> text.append(line).append("\n"));
    }
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), text);
    haproxy =
        new ProcessBuilder("haproxy", "-db", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("haproxy.log").toFile())
            .start();
    Await.until(
        "HAProxy listens",
        () -> {
          if (!haproxy.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("haproxy.log")));
          }
          return Ports.listening(ports[0]);
        });
  }

  private static String file(int port) {
    String a = "a: { url: \"http://127.0.0.2:" + port + "\"";
    String b = "b: { url: \"http://127.0.0.3:" + port + "\"";
    String c = "c: { url: \"http://127.0.0.4:" + port + "\"";
    StringBuilder text =
        new StringBuilder(
            """
            dns: { servers: ["127.0.0.1:%d"], hold: 1s }
            pool-defaults: { mode: balance, health: { type: tcp, interval: 500ms } }
            pools:
              weighted: { servers: { %s, weight: 5 }, %s, weight: 1 }, %s, weight: 0 } } }
              least: { balance: least-requests, servers: { %s }, %s } } }
              source: { balance: source, servers: { %s }, %s } } }
              prefix: { sticky: { type: prefix, cookie: SID }, servers: { %s }, %s } } }
              learnt: { sticky: { type: app-cookie, cookie: SID }, servers: { %s }, %s } } }
              address: { sticky: { type: client-address }, servers: { %s }, %s } } }
              dns: { servers: { app: { url: "http://%s:%d", count: 3 } } }
            routes:
            """
                .formatted(
                    names.address().getPort(), a, b, c, a, b, a, b, a, b, a, b, a, b, NAME, port));
    for (String kind : KINDS) {
      text.append(
          "  - { id: %s, uri: \"pool://%s\", predicates: [\"Host=%s\"] }\n"
              .formatted(kind, kind, kind));
    }
    return text.toString();
  }

  @AfterAll
  static void stop() throws Exception {
    slow.countDown();
    if (understudy != null) {
      understudy.close();
    }
    if (haproxy != null) {
      haproxy.destroyForcibly().waitFor();
    }
    SERVERS.forEach(server -> server.stop(0));
    THREADS.shutdownNow();
    if (names != null) {
      names.close();
    }
  }

  private static String cookieAt(String server) {
    synchronized (COOKIES) {
      return String.join("|", COOKIES.getOrDefault(server, List.of()));
    }
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void servers_get_turns_by_their_weight_and_none_without(Proxy proxy) throws IOException {
    Map<String, Integer> turns = new TreeMap<>();
    try (HttpConnection connection = new HttpConnection(proxy.port("weighted"))) {
      for (int i = 0; i < 60; i++) {
        turns.merge(proxy.send(connection, "weighted", "/").body(), 1, Integer::sum);
      }
    }
    assertThat(turns).isEqualTo(Map.of("a", 50, "b", 10));
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void a_server_with_requests_in_flight_gets_fewer(Proxy proxy) throws IOException {
    slow = new CountDownLatch(1);
    List<Socket> held = new ArrayList<>();
    try {
      Map<String, Integer> quick = new TreeMap<>();
      Socket socket = new Socket("127.0.0.1", proxy.port("least"));
      held.add(socket);
      COOKIES.clear();
      socket
          .getOutputStream()
          .write(
              "GET /slow HTTP/1.1\r\nHost: least\r\nCookie: x=slow\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      Await.until("it is in flight", () -> (cookieAt("a") + cookieAt("b")).contains("slow"));
      String busy = cookieAt("a").contains("slow") ? "a" : "b";
      // On one connection: from a second one HAProxy may still count the previous request.
      try (HttpConnection connection = new HttpConnection(proxy.port("least"))) {
        for (int i = 0; i < 10; i++) {
          quick.merge(proxy.send(connection, "least", "/").body(), 1, Integer::sum);
        }
      }
      assertThat(quick).isEqualTo(Map.of(busy.equals("a") ? "b" : "a", 10));
    } finally {
      slow.countDown();
      for (Socket each : held) {
        each.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void a_client_keeps_its_server_by_its_address_and_all_servers_have_clients(Proxy proxy)
      throws IOException {
    TreeSet<String> seen = new TreeSet<>();
    for (int i = 1; i <= 40; i++) {
      String client = "127.0.9." + i;
      String server = proxy.from(client, "source").body();
      assertThat(proxy.from(client, "source").body()).as(client).isEqualTo(server);
      seen.add(server);
    }
    assertThat(seen).containsExactly("a", "b");
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void the_applications_cookie_gets_a_prefix_that_its_server_does_not_see(Proxy proxy)
      throws IOException {
    Answer login = proxy.get("prefix", "/login");
    String server = login.body();
    String set = login.headers().get("set-cookie");
    assertThat(set).matches("SID=[A-Za-z0-9_-]+~of-" + server + "; Path=/");
    String cookie = set.substring(0, set.indexOf(';'));
    for (int i = 0; i < 5; i++) {
      assertThat(proxy.get("prefix", "/", "Cookie: x=1; " + cookie).body()).isEqualTo(server);
    }
    assertThat(cookieAt(server)).isEqualTo("x=1; SID=of-" + server);
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void the_applications_cookie_is_learnt(Proxy proxy) throws IOException {
    Answer login = proxy.get("learnt", "/login");
    String server = login.body();
    assertThat(login.headers().get("set-cookie")).isEqualTo("SID=of-" + server + "; Path=/");
    for (int i = 0; i < 5; i++) {
      assertThat(proxy.get("learnt", "/", "Cookie: SID=of-" + server).body()).isEqualTo(server);
    }
    String unseen = proxy.get("learnt", "/", "Cookie: SID=unseen").body();
    for (int i = 0; i < 5; i++) {
      assertThat(proxy.get("learnt", "/", "Cookie: SID=unseen").body()).isEqualTo(unseen);
    }
  }

  @ParameterizedTest
  @EnumSource(Proxy.class)
  void a_client_sticks_by_its_address(Proxy proxy) throws IOException {
    TreeSet<String> seen = new TreeSet<>();
    for (int i = 1; i <= 20; i++) {
      String client = "127.0.8." + i;
      String server = proxy.from(client, "address").body();
      for (int again = 0; again < 3; again++) {
        assertThat(proxy.from(client, "address").body()).isEqualTo(server);
      }
      seen.add(server);
    }
    assertThat(seen).containsExactly("a", "b");
  }

  @Test
  void servers_come_and_go_with_the_addresses_of_their_name() throws IOException {
    for (Proxy proxy : Proxy.values()) {
      Await.until(proxy + " has a and b", () -> serversOf(proxy).equals(List.of("a", "b")));
    }
    names.answer(NAME, 0, ip("127.0.0.3"), ip("127.0.0.4"));
    for (Proxy proxy : Proxy.values()) {
      Await.until(proxy + " has b and c", () -> serversOf(proxy).equals(List.of("b", "c")));
    }
    assertThat(understudy.manage("/api/pools/dns"))
        .contains("app-127-0-0-4")
        .doesNotContain("DOWN");
  }

  private static List<String> serversOf(Proxy proxy) throws IOException {
    TreeSet<String> seen = new TreeSet<>();
    for (int i = 0; i < 12; i++) {
      seen.add(proxy.get("dns", "/").body());
    }
    return List.copyOf(seen);
  }
}
