package dev.understudy.proxy.front;

import dev.understudy.proxy.engine.Exchange;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of a request for which a step waits: keeps what arrives meanwhile, and hands it to
 * the exchange that follows. No more of the request is asked for until then, so what is kept is
 * bounded by one read.
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
 *
 * @param <T> the result's type
 */
final class SuspendedExchange<T> implements Exchange {
  /** What becomes of the request. */
  interface Turn<T> {
    /** Goes on with the step's result; returns null if a local response was sent. */
    @Nullable Exchange resume(T result);

    /** Responds with an error: the request breaks a rule. */
    void refuse(int status);

    /** Reports that the client has gone. */
    void clientGone();

    /** Drops a local response that waits for its time, as the client has gone. */
    void responseUnwanted();

    /** Drops a local response that waits for its time; returns false if none does. */
    boolean dropResponse();
  }

  private final EventLoop loop;
  private final CompletionStage<T> result;
  private final Turn<T> turn;
  private final ArrayDeque<ByteBuf> kept = new ArrayDeque<>(2);
  private @Nullable HttpHeaders trailers;
  private @Nullable Exchange next;
  private boolean over;

  /**
   * @param result never fails; may be completed on any thread
   */
  SuspendedExchange(EventLoop loop, CompletionStage<T> result, Turn<T> turn) {
    this.loop = loop;
    this.result = result;
    this.turn = turn;
  }

  @Override
  public @Nullable TraceContext trace() {
    return next == null ? null : next.trace();
  }

  @Override
  public void start() {
    result.thenAccept(value -> loop.execute(() -> resume(value)));
  }

  private void resume(T value) {
    if (over) {
      return;
    }
    Exchange to = turn.resume(value);
    if (to == null) {
      end();
      return;
    }
    next = to;
    to.start();
    for (ByteBuf data = kept.poll(); data != null; data = kept.poll()) {
      to.requestBody(data);
    }
    if (trailers != null) {
      to.requestEnd(trailers);
    }
  }

  private void end() {
    over = true;
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
      turn.clientGone();
    } else {
      turn.responseUnwanted();
    }
  }

  @Override
  public void refuse(int status) {
    if (next != null) {
      next.refuse(status);
    } else if (!over) {
      end();
      turn.refuse(status);
    } else if (turn.dropResponse()) {
      turn.refuse(status);
    }
  }

  @Override
  public void writabilityChanged() {
    if (next != null) {
      next.writabilityChanged();
    }
  }
}
