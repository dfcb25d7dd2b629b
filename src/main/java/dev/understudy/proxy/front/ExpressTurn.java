package dev.understudy.proxy.front;

import dev.understudy.pool.ServerId;
import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.EndReason;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.ProxyRequest;
import dev.understudy.proxy.WebSocketHandshake;
import dev.understudy.proxy.route.CompiledRoute;
import dev.understudy.proxy.route.Step;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request of the express lane: what its route does with it, and with its answer. */
final class ExpressTurn {
  private static final AsciiString TRANSPORT_SECURITY =
      AsciiString.cached("strict-transport-security");

  private final FrontDoor door;
  private final CompiledRoute route;
  private final HttpRequest request;
  private final ClientConnection client;
  private final boolean tls;
  private final String path;
  private String target;
  private @Nullable ServerId prefer;
  private boolean handshake;

  /** How many of the route's steps the request has passed; those work on its answer. */
  private int passed;

  /**
   * @param target in origin-form, byte for byte
   * @param path of it, normalised
   */
  private ExpressTurn(
      FrontDoor door,
      CompiledRoute route,
      HttpRequest request,
      String target,
      String path,
      ClientConnection client) {
    this.door = door;
    this.route = route;
    this.request = request;
    this.target = target;
    this.path = path;
    this.client = client;
    this.tls = door.trusted().isTls(client, request.headers());
  }

  /**
   * That of a request whose route is compiled; null: the Gateway's turn it is, and the request is
   * prepared for that.
   */
  static @Nullable ExpressTurn of(FrontDoor door, HttpRequest request, ClientConnection client) {
    String target = RequestTarget.originForm(request.uri());
    String path = RequestTarget.normalisedPath(target);
    CompiledRoute route =
        door.routes()
            .find(
                request.method(),
                RequestTarget.withoutEmptyPort(request.headers().get(HttpHeaderNames.HOST)),
                path);
    if (route == null) {
      RequestTarget.mend(request, target, path);
      return null;
    }
    return new ExpressTurn(door, route, request, target, path, client);
  }

  /**
   * Runs the route's steps and makes the exchange, not yet started.
   *
   * @param body whether one follows
   * @return null: a step has answered
   */
  @Nullable Exchange begin(Downstream downstream, boolean body, EventLoop loop) {
    List<Step> steps = route.steps();
    for (; passed < steps.size(); passed++) {
      switch (steps.get(passed)) {
        case Step.Redirect redirect -> {
          if (!tls) {
            redirect(redirect, downstream, loop);
            return null;
          }
        }
        case Step.WebSocketGuard guard -> {
          if (guard.refuses(target, path, request.headers())) {
            answer(403, null, downstream, loop);
            return null;
          }
        }
        case Step.Prefer preferred -> prefer = preferred.server();
        case Step.TransportSecurity security -> {}
        case Step.EditHeader edit -> {
          if (edit.of() == Step.EditHeader.Of.REQUEST) {
            edit.apply(request.headers());
          }
        }
        case Step.Rewrite rewrite -> {}
      }
    }
    target = route.target(target, path);
    handshake =
        !body
            && WebSocketHandshake.isProper(
                request.method(), request.protocolVersion(), request.headers());
    ProxyRequest what =
        new ProxyRequest(
            route,
            route.pool(),
            prefer,
            request.method(),
            target,
            request.protocolVersion(),
            request.headers(),
            body,
            handshake,
            client);
    return door.engine().exchange(what, downstream, loop);
  }

  private void redirect(Step.Redirect how, Downstream downstream, EventLoop loop) {
    String host = request.headers().get(HttpHeaderNames.HOST);
    String location = how.location(host == null ? "" : host, target);
    answer(location == null ? 400 : how.status(), location, downstream, loop);
  }

  private void answer(
      int status, @Nullable String location, Downstream downstream, EventLoop loop) {
    long start = System.nanoTime();
    String id = door.on(loop).ids().keepOrMake(request.headers().get("x-request-id"));
    long bytes = 0;
    if (location == null) {
      bytes = LocalReply.send(downstream, request, status, id);
    } else {
      LocalReply.redirect(downstream, status, location, id);
    }
    door.listener()
        .ended(
            LocalReply.outcome(
                route, request, target, client, id, status, EndReason.LOCAL, start, bytes));
  }

  /** Whether it may become a tunnel, whose first bytes are no HTTP. */
  boolean isHandshake() {
    return handshake;
  }

  /**
   * Lets the route's steps work on the final answer's head; on that of one of them, or of a tunnel,
   * only those that do so before the answer comes.
   */
  void dress(HttpResponse head) {
    List<Step> steps = route.steps();
    if (passed == steps.size() && !HttpResponseStatus.SWITCHING_PROTOCOLS.equals(head.status())) {
      List<Step.EditHeader> edits = route.answerEdits();
      for (int i = 0; i < edits.size(); i++) {
        edits.get(i).apply(head.headers());
      }
    }
    for (int i = 0; tls && i < passed; i++) {
      if (steps.get(i) instanceof Step.TransportSecurity security) {
        head.headers().set(TRANSPORT_SECURITY, security.value());
      }
    }
  }
}
