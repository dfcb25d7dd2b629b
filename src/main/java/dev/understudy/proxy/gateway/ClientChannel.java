package dev.understudy.proxy.gateway;

import dev.understudy.proxy.front.HeadOnly;
import dev.understudy.proxy.front.http1.BrokenOffResponse;
import dev.understudy.proxy.front.http1.HttpRemoval;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2StreamChannel;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/** What is done to a client's channel behind Reactor Netty's back, on its event loop. */
@SuppressWarnings(
    "FutureReturnValueIgnored") // a write that fails closes the channel, and that is seen
final class ClientChannel {
  private ClientChannel() {}

  /**
   * Breaks the connection, or the HTTP/2 stream, off so that a response that began can't look
   * whole: RST instead of FIN, no TLS close_notify; RST_STREAM (RFC 9113 §8.1.1).
   */
  static void reset(Channel channel) {
    if (!channel.isActive()) {
      return;
    }
    if (channel instanceof Http2StreamChannel) {
      ChannelHandlerContext codec = channel.pipeline().context(NettyPipeline.H2ToHttp11Codec);
      if (codec != null) {
        codec.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
      }
      channel.close();
      return;
    }
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    channel.unsafe().close(channel.voidPromise());
  }

  /**
   * Ends a response that can't be ended, so that what was written of it reaches the client and does
   * not look whole.
   */
  static void breakOff(Channel channel) {
    if (channel instanceof Http2StreamChannel || !BrokenOffResponse.end(channel)) {
      reset(channel);
    }
  }

  /**
   * Closes the connection, or asks the client without blame to end the HTTP/2 stream (RFC 9113
   * §8.1), after a response that went out whole.
   */
  static void refuseRest(Channel channel) {
    ChannelHandlerContext codec = channel.pipeline().context(NettyPipeline.H2ToHttp11Codec);
    if (channel instanceof Http2StreamChannel && codec != null) {
      codec.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    }
    channel.close();
  }

  /** Sends a 1xx answer other than 101, past Reactor Netty, which knows only 100. */
  static void informational(Channel channel, HttpResponse response) {
    ChannelHandlerContext behindCodec = behindCodec(channel);
    if (behindCodec != null) {
      behindCodec.writeAndFlush(HeadOnly.of(response));
    }
  }

  /**
   * Sends the 101 answer and removes everything of HTTP; what is left is TLS, if any, with
   * auto-read off.
   */
  static Channel takeOver(Channel channel, HttpResponse switching) {
    channel.config().setAutoRead(false);
    ChannelHandlerContext behindCodec = behindCodec(channel);
    if (behindCodec != null) {
      behindCodec.writeAndFlush(HeadOnly.of(switching));
    }
    return HttpRemoval.from(channel);
  }

  /** Where a write meets the codec next, and nothing that counts answers. */
  private static @Nullable ChannelHandlerContext behindCodec(Channel channel) {
    return channel.pipeline().context(NettyPipeline.HttpTrafficHandler);
  }
}
