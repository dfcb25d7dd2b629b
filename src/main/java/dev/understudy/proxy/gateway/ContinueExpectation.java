package dev.understudy.proxy.gateway;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;

/**
 * A client's wait for "100 Continue" (RFC 9110 §10.1.1). The server's own 100, which the engine
 * relays, ends it; ours does if a filter reads the body earlier or the request does not reach the
 * engine.
 */
final class ContinueExpectation {
  private final Channel channel;
  private final AtomicBoolean met = new AtomicBoolean();
  private volatile boolean left;

  ContinueExpectation(Channel channel) {
    this.channel = channel;
  }

  /** Leaves the 100 to the server: reading the body no longer sends ours. */
  void leaveToServer() {
    left = true;
  }

  /** Whether a 100 was sent to the client. */
  boolean isMet() {
    return met.get();
  }

  /** Records that the server's 100 was relayed. */
  void metByServer() {
    met.set(true);
  }

  ServerHttpRequest watch(ServerHttpRequest request) {
    return new ServerHttpRequestDecorator(request) {
      @Override
      public Flux<DataBuffer> getBody() {
        return super.getBody().doOnSubscribe(subscription -> meet());
      }
    };
  }

  private void meet() {
    if (!left && met.compareAndSet(false, true)) {
      ClientChannel.informational(
          channel, new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
  }
}
