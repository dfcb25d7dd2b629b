package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A main listener without TLS; for one with TLS see {@code ProxiedClientsTest}. */
class ProxyProtocolTest {
  private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

  private static String send(int port, String text) {
    try (RawClient client = new RawClient(port).send(text)) {
      return client.readAll();
    }
  }

  @Test
  void the_client_is_the_one_that_the_header_names_and_the_management_port_wants_none() {
    try (ListenerApp app =
        ListenerApp.start(List.of("understudy.proxy-protocol=on", "understudy.drain.delay=0s"))) {
      assertThat(send(app.port(), "PROXY TCP4 192.0.2.7 127.0.0.1 5678 80\r\n" + REQUEST))
          .contains("remote=/192.0.2.7:5678");
      assertThat(send(app.managementPort(), REQUEST.replace("/x", "/actuator/health/liveness")))
          .startsWith("HTTP/1.1 200");
    }
  }
}
