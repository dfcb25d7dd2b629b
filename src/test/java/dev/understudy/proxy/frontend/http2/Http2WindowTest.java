package dev.understudy.proxy.frontend.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The flow-control window of a request's body, which each read of its stream opens. */
class Http2WindowTest {
  private static final int PIECE = 16 * 1024;

  /** Together less than a window, and all but the first more than the half that is announced. */
  private static final int PIECES = 3;

  private final Reader reader = new Reader();
  private final EmbeddedChannel server =
      new EmbeddedChannel(
          Http2FrameCodecBuilder.forServer().build(),
          new Http2MultiplexHandler(
              new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel stream) {
                  stream
                      .pipeline()
                      .addLast(
                          new Http2TunnelFrames(() -> {}, (bytes, promise) -> promise), reader);
                }
              }));

  /**
   * Asks for more within the first piece and for no more within the last: what a lane does whose
   * demand changes while pieces arrive.
   */
  private static final class Reader extends ChannelInboundHandlerAdapter {
    private Channel stream;
    private int pieces;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      stream = ctx.channel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof ByteBuf) {
        pieces++;
        if (pieces == 1) {
          ctx.read();
        } else if (pieces == PIECES) {
          stream.config().setAutoRead(false);
        }
      }
      ReferenceCountUtil.release(msg);
    }
  }

  @AfterEach
  void close() {
    server.finishAndReleaseAll();
  }

  /** Bytes from a client that sends a head and a part of a body. */
  private static ByteBuf upload() {
    EmbeddedChannel client =
        new EmbeddedChannel(
            Http2FrameCodecBuilder.forClient().build(),
            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
    Channel stream =
        new Http2StreamChannelBootstrap(client)
            .handler(new ChannelInboundHandlerAdapter())
            .open()
            .getNow();
    stream.write(
        new DefaultHttp2HeadersFrame(
            new DefaultHttp2Headers()
                .method("POST")
                .path("/")
                .scheme("https")
                .authority("localhost"),
            false));
    for (int i = 0; i < PIECES; i++) {
      stream.write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[PIECE]), false));
    }
    stream.flush();
    ByteBuf all = taken(client);
    client.finishAndReleaseAll();
    return all;
  }

  private static ByteBuf taken(EmbeddedChannel from) {
    CompositeByteBuf all = Unpooled.compositeBuffer();
    for (ByteBuf each = from.readOutbound(); each != null; each = from.readOutbound()) {
      all.addComponent(true, each);
    }
    return all;
  }

  @Test
  void a_read_that_repeats_an_earlier_one_opens_the_window_at_once() {
    server.writeInbound(upload());
    assertThat(reader.pieces).isEqualTo(PIECES);
    taken(server).release();
    reader.stream.read();
    ByteBuf update = taken(server);
    assertThat(update.readableBytes()).as("bytes sent to the client").isPositive();
    update.release();
  }
}
