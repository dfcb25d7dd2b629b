package dev.understudy.proxy.frontend;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.CompressedDownstream;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.forwardauth.AuthQuestion;
import dev.understudy.proxy.forwardauth.AuthVerdict;
import dev.understudy.proxy.guard.Authenticator.Admitted;
import dev.understudy.proxy.guard.Authenticator.Refused;
import dev.understudy.proxy.guard.Authenticator.Verdict;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.proxy.route.ChangeStep;
import dev.understudy.proxy.route.CompiledRoute;
import dev.understudy.proxy.route.ConditionalStep;
import dev.understudy.proxy.route.NettyFields;
import dev.understudy.proxy.route.Step;
import dev.understudy.proxy.route.TerminalStep;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One request of the express lane: applies its route's steps to it and to its response. */
public final class ExpressRequest implements RoutedRequest {
  private static final AsciiString TRANSPORT_SECURITY =
      AsciiString.cached("strict-transport-security");

  private final Frontend frontend;
  private final CompiledRoute route;
  private final HttpRequest request;
  private final ClientConnection client;
  private final boolean tls;
  private final String clientTarget;
  private final String path;
  private final boolean body;
  private final boolean handshake;
  private final EventLoop loop;

  /** The client's, whatever steps give the server. */
  private final @Nullable String host;

  /** Null if no step has a condition or values of the request. */
  private final @Nullable ExpressFacts rules;

  private String target;
  private @Nullable ServerId prefer;
  private @Nullable UpgradeProtocols upgrades;
  private @Nullable Compression compression;
  private boolean acceptsGzip;

  /** The names of fields that guards have set for the server, in small letters. */
  private Set<String> vouched = Set.of();

  /** A local response that waits for its time; null for none. */
  private @Nullable Future<?> delayed;

  /** When that wait began, by {@link System#nanoTime}. */
  private long delayedNanos;

  /** The last such step that the request has passed. */
  private Step.@Nullable TransportSecurity transportSecurity;

  /** The number of steps that the request has passed; those apply to its response too. */
  private int passed;

  /**
   * @param clientTarget the target in the form in which the client sent it
   * @param target the target in origin-form, otherwise byte for byte the client's
   * @param path the normalised path of the target
   * @param body whether a body follows
   * @param rules null if no step has a condition or values of the request
   */
  ExpressRequest(
      Frontend frontend,
      CompiledRoute route,
      HttpRequest request,
      String clientTarget,
      String target,
      String path,
      ClientConnection client,
      boolean body,
      boolean handshake,
      EventLoop loop,
      @Nullable ExpressFacts rules) {
    this.frontend = frontend;
    this.route = route;
    this.request = request;
    this.clientTarget = clientTarget;
    this.target = target;
    this.path = path;
    this.client = client;
    this.body = body;
    this.handshake = handshake;
    this.loop = loop;
    this.rules = rules;
    this.host = request.headers().get(HttpHeaderNames.HOST);
    if (rules != null) {
      rules.on(route);
    }
    this.tls = frontend.trusted().isTls(client, request.headers());
  }

  /** Whether the request may make its connection a tunnel, as far as is known before its steps. */
  public boolean mayOpenTunnel() {
    return handshake
        || (route.allowsUpgrades()
            && UpgradeOffer.isMade(request.protocolVersion(), request.headers()));
  }

  /** What the request offers to its server to switch to; null for nothing. */
  private @Nullable UpgradeOffer upgrade() {
    return handshake
        ? UpgradeOffer.WEB_SOCKET
        : UpgradeOffer.of(request.protocolVersion(), request.headers(), upgrades);
  }

