package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** How the management port stops. */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("reads standard output")
class ManagementPortStopTest {
  private static final String LAST_CHUNK = "\r\n0\r\n\r\n";

  @Test
  void open_streams_are_ended_and_do_not_hold_up_the_stop(CapturedOutput output)
      throws IOException {
    List<String> responses = new ArrayList<>();
    try (AdminServer server = new AdminServer();
        Socket events = open(server, "/api/events/stream");
        Socket overview = open(server, "/api/overview/stream")) {
      // The heads and what comes first.
      byte[] first = events.getInputStream().readNBytes(300);
      byte[] second = overview.getInputStream().readNBytes(300);

      server.close();

      responses.add(whole(first, events));
      responses.add(whole(second, overview));
    }
    assertThat(responses)
        .hasSize(2)
        .allSatisfy(
            response -> assertThat(response).startsWith("HTTP/1.1 200 OK").endsWith(LAST_CHUNK));
    assertThat(output).doesNotContain("Graceful shutdown aborted");
  }

  private static Socket open(AdminServer server, String path) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.managementPort());
    socket.setSoTimeout(20_000);
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .formatted(path)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String whole(byte[] first, Socket socket) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    read.write(first);
    while (!read.toString(StandardCharsets.UTF_8).endsWith(LAST_CHUNK)) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      read.write(next);
    }
    return read.toString(StandardCharsets.UTF_8);
  }
}
