package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.FrontDoor;
import dev.understudy.proxy.front.RequestCodec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpRequestDecoderSpec;
import reactor.netty.http.server.HttpServer;

/**
 * Puts the front door into the pipelines that Reactor Netty builds: right before its own first
 * handler of HTTP, which under ALPN is there only after the handshake.
 */
final class FrontInstaller {
  private static final String NAME = NettyPipeline.LEFT + "understudyFront";
  private static final String AFTER_HANDSHAKE = NAME + "AfterHandshake";

  private final FrontDoor door;

  FrontInstaller(FrontDoor door) {
    this.door = door;
  }

  HttpServer apply(HttpServer server) {
    HttpDecoderConfig decoding = decoding(server.configuration().decoder());
    return server.doOnChannelInit((observer, channel, address) -> initialised(channel, decoding));
  }

  /** As Reactor Netty sets up the codec that is replaced. */
  private static HttpDecoderConfig decoding(HttpRequestDecoderSpec spec) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(spec.maxInitialLineLength())
        .setMaxHeaderSize(spec.maxHeaderSize())
        .setValidateHeaders(spec.validateHeaders())
        .setInitialBufferSize(spec.initialBufferSize())
        .setAllowDuplicateContentLengths(spec.allowDuplicateContentLengths())
        .setAllowPartialChunks(spec.allowPartialChunks());
  }

  private void initialised(Channel channel, HttpDecoderConfig decoding) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(NettyPipeline.H2OrHttp11Codec) == null) {
      http1(pipeline, decoding);
    } else {
      pipeline.addBefore(
          NettyPipeline.H2OrHttp11Codec, AFTER_HANDSHAKE, new AfterHandshake(decoding));
    }
  }

  private void http1(ChannelPipeline pipeline, HttpDecoderConfig decoding) {
    new RequestCodec(decoding).replace(pipeline, NettyPipeline.HttpCodec);
    pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, door.http1());
  }

  private final class AfterHandshake extends ChannelInboundHandlerAdapter {
    private final HttpDecoderConfig decoding;

    AfterHandshake(HttpDecoderConfig decoding) {
      this.decoding = decoding;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // Reactor Netty builds the pipeline in this call.
      ctx.fireUserEventTriggered(event);
      if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
        if (ctx.pipeline().get(NettyPipeline.HttpTrafficHandler) != null) {
          http1(ctx.pipeline(), decoding);
        }
        ctx.pipeline().remove(this);
      }
    }
  }
}
