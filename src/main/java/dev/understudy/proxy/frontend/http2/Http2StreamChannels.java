package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import org.jspecify.annotations.Nullable;

/**
 * The channels of tunnels on one HTTP/2 connection, which Netty's multiplexer creates, and what
 * they get besides the codec's frames.
 */
final class Http2StreamChannels {
  private final ChannelHandlerContext ctx;

  /** The channel that the multiplexer has created last, until it is taken. */
  private @Nullable Channel created;

  /**
   * @param ctx the context of the {@link Http2ClientConnection}, before the multiplexer
   */
  Http2StreamChannels(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  /** Creates a channel for a stream, with Reactor Netty's handlers. */
  Channel create(Http2ClientStream stream) {
    ctx.fireUserEventTriggered(stream.opening());
    Channel made = created;
    created = null;
    if (made == null) {
      throw new IllegalStateException("the multiplexer has created no channel");
    }
    return made;
  }

  /** Notes a channel that the multiplexer has created. */
  void created(Channel channel) {
    created = channel;
  }

  /** Passes data on to a stream's channel, which takes over its reference. */
  void passData(Http2ClientStream stream, ByteBuf data, boolean end) {
    ctx.fireChannelRead(new DefaultHttp2DataFrame(data, end).stream(stream.opening().stream()));
  }

  /** Ends what was passed: until then the multiplexer leaves flushes to the end of a read. */
  void passedData() {
    ctx.fireChannelReadComplete();
  }
}