  /**
   * Runs the route's steps and creates the exchange, which is not started yet.
   *
   * @return null if a step has sent a local response, or will send it later
   */
  public @Nullable Exchange begin(Downstream downstream) {
    List<Step> steps = route.steps();
    for (; passed < steps.size(); passed++) {
      Step step = rules == null ? steps.get(passed) : rules.due(steps.get(passed));
      if (step == null) {
        Step.passOver(steps.get(passed), vouched, new NettyFields(request.headers()));
        continue;
      }
      switch (step) {
        case Step.Redirect redirect -> {
          if (!tls) {
            redirect(redirect, downstream);
            return null;
          }
        }
        case Step.RedirectToHost redirect -> {
          if (!redirect.isAtTarget(host == null ? "" : host, tls)) {
            redirectOrRefuse(redirect.status(), redirect.location(target), downstream);
            return null;
          }
        }
        case Step.WebSocketGuard guard -> {
          boolean passes = handshake && WebSocketHandshake.isComplete(request.headers());
          if (!passes && guard.guards(target, path)) {
            redirectOrRefuse(403, null, downstream);
            return null;
          }
        }
        case Step.Deny deny -> {
          refuse(deny.status(), downstream);
          return null;
        }
        case Step.Respond respond -> {
          send(LocalResponse.text(respond.status(), respond.text(), id()), downstream);
          return null;
        }
        case Step.BasicAuth auth -> {
          CompletableFuture<Verdict> verdict =
              auth.authenticator()
                  .check(
                      rules == null
                          ? request.headers().getAll(HttpHeaderNames.AUTHORIZATION)
                          : rules.everyForm("authorization"),
                      frontend.trusted().clientAddress(client, request.headers()));
          if (!verdict.isDone()) {
            return suspended(verdict, found -> isAdmitted(auth, found, downstream), downstream);
          }
          if (!isAdmitted(auth, verdict.join(), downstream)) {
            return null;
          }
        }
        case Step.ForwardAuth auth -> {
          CompletableFuture<AuthVerdict> verdict =
              auth.guard().check(question(), frontend.engine(), loop);
          if (!verdict.isDone()) {
            return suspended(verdict, found -> isAdmitted(auth, found, downstream), downstream);
          }
          if (!isAdmitted(auth, verdict.join(), downstream)) {
            return null;
          }
        }
        case Step.Compress compress -> {
          compression = compress.settings();
          acceptsGzip =
              Compression.accepts(request.headers().getAll(HttpHeaderNames.ACCEPT_ENCODING));
        }
        case Step.RateLimit limit -> {
          long wait =
              limit
                  .limiter()
                  .count(
                      client,
                      frontend.trusted(),
                      rules == null ? request.headers()::getAll : rules::anyForm);
          if (wait > 0) {
            frontend.listener().limited(Limit.REQUEST_RATE);
            refuse(limit.status(), wait, downstream);
            return null;
          }
        }
        case Step.AllowUpgrade allow -> upgrades = allow.protocols();
        case Step.Prefer preferred -> prefer = preferred.server();
        case Step.TransportSecurity security -> transportSecurity = security;
        case Step.EditHeader edit -> {
          if (edit.of() == Step.EditHeader.Of.REQUEST) {
            edit.apply(request.headers());
          }
        }
        case Step.Rewrite rewrite -> {
          if (rules != null) {
            rules.run(rewrite);
          }
        }
        case ChangeStep change -> {
          if (!rules().run(change)) {
            refuse(400, downstream, RequestEnd.BAD_REQUEST);
            return null;
          }
        }
        case TerminalStep ending -> {
          end(ending, downstream);
          return null;
        }
        case ConditionalStep conditional ->
            throw new IllegalStateException("a condition in another");
      }
    }
    target = rules == null ? route.target(target, path) : rules.target();
    ProxyRequest what =
        new ProxyRequest(
            clientTarget,
            host,
            route,
            pool(),
            prefer,
            rules == null ? request.method() : HttpMethod.valueOf(rules.sentMethod()),
            target,
            request.protocolVersion(),
            request.headers(),
            body,
            upgrade(),
            client);
    if (what.isHandshakeWithoutKey()) {
      refuse(400, downstream, RequestEnd.BAD_REQUEST);
      return null;
    }
    return frontend.engine().exchange(what, compressing(downstream, what), loop);
  }

  private AuthQuestion question() {
    HttpHeaders fields = request.headers();
    String id = id();
    // The server gets it too.
    fields.set("x-request-id", id);
    return new AuthQuestion(
        request.method().name(),
        host,
        target,
        tls,
        client,
        frontend.trusted().clientAddress(client, fields),
        id,
        rules == null ? fields::getAll : rules::everyForm);
  }

  private Downstream compressing(Downstream client, ProxyRequest what) {
    return compression == null
        ? client
        : new CompressedDownstream(client, compression, acceptsGzip, what, frontend.listener());
  }

  /** Waits for a step, and goes on if it admits the request. */
  private <T> Exchange suspended(
      CompletableFuture<T> verdict, Predicate<T> admits, Downstream downstream) {
    return new SuspendedExchange<>(
        loop, verdict, found -> admits.test(found) ? resume(downstream) : null, this, downstream);
  }

  /** Goes on after a step that has waited; returns null if a local response was sent. */
  private @Nullable Exchange resume(Downstream downstream) {
    passed++;
    return begin(downstream);
  }

  /** Whether the request may pass; sends the refusal if it may not. */
  private boolean isAdmitted(Step.BasicAuth auth, Verdict verdict, Downstream downstream) {
    switch (verdict) {
      case Admitted admitted -> {
        auth.admit(admitted, vouched(), new NettyFields(request.headers()));
        return true;
      }
      case Refused refused -> {
        if (refused == Refused.BUSY) {
          frontend.listener().limited(Limit.PASSWORD_CHECKS);
          refuse(503, 1, downstream);
        } else {
          send(
              error(401, 0).with("www-authenticate", auth.authenticator().challenge()), downstream);
        }
        return false;
      }
    }
  }

  /** Whether the request may pass; sends the response if it may not. */
  private boolean isAdmitted(Step.ForwardAuth auth, AuthVerdict verdict, Downstream downstream) {
    switch (verdict) {
      case AuthVerdict.Admitted admitted -> {
        auth.admit(admitted, vouched(), new NettyFields(request.headers()));
        return true;
      }
      case AuthVerdict.Refused refused -> send(refused.response(id()), downstream);
      case AuthVerdict.Unanswered unanswered -> {
        if (unanswered == AuthVerdict.Unanswered.BUSY) {
          frontend.listener().limited(Limit.FORWARD_AUTH);
        }
        refuse(503, unanswered == AuthVerdict.Unanswered.BUSY ? 1 : 0, downstream);
      }
    }
    return false;
  }

