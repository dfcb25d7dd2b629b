package dev.understudy.proxy.engine;

import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.proxy.http.DownstreamResponseHead;
import dev.understudy.proxy.http.HopByHop;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.ResponseKind;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.traffic.RequestEnd;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Relays the response of one exchange, its server's or a local one, to the client. */
final class ResponseRelay {
  /**
   * The most 1xx responses that one server may send to one request. Each restarts {@code
   * timeouts.response}, so this bounds how long a server can delay its final response; and each
   * costs the client, whatever it asked for. Servers send one or two; a 102 every 20 seconds (RFC
   * 2518 §10.1) lasts for half an hour.
   */
  static final int MAX_INFORMATIONAL = 100;

  private static final long LONGEST_RETRY_SECONDS = Duration.ofHours(1).toSeconds();

  private final EngineLoop engineLoop;
  private final ProxyRequest request;
  private final Downstream downstream;
  private final String requestId;
  private final OutcomeRecorder trace;
  private ResponseKind kind = ResponseKind.DOWNLOAD;
  private @Nullable HttpHeaders fields;

  /** 1xx responses received from the current server. */
  private int informational;

  /** Created by the first tick while the response is relayed; most responses end before it. */
  private @Nullable ResponseLifetime lifetime;

  ResponseRelay(
      EngineLoop engineLoop,
      ProxyRequest request,
      Downstream downstream,
      String requestId,
      OutcomeRecorder trace) {
    this.engineLoop = engineLoop;
    this.request = request;
    this.downstream = downstream;
    this.requestId = requestId;
    this.trace = trace;
  }

  /** Starts over: the next server has sent nothing yet. */
  void rewind() {
    informational = 0;
  }

  /** Counts a 1xx response; returns whether the server may send as many. */
  boolean countInformational() {
    informational++;
    return informational <= MAX_INFORMATIONAL;
  }

  /** Relays a 1xx response, unless the client is too old for it. */
  void informational(HttpResponse response) {
    if (!HttpVersion.HTTP_1_0.equals(request.version())) {
      DownstreamResponseHead.prepare(response, requestId, null);
      downstream.informational(response);
      downstream.flush();
    }
  }

  /** Whether the client has not yet taken the informational responses that were sent to it. */
  boolean isClientBehind() {
    return informational > 0 && !downstream.isHeadWelcome();
  }

  /**
   * Relays the final response's head.
   *
   * @param setCookie the sticky cookie to set; null for none
   */
  void head(HttpResponse response, @Nullable String setCookie) {
    kind = ResponseKind.of(response.headers());
    DownstreamResponseHead.prepare(response, requestId, setCookie);
    fields = response.headers();
    downstream.head(response);
  }

  /** The fields of the final response; null if it was not relayed. */
  @Nullable HttpHeaders fields() {
    return fields;
  }

  /** Relays a piece of the body, and takes its reference. */
  void body(ByteBuf data) {
    trace.bytesOut += data.readableBytes();
    downstream.body(data);
  }

  void end(HttpHeaders trailers) {
    downstream.end(HopByHop.trailers(trailers));
    downstream.flush();
  }

  boolean isEventStream() {
    return kind == ResponseKind.EVENT_STREAM;
  }

  /**
   * Sends a whole local response.
   *
   * @param end what it ends the request with
   * @param pool the request's pool; null if it does not exist
   */
  void local(int status, RequestEnd end, @Nullable PoolState pool) {
    boolean excluded = end == RequestEnd.MAINTENANCE;
    trace.status = status;
    LocalResponse local =
        engineLoop
            .engine()
            .errors
            .of(
                excluded ? ErrorPages.MAINTENANCE : status,
                request.pool(),
                request.method(),
                request.headers(),
                requestId,
                retryAfterSeconds(pool, excluded));
    trace.bytesOut = local.send(downstream, request.method());
  }

  /**
   * The time until the end of the maintenance that excludes the client, at most an hour; else the
   * shortest time in which a DOWN server can be UP again. In whole seconds; at least 1.
   */
  private long retryAfterSeconds(@Nullable PoolState state, boolean excluded) {
    if (state == null) {
      return 1;
    }
    PoolMaintenance maintenance = excluded ? state.maintenance() : null;
    Instant end = maintenance == null ? null : maintenance.until();
    HealthSettings health = state.pool().health();
    Duration soonest =
        end == null
            ? Duration.ofNanos(health.downInterval().toNanos() * health.rise())
            : Duration.between(engineLoop.engine().snapshots().wall(), end);
    return Math.clamp(soonest.plusMillis(999).toSeconds(), 1, LONGEST_RETRY_SECONDS);
  }

  /**
   * Judges whether the response that is being relayed has to end now.
   *
   * @param begunClock when its head arrived, by the {@link TickClock}
   * @return the reason to end it; null if it goes on
   * @see ResponseLifetime#end
   */
  @Nullable RequestEnd due(
      SelectedServer from, long begunClock, long silentNanos, boolean uploading) {
    if (lifetime == null) {
      lifetime = new ResponseLifetime(from, kind, begunClock, Engine::random);
      judge();
      if (engineLoop.isStopping()) {
        stop();
      }
    }
    return lifetime.end(engineLoop.clock(), silentNanos, uploading);
  }

  /** Judges a running response again, by the newest snapshot. */
  void judge() {
    if (lifetime != null) {
      SnapshotSource source = engineLoop.engine().snapshots();
      lifetime.judge(source.current(), source.now(), engineLoop.clock(), engineLoop.size());
    }
  }

  /** Plans the end of a running response, as the process is stopping. */
  void stop() {
    if (lifetime != null) {
      lifetime.stop(engineLoop.clock(), engineLoop.stopLeftNanos());
    }
  }
}
