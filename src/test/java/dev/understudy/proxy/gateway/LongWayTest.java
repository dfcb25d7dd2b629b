package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.DelayingRelay;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bodies over 50 ms of round trip: HTTP/2 takes at most twice as long as HTTP/1.1, over the same
 * way in the same run, and two round trips more.
 */
@Tag(Extent.SLOW)
@Isolated("compares times")
class LongWayTest extends LaneProtocolTable {
  private static final Duration ONE_WAY = Duration.ofMillis(25);

  /** So much that windows which do not grow would take 150 round trips. */
  private static final int SIZE = 10_000_000;

  private static final byte[] BODY = bytes(SIZE);

  /** A message of a WebSocket as long, masked with zeros. */
  private static final byte[] FRAME =
      ByteBuffer.allocate(14 + SIZE)
          .put((byte) 0x82)
          .put((byte) 0xff)
          .putLong(SIZE)
          .putInt(0)
          .put(BODY)
          .array();

  private static final byte[] HI = {(byte) 0x81, 2, 'h', 'i'};

  /** Each lane over HTTP/2, and what HTTP/1.1 is over the same TLS. */
  static Stream<LaneProtocol> secure() {
    return Stream.of(LaneProtocol.EXPRESS_HTTP_2, LaneProtocol.GATEWAY_HTTP_2);
  }

  private static LaneProtocol http1Of(LaneProtocol lane) {
    return lane.express() ? LaneProtocol.EXPRESS_TLS : LaneProtocol.GATEWAY_TLS;
  }

  private interface Transfer {
    void run() throws Exception;
  }

  /** The shortest of some times, in milliseconds; the first that is short enough ends them. */
  private static long millis(long enough, Transfer transfer) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < (enough == 0 ? 3 : 40) && least > enough; round++) {
      long start = System.nanoTime();
      try {
        transfer.run();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      least = Math.min(least, Duration.ofNanos(System.nanoTime() - start).toMillis());
    }
    return least;
  }

  /**
   * The time of an upload.
   *
   * @param onOneConnection whether on one that was used; else each on a new one
   */
  private long upload(LaneProtocol way, boolean onOneConnection, long enough) {
    start(way);
    master.script(call -> call.reply(200, "" + call.skipBody()));
    try (DelayingRelay relay = new DelayingRelay(port, ONE_WAY);
        TestClient warm = way.protocol().connect(relay.port())) {
      if (onOneConnection) {
        post(warm);
        return millis(enough, () -> post(warm));
      }
      return millis(
          enough,
          () -> {
            try (TestClient client = way.protocol().connect(relay.port())) {
              post(client);
            }
          });
    }
  }

  /** The milliseconds that something takes in a lane; short ones end the measurement. */
  private interface Measurement {
    long millis(LaneProtocol way, long enough) throws Exception;
  }

  private void assertAtMostTwice(LaneProtocol way, Measurement measured) throws Exception {
    long http1 = measured.millis(http1Of(way), 0);
    rest();
    long limit = limit(http1);
    assertThat(measured.millis(way, limit)).isLessThanOrEqualTo(limit);
  }

  private static long limit(long http1) {
    return 2 * http1 + 4 * ONE_WAY.toMillis();
  }

  private static void post(TestClient client) {
    assertThat(client.request("POST", "/", BODY).response().body()).isEqualTo("" + SIZE);
  }

  @ParameterizedTest
  @MethodSource("secure")
  void an_upload_over_http2_takes_at_most_twice_as_long(LaneProtocol way) throws Exception {
    assertAtMostTwice(way, (lane, enough) -> upload(lane, false, enough));
  }

  @ParameterizedTest
  @MethodSource("secure")
  void an_upload_on_a_used_connection_takes_at_most_twice_as_long(LaneProtocol way)
      throws Exception {
    assertAtMostTwice(way, (lane, enough) -> upload(lane, true, enough));
  }

  /** Connects a WebSocket, and sends a message, after one of the server's and before another. */
  private long webSocket(LaneProtocol way, long enough) {
    start(way);
    master.script(
        call -> {
          call.write(
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: "
                  + Http2WebSocketTest.accept(call.header("sec-websocket-key"))
                  + "\r\n\r\n");
          call.socket().getOutputStream().write(HI);
          call.in().skipNBytes(FRAME.length);
          call.socket().getOutputStream().write(HI);
        });
    try (DelayingRelay relay = new DelayingRelay(port, ONE_WAY)) {
      return millis(
          enough,
          () -> {
            try (TestClient client = way.protocol().connect(relay.port())) {
              if (client instanceof Http2Client http2) {
                http2.head(
                    Http2Client.headers("CONNECT", "/ws")
                        .add(":protocol", "websocket")
                        .add("sec-websocket-version", "13"),
                    false);
              } else {
                client.request("GET", "/ws", HANDSHAKE);
              }
              client.awaitBody(HI.length);
              client.body(FRAME).awaitBody(2 * HI.length);
            }
          });
    }
  }

  @ParameterizedTest
  @MethodSource("secure")
  void a_message_of_a_websocket_takes_at_most_twice_as_long(LaneProtocol way) throws Exception {
    assertAtMostTwice(way, this::webSocket);
  }

  @ParameterizedTest
  @EnumSource
  void a_download_from_an_http2_server_takes_at_most_twice_as_long(LaneProtocol way)
      throws Exception {
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
          call.socket().getOutputStream().write(BODY);
        });
    long http1;
    try (DelayingRelay relay = new DelayingRelay(master.port(), ONE_WAY)) {
      start(way, TestPools.pool().master("a", relay.port()), TrustedProxies.NONE);
      http1 = download(0);
    }
    rest();
    try (Http2Server server =
            new Http2Server(
                call -> {
                  call.head(200, false);
                  call.data(BODY, true);
                },
                null,
                Http2Settings.defaultSettings());
        DelayingRelay relay = new DelayingRelay(server.port(), ONE_WAY)) {
      start(way, TestPools.pool().master("a", relay.port()).http2(), TrustedProxies.NONE);
      long limit = limit(http1);
      assertThat(download(limit)).isLessThanOrEqualTo(limit);
    }
  }

  private long download(long enough) {
    return millis(
        enough,
        () -> {
          try (TestClient client = protocol.connect(port)) {
            client.request("GET", "/").skip(SIZE);
          }
        });
  }
}
