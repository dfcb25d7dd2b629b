package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One client that makes the proxy keep as much as it can, in a process of 192 MB: another one, and
 * the liveness probe, get their responses all the time.
 */
@Tag(Extent.SLOW)
class GreedyClientsIT {
  private static final int ONE_WINDOW = 65_535;

  private static final String FILE =
      """
      pools:
        p: { servers: { a: { url: "http://127.0.0.1:%d" } } }
      routes:
        - { id: tarpit, uri: "no://op", predicates: ["Path=/tarpit"], filters: ["Tarpit=403, 5m"] }
        - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
      """;

  @TempDir private Path folder;

  /** What a client does on each of its connections, which stays open. */
  private enum Way {
    DATA_FRAMES_OF_ONE_BYTE_BEHIND_A_REQUEST_THAT_WAITS(40) {
      @Override
      AutoCloseable connect(int port) throws IOException {
        return RawHttp2.connect(port).settings().post(1, "/tarpit").bytes(frames());
      }
    },
    DATA_FRAMES_OF_ONE_BYTE_BEHIND_A_WEBSOCKET_THAT_IS_NOT_OPEN(40) {
      @Override
      AutoCloseable connect(int port) throws IOException {
        return RawHttp2.connect(port)
            .settings()
            .head(
                1,
                false,
                ":method: CONNECT",
                ":protocol: websocket",
                ":scheme: https",
                ":authority: localhost",
                ":path: /slow?ms=600000")
            .bytes(frames());
      }
    },
    RESPONSES_OF_HTTP_2_THAT_ARE_NOT_READ(41) {
      @Override
      AutoCloseable connect(int port) throws IOException {
        RawHttp2 client = RawHttp2.connect(port).settings(INITIAL_WINDOW_SIZE, 0);
        for (int i = 0; i < 100; i++) {
          client.get(2 * i + 1, "/big?bytes=300000");
        }
        return client;
      }
    },
    RESPONSES_OF_HTTP_1_THAT_ARE_NOT_READ(120) {
      @Override
      AutoCloseable connect(int port) {
        return new RawClient(port, true)
            .send("GET /big?bytes=100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
      }
    },
    CHUNKS_OF_ONE_BYTE_BEHIND_A_PIPELINED_REQUEST(150) {
      @Override
      AutoCloseable connect(int port) {
        RawClient client = new RawClient(port, true);
        // Large bodies make the proxy read much at once.
        client.request("POST", "/sink", new byte[400_000]).response();
        return client.send(
            "GET /slow?ms=600000 HTTP/1.1\r\nHost: a\r\n\r\n"
                + "POST /sink HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n".repeat(15_000));
      }
    };

    /** SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.5.2). */
    private static final int INITIAL_WINDOW_SIZE = 4;

    private final int connections;

    Way(int connections) {
      this.connections = connections;
    }

    abstract AutoCloseable connect(int port) throws IOException;

    private static byte[] frames() {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] one = RawHttp2.encode(RawHttp2.DATA, 0, 1, new byte[1]);
      for (int i = 0; i < ONE_WINDOW; i++) {
        all.writeBytes(one);
      }
      return all.toByteArray();
    }
  }

  static Stream<Arguments> ways() {
    return Stream.of(Way.values())
        .flatMap(way -> Stream.of(Arguments.of(way, "on"), Arguments.of(way, "off")));
  }

  @ParameterizedTest(name = "{0}, express {1}")
  @MethodSource("ways")
  void others_are_served_all_the_same(Way way, String express) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("test", "localhost");
    List<AutoCloseable> open = new ArrayList<>();
    try (ServerProcess server = ServerProcess.start("one", folder);
        ProxyProcess proxy =
            ProxyProcess.start(
                folder,
                Files.writeString(folder.resolve("gateway.yaml"), FILE.formatted(server.port())),
                "-Xmx192m",
                "-XX:MaxDirectMemorySize=192m",
                "-XX:+ExitOnOutOfMemoryError",
                "--understudy.express=" + express,
                "--understudy.client.memory=8MB",
                "--server.ssl.bundle=test",
                "--spring.ssl.bundle.pem.test.keystore.certificate=" + certificates.chain("test"),
                "--spring.ssl.bundle.pem.test.keystore.private-key=" + certificates.key("test"))) {
      for (int i = 0; i < way.connections; i++) {
        open.add(way.connect(proxy.port()));
        if (i % 4 == 0) {
          assertServed(proxy);
        }
      }
      for (int i = 0; i < 20; i++) {
        assertServed(proxy);
      }
      assertThat(proxy.log()).doesNotContain("OutOfMemory");
      if (way.name().endsWith("NOT_READ")) {
        assertThat(proxy.log()).contains("memory for clients", "client 127.0.0.1 held ");
        // Each in a thread of its own: the close of TLS may wait for the proxy.
        open.forEach(each -> Thread.ofVirtual().start(() -> close(each)));
        Await.until("nothing waits", () -> held(proxy) == 0);
      }
    }
    // Only now: a TLS client's close waits for the proxy's, which does not read it.
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private static void close(AutoCloseable client) {
    try {
      client.close();
    } catch (Exception e) {
      // The proxy has ended the connection.
    }
  }

  private static double held(ProxyProcess proxy) {
    return proxy
        .manage("/actuator/prometheus")
        .lines()
        .filter(line -> line.startsWith("understudy_client_memory_bytes"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static void assertServed(ProxyProcess proxy) {
    try (RawClient other = new RawClient(proxy.port(), "127.0.0.2", true)) {
      assertThat(other.request("GET", "/status", "Host: a").response().status()).isEqualTo(200);
    }
    assertThat(proxy.status("/actuator/health/liveness")).isEqualTo(200);
  }
}