  private Set<String> vouched() {
    if (vouched.isEmpty()) {
      vouched = new HashSet<>();
    }
    return vouched;
  }

  /** Drops a local response that waits for its time; nobody is left to read it. */
  public void clientGone() {
    if (dropResponse()) {
      left(delayedNanos);
    }
  }

  /** Reports a client that has gone before there was a response. */
  void left(long startNanos) {
    ended(0, id(), startNanos, 0, RequestEnd.CLIENT_GONE);
  }

  /** Drops a local response that waits for its time; returns false if none does. */
  boolean dropResponse() {
    Future<?> waiting = delayed;
    delayed = null;
    return waiting != null && waiting.cancel(false);
  }

  private ExpressFacts rules() {
    return Objects.requireNonNull(rules);
  }

  private void end(TerminalStep ending, Downstream downstream) {
    switch (ending) {
      case TerminalStep.Redirect to -> {
        String location = to.location(rules());
        if (location == null) {
          refuse(400, downstream, RequestEnd.BAD_REQUEST);
        } else {
          redirectOrRefuse(to.status(), location, downstream);
        }
      }
      case TerminalStep.Respond respond -> {
        send(
            LocalResponse.text(
                respond.status(),
                respond.contentType(),
                respond.text(rules()),
                id(),
                respond.fields(rules())),
            downstream);
      }
      case TerminalStep.Reject reject -> {
        long start = System.nanoTime();
        String id = id();
        downstream.abort();
        ended(0, id, start, 0, RequestEnd.LOCAL);
      }
      case TerminalStep.Tarpit tarpit -> {
        delayedNanos = System.nanoTime();
        delayed =
            loop.schedule(
                () -> refuse(tarpit.status(), downstream),
                tarpit.time().toNanos(),
                TimeUnit.NANOSECONDS);
      }
    }
  }

  private void redirect(Step.Redirect how, Downstream downstream) {
    String location = how.location(host == null ? "" : host, target);
    redirectOrRefuse(location == null ? 400 : how.status(), location, downstream);
  }

  private void redirectOrRefuse(int status, @Nullable String location, Downstream downstream) {
    if (location == null) {
      refuse(status, downstream);
      return;
    }
    long start = System.nanoTime();
    String id = id();
    LocalResponseSender.redirect(downstream, status, location, id);
    ended(status, id, start, 0, RequestEnd.LOCAL);
  }

  private void refuse(int status, Downstream downstream) {
    refuse(status, 0, downstream);
  }

  /**
   * @param retryAfter in seconds; 0 if it is not known
   */
  private void refuse(int status, long retryAfter, Downstream downstream) {
    send(error(status, retryAfter), downstream);
  }

  void refuse(int status, Downstream downstream, RequestEnd end) {
    send(error(status, 0), downstream, end);
  }

  private LocalResponse error(int status, long retryAfter) {
    return frontend
        .errors()
        .of(status, pool(), request.method(), request.headers(), id(), retryAfter);
  }

  /** The pool whose error pages apply. */
  private PoolId pool() {
    PoolId chosen = rules == null ? null : rules.chosenPool();
    return chosen == null ? route.pool() : chosen;
  }

  private void send(LocalResponse response, Downstream downstream) {
    send(response, downstream, RequestEnd.LOCAL);
  }

  private void send(LocalResponse response, Downstream downstream, RequestEnd end) {
    long start = System.nanoTime();
    long bytes = response.send(downstream, request.method());
    ended(response.status().code(), response.requestId(), start, bytes, end);
  }

  private String id() {
    return frontend.on(loop).ids().keepOrMake(request.headers().get("x-request-id"));
  }

  private void ended(int status, String id, long start, long bytes, RequestEnd end) {
    frontend
        .listener()
        .endedLocally(
            LocalResponseSender.outcome(
                route, request, clientTarget, client, id, status, end, start, bytes),
            request.headers());
  }

  /**
   * Applies the route's steps to the head of the final response. To a local response of a step, and
   * to a 101, only steps apply that take effect before the response arrives.
   */
  public void applyToResponse(HttpResponse head) {
    List<Step> steps = route.steps();
    if (passed == steps.size() && !HttpResponseStatus.SWITCHING_PROTOCOLS.equals(head.status())) {
      if (rules == null) {
        List<Step.EditHeader> edits = route.responseEdits();
        for (int i = 0; i < edits.size(); i++) {
          edits.get(i).apply(head.headers());
        }
      } else {
        int before = head.status().code();
        int after = rules.respond(before, new NettyFields(head.headers()));
        if (after != before) {
          head.setStatus(HttpResponseStatus.valueOf(after));
        }
      }
    }
    if (tls && transportSecurity != null) {
      head.headers().set(TRANSPORT_SECURITY, transportSecurity.value());
    }
  }
}
