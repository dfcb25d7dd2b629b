package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Downloads on one HTTP/2 connection whose client reads more slowly than the servers send. */
@Tag(Extent.FULL)
class Http2DownloadsTest {
  private static final int STREAMS = 4;
  private static final int LARGEST_WINDOW = Integer.MAX_VALUE;

  /** SETTINGS_INITIAL_WINDOW_SIZE. */
  private static final int INITIAL_WINDOW = 4;

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = TestProxy.secure(folder);
  }

  /**
   * Lane, window of each stream, larger than all that comes, so that only TCP holds it up, or
   * small, and the size of each response.
   */
  static Stream<Arguments> downloads() {
    return Extent.byTurns(
        Stream.of(
                new int[] {100_000_000, 4_000_000},
                new int[] {65_535, 1_000_000},
                new int[] {1_000, 200_000})
            .flatMap(each -> LANES.stream().map(lane -> Arguments.of(lane, each[0], each[1]))));
  }

  @ParameterizedTest
  @MethodSource("downloads")
  void all_arrive_at_a_client_that_begins_to_read_late(String lane, int window, int size)
      throws IOException {
    AtomicLong sent = new AtomicLong();
    proxy.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
          String piece = "x".repeat(size / 250);
          for (int i = 0; i < 250; i++) {
            call.write(piece);
            sent.addAndGet(piece.length());
          }
        });
    assertThat(late(lane, window, STREAMS, sent, size, RawHttp2.DATA))
        .hasSize(STREAMS)
        .containsOnly(size);
  }

  @EachLane
  void informational_answers_arrive_at_a_client_that_begins_to_read_late(String lane)
      throws IOException {
    AtomicLong sent = new AtomicLong();
    int streams = 16;
    String hints = "HTTP/1.1 103 Early\r\nLink: " + "x".repeat(8000) + "\r\n\r\n";
    proxy.server.script(
        call -> {
          for (int i = 0; i < 90; i++) {
            call.write(hints);
            sent.addAndGet(hints.length());
          }
          call.reply(200, "late");
        });
    assertThat(late(lane, LARGEST_WINDOW, streams, sent, 0, RawHttp2.HEADERS))
        .hasSize(streams)
        .containsOnly(91);
  }

  /**
   * What comes on each stream once no server can send any more: bytes of data, or heads.
   *
   * @param size of each response; a smaller window is opened as it is used up
   */
  private static Collection<Integer> late(
      String lane, int window, int streams, AtomicLong sent, int size, int counted)
      throws IOException {
    try (RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], "localhost", 20_000)) {
      client.settings(INITIAL_WINDOW, window).window(0, LARGEST_WINDOW - 65_535);
      for (int i = 0; i < streams; i++) {
        client.get(1 + 2 * i, lane);
      }
      awaitStandstill(sent);
      Map<Integer, Integer> seen = new TreeMap<>();
      int ended = 0;
      while (ended < streams) {
        Frame frame = read(client);
        boolean data = frame.type() == RawHttp2.DATA;
        int length = frame.payload().length;
        if (frame.type() == counted) {
          seen.merge(frame.stream(), data ? length : 1, Integer::sum);
        }
        if (data || frame.type() == RawHttp2.HEADERS) {
          ended += frame.is(RawHttp2.END_STREAM) ? 1 : 0;
        }
        if (data && window < size && length > 0) {
          client.window(frame.stream(), length);
        }
      }
      return seen.values();
    }
  }

  /** More of an upload than may follow a response that has left. */
  @EachLane
  void a_response_is_whole_for_a_client_that_uploads_before_it_reads(String lane)
      throws IOException {
    int size = 100_000;
    int upload = 1_000_000;
    proxy.server.script(
        call ->
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size)));
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
      client.post(1, lane, "content-length: " + upload);
      long[] windows = {65_535, 65_535};
      int read = 0;
      for (int sent = 0; sent < upload; ) {
        int piece =
            (int) Math.min(Math.min(16_000, upload - sent), Math.min(windows[0], windows[1]));
        if (piece > 0) {
          sent += piece;
          client.frame(RawHttp2.DATA, sent == upload ? RawHttp2.END_STREAM : 0, 1, new byte[piece]);
          windows[0] -= piece;
          windows[1] -= piece;
          continue;
        }
        Frame frame = read(client);
        if (frame.type() == RawHttp2.WINDOW_UPDATE) {
          windows[frame.stream()] += frame.number(0);
        }
        read += frame.type() == RawHttp2.DATA ? frame.payload().length : 0;
      }
      client.window(0, size).window(1, size);
      boolean ended = false;
      while (!ended) {
        Frame frame = read(client);
        read += frame.type() == RawHttp2.DATA ? frame.payload().length : 0;
        ended = frame.type() == RawHttp2.DATA && frame.is(RawHttp2.END_STREAM);
      }
      assertThat(read).isEqualTo(size);
    }
  }

  private static Frame read(RawHttp2 client) throws IOException {
    Frame frame = client.read();
    assertThat(frame.type()).isNotIn(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
    return frame;
  }

  /** Until nothing more was sent for a while. */
  private static void awaitStandstill(AtomicLong sent) {
    long[] seen = {-1, 0};
    Await.until(
        "the servers can send no more",
        () -> {
          seen[1] = seen[0] == sent.get() && seen[0] > 0 ? seen[1] + 1 : 0;
          seen[0] = sent.get();
          return seen[1] > 40;
        });
  }
}
