package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.TestFrontends;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a client's connection is read while the Gateway takes what it asked for. */
class Http1ReadsTest {
  private int reads;
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void open() {
    channel.config().setAutoRead(false);
    RequestCodec codec = new RequestCodec(new HttpDecoderConfig());
    channel
        .pipeline()
        .addLast(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads++;
              }
            },
            codec.decoder(),
            new Http1Handler(TestFrontends.frontend(), codec));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private static HttpRequest whole(String target) {
    HttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, target, Unpooled.EMPTY_BUFFER);
    request.headers().set(HttpHeaderNames.HOST, "h");
    return request;
  }

  private static HttpRequest begun(String target) {
    HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, target);
    request.headers().set(HttpHeaderNames.HOST, "h").set(HttpHeaderNames.CONTENT_LENGTH, 5);
    return request;
  }

  /** That request is what the Gateway has got. */
  private void assertPassedOn(HttpRequest request) {
    Object passedOn = channel.readInbound();
    assertThat(passedOn).isSameAs(request);
    assertThat(channel.inboundMessages()).isEmpty();
    ReferenceCountUtil.release(passedOn);
  }

  private void gatewayResponds() {
    HttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    channel.writeOutbound(response);
  }

  @Test
  void what_the_gateway_asks_for_while_something_waits_is_read_in_its_turn() {
    HttpRequest first = whole("/gateway/1");
    HttpRequest second = begun("/gateway/2");
    channel.writeInbound(first, second);
    assertPassedOn(first);
    int before = reads;
    channel.read();
    assertThat(reads).isEqualTo(before);
    gatewayResponds();
    assertPassedOn(second);
    assertThat(reads).isEqualTo(before + 1);
  }

  @Test
  void what_it_asked_for_in_an_earlier_turn_is_not_read_beyond_what_it_takes_now() {
    HttpRequest first = whole("/gateway/1");
    channel.writeInbound(first, whole("/redirected"));
    assertPassedOn(first);
    channel.read();
    gatewayResponds();
    HttpRequest third = whole("/gateway/3");
    HttpRequest fourth = begun("/gateway/4");
    channel.writeInbound(third, fourth);
    assertPassedOn(third);
    int before = reads;
    gatewayResponds();
    assertPassedOn(fourth);
    assertThat(reads).isEqualTo(before);
  }
}
