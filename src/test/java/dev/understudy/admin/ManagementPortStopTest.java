package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** How the management port stops. A class of its own: a stop ends Reactor Netty's shared loops. */
@ExtendWith(OutputCaptureExtension.class)
class ManagementPortStopTest {
  @Test
  void an_open_event_stream_is_ended_and_does_not_hold_up_the_stop(CapturedOutput output)
      throws IOException {
    String response;
    try (AdminServer server = new AdminServer();
        Socket socket = new Socket("127.0.0.1", server.managementPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(
              "GET /api/events/stream HTTP/1.1\r\nHost: a\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      // The head and the first comment.
      byte[] first = socket.getInputStream().readNBytes(300);

      server.close();

      byte[] rest = socket.getInputStream().readAllBytes();
      response =
          new String(first, StandardCharsets.US_ASCII)
              + new String(rest, StandardCharsets.US_ASCII);
    }
    assertThat(response).startsWith("HTTP/1.1 200 OK").endsWith("\r\n0\r\n\r\n");
    assertThat(output).doesNotContain("Graceful shutdown aborted");
  }
}
