package dev.understudy.proxy.frontend;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of a request for which a step waits, or which waits for the Gateway lane: keeps what
 * arrives meanwhile, and hands it to the exchange that follows. No more of the request is asked for
 * until then, so what is kept is bounded by one read. The client's memory counts it.
 *
 * <table>
 *   <caption>States and their successors</caption>
 *   <tr><td>WAITING for the step's result</td><td>the step lets the request pass</td>
 *       <td>FORWARDED</td></tr>
 *   <tr><td></td><td>a step responds; the client is gone; the request is refused</td>
 *       <td>OVER</td></tr>
 *   <tr><td>FORWARDED: everything goes to the next exchange</td><td></td><td></td></tr>
 *   <tr><td>OVER: every call has no effect, but that a client that has gone or is refused ends the
 *       wait of a local response that is not sent yet</td><td></td><td></td></tr>
 * </table>
 */
final class SuspendedExchange<T extends @Nullable Object> implements Exchange {
  private final EventLoop loop;
  private final CompletableFuture<T> result;
  private final Function<T, @Nullable Exchange> step;
  private final RoutedRequest request;
  private final Downstream client;
  private final long startNanos = System.nanoTime();
  private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>(2);
  private @Nullable HttpHeaders trailers;
  private @Nullable Exchange next;
  private boolean over;

  /** What the client's memory counts, in bytes. */
  private long counted;

  /**
   * @param result never fails; may be completed on any thread; cancelled if nobody waits any more
   * @param step goes on with it; returns null if a local response was sent
   */
  SuspendedExchange(
      EventLoop loop,
      CompletableFuture<T> result,
      Function<T, @Nullable Exchange> step,
      RoutedRequest request,
      Downstream client) {
    this.loop = loop;
    this.result = result;
    this.step = step;
    this.request = request;
    this.client = client;
  }

  @Override
  public @Nullable TraceContext trace() {
    return next == null ? null : next.trace();
  }

  @Override
  public void start() {
    count(request.stepBytes());
    var unused = result.thenAccept(found -> loop.execute(() -> resume(found)));
  }

  private void resume(T found) {
    if (over) {
      return;
    }
    count(-counted);
    next = step.apply(found);
    if (next == null) {
      end();
      return;
    }
    next.start();
    for (ByteBuf data = kept.poll(); data != null; data = kept.poll()) {
      next.requestBody(data);
    }
    if (trailers != null) {
      next.requestEnd(trailers);
    }
  }

  private void count(long change) {
    counted += change;
    request.client().unsent(change);
  }

  private void end() {
    over = true;
    count(-counted);
    result.cancel(false);
    kept.forEach(ByteBuf::release);
    kept.clear();
  }

  @Override
  public void requestBody(ByteBuf data) {
    if (next != null) {
      next.requestBody(data);
    } else if (over) {
      data.release();
    } else {
      kept.add(data);
      count(data.readableBytes());
    }
  }

  @Override
  public void requestEnd(HttpHeaders given) {
    if (next == null) {
      trailers = given;
    } else {
      next.requestEnd(given);
    }
  }

  @Override
  public void clientGone() {
    if (next != null) {
      next.clientGone();
    } else if (!over) {
      end();
      request.left(startNanos);
    } else {
      request.clientGone();
    }
  }

  @Override
  public void refuse(int status) {
    if (next != null) {
      next.refuse(status);
    } else if (!over || request.dropResponse()) {
      end();
      request.refuse(status, client, RequestEnd.BAD_REQUEST);
    }
  }

  @Override
  public void writabilityChanged() {
    if (next != null) {
      next.writabilityChanged();
    }
  }
}
