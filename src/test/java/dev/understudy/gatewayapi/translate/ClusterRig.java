package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.Listener;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.NettyFrontend;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestLimits;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A cluster's routes in the express lane, on a socket for each port of its Gateways, before an
 * engine that responds with the pool and the request that a server would get.
 */
final class ClusterRig implements AutoCloseable {
  private final Map<String, NettyFrontend> ports = new HashMap<>();

  ClusterRig(TestCluster cluster) {
    this(cluster.inOrder(), cluster.listeners.stream().map(BoundListener::id).toList());
  }

  ClusterRig(Translation of) {
    this(of.routes(), of.listeners().stream().map(Listener::id).toList());
  }

  private ClusterRig(List<RouteSpec> routes, Collection<String> listeners) {
    RouteTable table = RouteCompiler.compile(routes, List.of());
    assertThat(table.lanes()).allMatch(each -> each.express(), "is in the express lane");
    listeners.forEach(each -> ports.computeIfAbsent(each, id -> listen(table.on(id))));
  }

  private static NettyFrontend listen(RouteTable table) {
    return new NettyFrontend(
        new Frontend(
            (request, downstream, loop) -> new Echo(request, downstream),
            () -> table,
            new Recorder(),
            TrustedProxies.NONE,
            TestLimits.DEFAULT,
            new ErrorResponses()),
        () -> {});
  }

  /**
   * What comes back.
   *
   * @param request {@code METHOD HOST TARGET}, then header fields after {@code ;} each
   */
  String send(int port, String request) {
    String[] lines = request.split(" *; *");
    String[] first = lines[0].split(" ");
    StringBuilder text = new StringBuilder(first[0] + " " + first[2] + " HTTP/1.1\n");
    text.append("Host: ").append(first[1]).append("\nConnection: close\n");
    for (int i = 1; i < lines.length; i++) {
      text.append(lines[i]).append('\n');
    }
    try (RawClient client = new RawClient(ports.get("gw." + port).port())) {
      return client.sendLines(text.append('\n').toString()).readAll();
    }
  }

  /**
   * Sends a request and requires its response to have all of these parts, none of which after
   * {@code no}.
   */
  void expect(int port, String request, String parts) {
    String response = send(port, request);
    for (String each : parts.split(" *; *")) {
      if (each.matches("[1-5][0-9][0-9]")) {
        assertThat(response).startsWith("HTTP/1.1 " + each);
      } else if (each.startsWith("no ")) {
        assertThat(response).doesNotContainIgnoringCase("\n" + each.substring(3));
      } else {
        assertThat(response + "\n").containsIgnoringCase("\n" + each);
      }
    }
  }

  @Override
  public void close() {
    ports.values().forEach(NettyFrontend::close);
  }

  /** Responds with what it got. */
  private record Echo(ProxyRequest request, Downstream downstream) implements Exchange {
    @Override
    public TraceContext trace() {
      return null;
    }

    @Override
    public void start() {
      StringBuilder text = new StringBuilder("\npool " + request.pool() + "\n");
      text.append(request.method()).append(' ').append(request.target()).append('\n');
      request.headers().forEach(each -> text.append(each.getKey() + ": " + each.getValue() + "\n"));
      byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
      HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length).set("x-of-server", "1");
      downstream.head(head);
      downstream.body(Unpooled.wrappedBuffer(body));
      downstream.end(EmptyHttpHeaders.INSTANCE);
    }

    @Override
    public void requestBody(ByteBuf data) {
      data.release();
      downstream.requestRead();
    }

    @Override
    public void requestEnd(HttpHeaders trailers) {}

    @Override
    public void refuse(int status) {}

    @Override
    public void clientGone() {}

    @Override
    public void writabilityChanged() {}
  }
}
