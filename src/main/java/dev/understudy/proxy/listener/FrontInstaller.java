package dev.understudy.proxy.listener;

import dev.understudy.proxy.front.FrontDoor;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import reactor.netty.NettyPipeline;
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
    return server.doOnChannelInit((observer, channel, address) -> initialised(channel));
  }

  private void initialised(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(NettyPipeline.H2OrHttp11Codec) == null) {
      http1(pipeline);
    } else {
      pipeline.addBefore(NettyPipeline.H2OrHttp11Codec, AFTER_HANDSHAKE, new AfterHandshake());
    }
  }

  private void http1(ChannelPipeline pipeline) {
    pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, door.http1());
  }

  private final class AfterHandshake extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      // Reactor Netty builds the pipeline in this call.
      ctx.fireUserEventTriggered(event);
      if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
        if (ctx.pipeline().get(NettyPipeline.HttpTrafficHandler) != null) {
          http1(ctx.pipeline());
        }
        ctx.pipeline().remove(this);
      }
    }
  }
}
