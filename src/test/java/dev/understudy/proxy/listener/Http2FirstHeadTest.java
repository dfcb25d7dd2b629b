package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Trusting;
import dev.understudy.traffic.Limit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Clients that have chosen HTTP/2, and do not get to a request within the header time. */
@Order(Extent.FIRST)
class Http2FirstHeadTest {
  private static final int TIMEOUT_MILLIS = 20_000;
  private static final long MILLIS_10 = 10_000_000;

  /** What the server reads before the client falls silent. */
  private enum Said {
    NOTHING(),
    HALF_A_PREFACE(preface(9)),
    A_PREFACE(preface(24)),
    SETTINGS(preface(24), settings()),
    HALF_A_FRAME(preface(24), settings(), new byte[] {0, 0, 4, 3}),
    HALF_A_HEAD(preface(24), settings(), head(0)),
    HALF_A_HEAD_THAT_GOES_ON(
        preface(24),
        settings(),
        head(0),
        RawHttp2.encode(RawHttp2.CONTINUATION, 0, 1, RawHttp2.block("x: y")));

    private final byte[] bytes;

    Said(byte[]... pieces) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] piece : pieces) {
        all.writeBytes(piece);
      }
      bytes = all.toByteArray();
    }

    private static byte[] preface(int length) {
      String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
      return preface.substring(0, length).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] settings() {
      return RawHttp2.encode(RawHttp2.SETTINGS, 0, 0, new byte[0]);
    }

    private static byte[] head(int flags) {
      return RawHttp2.encode(RawHttp2.HEADERS, flags, 1, RawHttp2.block(":method: GET"));
    }
  }

  @AutoClose private FrontendRig rig;

  @BeforeEach
  void start() {
    rig = new FrontendRig(Entrance.ALPN, FrontendRig.limits("header-timeout=1s"));
  }

  private Socket client(Said said) throws IOException {
    Socket raw = new Socket(InetAddress.getLoopbackAddress(), rig.port());
    raw.setSoTimeout(TIMEOUT_MILLIS);
    Socket client = Trusting.secure(raw, "localhost", "h2");
    client.getOutputStream().write(said.bytes);
    return client;
  }

  /** Clients that have said each of them. */
  private Map<Said, Socket> clients() throws IOException {
    Map<Said, Socket> clients = new EnumMap<>(Said.class);
    for (Said said : Said.values()) {
      clients.put(said, client(said));
    }
    return clients;
  }

  private void assertOutOfTime() {
    assertThat(rig.seen.limits).hasSameSizeAs(Said.values()).containsOnly(Limit.HEADER_TIME);
    assertThat(rig.server.calls()).isEmpty();
  }

  @Test
  void clients_that_fall_silent_before_a_request_are_disconnected() throws IOException {
    for (Map.Entry<Said, Socket> each : clients().entrySet()) {
      try (Socket client = each.getValue()) {
        assertThatCode(() -> client.getInputStream().readAllBytes())
            .as("%s", each.getKey())
            .doesNotThrowAnyException();
      }
    }
    assertOutOfTime();
    Await.until("nobody is left", () -> rig.frontend.connections().connections() == 0);
  }

  @Test
  void clients_that_fall_silent_and_do_not_read_the_goaway_are_disconnected() throws IOException {
    Map<Said, Socket> clients = clients();
    Await.until("all are ended", () -> rig.frontend.connections().connections() == 0);
    for (Socket client : clients.values()) {
      assertThat(client.isClosed()).isFalse();
      client.close();
    }
    assertOutOfTime();
  }

  @Test
  void a_stop_does_not_wait_for_silent_clients() throws IOException {
    rig.close();
    rig = new FrontendRig(Entrance.ALPN);
    Map<Said, Socket> clients = clients();
    Await.until("all are there", () -> rig.frontend.connections().connections() == clients.size());
    var stopped = rig.stop();
    Await.until("all have gone", stopped::isDone);
    for (Socket client : clients.values()) {
      try (client) {
        client.getInputStream().readAllBytes();
      }
    }
    assertThat(rig.seen.limits).isEmpty();
  }

  @Test
  void a_later_head_that_does_not_end_is_ended_with_the_keep_alive_time() throws IOException {
    rig.close();
    rig = new FrontendRig(Entrance.ALPN, FrontendRig.limits("keep-alive=1s"));
    try (RawHttp2 client = RawHttp2.connect(rig.port()).settings()) {
      client.get(1, "/").read(RawHttp2.DATA, 1);
      client.frame(RawHttp2.HEADERS, 0, 3, RawHttp2.block(":method: GET"));
      assertThat(client.rest()).anyMatch(frame -> frame.type() == RawHttp2.GOAWAY);
    }
    assertThat(rig.seen.limits).isEmpty();
  }

  @Test
  void a_client_that_sends_a_head_byte_by_byte_is_disconnected() throws IOException {
    try (Socket client = client(Said.HALF_A_HEAD)) {
      byte[] rest = RawHttp2.encode(RawHttp2.CONTINUATION, 0, 1, new byte[4_000]);
      int sent = 0;
      try {
        for (; sent < rest.length && rig.seen.limits.isEmpty(); sent++) {
          client.getOutputStream().write(rest[sent]);
          LockSupport.parkNanos(MILLIS_10);
        }
      } catch (IOException ended) {
        // While we were still sending.
      }
      assertThat(sent).isLessThan(rest.length);
    }
    assertThat(rig.seen.limits).containsExactly(Limit.HEADER_TIME);
  }
}
