package dev.understudy.proxy.listener;

import dev.understudy.proxy.http.TlsCloseNotify;
import io.netty.channel.Channel;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * A context of BoringSSL whose connections end each direction by itself (RFC 8446 §6.1), as the
 * JDK's do. Netty's engine (4.2.18) answers the peer's close_notify with its own, unless it has
 * seen one before, which is therefore what it believes from the beginning; and {@link SslHandler}
 * takes our close_notify for the peer's, so that BoringSSL itself is asked which of them there was.
 */
final class HalfCloseSslContext extends DelegatingSslContext {
  /** Whether an engine has seen the peer's close_notify; null if this Netty has no such field. */
  private static final @Nullable VarHandle RECEIVED = received();

  private HalfCloseSslContext(SslContext context) {
    super(context);
  }

  private static @Nullable VarHandle received() {
    try {
      return MethodHandles.privateLookupIn(
              ReferenceCountedOpenSslEngine.class, MethodHandles.lookup())
          .findVarHandle(ReferenceCountedOpenSslEngine.class, "receivedShutdown", boolean.class);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /** Whether there can be such contexts. */
  static boolean isAvailable() {
    return RECEIVED != null;
  }

  /** Wraps a context of BoringSSL; returns any other as it is. */
  static SslContext of(SslContext context) {
    return context.sessionContext() instanceof OpenSslSessionContext
        ? new HalfCloseSslContext(context)
        : context;
  }

  @Override
  protected void initEngine(SSLEngine engine) {
    if (RECEIVED != null) {
      RECEIVED.set(engine, true);
    }
  }

  @Override
  protected void initHandler(SslHandler handler) {
    super.initHandler(handler);
    handler
        .handshakeFuture()
        .addListener(
            (Future<Channel> handshake) -> {
              if (handshake.isSuccess()) {
                TlsCloseNotify.addAfter(handshake.getNow().pipeline(), handler);
              }
            });
  }
}
