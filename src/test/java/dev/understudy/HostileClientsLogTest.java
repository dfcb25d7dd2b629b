package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import dev.understudy.testing.Await;
import dev.understudy.testing.ConfiguredLogging;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Http2Misdeeds;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Trusting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** Whatever a client does, it writes nothing into the log: it could do it without end. */
@Tag(Extent.SLOW)
@ExtendWith(ConfiguredLogging.class)
@Isolated("reads what is logged")
class HostileClientsLogTest {
  /** More than there are event loops, among which connections go round. */
  private static final int ALL_LOOPS = 16;

  @AutoClose private static LogCapture log;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = TestProxy.secure(folder, "understudy.client.idle=2s");
    // Once one is answered, all has been said of who serves.
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
      client.get(1, "/express/").read(RawHttp2.HEADERS, 1);
    }
    touchAllLoops();
    log = LogCapture.of(Logger.ROOT_LOGGER_NAME);
  }

  @AfterEach
  void nothing_was_logged() throws IOException {
    Await.until("no client is connected", () -> proxy.connections() == 0);
    // What the loops were to do after a client was gone is done once they do something else.
    touchAllLoops();
    List<String> lines = log.events().stream().map(HostileClientsLogTest::line).toList();
    log.events().clear();
    assertThat(lines).isEmpty();
  }

  private static String line(ILoggingEvent event) {
    IThrowableProxy thrown = event.getThrowableProxy();
    return event.getLevel()
        + " "
        + event.getLoggerName()
        + " "
        + event.getFormattedMessage()
        + (thrown == null ? "" : " " + thrown.getMessage());
  }

  private static void touchAllLoops() throws IOException {
    for (int i = 0; i < ALL_LOOPS; i++) {
      try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
        client.read(RawHttp2.SETTINGS);
      }
    }
    Await.until("none of them is connected", () -> proxy.connections() == 0);
  }

  static Stream<Arguments> misdeeds() {
    return Stream.of(Http2Misdeeds.values())
        .flatMap(
            misdeed ->
                Stream.of("/express/", "/gateway/").map(target -> Arguments.of(misdeed, target)));
  }

  /** Until it is answered, or ended; then the client breaks off. */
  @ParameterizedTest
  @MethodSource("misdeeds")
  void over_http_2(Http2Misdeeds misdeed, String target) throws IOException {
    RawHttp2 client = RawHttp2.connect(proxy.port()).settings();
    try {
      misdeed.by(client, target);
      client.frame(RawHttp2.PING, 0, 0, new byte[8]);
      while (!client.read(RawHttp2.PING).is(RawHttp2.ACK)) {
        // One of ours.
      }
    } catch (IOException ended) {
      // As it should be, for some.
    }
    client.breakOff();
  }

  /** The server has the request's head by then. */
  @ParameterizedTest
  @CsvSource({
    "/express/, GARBAGE",
    "/gateway/, GARBAGE",
    "/express/, RESET",
    "/gateway/, RESET",
    "/express/, END",
    "/gateway/, END"
  })
  void a_body_over_http_1_that_ends_in(String target, String end) throws IOException {
    int calls = proxy.server.calls().size();
    try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      raw.setSoTimeout(20_000);
      Socket client = Trusting.secure(raw);
      String head = "POST " + target + " HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx";
      client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      Await.until("the server has it", () -> proxy.server.calls().size() > calls);
      switch (end) {
        case "GARBAGE" -> {
          raw.getOutputStream().write("this is no TLS".getBytes(StandardCharsets.US_ASCII));
          raw.getInputStream().readAllBytes();
        }
        case "RESET" -> raw.setSoLinger(true, 0);
        default -> raw.shutdownOutput();
      }
    } catch (IOException ended) {
      // With a reset.
    }
  }

  /** The client waits and reads nothing, until we give up. */
  @ParameterizedTest
  @ValueSource(ints = {RawHttp2.PING, RawHttp2.SETTINGS})
  void a_client_that_reads_nothing(int type) throws IOException {
    byte[] frame = RawHttp2.encode(type, 0, 0, new byte[type == RawHttp2.PING ? 8 : 0]);
    try (RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], "localhost", 4096)) {
      client.settings();
      try {
        while (true) {
          client.bytes(frame);
        }
      } catch (IOException ended) {
        Await.until("it is gone", () -> proxy.connections() == 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\u0000\u0005hello",
        "\u0080\u0080\u0001\u0003\u0001"
      })
  void bytes_that_are_no_handshake(String bytes) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      client.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      client.shutdownOutput();
      client.getInputStream().readAllBytes();
    } catch (IOException ended) {
      // With a reset.
    }
  }

  @Test
  void a_handshake_that_breaks_off() throws IOException {
    for (int i = 0; i < ALL_LOOPS; i++) {
      Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
      client.getOutputStream().write(new byte[] {22, 3, 1, 1, 0, 1});
      client.setSoLinger(true, 0);
      client.close();
    }
  }

  @Test
  void a_protocol_that_we_do_not_speak() throws IOException {
    try (Socket raw = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      Trusting.secure(raw, "localhost", "spdy/1");
    } catch (IOException refused) {
      // In the handshake.
    }
  }
}
