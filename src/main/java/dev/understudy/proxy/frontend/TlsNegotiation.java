package dev.understudy.proxy.frontend;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
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
public final class TlsNegotiation extends ChannelDuplexHandler {
  private final Frontend frontend;
  private final Consumer<ChannelPipeline> chosen;
  private @Nullable Handshake handshake;

  /** Whether the rest of the pipeline is being built. */
  private boolean building;

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

  /**
   * The start of the TLS negotiation in progress on the pipeline, by {@link FrontendLoop#mark}; the
   * present moment if there is none.
   */
  static long since(Frontend frontend, ChannelHandlerContext ctx) {
    TlsNegotiation before = ctx.pipeline().get(TlsNegotiation.class);
    return before == null
        ? frontend.on(ctx.channel().eventLoop()).mark()
        : before.handshake().since();
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
    building = event instanceof SslHandshakeCompletionEvent;
    ctx.fireUserEventTriggered(event);
    building = false;
    if (event instanceof SslHandshakeCompletionEvent done && !ctx.isRemoved()) {
      if (done.isSuccess() && ctx.channel().isActive()) {
        chosen.accept(ctx.pipeline());
      }
      ctx.pipeline().remove(this);
    }
  }

  /**
   * Drops the settings that Netty's HTTP/2 codec writes while the pipeline is built: {@code
   * http2.Http2RequestCodec} replaces that codec and sends its own.
   */
  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the writer holds the promise
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (building) {
      ReferenceCountUtil.release(msg);
      promise.setSuccess();
    } else {
      ctx.write(msg, promise);
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
