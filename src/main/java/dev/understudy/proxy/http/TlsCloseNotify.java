package dev.understudy.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;

/**
 * Reports the peer's close_notify from BoringSSL, and nothing else, as the end of input: after our
 * own close_notify {@link SslHandler} takes whatever the peer still sends for its end.
 */
public final class TlsCloseNotify extends ChannelInboundHandlerAdapter {
  private final ReferenceCountedOpenSslEngine engine;
  private boolean reported;

  private TlsCloseNotify(ReferenceCountedOpenSslEngine engine) {
    this.engine = engine;
  }

  /** Adds it behind a TLS handler with BoringSSL's engine. */
  public static void addAfter(ChannelPipeline pipeline, SslHandler tls) {
    pipeline.addAfter(
        pipeline.context(tls).name(),
        null,
        new TlsCloseNotify((ReferenceCountedOpenSslEngine) tls.engine()));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (!reported && isReceived()) {
      reported = true;
      ctx.fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    }
    ctx.fireChannelReadComplete();
  }

  @SuppressWarnings("deprecation") // there is no other way to the connection's address
  private boolean isReceived() {
    long ssl = engine.sslPointer();
    return ssl != 0 && (SSL.getShutdown(ssl) & SSL.SSL_RECEIVED_SHUTDOWN) != 0;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event != SslCloseCompletionEvent.SUCCESS) {
      ctx.fireUserEventTriggered(event);
    }
  }
}
