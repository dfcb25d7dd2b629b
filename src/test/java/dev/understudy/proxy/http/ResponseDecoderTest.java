package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that come in whatever pieces: their lines are judged where Netty read them. */
class ResponseDecoderTest {
  private static final String LENGTH = "\r\nContent-Length: 0\r\n\r\n";

  /** Whether the last head that came out of it was good. */
  private static boolean isGood(String raw, int piece) {
    ResponseDecoder decoder = new ResponseDecoder(8192, () -> {});
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
}
