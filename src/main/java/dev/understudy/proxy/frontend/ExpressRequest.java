package dev.understudy.proxy.frontend;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.filter.EditHeader;
import dev.understudy.proxy.filter.FilterResult;
import dev.understudy.proxy.filter.HeaderFields;
import dev.understudy.proxy.filter.NettyFields;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.filter.RouteRequest;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.route.CompiledRoute;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request of the express lane: applies its route's steps to it and to its response. */
public final class ExpressRequest extends RouteRequest implements RoutedRequest {
  private static final AsciiString TRANSPORT_SECURITY =
      AsciiString.cached("strict-transport-security");

  private final Frontend frontend;

  /** Null until the route is found. */
  private @Nullable CompiledRoute route;

  private final HttpRequest request;
  private final String clientTarget;
  private final boolean body;

  /** A local response that waits for its time; null for none. */
  private @Nullable Future<?> delayed;

  /** When that wait began, by {@link System#nanoTime}. */
  private long delayedNanos;

  /** The value of the last such step that the request has passed. */
  private @Nullable String transportSecurity;

  /** The number of steps that the request has passed; those apply to its response too. */
  private int passed;

  /**
   * @param clientTarget the target in the form in which the client sent it
   * @param target the target in origin-form, otherwise byte for byte the client's
   * @param path the normalised path of the target
   * @param body whether a body follows
   */
  ExpressRequest(
      Frontend frontend,
      HttpRequest request,
      String clientTarget,
      String target,
      String path,
      ClientConnection client,
      boolean body,
      boolean handshake,
      EventLoop loop) {
    super(
        frontend,
        client,
        loop,
        frontend.trusted().isTls(client, request.headers()),
        request.headers().get(HttpHeaderNames.HOST),
        target,
        path,
        handshake);
    this.frontend = frontend;
    this.request = request;
    this.clientTarget = clientTarget;
    this.body = body;
  }

  /** Takes the route that was found; returns the request that runs its steps. */
  ExpressRequest on(CompiledRoute found) {
    route = found;
    needFacts(found.hasRules());
    return this;
  }

  private CompiledRoute route() {
    return Objects.requireNonNull(route);
  }

  @Override
  public boolean mayOpenTunnel() {
    return isHandshake()
        || (route().allowsUpgrades()
            && UpgradeOffer.isMade(request.protocolVersion(), request.headers()));
  }

  @Override
  public long stepBytes() {
    RequestFacts facts = knownFacts();
    return facts == null ? 0 : facts.costBytes();
  }

  @Override
  public @Nullable Exchange begin(Downstream downstream) {
    List<Step> steps = route().steps();
    for (; passed < steps.size(); passed++) {
      FilterResult result = run(steps.get(passed));
      if (result instanceof FilterResult.Waiting<?> waiting) {
        return suspended(waiting, downstream);
      }
      if (!(result instanceof FilterResult.Pass)) {
        end(result, downstream);
        return null;
      }
    }
    doneWithSteps();
    RequestFacts facts = knownFacts();
    ProxyRequest what =
        new ProxyRequest(
            clientTarget,
            host(),
            route(),
            Objects.requireNonNull(sentPool()),
            preferredServer(),
            facts == null ? request.method() : HttpMethod.valueOf(facts.sentMethod()),
            facts == null ? route().target(target(), path()) : facts.target(),
            request.protocolVersion(),
            request.headers(),
            body,
            isHandshake() ? UpgradeOffer.WEB_SOCKET : upgrade(request.protocolVersion()),
            retries(),
            timeLimits(),
            client());
    if (what.isHandshakeWithoutKey()) {
      refuse(400, downstream, RequestEnd.BAD_REQUEST);
      return null;
    }
    return frontend.engine().exchange(what, compressing(downstream, what), loop());
  }

  /** Waits for a step's result, and goes on if the request passes. */
  private <T> Exchange suspended(FilterResult.Waiting<T> waiting, Downstream downstream) {
    return new SuspendedExchange<>(
        loop(),
        waiting.awaited(),
        found -> resume(waiting.then().apply(found), downstream),
        this,
        downstream);
  }

  private @Nullable Exchange resume(FilterResult result, Downstream downstream) {
    if (result instanceof FilterResult.Pass) {
      passed++;
      return begin(downstream);
    }
    end(result, downstream);
    return null;
  }

