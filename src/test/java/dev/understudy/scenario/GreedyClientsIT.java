package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One client that makes the proxy keep as much as it can, in a small process: another one, and the
 * liveness probe, get their responses all the time, and when the client has left nothing is kept.
 */
@Tag(Extent.SLOW)
@ParameterizedClass(name = "express {0}, {1}")
@MethodSource("processes")
class GreedyClientsIT {
  private static final int ONE_WINDOW = 65_535;

  /** Streams that a client may have on one connection. */
  private static final int STREAMS = 100;

  private static final String FILE =
      """
      pools:
        p: { servers: { a: { url: "http://127.0.0.1:%d" } } }
        c: { servers: { a: { url: "http://127.0.0.1:%d" } }, health: { type: tcp } }
        t: { servers: { a: { url: "tcp://127.0.0.1:%<d" } }, health: { type: tcp } }
      routes:
        - { id: tarpit, uri: "no://op", predicates: ["Path=/tarpit"], filters: ["Tarpit=403, 5m"] }
        - { id: careless, uri: "pool://c", predicates: ["Path=/flood,/stuck"] }
        - { id: all, uri: "pool://p", predicates: ["Path=/**"] }
      listeners:
        raw: { port: %d, pool: t }
      """;

  @TempDir private static Path folder;
  private static ServerProcess server;
  private static CarelessServer careless;
  private static ProxyProcess proxy;
  private static int relay;

  @Parameter(0)
  private String express;

  @Parameter(1)
  private Size size;

  /** Of the heap, of direct memory, and of what may wait for clients to read. */
  private enum Size {
    /** Clients that do not read reach the limit. */
    MB_192("192m", "8MB"),

    /** With the limit that this memory has by itself. */
    MB_384("384m", "192MB");

    private final String memory;
    private final String unread;

    Size(String memory, String unread) {
      this.memory = memory;
      this.unread = unread;
    }
  }

