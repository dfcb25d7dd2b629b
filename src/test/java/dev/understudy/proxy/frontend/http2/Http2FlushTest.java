package dev.understudy.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the responses of a connection's streams leave. */
class Http2FlushTest {
  private static final int STREAMS = 3;

  private final List<Channel> streams = new ArrayList<>();
  private final Flushes flushes = new Flushes();
  private final EmbeddedChannel server =
      new EmbeddedChannel(
          flushes,
          Http2FrameCodecBuilder.forServer().build(),
          new Http2MultiplexHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel stream) {
                  streams.add(stream);
                }
              }));

  /**
   * In place of the channel's own end, which runs waiting tasks after each call. Writes stay open.
   */
  private static final class Flushes extends ChannelOutboundHandlerAdapter {
    private int frames;
    private int count;

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      frames++;
      ReferenceCountUtil.release(msg);
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
      count++;
    }
  }

  @AfterEach
  void close() {
    server.finishAndReleaseAll();
  }

  private static Http2Headers request() {
    return new DefaultHttp2Headers().method("GET").path("/").scheme("https").authority("localhost");
  }

  private static void respond(Channel stream) {
    stream.writeAndFlush(
        new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("204"), true));
  }

  private void receiveRequests() {
    EmbeddedChannel client =
        new EmbeddedChannel(
            Http2FrameCodecBuilder.forClient().build(),
            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
    for (int i = 0; i < STREAMS; i++) {
      new Http2StreamChannelBootstrap(client)
          .handler(new ChannelInboundHandlerAdapter())
          .open()
          .getNow()
          .writeAndFlush(new DefaultHttp2HeadersFrame(request(), true));
    }
    for (ByteBuf each = client.readOutbound(); each != null; each = client.readOutbound()) {
      server.writeInbound(each);
    }
    client.finishAndReleaseAll();
  }

  @Test
  void the_responses_of_a_turn_of_the_event_loop_leave_with_one_flush() {
    Http2RequestCodec.replace(server.pipeline(), server.pipeline().names().get(1));
    receiveRequests();
    server.runPendingTasks();
    assertThat(streams).hasSize(STREAMS);
    int frames = flushes.frames;
    int before = flushes.count;
    streams.forEach(Http2FlushTest::respond);
    assertThat(flushes.frames).isGreaterThanOrEqualTo(frames + STREAMS);
    assertThat(flushes.count).isEqualTo(before);
    server.runPendingTasks();
    assertThat(flushes.count).isEqualTo(before + 1);
  }
}
