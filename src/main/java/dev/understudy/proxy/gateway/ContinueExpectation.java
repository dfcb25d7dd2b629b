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
 * A client's wait for "100 Continue" (RFC 9110 §10.1.1): ended by the server's own 100, which the
 * engine relays, or by ours if a filter wants the body before, or the request does not go to the
 * engine.
 */
final class ContinueExpectation {
  private final Channel channel;
  private final AtomicBoolean met = new AtomicBoolean();
  private volatile boolean left;

  ContinueExpectation(Channel channel) {
    this.channel = channel;
  }

  /** From now on the client waits for a server's word. */
  void leaveToServer() {
    left = true;
  }

  /** Whether the client was told to go on. */
  boolean isMet() {
    return met.get();
  }

  /** A server has told it. */
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
