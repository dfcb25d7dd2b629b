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

/**
 * Operations on a client's channel that bypass Reactor Netty; called on the channel's event loop.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // a failed write closes the channel, which is observed elsewhere
final class ClientChannel {
  private ClientChannel() {}

  /**
   * Aborts the connection or the HTTP/2 stream, so that a response that has begun cannot look
   * complete: RST instead of FIN, no TLS close_notify; RST_STREAM on HTTP/2 (RFC 9113 §8.1.1).
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
   * Truncates a response so that the part already written reaches the client and does not look
   * complete.
   */
  static void breakOff(Channel channel) {
    if (channel instanceof Http2StreamChannel || !BrokenOffResponse.end(channel)) {
      reset(channel);
    }
  }

  /**
   * Refuses the rest of the request after a complete response: closes the connection, or resets the
   * HTTP/2 stream with NO_ERROR (RFC 9113 §8.1).
   */
  static void refuseRest(Channel channel) {
    ChannelHandlerContext codec = channel.pipeline().context(NettyPipeline.H2ToHttp11Codec);
    if (channel instanceof Http2StreamChannel && codec != null) {
      codec.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
    }
    channel.close();
  }

  /**
   * Sends an informational (1xx) response, 101 excepted, past Reactor Netty, which knows only 100.
   */
  static void informational(Channel channel, HttpResponse response) {
    ChannelHandlerContext behindCodec = behindCodec(channel);
    if (behindCodec != null) {
      behindCodec.writeAndFlush(HeadOnly.of(response));
    }
  }

  /**
   * Sends the 101 response and removes all HTTP handlers; only TLS remains, if present, with
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

  /**
   * The context from which a write goes straight to the codec, past the handlers that count
   * responses.
   */
  private static @Nullable ChannelHandlerContext behindCodec(Channel channel) {
    return channel.pipeline().context(NettyPipeline.HttpTrafficHandler);
  }
}
