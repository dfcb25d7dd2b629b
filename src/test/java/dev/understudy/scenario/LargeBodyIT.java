package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies far larger than the heap pass through, up and down. */
class LargeBodyIT {
  private static final long GIGABYTE = 1L << 30;
  private static final byte[] BLOCK = new byte[64 * 1024];

  @TempDir private Path folder;
  @AutoClose private ServerProcess server;
  @AutoClose private ProxyProcess proxy;

  @BeforeEach
  void start() throws Exception {
    server = ServerProcess.start("only", folder);
    proxy = ProxyProcess.before(server.port(), folder, "-Xmx128m", "-XX:MaxDirectMemorySize=128m");
  }

  @Tag(Extent.SLOW)
  @Test
  void gigabyte_goes_up_through_a_heap_of_128_megabytes() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", proxy.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(head("POST /sink", "Content-Length: " + GIGABYTE));
      for (long sent = 0; sent < GIGABYTE; sent += BLOCK.length) {
        out.write(BLOCK);
      }
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n" + GIGABYTE);
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void gigabyte_comes_down_through_a_heap_of_128_megabytes() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", proxy.port())) {
      socket.getOutputStream().write(head("GET /big?bytes=" + GIGABYTE, "Accept: */*"));
      InputStream in = socket.getInputStream();
      assertThat(skipHead(in)).startsWith("HTTP/1.1 200 ");
      long received = 0;
      for (int read = in.read(BLOCK); read >= 0; read = in.read(BLOCK)) {
        received += read;
      }
      assertThat(received).isEqualTo(GIGABYTE);
    }
  }

  private static byte[] head(String request, String header) {
    return (request + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + header + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String skipHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    return head.toString();
  }
}
