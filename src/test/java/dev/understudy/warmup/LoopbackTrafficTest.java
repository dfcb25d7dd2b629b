package dev.understudy.warmup;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopbackTrafficTest {
  /** Some of them; a test whose client is stuck ends as well. */
  private static final int MANY = 100_000;

  @AutoClose private LoopbackTraffic traffic;

  @BeforeEach
  void open() throws IOException {
    traffic = LoopbackTraffic.open();
  }

  @Test
  void all_kinds_of_requests_are_responded_to_without_a_proxy_too() throws IOException {
    AtomicInteger looks = new AtomicInteger();
    assertThat(
            traffic.send(
                traffic.port(),
                false,
                () -> 0,
                sent -> sent >= 2_000 || looks.incrementAndGet() > MANY))
        .isGreaterThanOrEqualTo(2_000);
  }

  @Test
  void it_asks_how_long_to_rest_again_and_again() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    traffic.send(traffic.port(), false, asked::incrementAndGet, sent -> asked.get() > 10);
    assertThat(asked.get()).isGreaterThan(10);
  }

  @Test
  void clients_that_are_refused_send_nothing_more_and_it_ends() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThat(traffic.send(closed, false, () -> 0, sent -> false)).isZero();
  }

  @Test
  void clients_whose_response_is_another_one_send_nothing_more_and_it_ends() throws IOException {
    try (ServerSocket proxy = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (int i = 0; i < LoopbackTraffic.CLIENTS; i++) {
                    try (Socket client = proxy.accept()) {
                      client.getOutputStream().write("HTTP/1.1 503 No\r\n\r\n".getBytes(US_ASCII));
                    }
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(traffic.send(proxy.getLocalPort(), false, () -> 0, sent -> false)).isZero();
      closing.join();
    }
  }

  @Test
  void a_proxy_that_is_silent_holds_it_no_longer_than_it_wants() throws IOException {
    AtomicInteger looks = new AtomicInteger();
    try (ServerSocket silent = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      assertThat(
              traffic.send(
                  silent.getLocalPort(), false, () -> 0, sent -> looks.incrementAndGet() > 3))
          .isZero();
    }
  }
}
