package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads on one HTTP/2 connection whose client reads more slowly than the servers send. */
class Http2DownloadsTest {
  private static final int SIZE = 4_000_000;
  private static final int STREAMS = 4;
  private static final int LARGEST_WINDOW = Integer.MAX_VALUE;

  /** SETTINGS_INITIAL_WINDOW_SIZE. */
  private static final int INITIAL_WINDOW = 4;

  private static SecureProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = new SecureProxy(folder);
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  /**
   * @param window of each stream: larger than all that comes, so that only TCP holds it up, or
   *     small
   */
  @ParameterizedTest
  @CsvSource({
    "/express/, 100000000",
    "/gateway/, 100000000",
    "/express/, 65535",
    "/gateway/, 65535",
    "/express/, 1000",
    "/gateway/, 1000",
  })
  void all_arrive_at_a_client_that_begins_to_read_late(String lane, int window) throws IOException {
    AtomicLong sent = new AtomicLong();
    proxy.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
          String piece = "x".repeat(SIZE / 250);
          for (int i = 0; i < 250; i++) {
            call.write(piece);
            sent.addAndGet(piece.length());
          }
        });
    try (RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], "localhost", 20_000)) {
      client.settings(INITIAL_WINDOW, window).window(0, LARGEST_WINDOW - 65_535);
      for (int i = 0; i < STREAMS; i++) {
        client.get(1 + 2 * i, lane);
      }
      awaitStandstill(sent);
      Map<Integer, Integer> read = new TreeMap<>();
      int ended = 0;
      while (ended < STREAMS) {
        Frame frame = client.read();
        assertThat(frame.type()).isNotIn(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
        if (frame.type() == RawHttp2.DATA) {
          read.merge(frame.stream(), frame.payload().length, Integer::sum);
          ended += frame.is(RawHttp2.END_STREAM) ? 1 : 0;
          if (window < SIZE && frame.payload().length > 0) {
            client.window(frame.stream(), frame.payload().length);
          }
        }
      }
      assertThat(read.values()).hasSize(STREAMS).containsOnly(SIZE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
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
    try (RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], "localhost", 20_000)) {
      client.settings(INITIAL_WINDOW, LARGEST_WINDOW);
      for (int i = 0; i < streams; i++) {
        client.get(1 + 2 * i, lane);
      }
      awaitStandstill(sent);
      Map<Integer, Integer> heads = new TreeMap<>();
      int ended = 0;
      while (ended < streams) {
        Frame frame = client.read();
        assertThat(frame.type()).isNotIn(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
        if (frame.type() == RawHttp2.HEADERS) {
          heads.merge(frame.stream(), 1, Integer::sum);
        }
        if (frame.type() == RawHttp2.HEADERS || frame.type() == RawHttp2.DATA) {
          ended += frame.is(RawHttp2.END_STREAM) ? 1 : 0;
        }
      }
      assertThat(heads.values()).hasSize(streams).containsOnly(91);
    }
  }

  /** More of an upload than may follow a response that has left. */
  @ParameterizedTest
  @ValueSource(strings = {"/express/", "/gateway/"})
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
        Frame frame = client.read();
        assertThat(frame.type()).isNotIn(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
        if (frame.type() == RawHttp2.WINDOW_UPDATE) {
          windows[frame.stream()] += frame.number(0);
        }
        read += frame.type() == RawHttp2.DATA ? frame.payload().length : 0;
      }
      client.window(0, size).window(1, size);
      boolean ended = false;
      while (!ended) {
        Frame frame = client.read();
        assertThat(frame.type()).isNotIn(RawHttp2.RST_STREAM, RawHttp2.GOAWAY);
        read += frame.type() == RawHttp2.DATA ? frame.payload().length : 0;
        ended = frame.type() == RawHttp2.DATA && frame.is(RawHttp2.END_STREAM);
      }
      assertThat(read).isEqualTo(size);
    }
  }

  /** Until nothing more was sent for a while. */
  private static void awaitStandstill(AtomicLong sent) {
    long[] seen = {-1, 0};
    Await.until(
        "the servers can send no more",
        () -> {
          seen[1] = seen[0] == sent.get() && seen[0] > 0 ? seen[1] + 1 : 0;
          seen[0] = sent.get();
          return seen[1] > 100;
        });
  }
}
