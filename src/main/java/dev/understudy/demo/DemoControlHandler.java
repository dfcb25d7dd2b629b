package dev.understudy.demo;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the demo's page and its control API. Runs in a server of its own, which never fails.
 *
 * <pre>
 *  GET  /demo/                                    the page, also without a serving server
 *  GET  /demo/state                               both servers, the orders, and where the console is
 *  GET  /demo/pool                                the proxy's own state of the pool, its events and
 *                                                 its time
 *  POST /demo/{server}/{kill | freeze | restore}  the state afterwards; 409 if not possible
 * </pre>
 *
 * @param console the proxy's console; null while the proxy starts
 */
record DemoControlHandler(
    List<DemoServer> servers, Orders orders, Supplier<@Nullable DemoConsole> console) {
  private static final Pattern ACTION = Pattern.compile("/demo/([a-z]+)/(kill|freeze|restore)");

  void handle(DemoExchange exchange) {
    String path = exchange.path();
    if (exchange.isPost()) {
      act(exchange, ACTION.matcher(path));
    } else if (exchange.isRead() && path.equals("/demo/state")) {
      exchange.sendJson(HttpResponseStatus.OK, state(exchange));
    } else if (exchange.isRead() && path.equals("/demo/pool")) {
      pool(exchange);
    } else if (exchange.isRead() && (path.equals("/demo") || path.equals("/demo/"))) {
      exchange.sendPage();
    } else {
      notFound(exchange);
    }
  }

  private void act(DemoExchange exchange, Matcher action) {
    if (isForeign(exchange)) {
      exchange.sendProblem(HttpResponseStatus.FORBIDDEN, "Pages of other sites may not do that.");
      return;
    }
    DemoServer server = action.matches() ? server(action.group(1)) : null;
    if (server == null) {
      notFound(exchange);
      return;
    }
    try {
      switch (action.group(2)) {
        case "kill" -> server.kill();
        case "freeze" -> server.freeze();
        default -> server.restore();
      }
    } catch (IllegalStateException e) {
      exchange.sendProblem(HttpResponseStatus.CONFLICT, String.valueOf(e.getMessage()));
      return;
    }
    exchange.sendJson(HttpResponseStatus.OK, state(exchange));
  }

  /** Relays the state of the pool; the browser's clock may differ from the proxy's. */
  private void pool(DemoExchange exchange) {
    DemoConsole asked = console.get();
    CompletableFuture<DemoConsole.PoolView> pool =
        asked == null
            ? CompletableFuture.failedFuture(
                new IllegalStateException("the proxy is still starting"))
            : asked.pool();
    var unused =
        pool.whenCompleteAsync(
            (view, failure) -> {
              if (failure == null) {
                exchange.sendJson(HttpResponseStatus.OK, view);
              } else {
                exchange.sendProblem(
                    HttpResponseStatus.SERVICE_UNAVAILABLE, "The proxy did not respond.");
              }
            },
            exchange.thread());
  }

  /**
   * Whether another site's page makes the request: browsers send the relation, other clients send
   * nothing.
   */
  private static boolean isForeign(DemoExchange exchange) {
    String site = exchange.headers().get("Sec-Fetch-Site");
    return site != null && !site.equals("same-origin") && !site.equals("none");
  }

  /**
   * Whether the browser runs on this machine and asked for it by a name of its own, so that its
   * user may have the token. Any other name may be one that another site points to this machine.
   */
  private static boolean isLocal(DemoExchange exchange) {
    String client = exchange.headers().get("X-Forwarded-For");
    String host = exchange.headers().get(HttpHeaderNames.HOST, "").replaceFirst(":[0-9]*$", "");
    return (client == null || isLoopback(client))
        && (host.equalsIgnoreCase("localhost") || isLoopback(host));
  }

  private static boolean isLoopback(String literal) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(literal);
    return address != null && address.isLoopbackAddress();
  }

  private @Nullable DemoServer server(String name) {
    return servers.stream().filter(server -> server.name().equals(name)).findFirst().orElse(null);
  }

  private static void notFound(DemoExchange exchange) {
    exchange.sendProblem(HttpResponseStatus.NOT_FOUND, "No such page or action.");
  }

  private record Overview(
      List<DemoServer.Status> servers, Orders.Counts orders, DemoConsole.@Nullable Link console) {}

  private Overview state(DemoExchange exchange) {
    DemoConsole known = console.get();
    return new Overview(
        servers.stream().map(DemoServer::status).toList(),
        orders.counts(),
        known == null ? null : known.linkFor(isLocal(exchange)));
  }
}
