package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Engine;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.http.ProxyRequest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;

/** What the lane needs of the engine; the seam at which its tests put a scripted one. */
@FunctionalInterface
interface Forwarder {
  /** A new exchange, not yet started; to be called on its loop, like everything that follows. */
  Forwarding forward(ProxyRequest request, Downstream downstream, EventLoop loop);

  /** An {@link Exchange}, whose methods these are. */
  interface Forwarding {
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

  /** The real one. */
  record EngineForwarding(Exchange exchange) implements Forwarding {
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
