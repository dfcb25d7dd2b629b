package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.RemainingBodyLimits;
import dev.understudy.proxy.frontend.TestFrontends;
import dev.understudy.proxy.http.Embedded;
import dev.understudy.testing.TextLane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows a remaining body. */
class Http1RemainingBodyTest {
  private static final String NEXT = "GET /gateway/next HTTP/1.1;Host: h;;";
  private static final long MOST = RemainingBodyLimits.MAX_CONNECTION_BYTES;

  /** Written again and again. */
  private final ByteBuf piece = Unpooled.wrappedBuffer(new byte[1 << 20]);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> next = new ArrayList<>();
  private boolean closing;

  @BeforeEach
  void open() {
    RequestCodec codec = new RequestCodec(new HttpDecoderConfig(), 100);
    channel
        .pipeline()
        .addLast(
            // As TLS whose client does not read: the connection closes in a while.
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
                closing = true;
              }
            })
        .addLast("codec", new HttpServerCodec());
    codec.replace(channel.pipeline(), "codec");
    Frontend frontend = TestFrontends.frontend();
    frontend
        .gateway()
        .use(
            new TextLane(
                request -> {
                  next.add(request.uri());
                  return new CompletableFuture<>();
                }));
    channel.pipeline().addLast(new Http1Handler(frontend, codec));
  }

  @AfterEach
  void close() {
    channel.pipeline().removeFirst();
    channel.finishAndReleaseAll();
    piece.release();
  }

  /** Has it read a text in which a line ends with a semicolon. */
  private void reads(String text) {
    String raw = text.replace(";", "\r\n");
    channel.writeInbound(Unpooled.copiedBuffer(raw, StandardCharsets.US_ASCII));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          small enough, plain             | Content-Length: 134217728  | ''       | ''    | true
          small enough, by Netty          | Content-Length:134217728   | ''       | ''    | true
          small enough, in a chunk        | Transfer-Encoding: chunked | 8000000; | ;0;;  | true
          too large by a byte, plain      | Content-Length: 134217729  | ''       | x     | false
          too large by a byte, by Netty   | Content-Length:134217729   | ''       | x     | false
          too large by a byte, in a chunk | Transfer-Encoding: chunked | 8000001; | x;0;; | false
          """)
  void a_request_follows_only_a_body_that_is(
      String name, String framing, String begin, String end, boolean followed) {
    reads("POST / HTTP/1.1;Host: h;" + framing + ";;" + begin);
    assertThat(String.join("", Embedded.written(channel))).startsWith("HTTP/1.1 301 ");
    for (long sent = 0; sent < MOST; sent += piece.readableBytes()) {
      channel.writeInbound(piece.retainedDuplicate());
    }
    reads(end + NEXT);
    assertThat(next.isEmpty()).isNotEqualTo(followed);
    assertThat(closing).isNotEqualTo(followed);
  }
}