  private void end(FilterResult result, Downstream downstream) {
    doneWithSteps();
    switch (result) {
      case FilterResult.Responded ending -> send(ending.response(), downstream, ending.end());
      case FilterResult.Redirected to -> {
        long start = System.nanoTime();
        String id = id();
        LocalResponseSender.redirect(downstream, to.status(), to.location(), id);
        ended(to.status(), id, start, 0, RequestEnd.LOCAL);
      }
      case FilterResult.Aborted ending -> {
        long start = System.nanoTime();
        String id = id();
        downstream.abort();
        ended(0, id, start, 0, RequestEnd.LOCAL);
      }
      case FilterResult.Delayed later -> {
        delayedNanos = System.nanoTime();
        delayed =
            loop()
                .schedule(
                    () -> refuse(later.status(), downstream, RequestEnd.LOCAL),
                    later.time().toNanos(),
                    TimeUnit.NANOSECONDS);
      }
      case FilterResult.Pass other -> throw new IllegalStateException("the request goes on");
      case FilterResult.Waiting<?> other -> throw new IllegalStateException("the request waits");
    }
  }

  @Override
  public HttpMethod method() {
    return request.method();
  }

  @Override
  protected HttpHeaders received() {
    return request.headers();
  }

  @Override
  public List<String> header(String name) {
    return request.headers().getAll(name);
  }

  @Override
  public void edit(Consumer<HeaderFields> change) {
    change.accept(fields());
  }

  @Override
  protected HeaderFields fields() {
    return new NettyFields(request.headers());
  }

  @Override
  public String id() {
    return frontend.on(loop()).ids().keepOrMake(request.headers().get("x-request-id"));
  }

  @Override
  public String requestId() {
    String id = id();
    request.headers().set("x-request-id", id);
    return id;
  }

  @Override
  public @Nullable PoolId pool() {
    return route == null ? null : sentPool();
  }

  /** Null if a step ends the request. */
  private @Nullable PoolId sentPool() {
    PoolId chosen = chosenPool();
    return chosen == null ? route().pool() : chosen;
  }

  @Override
  public void transportSecurity(String value) {
    transportSecurity = value;
  }

  @Override
  public void clientGone() {
    if (dropResponse()) {
      left(delayedNanos);
    }
  }

  @Override
  public void left(long startNanos) {
    ended(0, id(), startNanos, 0, RequestEnd.CLIENT_GONE);
  }

  @Override
  public boolean dropResponse() {
    Future<?> waiting = delayed;
    delayed = null;
    return waiting != null && waiting.cancel(false);
  }

  @Override
  public void refuse(int status, Downstream downstream, RequestEnd end) {
    send(error(status, 0), downstream, end);
  }

  private void send(LocalResponse response, Downstream downstream, RequestEnd end) {
    long start = System.nanoTime();
    long bytes = response.send(downstream, request.method());
    ended(response.status().code(), response.requestId(), start, bytes, end);
  }

  private void ended(int status, String id, long start, long bytes, RequestEnd end) {
    frontend
        .listener()
        .endedLocally(
            LocalResponseSender.outcome(
                route, request, clientTarget, client(), id, status, end, start, bytes),
            request.headers());
  }

  /**
   * Applies the route's steps to the head of the final response. To a local response of a step, and
   * to a 101, only steps apply that take effect before the response arrives.
   */
  @Override
  public void applyToResponse(HttpResponse head) {
    List<Step> steps = route().steps();
    if (passed == steps.size() && !HttpResponseStatus.SWITCHING_PROTOCOLS.equals(head.status())) {
      RequestFacts facts = knownFacts();
      if (facts == null) {
        List<EditHeader> edits = route().responseEdits();
        for (int i = 0; i < edits.size(); i++) {
          edits.get(i).apply(new NettyFields(head.headers()));
        }
      } else {
        int before = head.status().code();
        int after = facts.respond(before, new NettyFields(head.headers()));
        if (after != before) {
          head.setStatus(HttpResponseStatus.valueOf(after));
        }
      }
    }
    if (tls() && transportSecurity != null) {
      head.headers().set(TRANSPORT_SECURITY, transportSecurity);
    }
  }
}
