package dev.understudy.proxy.gateway;

import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.CompressedDownstream;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.forwardauth.AuthQuestion;
import dev.understudy.proxy.forwardauth.AuthVerdict;
import dev.understudy.proxy.guard.Authenticator.Admitted;
import dev.understudy.proxy.guard.Authenticator.Refused;
import dev.understudy.proxy.guard.Authenticator.Verdict;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.route.ChangeStep;
import dev.understudy.proxy.route.ConditionalStep;
import dev.understudy.proxy.route.HeaderFields;
import dev.understudy.proxy.route.RequestFacts;
import dev.understudy.proxy.route.Step;
import dev.understudy.proxy.route.TerminalStep;
import dev.understudy.traffic.Limit;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Runs one compiled filter in the Gateway lane, as the express lane does. */
final class StepFilter implements GatewayFilter {
  private static final String PREFERRED_SERVER = StepFilter.class.getName() + ".server";
  private static final String COMPRESSION = StepFilter.class.getName() + ".compression";
  private static final String UPGRADES = StepFilter.class.getName() + ".upgrades";
  private static final String TRANSPORT_SECURITY = "Strict-Transport-Security";

  /** The compression of the response, and whether the client takes it. */
  private record Asked(Compression settings, boolean accepted) {}

  private final Step step;

  StepFilter(Step step) {
    this.step = step;
  }

  /** The server that a filter prefers; null for none. */
  static @Nullable ServerId preferredServer(ServerWebExchange exchange) {
    return exchange.getAttribute(PREFERRED_SERVER);
  }

  /** What the request offers to its server to switch to; null for nothing. */
  static @Nullable UpgradeOffer upgrade(ServerWebExchange exchange, GatewayLaneRequest lane) {
    return UpgradeOffer.of(
        lane.received.version(), lane.headers(), exchange.getAttribute(UPGRADES));
  }

  /** Returns the client's side that compresses the response, if the route has the filter. */
  static Downstream compressing(
      Downstream client,
      ProxyRequest request,
      ServerWebExchange exchange,
      GatewayLaneRequest lane) {
    @Nullable Asked asked = exchange.getAttribute(COMPRESSION);
    return asked == null
        ? client
        : new CompressedDownstream(
            client, asked.settings(), asked.accepted(), request, lane.frontend.listener());
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    if (RequestFacts.isOfResponse(step)) {
      GatewayFacts rules = GatewayFacts.of(exchange);
      RequestFacts.ResponseEdit edit = rules.plan(step);
      Mono<Void> response = chain.filter(exchange);
      return edit == null
          ? response
          : response.then(Mono.fromRunnable(() -> respond(rules, edit, exchange.getResponse())));
    }
    Step due = step instanceof Step.Rule ? GatewayFacts.of(exchange).due(step) : step;
    return due == null ? chain.filter(passedOver(exchange)) : run(due, exchange, chain);
  }

