package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HAProxy with the configuration that Understudy replaces, and Understudy with {@code
 * config/sense.yaml}, before the same two real servers: the same requests and events are put to
 * both and must give the same responses. Each deliberate difference is a row with its reason.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HaproxyConformanceIT {
  /** HAProxy needs three checks, 4 s apart, to see what happened. */
  private static final Duration HAPROXY_PATIENCE = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static Certificates certificates;
  private static ServerProcess master;
  private static ServerProcess backup;
  private static HaproxyProcess haproxy;
  private static ProxyProcess understudy;
  private static int understudyPlainPort;

  /** The compared parts of a response. */
  private record Seen(int status, String server, String location, String hsts) {}

  private static final String HSTS = "max-age=16000000; preload";

  private record Row(String name, boolean tls, String method, String target, List<String> headers) {
    static Row tls(String name, String method, String target, String... headers) {
      return new Row(name, true, method, target, List.of(headers));
    }

    static Row plain(String name, String method, String target, String... headers) {
      return new Row(name, false, method, target, List.of(headers));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record Difference(Row row, Seen haproxy, Seen understudy, String reason) {
    @Override
    public String toString() {
      return row.name() + ": " + reason;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    certificates = new Certificates(folder);
    certificates.issue("test", "localhost");
    Path chain = certificates.chain("test");
    Path key = certificates.key("test");
    Path both =
        Files.writeString(
            folder.resolve("both.pem"), Files.readString(chain) + "\n" + Files.readString(key));
    master = ServerProcess.start("sen2", folder);
    backup = ServerProcess.start("sen1", folder);
    haproxy = HaproxyProcess.start(folder, both, master.port(), backup.port());
    understudyPlainPort = Ports.free();
    understudy =
        ProxyProcess.start(
            folder,
            sense(),
            "--server.ssl.bundle=test",
            "--spring.ssl.bundle.pem.test.keystore.certificate=" + chain,
            "--spring.ssl.bundle.pem.test.keystore.private-key=" + key,
            "--understudy.http.port=" + understudyPlainPort);
  }

  /** The shipped file; only the servers' addresses are those of this test. */
  private static Path sense() throws IOException {
    String text =
        Files.readString(Path.of("config/sense.yaml"))
            .replace("http://react2.domain.com:8079", master.url())
            .replace("http://react1.domain.com:8079", backup.url());
    assertThat(text).contains(master.url(), backup.url());
    return Files.writeString(folder.resolve("sense.yaml"), text);
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {understudy, haproxy, master, backup}) {
      if (each != null) {
        each.close();
      }
    }
  }

  static Stream<Row> same() {
    return Stream.of(
        Row.tls("the master serves", "GET", "/whoami"),
        Row.tls("a query goes along", "GET", "/whoami?a=1&b=%20c"),
        Row.tls("POST", "POST", "/orders?id=conformance"),
        Row.tls("HEAD", "HEAD", "/whoami"),
        Row.tls("another method", "DELETE", "/whoami"),
        Row.plain("plain is sent to https with 301", "GET", "/whoami?a=1", "Host: www.domain.com"),
        Row.plain("plain POST is sent to https too", "POST", "/x", "Host: www.domain.com"),
        Row.plain("plain WebSocket path is sent to https", "GET", "/websocket", "Host: a.b"),
        Row.tls("Host prefers the backup", "GET", "/whoami", "Host: failover.domain.com"),
        Row.tls("Host prefers the master", "GET", "/whoami", "Host: master.domain.com"),
        Row.tls("Host in capitals", "GET", "/whoami", "Host: FAILOVER.DOMAIN.COM"),
        Row.tls("Host in mixed case", "GET", "/whoami", "Host: FailOver.Domain.com"),
        Row.tls("another Host", "GET", "/whoami", "Host: other.domain.com"),
        Row.tls("a Host that only ends alike", "GET", "/whoami", "Host: xfailover.domain.com"),
        Row.tls("a path below the guarded one", "GET", "/websocket/x"),
        Row.tls("a path that begins like the guarded one", "GET", "/websocketx"),
        Row.tls(
            "a proper upgrade",
            "GET",
            "/websocket",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
        Row.tls(
            "a proper upgrade in another letter case, in a list",
            "GET",
            "/websocket",
            "Connection: keep-alive, upgrade",
            "Upgrade: WebSocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("same")
  @Order(1)
  void same_response(Row row) throws Exception {
    Seen theirs = throughHaproxy(row);
    assertThat(throughUnderstudy(row)).isEqualTo(theirs);
    System.out.println("same: " + row.name() + " -> " + theirs);
  }

  static Stream<Difference> differences() {
    return Stream.of(
        new Difference(
            Row.tls("the guard's 403 by path alone", "GET", "/websocket"),
            new Seen(403, "", "", ""),
            new Seen(403, "", "", HSTS),
            "RFC 6797 §7.2 wants the header on every response over TLS; HAProxy's http-response"
                + " rules skip its own responses"),
        new Difference(
            Row.tls("the guard's 403 with a query", "GET", "/websocket?x=1"),
            new Seen(403, "", "", ""),
            new Seen(403, "", "", HSTS),
            "as above"),
        new Difference(
            Row.tls(
                "the guard's 403 for another protocol",
                "GET",
                "/websocket",
                "Connection: Upgrade",
                "Upgrade: h2c"),
            new Seen(403, "", "", ""),
            new Seen(403, "", "", HSTS),
            "as above"),
        new Difference(
            Row.tls(
                "Upgrade that Connection does not name", "GET", "/websocket", "Upgrade: websocket"),
            new Seen(200, "sen2", "", HSTS),
            new Seen(403, "", "", HSTS),
            "RFC 9110 §7.8: without the connection option it is no upgrade"),
        new Difference(
            Row.tls("Host with a port", "GET", "/whoami", "Host: failover.domain.com:8443"),
            new Seen(200, "sen2", "", HSTS),
            new Seen(200, "sen1", "", HSTS),
            "the port is no part of the name that was meant; HAProxy compares the whole header"),
        new Difference(
            Row.plain("redirect of a Host with a port", "GET", "/x", "Host: www.domain.com:8080"),
            new Seen(301, "", "https://www.domain.com:8080/x", ""),
            new Seen(301, "", "https://www.domain.com/x", ""),
            "the plain listener's port never speaks https"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("differences")
  @Order(2)
  void deliberate_difference(Difference difference) throws Exception {
    Seen theirs = throughHaproxy(difference.row());
    Seen ours = throughUnderstudy(difference.row());
    System.out.println(
        "different: "
            + difference.row().name()
            + " -> "
            + theirs
            + " / "
            + ours
            + ": "
            + difference.reason());
    assertThat(theirs).isEqualTo(difference.haproxy());
    assertThat(ours).isEqualTo(difference.understudy());
  }

  private static final Row WHO = Row.tls("who serves", "GET", "/whoami");
  private static final Row PREFER_MASTER =
      Row.tls(
          "who serves where the master is preferred", "GET", "/whoami", "Host: master.domain.com");

  @Test
  @Order(3)
  void events_lead_to_the_same_responses() throws Exception {
    master.kill();
    awaitBoth("the backup takes over", 200, "sen1");
    assertThat(throughUnderstudy(PREFER_MASTER)).isEqualTo(throughHaproxy(PREFER_MASTER));
    master.restore();
    awaitBoth("the master gets its role back", 200, "sen2");
    assertThat(throughUnderstudy(PREFER_MASTER)).isEqualTo(throughHaproxy(PREFER_MASTER));
    backup.kill();
    master.kill();
    awaitBoth("nobody is left", 503, "");
  }

  private static void awaitBoth(String what, int status, String server) {
    long start = System.nanoTime();
    Await.until("understudy: " + what, () -> is(throughUnderstudy(WHO), status, server));
    long ours = System.nanoTime();
    Await.until("HAProxy: " + what, HAPROXY_PATIENCE, () -> haproxySays(status, server));
    System.out.printf(
        "same: %s -> %d %s; Understudy after %.2f s, HAProxy after %.2f s%n",
        what, status, server, (ours - start) / 1e9, (System.nanoTime() - start) / 1e9);
  }

  /** While HAProxy still believes in a dead server, a request may end in no response at all. */
  private static boolean haproxySays(int status, String server) throws Exception {
    try {
      return is(throughHaproxy(WHO), status, server);
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean is(Seen seen, int status, String server) {
    return seen.status() == status && seen.server().equals(server);
  }

  private static Seen throughHaproxy(Row row) throws Exception {
    return send(row, row.tls() ? haproxy.tlsPort() : haproxy.port());
  }

  private static Seen throughUnderstudy(Row row) throws Exception {
    return send(row, row.tls() ? understudy.port() : understudyPlainPort);
  }

  private static Seen send(Row row, int port) throws Exception {
    try (HttpConnection connection =
        row.tls() ? HttpConnection.over(certificates.connect(port)) : new HttpConnection(port)) {
      Answer response =
          connection.send(row.method(), row.target(), "", row.headers().toArray(String[]::new));
      String server = response.status() == 200 ? response.body() : "";
      return new Seen(
          response.status(),
          server,
          response.headers().getOrDefault("location", ""),
          response.headers().getOrDefault("strict-transport-security", ""));
    }
  }
}
