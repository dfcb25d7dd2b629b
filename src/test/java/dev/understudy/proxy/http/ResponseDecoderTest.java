package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderResultProvider;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that come in whatever pieces: their lines are judged where Netty read them. */
class ResponseDecoderTest {
  private static final int MOST_FIELDS = 200;
  private static final String LENGTH = "\r\nContent-Length: 0\r\n\r\n";

  /** Whether the last head that came out of it was good. */
  private static boolean isGood(String raw, int piece) {
    ResponseDecoder decoder = new ResponseDecoder(8192, 200, () -> {});
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.expect(HttpMethod.GET);
    AtomicBoolean good = new AtomicBoolean();
    Embedded.read(
        channel,
        raw,
        piece,
        each -> {
          if (each instanceof HttpResponse head) {
            good.set(head.decoderResult().isSuccess());
          }
        });
    channel.finishAndReleaseAll();
    return good.get();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 30, 10_000})
  void good_lines_pass(int piece) {
    for (String head :
        new String[] {
          "HTTP/1.1 200 OK",
          "\r\nHTTP/1.0 200",
          "HTTP/1.1 103 Early\r\nLink : l\r\n\r\nHTTP/1.2 200 ",
          "HTTP/1.1 200 OK\r\nA: b\r\nName-1 \t : x\r\nN \t:\r\nA-longer-name: a:b"
        }) {
      assertThat(isGood(head + LENGTH, piece)).as(head).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 30, 10_000})
  void other_lines_do_not(int piece) {
    for (String head :
        new String[] {
          " HTTP/1.1 200 OK",
          "HTTP/1.1 103 Early\r\nLink: l\r\n\r\nHTTP/2.0 200 OK",
          "HTTP/1.1 103 Early\r\nLink: l\r\n\r\nHTTP/1.1 200 O\u0001K",
          "HTTP/1.1 200 OK\r\nX y",
          "HTTP/1.1 200 OK\r\nA: b\r\nX y: z",
          // The colon of a longer line before it is none of this one.
          "HTTP/1.1 200 OK\r\nX  : y\r\nX  ",
          "HTTP/1.0 200 OK\r\nContent-Length: 1"
        }) {
      assertThat(isGood(head + LENGTH, piece)).as(head).isFalse();
    }
  }

  private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
  private static final String EARLY = "HTTP/1.1 103 Early\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";

  /** What came of a response: heads, contents and their sizes, and whether each was good. */
  private static List<String> read(String raw, int piece) {
    ResponseDecoder decoder = new ResponseDecoder(8192, MOST_FIELDS, () -> {});
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.expect(HttpMethod.GET);
    List<String> seen = new ArrayList<>();
    Embedded.read(
        channel,
        raw,
        piece,
        each -> {
          boolean good = ((DecoderResultProvider) each).decoderResult().isSuccess();
          if (each instanceof HttpResponse head) {
            seen.add(good ? String.valueOf(head.status().code()) : "bad head");
          } else if (each instanceof LastHttpContent) {
            seen.add(good ? "end" : "bad end");
          } else {
            seen.add(String.valueOf(((HttpContent) each).content().readableBytes()));
          }
        });
    channel.finishAndReleaseAll();
    return seen;
  }

  /** Folded lines count too. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 30, 10_000})
  void more_fields_than_are_allowed_are_refused_before_they_are_kept(int piece) {
    for (String line : List.of("a:b\r\n", "a: b\r\n", "a:b\r\n c\r\n")) {
      int lines = (MOST_FIELDS - 1) / (line.split("\n").length);
      String fit = line.repeat(lines);
      String many = line.repeat(lines) + "x:y\r\n".repeat(MOST_FIELDS);
      assertThat(read(OK + fit + "\r\n", piece)).as(line).startsWith("200");
      assertThat(read(OK + many, piece)).as(line).containsExactly("bad head");
      assertThat(read(EARLY + fit + "\r\n" + OK + fit + "\r\n", piece))
          .as(line)
          .containsExactly("103", "end", "200", "end");
      assertThat(read(EARLY + many, piece)).as(line).containsExactly("bad head");
      assertThat(read(EARLY + fit + "\r\n" + OK + many, piece))
          .as(line)
          .containsExactly("103", "end", "bad head");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 30, 10_000})
  void more_trailers_than_are_allowed_are_refused_before_they_are_kept(int piece) {
    String body = CHUNKED + "\r\n5\r\nhello\r\n0\r\n";
    assertThat(read(body + "a:b\r\n".repeat(MOST_FIELDS) + "\r\n", piece)).endsWith("end");
    assertThat(read(body + "a:b\r\n".repeat(MOST_FIELDS + 1), piece)).endsWith("bad end");
    assertThat(read(body + "a:b\r\n".repeat(9_000 / 5), piece)).endsWith("bad end");
  }

  /** Netty would make an object of each. */
  @ParameterizedTest
  @ValueSource(
      strings = {"1\r\na\r\n", "1;x=y\r\na\r\n", "001\r\na\r\n", "00001\r\na\r\n", "1  \r\na\r\n"})
  void small_chunks_of_one_read_become_pieces_of_8_kb(String chunk) {
    List<String> seen = read(CHUNKED + "\r\n" + chunk.repeat(20_000) + "0\r\n\r\n", 1 << 20);
    assertThat(seen).startsWith("200").endsWith("end").hasSizeLessThanOrEqualTo(5);
    assertThat(seen.subList(1, seen.size() - 1).stream().mapToInt(Integer::parseInt).sum())
        .isEqualTo(20_000);
  }

  @Test
  void a_small_chunk_is_not_kept_for_the_next_read() {
    String body = CHUNKED + "\r\n1\r\na\r\n";
    assertThat(read(body, body.length())).containsExactly("200", "1");
  }
}
