package dev.understudy.probe;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One probe in flight, as the last handler of its connection: tells all ways to end apart, and
 * reports the first one.
 *
 * <pre>
 *  phase    | refused      | closed or reset | bad bytes    | out of time
 *  ---------+--------------+-----------------+--------------+------------
 *  CONNECT  | CONNECT_FAILED (any error)     |              | TIMED_OUT
 *  TLS      |              | TLS_FAILED      | TLS_FAILED   | TIMED_OUT
 *  RESPONSE |              | BROKEN          | BAD_RESPONSE | TIMED_OUT
 *  BODY     |              | BROKEN          | BAD_RESPONSE | TIMED_OUT
 * </pre>
 *
 * <p>A TLS alert is TLS_FAILED in any phase: with TLS 1.3 a server rejects our certificate only
 * after the handshake. A {@link LocalFailure} is LOCAL_FAILURE in any phase.
 */
abstract class ProbeRun extends ChannelInboundHandlerAdapter implements ProbeTimer.Progress {
  /** Progress of a probe, with the detail for a time-out in that phase. */
  enum Phase {
    CONNECT("connection not accepted"),
    TLS("TLS handshake not finished"),
    RESPONSE("no response"),
    BODY("response not complete");

    private final String unfinished;

    Phase(String unfinished) {
      this.unfinished = unfinished;
    }
  }

  private static final Logger log = LoggerFactory.getLogger(ProbeRun.class);

  private final Prober.Request request;
  private final Consumer<Observation.Probe> done;
  private Consumer<LocalFailure> failures = failure -> {};
  private Phase phase = Phase.CONNECT;
  private boolean reported;
  private long sentNanos = System.nanoTime();
  private long reads;

  ProbeRun(Prober.Request request, Consumer<Observation.Probe> done) {
    this.request = request;
    this.done = done;
  }

  /** Called when the connection is established, TLS included. */
  abstract void ready(ChannelHandlerContext ctx);

  /**
   * Whether this probe adds {@code tls} to its connection itself, once the protocol allows it;
   * false if TLS comes first.
   */
  boolean negotiatesTls(SslHandler tls) {
    return false;
  }

  final Prober.Request request() {
    return request;
  }

  final void enter(Phase next) {
    phase = next;
  }

  final boolean reported() {
    return reported;
  }

  /** Reports the verdict if none was reported; the connection may go on. */
  final void report(ProbeResult verdict) {
    if (reported) {
      return;
    }
    reported = true;
    try {
      done.accept(
          new Observation.Probe(
              request.started(),
              request.asked(),
              verdict.outcome(),
              verdict.detail(),
              verdict.history(),
              verdict.position(),
              verdict.lacked()));
    } catch (RuntimeException e) {
      log.error("A probe's result could not be taken", e);
    }
  }

