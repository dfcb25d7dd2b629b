package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.Embedded;
import dev.understudy.proxy.http.PlainHeaders;
import dev.understudy.testing.DamagedMessage;
import dev.understudy.testing.Extent;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that come whole are read here, and those that come in pieces by Netty. */
@Tag(Extent.FULL)
class PlainRequestReaderTest {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-A: b \t c\r\n\r\n";
  private static final List<String> GOOD =
      List.of(
          GET,
          "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
          "OPTIONS * HTTP/1.1\r\nhost: h\r\nA: 1\r\na: 2\r\n\r\n",
          "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
          "PATCH /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
          "PUT /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");

  /** What comes out, so written that pieces of bodies make no difference; and how many are ours. */
  private static final class Reader {
    private final StringBuilder seen = new StringBuilder();
    private final List<HttpRequest> requests = new ArrayList<>();

    static Reader read(String raw, int piece) {
      EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());
      new RequestCodec(new HttpDecoderConfig(), 100)
          .replace(channel.pipeline(), channel.pipeline().context(HttpServerCodec.class).name());
      Reader reader = new Reader();
      Embedded.read(channel, raw, piece, reader::see);
      channel.finishAndReleaseAll();
      return reader;
    }

    private void see(Object message) {
      if (message instanceof HttpRequest request) {
        requests.add(request);
        seen.append('\n').append(request.decoderResult().isSuccess());
        if (request.decoderResult().isSuccess()) {
          seen.append(request.method()).append(request.uri()).append(request.protocolVersion());
          request
              .headers()
              .iteratorCharSequence()
              .forEachRemaining(
                  each -> seen.append('\n').append(each.getKey()).append(each.getValue()));
        }
      } else {
        HttpContent content = (HttpContent) message;
        if (content.decoderResult().isSuccess()) {
          seen.append(content.content().toString(StandardCharsets.ISO_8859_1));
        } else if (!seen.toString().endsWith("bad") && !seen.toString().endsWith("false")) {
          seen.append("bad");
        }
      }
    }

    private boolean isPlain(int index) {
      return requests.get(index).headers() instanceof PlainHeaders;
    }
  }

  static IntStream seeds() {
    return IntStream.rangeClosed(1, Extent.rounds(10));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatever_comes_whole_is_understood_as_what_comes_in_pieces(int seed) {
    Random random = new Random(seed);
    int plain = 0;
    for (int i = 0; i < 200; i++) {
      StringBuilder raw = new StringBuilder();
      for (int k = random.nextInt(3); k >= 0; k--) {
        raw.append(GOOD.get(random.nextInt(GOOD.size())));
      }
      for (int k = random.nextInt(3); k > 0; k--) {
        DamagedMessage.change(raw, random);
      }
      Reader whole = Reader.read(raw.toString(), 10_000);
      String inPieces = Reader.read(raw.toString(), 1).seen.toString();
      assertThat(whole.seen).as("%s", raw).hasToString(inPieces);
      // The first request may come whole, and those after it or its body in pieces.
      int piece = 30 + random.nextInt(90);
      assertThat(Reader.read(raw.toString(), piece).seen)
          .as("%s in pieces of %s", raw, piece)
          .hasToString(inPieces);
      plain += !whole.requests.isEmpty() && whole.isPlain(0) ? 1 : 0;
    }
    assertThat(plain).isBetween(40, 180);
  }

  @Test
  void a_plain_request_and_those_after_it_are_read_without_Netty() {
    Reader reader = Reader.read(GET + GOOD.get(1) + GOOD.get(3) + GOOD.get(4) + GET, 10_000);
    assertThat(reader.requests).hasSize(5);
    for (int i = 0; i < reader.requests.size(); i++) {
      assertThat(reader.isPlain(i)).isTrue();
    }
    assertThat(reader.requests.getFirst().headers().get(HttpHeaderNames.HOST)).isEqualTo("h");
    assertThat(reader.requests.getFirst().headers().get("x-a")).isEqualTo("b \t c");
  }

  @Test
  void after_a_request_that_was_for_Netty_plain_ones_are_read_without_it_again() {
    Reader reader = Reader.read(GOOD.get(5) + GET, GOOD.get(5).length());
    assertThat(reader.requests).hasSize(2);
    assertThat(reader.isPlain(0)).isFalse();
    assertThat(reader.isPlain(1)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h \r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nA: \u00e4\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: h\r\n\r\n"
      })
  void doubtful_and_rare_requests_are_left_to_netty(String raw) {
    Reader reader = Reader.read(raw, 10_000);
    boolean bare = !raw.contains("Host");
    assertThat(reader.requests).hasSize(1);
    assertThat(reader.isPlain(0)).isEqualTo(bare);
  }
}
