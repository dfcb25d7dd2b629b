package dev.understudy.demo;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Serves the demo's page and its control API. Runs in a server of its own, which never fails.
 *
 * <pre>
 *  GET  /demo/                                    the page, also without a serving server
 *  GET  /demo/state                               both servers, and the orders
 *  POST /demo/{server}/{kill | freeze | restore}  the state afterwards; 409 if not possible
 * </pre>
 */
final class DemoControlServer extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Pattern ACTION = Pattern.compile("/demo/([a-z]+)/(kill|freeze|restore)");

  private final List<DemoServer> servers;
  private final Orders orders;

  DemoControlServer(List<DemoServer> servers, Orders orders) {
    this.servers = servers;
    this.orders = orders;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    String path = new QueryStringDecoder(request.uri()).path();
    if (Responses.isRead(request) && path.equals("/demo/state")) {
      Responses.sendJson(ctx, request, HttpResponseStatus.OK, state());
    } else if (Responses.isRead(request) && (path.equals("/demo") || path.equals("/demo/"))) {
      Responses.sendPage(ctx, request);
    } else if (Responses.isPost(request)) {
      act(ctx, request, ACTION.matcher(path));
    } else {
      notFound(ctx, request);
    }
  }

  private void act(ChannelHandlerContext ctx, FullHttpRequest request, Matcher action) {
    if (isForeign(request)) {
      Responses.sendProblem(
          ctx, request, HttpResponseStatus.FORBIDDEN, "Another site's page may not do that.");
      return;
    }
    DemoServer server = action.matches() ? server(action.group(1)) : null;
    if (server == null) {
      notFound(ctx, request);
      return;
    }
    try {
      switch (action.group(2)) {
        case "kill" -> server.kill();
        case "freeze" -> server.freeze();
        default -> server.restore();
      }
    } catch (IllegalStateException e) {
      Responses.sendProblem(
          ctx, request, HttpResponseStatus.CONFLICT, String.valueOf(e.getMessage()));
      return;
    }
    Responses.sendJson(ctx, request, HttpResponseStatus.OK, state());
  }

  /**
   * Whether another site's page makes the request: browsers send the relation, other clients send
   * nothing.
   */
  private static boolean isForeign(FullHttpRequest request) {
    String site = request.headers().get("Sec-Fetch-Site");
    return site != null && !site.equals("same-origin") && !site.equals("none");
  }

  private @Nullable DemoServer server(String name) {
    return servers.stream().filter(server -> server.name().equals(name)).findFirst().orElse(null);
  }

  private static void notFound(ChannelHandlerContext ctx, FullHttpRequest request) {
    Responses.sendProblem(ctx, request, HttpResponseStatus.NOT_FOUND, "No such page or action.");
  }

  private String state() {
    Orders.Counts counts = orders.counts();
    return servers.stream()
        .map(server -> json(server.status()))
        .collect(
            Collectors.joining(
                ",",
                "{\"servers\":[",
                "],\"orders\":{\"executed\":"
                    + counts.executed()
                    + ",\"repeated\":"
                    + counts.repeated()
                    + "}}"));
  }

  private static String json(DemoServer.Status status) {
    return "{\"name\":\""
        + status.name()
        + "\",\"state\":\""
        + status.state().name().toLowerCase(Locale.ROOT)
        + "\",\"id\":"
        + status.id()
        + ",\"requests\":"
        + status.requests()
        + "}";
  }
}
