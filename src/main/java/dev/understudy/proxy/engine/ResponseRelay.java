package dev.understudy.proxy.engine;

import static dev.understudy.proxy.engine.ExchangePhase.AWAITING;
import static dev.understudy.proxy.engine.ExchangePhase.RELAYING;

import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ConnectionAuthentication;
import dev.understudy.proxy.http.DownstreamResponseHead;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.ResponseKind;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.session.SessionStore;
import dev.understudy.proxy.upstream.UpstreamConnection;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Relays the response of one attempt from the server's connection to the client, and tells the
 * attempt what else the connection reports. Calls that do not belong to the exchange's phase have
 * no effect.
 */
final class ResponseRelay implements UpstreamConnection.User {
  /**
   * The most 1xx responses that one server may send to one request. Each restarts {@code
   * timeouts.response}, so this bounds how long a server can delay its final response; and each
   * costs the client, whatever it asked for. Servers send one or two; a 102 every 20 seconds (RFC
   * 2518 §10.1) lasts for half an hour.
   */
  static final int MAX_INFORMATIONAL = 100;

  /** What a head may take without being counted, in bytes: a part of what its request costs. */
  private static final int FREE = 4 * 1024;

  private final EngineLoop engineLoop;
  private final ForwardingExchange exchange;
  private final UpstreamAttempt attempt;
  private final ProxyRequest request;
  private final Downstream downstream;
  private ResponseKind kind = ResponseKind.DOWNLOAD;
  private int informational;

  /** What is counted for the client of a head that is kept while its body is relayed. */
  private int headBytes;

  /** Created by the first tick while the response is relayed; most responses end before it. */
  private @Nullable ResponseLifetime lifetime;

  ResponseRelay(EngineLoop engineLoop, ForwardingExchange exchange, UpstreamAttempt attempt) {
    this.engineLoop = engineLoop;
    this.exchange = exchange;
    this.attempt = attempt;
    this.request = exchange.request;
    this.downstream = exchange.downstream;
  }

  // The connection, for the attempt.

  @Override
  public ClientConnection client() {
    return request.client();
  }

  @Override
  public void connected(UpstreamConnection on) {
    attempt.connected(on);
  }

  @Override
  public void serverWritable() {
    attempt.serverWritable();
  }

  @Override
  public void broken(@Nullable Throwable cause) {
    attempt.broken(cause);
  }

  @Override
  public void refused(String detail) {
    attempt.failed(exchange.phase().failed(UpstreamFailure.REFUSED), detail);
  }

  @Override
  public void badResponse(String detail) {
    attempt.failed(exchange.phase().failed(UpstreamFailure.BAD_RESPONSE), detail);
  }

  @Override
  public void responseHeadTooLarge() {
    engineLoop.engine().listener().limited(Limit.RESPONSE_HEADER_SIZE);
    badResponse("a response head of more than understudy.server.max-header-size");
  }

  @Override
  public void tooManyFields() {
    engineLoop.engine().listener().limited(Limit.RESPONSE_HEADER_COUNT);
    badResponse("more fields of a response head than understudy.server.max-headers");
  }

  // The head.

  /** Relays a 1xx response, unless the client is too old for it. */
  @Override
  public void informational(HttpResponse response) {
    if (!attempt.isIn(AWAITING)) {
      return;
    }
    informational++;
    if (informational > MAX_INFORMATIONAL) {
      badResponse("more than " + MAX_INFORMATIONAL + " informational responses to one request");
      return;
    }
    attempt.timer.moved();
    if (HttpResponseStatus.CONTINUE.equals(response.status())) {
      exchange.toServer.mayGoOn();
    }
    if (!HttpVersion.HTTP_1_0.equals(request.version())) {
      DownstreamResponseHead.prepare(response, exchange.requestId, null);
      downstream.informational(response);
      downstream.flush();
    }
  }

