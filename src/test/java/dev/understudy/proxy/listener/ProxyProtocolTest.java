package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import dev.understudy.traffic.Limit;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ProxyProtocolTest {
  private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  private static ListenerApp app;

  @BeforeAll
  static void start() {
    app =
        ListenerApp.start(
            List.of(
                "understudy.proxy-protocol=on",
                "understudy.client.max-connections-per-address=1",
                "understudy.drain.delay=0s"));
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private static String send(int port, String text) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void the_client_is_the_one_that_the_header_names() throws IOException {
    assertThat(send(app.port(), "PROXY TCP4 192.0.2.7 127.0.0.1 5678 80\r\n" + REQUEST))
        .contains("remote=/192.0.2.7:5678");
  }

  @Test
  void a_connection_without_the_header_is_refused() throws IOException {
    assertThat(send(app.port(), REQUEST)).isEmpty();
  }

  @Test
  void connections_are_counted_for_the_client_that_the_header_names() {
    String proxy = "PROXY TCP4 192.0.2.%d 127.0.0.1 5678 80\r\n";
    try (RawClient first = new RawClient(app.port());
        RawClient second = new RawClient(app.port());
        RawClient other = new RawClient(app.port())) {
      assertThat(first.send(proxy.formatted(8)).get("/x").status()).isEqualTo(200);
      second.send(proxy.formatted(8)).request("GET", "/x");
      assertThat(second.isEnded()).isTrue();
      assertThat(other.send(proxy.formatted(9)).get("/x").status()).isEqualTo(200);
      assertThat(first.get("/x").status()).isEqualTo(200);
      assertThat(app.seen().limits).containsExactly(Limit.CONNECTIONS_PER_ADDRESS);
    }
  }

  @Test
  void the_management_port_wants_no_header() throws IOException {
    assertThat(send(app.managementPort(), REQUEST.replace("/x", "/actuator/health/liveness")))
        .startsWith("HTTP/1.1 200");
  }
}
