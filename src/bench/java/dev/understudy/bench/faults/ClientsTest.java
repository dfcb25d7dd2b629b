package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientsTest {
  /** More than there are clients: each has then gone on after a response. */
  private static final int SOME = 20;

  private final AtomicInteger responses = new AtomicInteger();

  private void respond(ServerSocket listener, String response) {
    while (!listener.isClosed()) {
      try (Socket connection = listener.accept()) {
        connection.getInputStream().read(new byte[4096]);
        connection.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
        responses.incrementAndGet();
      } catch (IOException e) {
        continue; // The client has left, or the test has ended.
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "HTTP/1.1 abc X\r\n\r\n",
        "HTTP/1.1 200 X\r\na field without its colon\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 X\r\nContent-Length: -1\r\n\r\n"
      })
  void client_goes_on_after_what_is_no_response_and_says_so(String response) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Clients clients = Clients.start("r1", listener.getLocalPort())) {
      Thread.ofVirtual().start(() -> respond(listener, response));
      Await.until("clients go on", () -> responses.get() > SOME);
      List<Call> calls = clients.finish(0);
      assertThat(calls).extracting(Call::end).contains(End.GARBLED).doesNotContain(End.OK);
    }
  }
}