  @Override
  public void responseHead(HttpResponse response, int costBytes) {
    if (!attempt.isIn(AWAITING)) {
      return;
    }
    if (costBytes > FREE) {
      headBytes = costBytes;
      request.client().unsent(costBytes);
    }
    int status = response.status().code();
    if (request.upgrade() != null && !downstream.accepts(response)) {
      badResponse(status + " instead of a 101");
      return;
    }
    if (ConnectionAuthentication.isOffered(response)) {
      attempt.keepForClient();
    }
    attempt.enter(RELAYING);
    HttpHeaders fields = response.headers();
    exchange.outcome.responded(status, fields);
    attempt.responded(status);
    exchange.toServer.settle();
    String setCookie = stickyCookie(fields);
    kind = ResponseKind.of(fields);
    DownstreamResponseHead.prepare(response, exchange.requestId, setCookie);
    downstream.head(response);
  }

  /** Learns from a response; returns a sticky cookie to set, null if none. */
  private @Nullable String stickyCookie(HttpHeaders fields) {
    SelectedServer from = attempt.target;
    SessionStore sessions = engineLoop.sessions(from.pool().pool());
    return sessions == null
        ? null
        : sessions.responded(
            request,
            exchange.acquisition.session(),
            from.server().server().id(),
            from.preferred(),
            fields);
  }

  @Override
  public void switching(HttpResponse response) {
    if (!attempt.isIn(AWAITING)) {
      return;
    }
    UpgradeOffer offer = request.upgrade();
    String protocol = offer == null ? null : offer.agreed(response, request.headers());
    if (offer == null) {
      badResponse("101 to a request that did not ask for it");
    } else if (protocol == null) {
      badResponse("101 that does not agree to " + offer.protocols());
    } else if (!exchange.toServer.isEnded()) {
      // The rest of the request would be taken for the new protocol (RFC 9110 §7.8).
      badResponse("101 before the end of the request");
    } else {
      attempt.responded(101);
      exchange.outcome.switched();
      String setCookie = stickyCookie(response.headers());
      DownstreamResponseHead.prepare(response, exchange.requestId, setCookie);
      DownstreamResponseHead.switching(response, protocol);
      attempt.becomeTunnel(response, offer.isWebSocket());
    }
  }

  /** Forgets the head: the attempt has ended. */
  void over() {
    if (headBytes > 0) {
      request.client().unsent(-headBytes);
      headBytes = 0;
    }
  }

  // The body.

  @Override
  public void responseBody(ByteBuf data) {
    if (attempt.isIn(RELAYING)) {
      attempt.timer.received();
      exchange.outcome.bytesOut += data.readableBytes();
      downstream.body(data);
    } else {
      data.release();
    }
  }

  @Override
  public void responseEnded(HttpHeaders trailers) {
    if (attempt.isIn(RELAYING)) {
      attempt.complete(trailers);
    }
  }

  @Override
  public boolean wantsMore() {
    if (exchange.phase() == RELAYING) {
      downstream.flush();
    }
    return isTaken();
  }

  /** Whether the client takes what it is given. */
  boolean isTaken() {
    return switch (exchange.phase()) {
      case RELAYING -> downstream.isWritable();
      case AWAITING -> informational == 0 || downstream.isHeadWelcome();
      case SELECTING, CONNECTING, OVER -> true;
    };
  }

  /** Whether it is completed where others are broken off. */
  boolean isEventStream() {
    return kind == ResponseKind.EVENT_STREAM;
  }

  // How long it may run.

  /**
   * Judges whether the response that is being relayed has to end now.
   *
   * @param begunClock when its head arrived, by the tick clock
   * @return the reason to end it; null if it goes on
   * @see ResponseLifetime#end
   */
  @Nullable RequestEnd due(long begunClock, long silentNanos) {
    if (lifetime == null) {
      lifetime = new ResponseLifetime(attempt.target, kind, begunClock, Engine::random);
      judge();
      if (engineLoop.isStopping()) {
        stop();
      }
    }
    return lifetime.end(engineLoop.clock(), silentNanos, !exchange.toServer.isEnded());
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
