package dev.understudy.proxy.gateway;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Bodies as extensions get them: copies on the heap, handed over on the extension's threads. A
 * buffer that an extension forgets to release is garbage like any other object, and not missing
 * from the memory of all connections.
 */
final class ExtensionBodies {
  private static final NettyDataBufferFactory HEAP =
      new NettyDataBufferFactory(UnpooledByteBufAllocator.DEFAULT);

  private ExtensionBodies() {}

  private static DataBuffer copy(DataBuffer data) {
    byte[] bytes = new byte[data.readableByteCount()];
    data.read(bytes);
    DataBufferUtils.release(data);
    return HEAP.wrap(Unpooled.wrappedBuffer(bytes));
  }

  /** The request as an extension gets it. */
  static ServerHttpRequest of(ServerHttpRequest request, Scheduler threads) {
    return new ServerHttpRequestDecorator(request) {
      @Override
      public Flux<DataBuffer> getBody() {
        return super.getBody().map(ExtensionBodies::copy).publishOn(threads, 1);
      }
    };
  }

  /** A response that an extension has put in place of the original one, which gets its body. */
  static ServerHttpResponse of(ServerHttpResponse response, Scheduler threads) {
    return new ServerHttpResponseDecorator(response) {
      @Override
      public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
        return super.writeWith(
            body instanceof Mono<? extends DataBuffer> whole
                ? whole.map(ExtensionBodies::copy).publishOn(threads)
                : Flux.from(body).map(ExtensionBodies::copy).publishOn(threads, 1));
      }
    };
  }
}