  /** What a client does on each of its connections, which stays open. */
  private enum Way {
    DATA_FRAMES_OF_ONE_BYTE_BEHIND_A_REQUEST_THAT_WAITS(40) {
      @Override
      AutoCloseable connect() throws IOException {
        return http2().post(1, "/tarpit").bytes(frames(1, ONE_WINDOW));
      }
    },
    DATA_FRAMES_OF_ONE_BYTE_BEHIND_A_WEBSOCKET_THAT_IS_NOT_OPEN(40) {
      @Override
      AutoCloseable connect() throws IOException {
        return webSocket(http2(), 1, "/slow?ms=600000").bytes(frames(1, ONE_WINDOW));
      }
    },
    RESPONSES_OF_HTTP_2_THAT_ARE_NOT_READ(41) {
      @Override
      AutoCloseable connect() throws IOException {
        RawHttp2 client = http2(INITIAL_WINDOW_SIZE, 0);
        for (int i = 0; i < STREAMS; i++) {
          client.get(2 * i + 1, "/big?bytes=300000");
        }
        return client;
      }
    },
    RESPONSES_OF_HTTP_1_THAT_ARE_NOT_READ(120) {
      @Override
      AutoCloseable connect() {
        RawClient client = new RawClient(proxy.port(), true);
        return client.request("GET", "/big?bytes=100000000", "Host: a")::abort;
      }
    },
    CHUNKS_OF_ONE_BYTE_BEHIND_A_PIPELINED_REQUEST(150) {
      @Override
      AutoCloseable connect() {
        RawClient client = new RawClient(proxy.port(), true);
        // Large bodies make the proxy read much at once.
        client.request("POST", "/sink", new byte[400_000]).response();
        return client.send(
                "GET /slow?ms=600000 HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /sink HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "1\r\na\r\n".repeat(15_000))
            ::abort;
      }
    },
    UPLOADS_OF_HTTP_1_TO_A_SERVER_THAT_DOES_NOT_READ(150) {
      @Override
      AutoCloseable connect() {
        RawClient client = new RawClient(proxy.port(), true);
        return endless(client.begin("POST", "/stuck", 100_000_000, "Host: a"), new byte[10_000]);
      }
    },
    CHUNKS_OF_ONE_BYTE_TO_A_SERVER_THAT_DOES_NOT_READ(150) {
      @Override
      AutoCloseable connect() {
        RawClient client = new RawClient(proxy.port(), true);
        return client.begin("POST", "/stuck", -1, "Host: a").send("1\r\na\r\n".repeat(15_000))
            ::abort;
      }
    },
    UPLOADS_OF_HTTP_2_TO_A_SERVER_THAT_DOES_NOT_READ(20) {
      @Override
      AutoCloseable connect() throws IOException {
        RawHttp2 client = http2();
        for (int i = 0; i < STREAMS; i++) {
          client.post(2 * i + 1, "/stuck");
          client.bytes(frames(2 * i + 1, ONE_WINDOW / STREAMS));
        }
        return client;
      }
    },
    REQUESTS_OF_HTTP_2_THAT_WAIT(60) {
      @Override
      AutoCloseable connect() throws IOException {
        RawHttp2 client = http2();
        for (int i = 0; i < STREAMS; i++) {
          client.get(2 * i + 1, "/tarpit");
        }
        return client;
      }
    },
    REQUESTS_OF_HTTP_1_WITH_LARGE_HEADS_THAT_WAIT(400) {
      @Override
      AutoCloseable connect() {
        RawClient client = new RawClient(proxy.port(), true);
        return client.request("GET", "/tarpit", "Host: a", "X: " + "x".repeat(15_000))::abort;
      }
    },
    WEBSOCKETS_THAT_ARE_NOT_READ(120) {
      @Override
      AutoCloseable connect() {
        return webSocket(RawClient.slow(proxy.port(), true), "/flood")::abort;
      }
    },
    WEBSOCKETS_OF_HTTP_2_THAT_ARE_NOT_READ(20) {
      @Override
      AutoCloseable connect() throws IOException {
        RawHttp2 client = http2(INITIAL_WINDOW_SIZE, 0);
        for (int i = 0; i < STREAMS; i++) {
          webSocket(client, 2 * i + 1, "/flood");
        }
        return client;
      }
    },
    WEBSOCKETS_TO_A_SERVER_THAT_DOES_NOT_READ(40) {
      @Override
      AutoCloseable connect() {
        RawClient client = webSocket(new RawClient(proxy.port(), true), "/stuck");
        client.readUntil("\r\n\r\n");
        return endless(client, bytes("\u0082\u0081\0\0\0\0x".repeat(2_000)));
      }
    },
    TCP_RELAYS_THAT_ARE_NOT_READ(120) {
      @Override
      AutoCloseable connect() {
        return RawClient.slow(relay, false).request("GET", "/flood")::abort;
      }
    },
    TCP_RELAYS_TO_A_SERVER_THAT_DOES_NOT_READ(120) {
      @Override
      AutoCloseable connect() {
        return endless(new RawClient(relay).request("GET", "/stuck"), new byte[10_000]);
      }
    };

    /** SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.5.2). */
    private static final int INITIAL_WINDOW_SIZE = 4;

    private final int connections;

    Way(int connections) {
      this.connections = connections;
    }

    abstract AutoCloseable connect() throws IOException;

    /** Whether the client has more kept than it may. */
    private boolean exhausts() {
      return name().endsWith("ARE_NOT_READ") || name().endsWith("THAT_WAIT");
    }

    private static RawHttp2 http2(int... settings) throws IOException {
      return RawHttp2.connect(proxy.port()).settings(settings);
    }

    private static byte[] frames(int stream, int count) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      byte[] one = RawHttp2.encode(RawHttp2.DATA, 0, stream, new byte[1]);
      for (int i = 0; i < count; i++) {
        all.writeBytes(one);
      }
      return all.toByteArray();
    }

    private static RawHttp2 webSocket(RawHttp2 client, int stream, String path) throws IOException {
      return client.head(
          stream,
          false,
          ":method: CONNECT",
          ":protocol: websocket",
          ":scheme: https",
          ":authority: localhost",
          ":path: " + path);
    }

