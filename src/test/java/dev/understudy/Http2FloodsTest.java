package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.traffic.Limit;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Frames without end on one HTTP/2 connection: it is ended, that is counted once, and the
 * connections of others go on, whichever event loop they have.
 */
class Http2FloodsTest {
  /**
   * Far more frames than any bound here; who gets so many through has met none. Those that wait in
   * the kernel's buffers, 4 MB of the client's and up to 32 MB of the proxy's, are not through.
   */
  private static final int MANY = 10_000_000;

  private static final int BATCH = 500;

  /** More than there are event loops, among which connections go round. */
  private static final int ALL_LOOPS = 8;

  private static final int STREAMS = 100;

  @AutoClose private static TestProxy proxy;

  private Map<Limit, Integer> before;
  private final List<RawHttp2> others = new ArrayList<>();
  private int asked;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.secure(
            folder,
            "understudy.client.max-header-size=2KB",
            // The others stay connected however long a flood takes.
            "understudy.client.keep-alive=10m");
  }

  @BeforeEach
  void others_are_connected() throws IOException {
    before = proxy.limited();
    for (int i = 0; i < ALL_LOOPS; i++) {
      others.add(RawHttp2.connect(proxy.port()).settings());
    }
    assertOthersAreServed();
  }

  @AfterEach
  void other_clients_are_served_and_no_connection_is_left() throws IOException {
    proxy.server.script(call -> call.reply(200, "server"));
    Await.until("only they are connected", () -> proxy.connections() == others.size());
    assertOthersAreServed();
    others.forEach(RawHttp2::close);
    proxy.rest();
  }

  private void assertOthersAreServed() throws IOException {
    int stream = 2 * asked++ + 1;
    for (RawHttp2 other : others) {
      String target = asked % 2 == 0 ? "/express/" : "/gateway/";
      Frame head = other.get(stream, target).read(RawHttp2.HEADERS, stream);
      assertThat(head.fields().status()).hasToString("200");
    }
  }

  /** Once, and no other. */
  private void assertCounted(Limit limit) {
    before.merge(limit, 1, Integer::sum);
    assertThat(proxy.limited()).isEqualTo(before);
  }

  private static RawHttp2 connect() throws IOException {
    return RawHttp2.connect(proxy.port()).settings();
  }

  /** Writes until the connection is ended, and fails if it never is. */
  private static void flood(RawHttp2 client, byte[] frame) {
    byte[] several = BesideRunning.several(BATCH, frame);
    try {
      for (int sent = 0; sent < MANY; sent += BATCH) {
        client.bytes(several);
      }
    } catch (IOException ended) {
      return;
    }
    throw new AssertionError("it takes whatever comes");
  }

  /** Asks that have nothing to say. */
  private static byte[] empty(int type) {
    return RawHttp2.encode(type, 0, 0, new byte[type == RawHttp2.PING ? 8 : 0]);
  }

  // ------------------------------------------------------------ what is bounded

  /** CVE-2024-24549 and its like. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100})
  void a_head_that_goes_on_and_on(int bytes) throws IOException {
    int calls = proxy.server.calls().size();
    try (RawHttp2 client = connect()) {
      client.frame(RawHttp2.HEADERS, 0, 1, RawHttp2.block(":method: GET"));
      byte[] piece = bytes == 0 ? new byte[0] : RawHttp2.block("x-y: " + "z".repeat(bytes));
      flood(client, RawHttp2.encode(RawHttp2.CONTINUATION, 0, 1, piece));
    }
    assertCounted(Limit.HEADER_SIZE);
    assertThat(proxy.server.calls()).hasSize(calls);
  }

  @EachLane
  void trailers_that_go_on_and_on(String target) throws IOException {
    try (RawHttp2 client = connect()) {
      client.post(1, target).frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, new byte[0]);
      flood(client, RawHttp2.encode(RawHttp2.CONTINUATION, 0, 1, RawHttp2.block("x: y")));
    }
    assertCounted(Limit.HEADER_SIZE);
  }

  /** What is done again with each next stream. */
  @FunctionalInterface
  private interface Deed {
    void on(RawHttp2 client, int stream, String target) throws IOException;
  }

  private enum Streams {
    /** CVE-2023-44487. */
    RESET_AT_ONCE(
        300,
        (client, stream, target) ->
            client.get(stream, target).reset(stream, (int) Http2Error.CANCEL.code())),

    /** CVE-2025-8671: the client brings it about that we reset them. */
    THAT_WE_MUST_RESET_AT_ONCE(
        300, (client, stream, target) -> client.get(stream, target).window(stream, 0)),

    /** Each is refused, and in the end the connection. */
    MORE_THAN_MAY_BE(STREAMS + 1, (client, stream, target) -> client.get(stream, target));

    private final int fewerThan;
    private final Deed deed;

    Streams(int fewerThan, Deed deed) {
      this.fewerThan = fewerThan;
      this.deed = deed;
    }
  }

  static Stream<Arguments> streams() {
    return Stream.of(Streams.values())
        .flatMap(each -> TestProxy.LANES.stream().map(lane -> Arguments.of(each, lane)));
  }

  @ParameterizedTest
  @MethodSource("streams")
  void streams_without_end(Streams streams, String target) throws IOException {
    int calls = proxy.server.calls().size();
    proxy.server.script(call -> call.in().read());
    try (RawHttp2 client = connect()) {
      floodStreams(client, streams.deed, target);
    }
    assertCounted(Limit.REQUESTS_PER_CONNECTION);
    assertThat(proxy.server.calls().size() - calls).isLessThan(streams.fewerThan);
  }

  /** Does it until the connection is ended, and fails if it never is. */
  private static void floodStreams(RawHttp2 client, Deed deed, String target) {
    try {
      for (int i = 0; i < 100_000; i++) {
        deed.on(client, 2 * i + 1, target);
      }
    } catch (IOException ended) {
      return;
    }
    throw new AssertionError("it takes whatever comes");
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @ValueSource(ints = {RawHttp2.PING, RawHttp2.SETTINGS})
  void frames_whose_acknowledgements_are_not_read(int type) throws IOException {
    try (RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], "localhost", 4096)) {
      client.settings();
      flood(client, empty(type));
    }
    assertCounted(Limit.CLIENT_IDLE);
  }

  @EachLane
  void data_with_nothing_in_it(String target) throws IOException {
    proxy.server.script(call -> call.in().read());
    try (RawHttp2 client = connect()) {
      client.post(1, target);
      flood(client, RawHttp2.encode(RawHttp2.DATA, 0, 1, new byte[0]));
    }
    assertCounted(Limit.CLIENT_IDLE);
  }

  // ------------------------------------------------------------ what is not, in number

  /** No more than requests are; but others get their turn all the while. */
  @ParameterizedTest
  @ValueSource(ints = {RawHttp2.PING, RawHttp2.SETTINGS})
  void while_one_client_sends_them_and_reads_the_responses_others_are_served(int type)
      throws Exception {
    byte[] several = BesideRunning.several(BATCH, empty(type));
    AtomicInteger rounds = new AtomicInteger();
    try (RawHttp2 client = connect()) {
      client.get(1, "/express/").read(RawHttp2.DATA, 1);
      CompletableFuture<Void> flooding =
          CompletableFuture.runAsync(() -> askAndRead(client, type, several, rounds));
      Await.until("it is on", () -> rounds.get() > 0);
      int then = rounds.get();
      assertOthersAreServed();
      assertOthersAreServed();
      Await.until("it still is", () -> rounds.get() > then);
      client.breakOff();
      flooding.join();
    }
  }

  private static void askAndRead(RawHttp2 client, int type, byte[] several, AtomicInteger rounds) {
    try {
      while (true) {
        client.bytes(several);
        for (int i = 0; i < BATCH; i++) {
          client.read(type);
        }
        rounds.incrementAndGet();
      }
    } catch (IOException ended) {
      // By the test.
    }
  }
}
