package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Engine;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** The lane's view of the engine, and the seam at which its tests insert a scripted one. */
@FunctionalInterface
interface Forwarder {
  /**
   * Creates an exchange without starting it. Called on the exchange's event loop, like every method
   * of the exchange.
   */
  Forwarding forward(ProxyRequest request, Downstream downstream, EventLoop loop);

  /** The methods of {@link Exchange} that the lane calls. */
  interface Forwarding {
    /** The exchange's span; null if requests are not traced. */
    default @Nullable TraceContext trace() {
      return null;
    }

    void start();

    void requestBody(ByteBuf data);

    void requestEnd(HttpHeaders trailers);

    void clientGone();

    void refuse(int status);

    void writabilityChanged();
  }

  static Forwarder of(Engine engine) {
    return (request, downstream, loop) ->
        new EngineForwarding(engine.exchange(request, downstream, loop));
  }

  /** Delegates to the engine's {@link Exchange}. */
  record EngineForwarding(Exchange exchange) implements Forwarding {
    @Override
    public @Nullable TraceContext trace() {
      return exchange.trace();
    }

    @Override
    public void start() {
      exchange.start();
    }

    @Override
    public void requestBody(ByteBuf data) {
      exchange.requestBody(data);
    }

    @Override
    public void requestEnd(HttpHeaders trailers) {
      exchange.requestEnd(trailers);
    }

    @Override
    public void clientGone() {
      exchange.clientGone();
    }

    @Override
    public void refuse(int status) {
      exchange.refuse(status);
    }

    @Override
    public void writabilityChanged() {
      exchange.writabilityChanged();
    }
  }
}
