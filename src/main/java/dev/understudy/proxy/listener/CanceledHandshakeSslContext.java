package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLHandshakeException;

/**
 * A context of the JDK whose connections report a handshake that the peer canceled, by
 * user_canceled and close_notify (RFC 8446 §6.1), as failed. The JDK's engine only closes then,
 * which Netty (4.2.18) takes for the end of a successful handshake: a server that never showed a
 * certificate would count as reached, and as one that chose HTTP/1.1.
 */
final class CanceledHandshakeSslContext extends DelegatingSslContext {
  /** The cipher suite of an engine without a complete handshake, by {@link SSLEngine}. */
  private static final String NO_CIPHER_SUITE = "SSL_NULL_WITH_NULL_NULL";

  CanceledHandshakeSslContext(SslContext context) {
    super(context);
  }

  @Override
  protected void initEngine(SSLEngine engine) {}

  @Override
  protected void initHandler(SslHandler handler) {
    super.initHandler(handler);
    handler
        .handshakeFuture()
        .addListener(
            (Future<Channel> handshake) -> {
              if (handshake.isSuccess() && isCanceled(handler)) {
                ChannelPipeline pipeline = handshake.getNow().pipeline();
                pipeline.addAfter(pipeline.context(handler).name(), null, new Failure());
              }
            });
  }

  private static boolean isCanceled(SslHandler handler) {
    return handler.engine().getSession().getCipherSuite().equals(NO_CIPHER_SUITE);
  }

  /** Turns the success, which Netty reports after this was added, into a failure. */
  private static final class Failure extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      ctx.fireUserEventTriggered(
          event == SslHandshakeCompletionEvent.SUCCESS
              ? new SslHandshakeCompletionEvent(
                  new SSLHandshakeException("the server canceled the handshake"))
              : event);
    }
  }
}