  /** Reports the verdict if none was reported, and closes the connection. */
  final void end(Channel channel, ProbeResult verdict) {
    report(verdict);
    close(channel);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // Nothing can be done about a close that fails.
  static void close(Channel channel) {
    channel.close();
  }

  final void end(Channel channel, ProbeOutcome outcome, String detail) {
    end(channel, new ProbeResult(outcome, detail));
  }

  /** Ends the probe for an exception: as a failure of this machine if it is one, else as given. */
  private void end(Channel channel, Throwable cause, ProbeOutcome outcome, String detail) {
    report(cause, outcome, detail);
    close(channel);
  }

  /** Reports an exception: as a failure of this machine if it is one, else as given. */
  final void report(Throwable cause, ProbeOutcome outcome, String detail) {
    LocalFailure local = reported ? null : LocalFailure.of(cause);
    if (local == null) {
      report(new ProbeResult(outcome, detail));
    } else {
      if (local != LocalFailure.PORTS) {
        failures.accept(local);
      }
      report(ProbeResult.of(local));
    }
  }

  /** Reports failures of this machine to the listener. */
  final void reportFailures(Consumer<LocalFailure> listener) {
    failures = listener;
  }

  /** Suppresses any report from now on, as it would blame an innocent server. */
  final void silence() {
    reported = true;
  }

  @Override
  public final long sentNanos() {
    return sentNanos;
  }

  @Override
  public final long reads() {
    return reads;
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext ctx) {
    reads++;
  }

  /** The time is over: see {@link Deadline}. */
  final void timedOut(Channel channel) {
    String detail = unfinished(phase) + " within " + Details.of(request.timeout());
    end(channel, ProbeOutcome.TIMED_OUT, detail);
  }

  /** The detail for a time-out in {@code phase}, without the time. */
  String unfinished(Phase phase) {
    return phase.unfinished;
  }

  /** The outcome of a probe that could not connect. */
  static ProbeOutcome notConnected(Throwable cause) {
    // The JDK has no exception of its own for ENETUNREACH.
    return cause instanceof NoRouteToHostException
            || "Network is unreachable".equals(Details.root(cause).getMessage())
        ? ProbeOutcome.UNREACHABLE
        : ProbeOutcome.CONNECT_FAILED;
  }

  final void connectFailed(Channel channel, Throwable cause) {
    // Netty adds the address to the system's words, in a form of its own.
    end(channel, cause, notConnected(cause), Details.of(Details.root(cause)));
  }

  @Override
  public final void channelActive(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    sentNanos = System.nanoTime();
    // The system may choose the port that is called as our own: Linux connects such a socket to
    // itself (RFC 9293 §3.5, simultaneous open). No server listens there.
    if (channel.localAddress().equals(channel.remoteAddress())) {
      end(channel, ProbeOutcome.CONNECT_FAILED, "connection refused");
    } else if (ctx.pipeline().get(SslHandler.class) != null) {
      phase = Phase.TLS;
    } else {
      start(ctx);
    }
  }

  @Override
  public final void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        start(ctx);
      } else {
        tlsFailed(ctx.channel(), handshake.cause());
      }
    }
  }

  private void start(ChannelHandlerContext ctx) {
    phase = Phase.RESPONSE;
    sentNanos = System.nanoTime();
    ready(ctx);
  }

  @Override
  public final void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (phase == Phase.TLS
        || cause instanceof SSLException
        || cause.getCause() instanceof SSLException) {
      tlsFailed(ctx.channel(), cause);
    } else {
      ProbeOutcome outcome =
          cause instanceof IOException ? ProbeOutcome.BROKEN : ProbeOutcome.BAD_RESPONSE;
      end(ctx.channel(), cause, outcome, Details.of(Details.root(cause)));
    }
  }

  /** Writes a message; if that fails on an open connection, the probe ends with the failure. */
  final void send(ChannelHandlerContext ctx, Object message) {
    endOnFailure(ctx, ctx.writeAndFlush(message));
  }

  /** Ends the probe with the failure of {@code sent}, unless the connection's end is the cause. */
  final void endOnFailure(ChannelHandlerContext ctx, Future<?> sent) {
    sentNanos = System.nanoTime();
    sent.addListener(
        result -> {
          if (!result.isSuccess() && ctx.channel().isActive() && !reported) {
            exceptionCaught(ctx, result.cause());
          }
        });
  }

  private void tlsFailed(Channel channel, Throwable cause) {
    Throwable root = Details.root(cause);
    String detail =
        switch (root) {
          case NotSslRecordException plain -> "the response is not TLS";
          case ClosedChannelException closed -> "connection closed in the TLS handshake";
          default -> "TLS: " + Details.of(root);
        };
    end(channel, cause, ProbeOutcome.TLS_FAILED, detail);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    report(
        switch (phase) {
          case CONNECT -> new ProbeResult(ProbeOutcome.CONNECT_FAILED, "connection closed");
          case TLS ->
              new ProbeResult(ProbeOutcome.TLS_FAILED, "connection closed in the TLS handshake");
          case RESPONSE ->
              new ProbeResult(ProbeOutcome.BROKEN, "connection closed without a response");
          case BODY ->
              new ProbeResult(
                  ProbeOutcome.BROKEN, "connection closed before the end of the response");
        });
  }
}