  private Mono<Void> run(Step due, ServerWebExchange exchange, GatewayFilterChain chain) {
    GatewayLaneRequest request = GatewayLaneRequest.of(exchange);
    return switch (due) {
      case Step.Redirect redirect -> {
        if (request.received.tls()) {
          yield chain.filter(exchange);
        }
        String location = redirect.location(request.host(), request.received.target());
        yield location == null
            ? LocalResponses.write(exchange, 400)
            : LocalResponses.redirect(exchange, redirect.status(), location);
      }
      case Step.RedirectToHost redirect ->
          redirect.isAtTarget(request.host(), request.received.tls())
              ? chain.filter(exchange)
              : LocalResponses.redirect(
                  exchange, redirect.status(), redirect.location(request.received.target()));
      case Step.TransportSecurity security -> {
        if (request.received.tls()) {
          set(security, exchange.getResponse());
        }
        yield chain.filter(exchange);
      }
      case Step.WebSocketGuard guard ->
          guard.guards(request.received.target(), request.uri.getRawPath())
                  && !request.isCompleteHandshake()
              ? LocalResponses.write(exchange, 403)
              : chain.filter(exchange);
      case Step.Deny deny -> LocalResponses.write(exchange, deny.status());
      case Step.Respond respond ->
          LocalResponses.write(
              exchange,
              LocalResponse.text(respond.status(), respond.text(), request.received.id()));
      case Step.RateLimit limit -> count(limit, exchange, chain);
      case Step.BasicAuth auth -> check(auth, exchange, chain);
      case Step.ForwardAuth auth -> ask(auth, exchange, chain);
      case Step.Compress compress -> {
        List<String> accepted =
            exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.ACCEPT_ENCODING);
        exchange
            .getAttributes()
            .put(COMPRESSION, new Asked(compress.settings(), Compression.accepts(accepted)));
        yield chain.filter(exchange);
      }
      case Step.AllowUpgrade allow -> {
        exchange.getAttributes().put(UPGRADES, allow.protocols());
        yield chain.filter(exchange);
      }
      case Step.Prefer preferred -> {
        exchange.getAttributes().put(PREFERRED_SERVER, preferred.server());
        yield chain.filter(exchange);
      }
      case Step.EditHeader edit ->
          chain.filter(
              GatewayFacts.of(exchange)
                  .edited(fields -> fields.apply(edit.how(), edit.name(), edit.value())));
      case ChangeStep change -> {
        ServerWebExchange next = GatewayFacts.of(exchange).changed(change);
        yield next == null ? LocalResponses.write(exchange, 400) : chain.filter(next);
      }
      case TerminalStep ending -> end(ending, exchange, request);
      case Step.Rewrite rewrite -> throw new IllegalStateException("the Gateway's own: " + rewrite);
      case ConditionalStep other -> throw new IllegalStateException("a condition in another");
    };
  }

  /**
   * Sets the field now for a 101, which is never committed, and again at the commit in place of a
   * server's own: only one is allowed (RFC 6797 §7.1), and the edge ends TLS.
   */
  private static void set(Step.TransportSecurity security, ServerHttpResponse response) {
    HttpHeaders headers = response.getHeaders();
    headers.set(TRANSPORT_SECURITY, security.value());
    response.beforeCommit(
        () -> Mono.fromRunnable(() -> headers.set(TRANSPORT_SECURITY, security.value())));
  }

  private static Mono<Void> count(
      Step.RateLimit limit, ServerWebExchange exchange, GatewayFilterChain chain) {
    GatewayLaneRequest request = GatewayLaneRequest.of(exchange);
    GatewayFacts rules = GatewayFacts.ifAny(exchange);
    Function<String, List<String>> headers =
        rules == null ? exchange.getRequest().getHeaders()::getOrEmpty : rules::anyForm;
    long wait =
        limit.limiter().count(request.received.client(), request.frontend.trusted(), headers);
    if (wait == 0) {
      return chain.filter(exchange);
    }
    request.frontend.listener().limited(Limit.REQUEST_RATE);
    return LocalResponses.write(exchange, limit.status(), wait);
  }

  private static Mono<Void> check(
      Step.BasicAuth auth, ServerWebExchange exchange, GatewayFilterChain chain) {
    GatewayLaneRequest request = GatewayLaneRequest.of(exchange);
    GatewayFacts rules = GatewayFacts.ifAny(exchange);
    HttpHeaders headers = exchange.getRequest().getHeaders();
    CompletableFuture<Verdict> verdict =
        auth.authenticator()
            .check(
                rules == null
                    ? headers.getOrEmpty(HttpHeaders.AUTHORIZATION)
                    : rules.everyForm(HttpHeaders.AUTHORIZATION),
                request
                    .frontend
                    .trusted()
                    .clientAddress(
                        request.received.client(), () -> headers.getOrEmpty("x-forwarded-for")));
    if (verdict.isDone()) {
      return goOn(auth, verdict.join(), exchange, chain);
    }
    // Other requests may wait for the same result: one that ends must not cancel it.
    return Mono.fromFuture(verdict, true)
        .publishOn(Schedulers.fromExecutor(request.channel.eventLoop()))
        .flatMap(found -> goOn(auth, found, exchange, chain));
  }

  private static Mono<Void> goOn(
      Step.BasicAuth auth, Verdict verdict, ServerWebExchange exchange, GatewayFilterChain chain) {
    GatewayLaneRequest request = GatewayLaneRequest.of(exchange);
    return switch (verdict) {
      case Admitted admitted ->
          chain.filter(
              with(
                  exchange,
                  headers -> auth.admit(admitted, request.vouched, new SpringFields(headers))));
      case Refused refused -> {
        if (refused == Refused.BUSY) {
          request.frontend.listener().limited(Limit.PASSWORD_CHECKS);
          yield LocalResponses.write(exchange, 503, 1);
        }
        yield LocalResponses.write(
            exchange,
            LocalResponses.error(exchange, 401, 0)
                .with("www-authenticate", auth.authenticator().challenge()));
      }
    };
  }

  private static Mono<Void> ask(
      Step.ForwardAuth auth, ServerWebExchange original, GatewayFilterChain chain) {
    GatewayLaneRequest request = GatewayLaneRequest.of(original);
    // The server gets the id too.
    ServerWebExchange exchange =
        with(original, headers -> headers.set("X-Request-Id", request.received.id()));
    GatewayFacts rules = GatewayFacts.ifAny(exchange);
    HttpHeaders headers = exchange.getRequest().getHeaders();
    AuthQuestion question =
        new AuthQuestion(
            request.http.method().name(),
            request.received.host(),
            request.received.target(),
            request.received.tls(),
            request.received.client(),
            request
                .frontend
                .trusted()
                .clientAddress(
                    request.received.client(), () -> headers.getOrEmpty("x-forwarded-for")),
            request.received.id(),
            rules == null ? headers::getOrEmpty : rules::everyForm);
    EventLoop loop = request.channel.eventLoop();
    Scheduler onLoop = Schedulers.fromExecutor(loop);
    return Mono.defer(
            () -> Mono.fromFuture(auth.guard().check(question, request.frontend.engine(), loop)))
        .subscribeOn(onLoop)
        .publishOn(onLoop)
        .flatMap(
            verdict ->
                switch (verdict) {
                  case AuthVerdict.Admitted admitted ->
                      chain.filter(
                          with(
                              exchange,
                              fields ->
                                  auth.admit(admitted, request.vouched, new SpringFields(fields))));
                  case AuthVerdict.Refused refused ->
                      LocalResponses.write(exchange, refused.response(request.received.id()));
                  case AuthVerdict.Unanswered unanswered -> {
                    boolean busy = unanswered == AuthVerdict.Unanswered.BUSY;
                    if (busy) {
                      request.frontend.listener().limited(Limit.FORWARD_AUTH);
                    }
                    yield LocalResponses.write(exchange, 503, busy ? 1 : 0);
                  }
                });
  }

  /** A request that the step passes over: without what the client made up. */
  private ServerWebExchange passedOver(ServerWebExchange exchange) {
    return Step.ownFields(step).isEmpty()
        ? exchange
        : with(
            exchange,
            headers ->
                Step.passOver(
                    step, GatewayLaneRequest.of(exchange).vouched, new SpringFields(headers)));
  }

  private static ServerWebExchange with(ServerWebExchange exchange, Consumer<HttpHeaders> change) {
    return exchange.mutate().request(request -> request.headers(change)).build();
  }

  private static void respond(
      GatewayFacts rules, RequestFacts.ResponseEdit edit, ServerHttpResponse response) {
    HttpStatusCode status = response.getStatusCode();
    if (!response.isCommitted() && status != null && status.value() != 101) {
      int after = rules.respond(edit, status.value(), new SpringFields(response.getHeaders()));
      if (after != status.value()) {
        response.setStatusCode(HttpStatusCode.valueOf(after));
      }
    }
  }

  private Mono<Void> end(
      TerminalStep ending, ServerWebExchange exchange, GatewayLaneRequest request) {
    GatewayFacts rules = GatewayFacts.of(exchange);
    return switch (ending) {
      case TerminalStep.Redirect redirect -> {
        String location = redirect.location(rules);
        yield location == null
            ? LocalResponses.write(exchange, 400)
            : LocalResponses.redirect(exchange, redirect.status(), location);
      }
      case TerminalStep.Respond respond -> {
        LocalResponse local =
            LocalResponse.text(
                respond.status(),
                respond.contentType(),
                respond.text(rules),
                request.received.id(),
                respond.fields(rules));
        yield LocalResponses.write(exchange, local);
      }
      case TerminalStep.Reject reject -> LocalResponses.reject(exchange);
      case TerminalStep.Tarpit tarpit ->
          Mono.delay(tarpit.time())
              .then(Mono.defer(() -> LocalResponses.write(exchange, tarpit.status())));
    };
  }

  /** The fields of a response of Spring's. */
  private record SpringFields(HttpHeaders headers) implements HeaderFields {
    @Override
    public List<String> all(String name) {
      return headers.getOrEmpty(name);
    }

    @Override
    public void add(String name, String value) {
      headers.add(name, value);
    }

    @Override
    public void set(String name, List<String> values) {
      headers.put(name, values);
    }

    @Override
    public void remove(String name) {
      headers.remove(name);
    }
  }
}
