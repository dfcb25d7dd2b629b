package dev.understudy.proxy.gateway;

import dev.understudy.proxy.engine.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBuffer;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;

/** Carries the request's body to the engine, one piece for each read that the engine requests. */
final class GatewayRequestBody extends BaseSubscriber<DataBuffer> {
  private final Flux<DataBuffer> source;
  private final Exchange forwarding;
  private final GatewayLaneRequest lane;
  private final Consumer<Throwable> failed;
  private final EventLoop loop;
  private boolean subscribed;
  private boolean stopped;

  /**
   * @param failed called on the event loop with the cause when the rest of the body will not come:
   *     the client disconnected, its request was refused, or a filter threw
   */
  GatewayRequestBody(
      Flux<DataBuffer> source,
      Exchange forwarding,
      GatewayLaneRequest lane,
      Consumer<Throwable> failed) {
    this.source = source;
    this.lane = lane;
    this.failed = failed;
    this.forwarding = forwarding;
    this.loop = lane.loop;
  }

  void read() {
    if (!subscribed) {
      subscribed = true;
      source.subscribe(this);
    } else {
      request(1);
    }
  }

  /** Ends the delivery: the engine receives no further piece and no end of the body. */
  void stop() {
    stopped = true;
    cancel();
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    request(1);
  }

  @Override
  protected void hookOnNext(DataBuffer data) {
    ByteBuf bytes = toByteBuf(data);
    GatewayLaneRequest.on(loop, () -> deliver(bytes));
  }

  private void deliver(ByteBuf bytes) {
    if (stopped) {
      bytes.release();
    } else {
      forwarding.requestBody(bytes);
    }
  }

  @Override
  protected void hookOnComplete() {
    GatewayLaneRequest.on(loop, () -> ended(() -> forwarding.requestEnd(lane.trailers())));
  }

  @Override
  protected void hookOnError(Throwable broken) {
    GatewayLaneRequest.on(loop, () -> ended(() -> failed.accept(broken)));
  }

  private void ended(Runnable task) {
    if (!stopped) {
      task.run();
    }
  }

  /**
   * Converts the buffer, without a copy if it is Netty's, as all are except those that a filter
   * made.
   */
  private static ByteBuf toByteBuf(DataBuffer data) {
    if (data instanceof NettyDataBuffer netty) {
      return netty.getNativeBuffer();
    }
    ByteBuffer copy = ByteBuffer.allocate(data.readableByteCount());
    data.toByteBuffer(copy);
    DataBufferUtils.release(data);
    return Unpooled.wrappedBuffer(copy.rewind());
  }
}
