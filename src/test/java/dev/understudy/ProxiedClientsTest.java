package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.OddHello;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Response;
import dev.understudy.traffic.Limit;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients behind a proxy that says who they are (the PROXY protocol), in both lanes. */
class ProxiedClientsTest {
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final AtomicInteger NEXT = new AtomicInteger();
  @AutoClose private static TestProxy proxy;

  /** Of this row alone, since lines of the log are found by it. */
  private final String path = "one-" + NEXT.incrementAndGet();

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.secure(
            folder,
            "understudy.proxy-protocol=on",
            "understudy.client.max-connections-per-address=2");
  }

  @AfterEach
  void all_have_left() {
    proxy.rest();
  }

  /** The header that says: from that address, port 5678. */
  private static byte[] header(int version, String client) throws IOException {
    boolean v6 = client.contains(":");
    if (version == 1) {
      String to = v6 ? "::1" : "127.0.0.1";
      String family = v6 ? "TCP6" : "TCP4";
      return "PROXY %s %s %s 5678 443\r\n"
          .formatted(family, client, to)
          .getBytes(StandardCharsets.US_ASCII);
    }
    byte[] from = InetAddress.getByName(client).getAddress();
    ByteBuffer header = ByteBuffer.allocate(16 + 2 * from.length + 4);
    header.put(SIGNATURE).put((byte) 0x21).put((byte) (v6 ? 0x21 : 0x11));
    header.putShort((short) (2 * from.length + 4));
    return header.put(from).put(from).putShort((short) 5678).putShort((short) 443).array();
  }

  private static RawHttp2 http2(byte[] header) throws IOException {
    return RawHttp2.connect(proxy.port(), header, "localhost", 0).settings();
  }

  private static String status(RawHttp2 client, int stream) throws IOException {
    return client.read(RawHttp2.HEADERS, stream).fields().status().toString();
  }

  private static void assertFrom(String client, String target) {
    assertThat(proxy.server.calls())
        .filteredOn(call -> call.line().contains(target + " "))
        .singleElement()
        .satisfies(
            call -> {
              assertThat(call.headers("x-forwarded-for")).containsExactly(client);
              assertThat(call.headers("x-forwarded-proto")).containsExactly("https");
            });
    assertThat(proxy.logged(target)).contains("client=\"" + client + "\"", "status=200");
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP_2, 1, 192.0.2.7",
    "HTTP_2, 1, 2001:db8::7",
    "HTTP_2, 2, 192.0.2.7",
    "HTTP_2, 2, 2001:db8::7",
    "TLS, 1, 192.0.2.8",
    "TLS, 2, 192.0.2.8",
  })
  void a_request_is_from_whom_the_header_names(Protocol protocol, int version, String client)
      throws IOException {
    byte[] header = header(version, client);
    for (String lane : TestProxy.LANES) {
      String target = lane + path;
      String made = "x-forwarded-for: 203.0.113.1";
      if (protocol == Protocol.HTTP_2) {
        try (RawHttp2 connection = http2(header)) {
          assertThat(status(connection.get(1, target, made), 1)).isEqualTo("200");
        }
      } else {
        try (RawClient connection = RawClient.secure(proxy.port(), header, "localhost")) {
          assertThat(connection.get(target, made).status()).isEqualTo(200);
        }
      }
      assertFrom(client, target);
    }
  }

  /** The header and the ClientHello come together. */
  @ParameterizedTest
  @CsvSource({"1, ONE", "2, ONE", "1, OF_ONE_BYTE", "2, OF_ONE_BYTE"})
  void the_server_name_is_read_behind_the_header(int version, OddHello.Records records)
      throws Exception {
    byte[] header = header(version, "192.0.2.12");
    try (RawClient client =
        new OddHello(null).connect(proxy.port(), header, "0=www.domain.com", records)) {
      assertThat(((SSLSocket) client.socket()).getSession().getPeerPrincipal().getName())
          .isEqualTo("CN=exact");
      assertThat(client.get("/express/" + path, "Host: h.test").status()).isEqualTo(200);
    }
    assertFrom("192.0.2.12", "/express/" + path);
  }

  /** As a balancer's own checks come. */
  @EachLane
  void a_connection_of_the_proxys_own_is_from_the_proxy(String lane) throws IOException {
    byte[] local = ByteBuffer.allocate(16).put(SIGNATURE).put((byte) 0x20).array();
    try (RawHttp2 connection = http2(local)) {
      assertThat(status(connection.get(1, lane + path), 1)).isEqualTo("200");
    }
    assertFrom("127.0.0.1", lane + path);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void connections_with_streams_are_counted_for_whom_the_header_names(int version)
      throws IOException {
    int before = proxy.limited(Limit.CONNECTIONS_PER_ADDRESS);
    byte[] header = header(version, "192.0.2.9");
    try (RawHttp2 first = http2(header);
        RawHttp2 other = http2(header(version, "192.0.2.10"))) {
      try (RawHttp2 second = http2(header);
          RawHttp2 third = http2(header)) {
        assertThat(status(first.get(1, "/express/" + path), 1)).isEqualTo("200");
        assertThat(status(second.get(1, "/gateway/" + path), 1)).isEqualTo("200");
        assertThat(third.get(1, "/express/" + path).rest())
            .noneMatch(frame -> frame.type() == RawHttp2.HEADERS);
        assertThat(proxy.limited(Limit.CONNECTIONS_PER_ADDRESS)).isEqualTo(before + 1);
        assertThat(status(other.get(1, "/express/" + path), 1)).isEqualTo("200");
        assertThat(status(first.get(3, "/gateway/" + path), 3)).isEqualTo("200");
      }
      Await.until("two have left", () -> proxy.connections() == 2);
      try (RawHttp2 next = http2(header)) {
        assertThat(status(next.get(1, "/express/" + path), 1)).isEqualTo("200");
      }
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void without_a_header_there_is_no_handshake() {
    try (RawClient client = new RawClient(proxy.port())) {
      // The beginning of a TLS handshake.
      client.send("\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u0000\u0001\u0000");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @EachLane
  void the_plain_listener_wants_the_header_too(String lane) throws IOException {
    try (RawClient client = new RawClient(proxy.plainPort());
        RawClient without = new RawClient(proxy.plainPort())) {
      client.send(new String(header(1, "192.0.2.11"), StandardCharsets.US_ASCII));
      Response response = client.get(lane + path, "Host: h.test");
      assertThat(response.status()).isEqualTo(301);
      assertThat(response.header("location")).isEqualTo("https://h.test" + lane + path);
      without.request("GET", lane);
      assertThat(without.isEnded()).isTrue();
    }
    assertThat(proxy.logged(lane + path)).contains("client=\"192.0.2.11\"", "status=301");
  }
}