    private static RawClient webSocket(RawClient client, String path) {
      return client.request(
          "GET",
          path,
          "Host: a",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }

    private static byte[] bytes(String text) {
      return text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** Sends it again and again, as fast as it is taken. */
    private static AutoCloseable endless(RawClient client, byte[] piece) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  while (true) {
                    client.write(piece);
                  }
                } catch (UncheckedIOException e) {
                  // The connection has ended.
                }
              });
      return client::abort;
    }
  }

  /** The lanes differ most where the limit is reached. */
  static Stream<Arguments> processes() {
    return Stream.of(
        Arguments.of("on", Size.MB_192),
        Arguments.of("off", Size.MB_192),
        Arguments.of("on", Size.MB_384));
  }

  @BeforeAll
  static void startServers() throws IOException {
    server = ServerProcess.start("one", folder);
    careless = new CarelessServer();
  }

  @AfterAll
  static void endServers() throws IOException, InterruptedException {
    server.close();
    careless.close();
  }

  /** Starts the process; anew, if the way before has ended it. */
  @BeforeEach
  void startProxy() throws Exception {
    if (proxy != null && proxy.status("/actuator/health/liveness") == 200) {
      return;
    }
    endProxy();
    relay = Ports.free();
    Certificates certificates = new Certificates(folder);
    certificates.issue("test", "localhost");
    proxy =
        ProxyProcess.start(
            folder,
            Files.writeString(
                folder.resolve("gateway.yaml"),
                FILE.formatted(server.port(), careless.port(), relay)),
            "-Xmx" + size.memory,
            "-XX:MaxDirectMemorySize=" + size.memory,
            "-XX:+ExitOnOutOfMemoryError",
            "--understudy.express=" + express,
            "--understudy.client.memory=" + size.unread,
            "--server.ssl.bundle=test",
            "--spring.ssl.bundle.pem.test.keystore.certificate=" + certificates.chain("test"),
            "--spring.ssl.bundle.pem.test.keystore.private-key=" + certificates.key("test"));
  }

  @AfterParameterizedClassInvocation
  static void endProxy() throws InterruptedException {
    if (proxy != null) {
      proxy.close();
      proxy = null;
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Way.class)
  void others_are_served_all_the_same(Way way) throws Exception {
    double ended = sum("understudy_limited_total{limit=\"CLIENT_MEMORY\"}");
    List<AutoCloseable> open = new ArrayList<>();
    try {
      for (int i = 0; i < way.connections; i++) {
        connect(way).ifPresent(open::add);
        if (i % 4 == 0) {
          assertServed();
        }
      }
      for (int i = 0; i < 20; i++) {
        assertServed();
      }
      assertThat(proxy.log()).doesNotContain("OutOfMemory");
      if (size == Size.MB_192 && way.exhausts()) {
        Await.until(
            "something is ended",
            () -> sum("understudy_limited_total{limit=\"CLIENT_MEMORY\"}") > ended);
        assertThat(proxy.log()).contains("memory for clients", "client 127.0.0.1 held ");
      }
    } finally {
      for (AutoCloseable each : open) {
        each.close();
      }
    }
    for (String each :
        List.of(
            "understudy_client_connections",
            "understudy_client_memory_bytes",
            "understudy_server_requests",
            "understudy_held_requests",
            "understudy_held_bytes")) {
      Await.until(each + " is 0", () -> sum(each) == 0);
    }
  }

  /** A client; empty if it had so much kept for it while it still sent that it was ended. */
  private Optional<AutoCloseable> connect(Way way) throws IOException {
    try {
      return Optional.of(way.connect());
    } catch (SocketException | UncheckedIOException e) {
      // Any of them may pass the small limit: what it sent is counted only now and then.
      if (size == Size.MB_192) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The sum of the metric's values whose names begin so. */
  private static double sum(String name) {
    return proxy
        .manage("/actuator/prometheus")
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static void assertServed() {
    try (RawClient other = new RawClient(proxy.port(), "127.0.0.2", true)) {
      assertThat(other.request("GET", "/status", "Host: a").response().status()).isEqualTo(200);
    }
    assertThat(proxy.status("/actuator/health/liveness")).isEqualTo(200);
  }
}
