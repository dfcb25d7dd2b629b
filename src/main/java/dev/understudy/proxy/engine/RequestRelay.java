package dev.understudy.proxy.engine;

import dev.understudy.pool.Pool;
import dev.understudy.proxy.engine.RetryPolicy.FailedAttempt;
import dev.understudy.proxy.engine.RetryPolicy.Reaction;
import dev.understudy.proxy.engine.RetryPolicy.Sent;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.http.HeadWriter;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpstreamRequestHead;
import dev.understudy.proxy.upstream.UpstreamConnection;
import dev.understudy.snapshot.PoolState;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** Relays the request of one exchange from the client to its server. */
final class RequestRelay {
  private final ProxyRequest request;
  private final Downstream downstream;
  private boolean idempotencyKey;
  private boolean expectsContinue;
  private @Nullable RequestBody body;
  private HttpHeaders trailers = EmptyHttpHeaders.INSTANCE;
  private boolean ended;
  private boolean catchingUp;
  private boolean readOutstanding;
  private boolean replayable;
  private boolean tooLarge;
  private boolean chunked;

  /** Bytes of the body still to come; negative if unknown. */
  private long left = -1;

  private Sent sent = Sent.NOTHING;

  /** Whether a retry is taken that no attempt has used yet. */
  private boolean retryTaken;

  /** What of the body waits for a server; null without a body. */
  private @Nullable PendingBytes unsent;

  RequestRelay(ProxyRequest request, Downstream downstream) {
    this.request = request;
    this.downstream = downstream;
    this.ended = !request.body();
  }

  /** Applies the pool's limits for kept bodies; called once, before all other methods. */
  void begin(PoolState from) {
    Pool pool = from.pool();
    idempotencyKey =
        pool.settings().retry().idempotencyKey() && request.headers().contains("idempotency-key");
    left = request.body() ? UpstreamRequestHead.bodyLength(request) : -1;
    chunked = left < 0;
    boolean allowed =
        pool.settings().retry().attempts() > 1
            && !request.isOfUnknownProtocol()
            && RetryPolicy.isReplayable(
                request.method().name(), idempotencyKey, pool.settings().retry());
    tooLarge = allowed && request.body() && left > pool.settings().hold().bodyBytes();
    replayable = allowed && !tooLarge;
    if (request.body()) {
      expectsContinue = request.headers().contains(HttpHeaderNames.EXPECT);
      unsent = new PendingBytes(request.client()::unsent);
      body =
          new RequestBody(
              ByteBufAllocator.DEFAULT,
              pool.settings().hold(),
              from.traffic().heldBytes(),
              replayable || pool.settings().http2());
    }
  }

  /**
   * Whether a piece of the body, or its end, agrees with the length announced to the server. Excess
   * bytes would be taken for another request on that connection.
   */
  boolean agrees(int bytes, boolean last) {
    return left < 0 || (last ? left == bytes : left >= bytes);
  }

  /** Whether the whole request has arrived. */
  boolean isEnded() {
    return ended;
  }

  /** Whether the next move is the server's: to read more of the request, or to respond. */
  boolean isServersTurn(@Nullable UpstreamConnection server) {
    return ended || expectsContinue || (server != null && !server.isWritable());
  }

  /**
   * Records that the server sent a 100, no other 1xx: a client that waited for it goes on (RFC 9110
   * §10.1.1).
   */
  void mayGoOn() {
    expectsContinue = false;
  }

  /** Whether the request may be replayed, as far as is known before its body arrives. */
  boolean isReplayable() {
    return replayable && request.retries().isLeft();
  }

  /** Whether only a limit on kept bytes prevents a replay; final once the exchange ends. */
  boolean isTooLargeToKeep() {
    return tooLarge || (replayable && body != null && body.isTooLarge());
  }

  /**
   * What follows a failed attempt, by {@link RetryPolicy}; takes a retry, if that is one.
   *
   * @param rested whether the connection had been idle for a second or more
   */
  Reaction reaction(UpstreamFailure failure, boolean rested, OutcomeRecorder outcome, Pool pool) {
    FailedAttempt attempt = failedAttempt(rested, outcome);
    Reaction reaction = RetryPolicy.afterFailure(failure, attempt, pool);
    if (reaction instanceof Reaction.Again && attempt.mayBeExecuted(failure)) {
      retryTaken = request.retries().take();
      return retryTaken ? reaction : RetryPolicy.SERVER_FAILED;
    }
    return reaction;
  }

  private FailedAttempt failedAttempt(boolean rested, OutcomeRecorder outcome) {
    boolean kept = !request.isOfUnknownProtocol() && (body == null || body.isWhole());
    return new FailedAttempt(
        request.method().name(),
        idempotencyKey,
        sent,
        kept,
        rested,
        outcome.servers(),
        outcome.sendsToLast());
  }

  /** Starts over: nothing has been sent to the next server yet. */
  void rewind() {
    sent = Sent.NOTHING;
  }

  /** Sends what has arrived of the request, at the start of an attempt. */
  void sendTo(UpstreamConnection server, HeadWriter head) {
    retryTaken = false;
    if (body == null) {
      sent = Sent.BODY;
      server.sendWhole(request.method(), head);
      return;
    }
    sent = Sent.HEAD;
    server.sendHead(request.method(), head, chunked);
    catchingUp = true;
    body.sendAll(
        piece -> {
          sent = Sent.BODY;
          server.sendBody(piece);
        });
    catchingUp = false;
    if (ended) {
      server.sendEnd(trailers);
    }
  }

  /**
   * Takes a piece of the body, and its reference.
   *
   * @param server the connection that the head was sent on; null if none yet
   */
  void body(ByteBuf data, @Nullable UpstreamConnection server) {
    readOutstanding = false;
    expectsContinue = false;
    left -= left < 0 ? 0 : data.readableBytes();
    if (body == null) {
      data.release();
    } else if (server == null) {
      body.hold(data);
    } else {
      sent = Sent.BODY;
      body.send(data, server::sendBody);
    }
  }

  /** Takes the end of the request, unless it has come before. */
  void end(HttpHeaders given, @Nullable UpstreamConnection server) {
    if (ended) {
      return;
    }
    ended = true;
    trailers = HopByHop.trailers(given);
    if (server != null && !catchingUp) {
      server.sendEnd(trailers);
    }
  }

  /** Asks the client for more, if there is room for it. */
  void readMore(@Nullable UpstreamConnection server) {
    if (body == null || ended || readOutstanding) {
      return;
    }
    if (server == null ? body.hasRoom() : server.isWritable()) {
      readOutstanding = true;
      downstream.requestRead();
    }
  }

  /** Reports how much of the body waits for a server; called about every 50 ms. */
  void countUnsent(@Nullable UpstreamConnection server) {
    if (body != null && unsent != null) {
      unsent.count(body.kept() + (server == null ? 0 : server.unsent()));
    }
  }

  /** Gives up the copy of the body: no replay follows. */
  void settle() {
    if (body != null) {
      body.settle();
    }
  }

  void release() {
    if (retryTaken) {
      retryTaken = false;
      request.retries().giveBack();
    }
    if (body != null) {
      body.release();
    }
    if (unsent != null) {
      unsent.count(0);
    }
  }
}
