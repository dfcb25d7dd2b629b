package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.NettyFrontendMain;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The engine in a process with a heap of 128 MB. */
class LargeBodyIT {
  private static final long GIGABYTE = 1L << 30;
  private static final byte[] PIECE = new byte[64 * 1024];

  @Test
  void a_gigabyte_goes_up_and_down_with_a_heap_of_128_megabytes() throws Exception {
    try (TestServer server = new TestServer("large")) {
      server.script(
          call -> {
            long length = call.skipBody();
            call.write("HTTP/1.1 200 OK\r\nX-Length: " + length + "\r\n");
            call.write("Content-Length: " + GIGABYTE + "\r\n\r\n");
            send(call.socket().getOutputStream());
          });
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx128m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  NettyFrontendMain.class.getName(),
                  "" + server.port())
              .redirectError(Redirect.INHERIT)
              .start();
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
          RawClient client = new RawClient(Integer.parseInt(out.readLine()))) {
        client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + GIGABYTE + "\r\n\r\n");
        send(client.socket().getOutputStream());
        Response head = client.response("HEAD");
        assertThat(head.header("x-length")).isEqualTo("" + GIGABYTE);
        assertThat(received(client)).isEqualTo(GIGABYTE);
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static void send(OutputStream out) throws IOException {
    for (long sent = 0; sent < GIGABYTE; sent += PIECE.length) {
      out.write(PIECE);
    }
  }

  private static long received(RawClient client) throws IOException {
    long received = 0;
    byte[] buffer = new byte[PIECE.length];
    while (received < GIGABYTE) {
      int n = client.in().read(buffer);
      if (n < 0) {
        return received;
      }
      received += n;
    }
    return received;
  }
}
