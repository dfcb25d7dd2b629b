package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.Embedded;
import dev.understudy.proxy.http.PlainHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlainResponseWriterTest {
  private final EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());
  private final PlainResponseWriter writer;

  PlainResponseWriterTest() {
    new RequestCodec(new HttpDecoderConfig(), 100)
        .replace(channel.pipeline(), channel.pipeline().context(HttpServerCodec.class).name());
    writer = new PlainResponseWriter(RequestCodec.encoder(channel.pipeline()));
  }

  @AfterEach
  void nothing_is_left() {
    channel.finishAndReleaseAll();
  }

  private static HttpResponse response(HttpResponseStatus status, String lines) {
    ByteBuf in =
        Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\n" + lines + "\r\n", StandardCharsets.US_ASCII);
    PlainHead head = Objects.requireNonNull(PlainHead.at(in));
    in.release();
    return new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, head.headers());
  }

  private static ByteBuf body(int size) {
    return Unpooled.copiedBuffer("x".repeat(size), StandardCharsets.US_ASCII);
  }

  private List<String> written() {
    channel.flush();
    return Embedded.written(channel);
  }

  @Test
  void a_small_body_leaves_in_one_buffer_with_its_head() {
    assertThat(writer.begin(response(HttpResponseStatus.OK, "A: b\r\nC: d\r\n"))).isTrue();
    writer.body(body(4096));
    writer.end();
    assertThat(written())
        .containsExactly("HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n" + "x".repeat(4096));
    assertThat(writer.isActive()).isFalse();
  }

  @Test
  void a_large_body_is_not_copied() {
    writer.begin(response(HttpResponseStatus.OK, "A: b\r\n"));
    writer.body(body(4097));
    writer.body(body(2));
    writer.end();
    assertThat(written())
        .containsExactly("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "x".repeat(4097), "xx");
  }

  @Test
  void a_head_does_not_wait_for_a_body_longer_than_until_the_next_flush() {
    writer.begin(response(HttpResponseStatus.NOT_FOUND, "A: b\r\n"));
    assertThat(written()).isEmpty();
    writer.flush();
    assertThat(written()).containsExactly("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n");
    writer.body(body(3));
    writer.end();
    assertThat(written()).containsExactly("xxx");
  }

  @Test
  void a_response_without_a_body_and_with_a_reason_of_its_own_leaves_at_its_end() {
    writer.begin(response(new HttpResponseStatus(299, "So So"), "A: b\r\n"));
    writer.end();
    assertThat(written()).containsExactly("HTTP/1.1 299 So So\r\nA: b\r\n\r\n");
  }

  @Test
  void responses_that_are_not_plain_or_chunked_are_for_the_encoder() {
    HttpResponse chunked =
        response(HttpResponseStatus.OK, "A: b\r\nTransfer-Encoding: chunked\r\n");
    HttpResponse changed = response(HttpResponseStatus.OK, "A: b\r\n");
    changed.headers().setInt("c", 1);
    HttpResponse own = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    for (HttpResponse each : List.of(chunked, changed, own)) {
      assertThat(writer.begin(each)).isFalse();
      assertThat(writer.isActive()).isFalse();
    }
    assertThat(written()).isEmpty();
  }

  @Test
  void the_encoder_knows_the_request_of_the_next_response() {
    channel.writeInbound(
        Unpooled.copiedBuffer(
            "HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
            StandardCharsets.US_ASCII));
    writer.begin(response(HttpResponseStatus.OK, "Content-Length: 3\r\n"));
    writer.end();
    DefaultFullHttpResponse next =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body(3));
    next.headers().set("content-length", 3);
    channel.write(next);
    assertThat(String.join("", written()))
        .isEqualTo(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
                + "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nxxx");
  }
}
