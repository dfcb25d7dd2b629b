package dev.understudy.proxy.frontend;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client connection during its TLS handshake, which also selects the HTTP version (RFC 7301).
 *
 * <p>The handshake and the first request's head share one {@code header-timeout}, as on a
 * connection without ALPN: a connection without a request costs the same at any stage. HAProxy has
 * two timeouts ({@code timeout client-hs}, {@code timeout http-request}).
 */
public final class TlsNegotiation extends HttpVersionChoice {
  private final Frontend frontend;
  private final Consumer<ChannelPipeline> chosen;
  private @Nullable Handshake handshake;

  /**
   * Creates the handler of one connection, to be added before the handler that selects the HTTP
   * version. It removes itself after the handshake.
   *
   * @param chosen called with the pipeline once it is built
   */
  public TlsNegotiation(Frontend frontend, Consumer<ChannelPipeline> chosen) {
    this.frontend = frontend;
    this.chosen = chosen;
  }

  @Override
  long since() {
    return handshake().since();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    handshake = new Handshake(ctx, frontend, frontend.on(ctx.channel().eventLoop()));
    handshake.enter();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    handshake().leave();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    // Reactor Netty builds the pipeline within this call.
    if (!(event instanceof SslHandshakeCompletionEvent done)) {
      ctx.fireUserEventTriggered(event);
      return;
    }
    build(() -> ctx.fireUserEventTriggered(event));
    if (!ctx.isRemoved()) {
      if (done.isSuccess() && ctx.channel().isActive()) {
        chosen.accept(ctx.pipeline());
      }
      ctx.pipeline().remove(this);
    }
  }

  private Handshake handshake() {
    return Objects.requireNonNull(handshake);
  }

  // A failed close leaves the channel closed.
  @SuppressWarnings("FutureReturnValueIgnored")
  private static final class Handshake extends TimedConnection {
    private final ChannelHandlerContext ctx;

    Handshake(ChannelHandlerContext ctx, Frontend frontend, FrontendLoop loop) {
      super(frontend, loop, loop.mark());
      this.ctx = ctx;
    }

    @Override
    public boolean isWaiting() {
      return true;
    }

    @Override
    public void shed() {
      ctx.close();
    }

    @Override
    public void sweep(long nowClock) {
      if (waited(nowClock) >= firstRequestNanos()) {
        firstRequestIsLate();
        ctx.close();
      }
    }

    @Override
    public void drain() {
      if (!awaitsFirstRequest()) {
        ctx.close();
      }
    }
  }
}
