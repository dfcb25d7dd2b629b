package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.DamagedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers whose head comes whole are read here, and those that come in pieces by Netty. */
class PlainResponseTest {
  private static final String OK =
      "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 3\r\nA: 1\r\na: 2\r\n\r\nabc";
  private static final List<String> GOOD =
      List.of(
          OK,
          "HTTP/1.1 204 No Content\r\nServer: s\r\n\r\n",
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
          "HTTP/1.1 404 Nothing Here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nServer: s\r\n\r\nuntil the end",
          "HTTP/1.1 103 Early Hints\r\nLink: l\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nT: t\r\n\r\n");

  /** What comes out, so written that pieces of bodies make no difference. */
  private static final class Reader {
    private final StringBuilder seen = new StringBuilder();
    private boolean plain;
    private boolean clean;

    static Reader read(HttpMethod method, String raw, int piece, int maxHeaderBytes) {
      ResponseDecoder decoder = new ResponseDecoder(maxHeaderBytes, 200, () -> {});
      EmbeddedChannel channel = new EmbeddedChannel(decoder);
      decoder.expect(method);
      Reader reader = new Reader();
      Embedded.read(channel, raw, piece, reader::see);
      reader.clean = decoder.isClean();
      reader.seen.append(decoder.isEmpty());
      channel.finish();
      Embedded.take(channel, reader::see);
      return reader;
    }

    private void see(Object message) {
      if (seen.indexOf("END") >= 0) {
        // Behind the first response nobody listens.
        return;
      }
      if (message instanceof HttpResponse response) {
        boolean good = response.decoderResult().isSuccess();
        seen.append('\n').append(good);
        if (good) {
          plain |= response.headers() instanceof PlainHeaders;
          seen.append(response.status()).append(response.protocolVersion());
          response
              .headers()
              .iteratorCharSequence()
              .forEachRemaining(
                  each -> seen.append('\n').append(each.getKey()).append(each.getValue()));
        }
        seen.append(response.status().code() < 200 ? "\nbefore" : "\n");
      } else if (message instanceof ByteBuf body) {
        seen.append(body.toString(StandardCharsets.ISO_8859_1));
      } else if (message instanceof HttpContent content) {
        seen.append(content.content().toString(StandardCharsets.ISO_8859_1));
        seen.append(content.decoderResult().isSuccess() ? "" : "bad");
        if (content instanceof LastHttpContent last) {
          seen.append(last.trailingHeaders().entries());
          seen.append(seen.indexOf("before") == seen.lastIndexOf("\n") + 1 ? "" : "END");
        }
      }
    }
  }

  @RepeatedTest(10)
  void whatever_comes_whole_is_understood_as_what_comes_in_pieces(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int plain = 0;
    for (int i = 0; i < 200; i++) {
      StringBuilder raw = new StringBuilder(GOOD.get(random.nextInt(GOOD.size())));
      for (int k = random.nextInt(3); k > 0; k--) {
        DamagedMessage.change(raw, random);
      }
      HttpMethod method = random.nextInt(4) == 0 ? HttpMethod.HEAD : HttpMethod.GET;
      Reader whole = Reader.read(method, raw.toString(), 10_000, 8192);
      Reader pieces = Reader.read(method, raw.toString(), 1, 8192);
      assertThat(whole.seen).as("%s %s", method, raw).hasToString(pieces.seen.toString());
      if (whole.plain) {
        assertThat(whole.clean).as("%s %s", method, raw).isEqualTo(pieces.clean);
      }
      plain += whole.plain ? 1 : 0;
    }
    assertThat(plain).isBetween(20, 160);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 90})
  void the_body_of_a_plain_response_may_come_in_pieces(int piece) {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n";
    ResponseDecoder decoder = new ResponseDecoder(8192, 200, () -> {});
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.expect(HttpMethod.GET);
    channel.writeInbound(Unpooled.copiedBuffer(head + "ab", StandardCharsets.US_ASCII));
    Reader reader = new Reader();
    for (int left = 298; left > 0; left -= piece) {
      assertThat(decoder.isClean()).isTrue();
      channel.writeInbound(
          Unpooled.copiedBuffer("x".repeat(Math.min(left, piece)), StandardCharsets.US_ASCII));
    }
    Embedded.take(channel, reader::see);
    assertThat(reader.plain).isTrue();
    assertThat(reader.seen.toString()).endsWith("\nab" + "x".repeat(298) + "[]END");
    assertThat(decoder.isClean()).isTrue();
    channel.finishAndReleaseAll();
  }

  @Test
  void a_byte_too_many_makes_the_connection_unclean_and_goes_nowhere() {
    Reader reader = Reader.read(HttpMethod.GET, OK + "x", 10_000, 8192);
    assertThat(reader.plain).isTrue();
    assertThat(reader.seen.toString()).contains("\nabc[]END");
    assertThat(reader.clean).isFalse();
  }

  @Test
  void a_head_larger_than_the_limit_is_left_to_Netty() {
    String head = "HTTP/1.1 200 OK\r\nA: " + "x".repeat(200) + "\r\nContent-Length: 0\r\n\r\n";
    assertThat(Reader.read(HttpMethod.GET, head, 10_000, 8192).plain).isTrue();
    Reader limited = Reader.read(HttpMethod.GET, head, 10_000, 100);
    assertThat(limited.plain).isFalse();
    assertThat(limited.seen.toString()).startsWith("\nfalse");
  }
}
