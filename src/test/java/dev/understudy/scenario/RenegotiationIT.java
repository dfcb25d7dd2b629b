package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Trusting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client of TLS 1.2 that asks for another handshake on its connection. */
@Tag(Extent.SLOW)
class RenegotiationIT {
  private static final byte[] REQUEST =
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"jdk", "auto"})
  void it_is_refused_with_either_library(String provider) throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("test", "localhost");
    try (ServerProcess server = ServerProcess.start("one", folder);
        ProxyProcess proxy =
            ProxyProcess.before(
                server.port(),
                folder,
                "--understudy.tls.provider=" + provider,
                "--server.ssl.bundle=test",
                "--spring.ssl.bundle.pem.test.keystore.certificate=" + certificates.chain("test"),
                "--spring.ssl.bundle.pem.test.keystore.private-key=" + certificates.key("test"));
        SSLSocket socket =
            (SSLSocket)
                Trusting.anonymous().getSocketFactory().createSocket("127.0.0.1", proxy.port())) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setSoTimeout(20_000);
      assertThat(ask(socket)).startsWith("HTTP/1.1 200");
      socket.startHandshake();
      assertThatThrownBy(() -> ask(socket)).isInstanceOf(IOException.class);
    }
  }

  /** Sends a request and reads its response, whose body is the server's name. */
  private static String ask(SSLSocket socket) throws IOException {
    socket.getOutputStream().write(REQUEST);
    socket.getOutputStream().flush();
    StringBuilder response = new StringBuilder();
    while (!response.toString().endsWith("\r\n\r\none")) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("closed after " + response);
      }
      response.append((char) next);
    }
    return response.toString();
  }
}
