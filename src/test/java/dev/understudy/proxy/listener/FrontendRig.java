package dev.understudy.proxy.listener;

import dev.understudy.proxy.engine.Engine;
import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLimits;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteCompiler;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Await;
import dev.understudy.testing.Engines;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestLimits;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestRoutes;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TextLane;
import io.netty.channel.EventLoop;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/**
 * The frontend in Reactor Netty's server, before a real engine and server: every path takes the
 * express lane but those below {@code /gateway}, which are answered with what that lane saw.
 */
final class FrontendRig implements AutoCloseable {
  /** How clients come. */
  enum Entrance {
    PLAIN,

    /** Plain, where clients may begin with HTTP/2. */
    CLEAR,
    TLS,
    ALPN;

    boolean isPlain() {
      return this == PLAIN || this == CLEAR;
    }
  }

  final Recorder seen = new Recorder();
  final TestServer server = new TestServer("server");
  final TestPools pools = TestPools.pool().master("a", server.port()).start();
  final Engine engine =
      Engines.create(
          pools,
          seen,
          seen,
          TrustedProxies.NONE,
          settings -> {
            throw new AssertionError("no https server here");
          },
          TcpRig.NO_TUNNELS);
  final Frontend frontend;
  final CompletableFuture<Void> gatewayMayRespond = new CompletableFuture<>();

  /** Those that have clients. */
  final Set<EventLoop> loops = ConcurrentHashMap.newKeySet();

  /** That of the listening socket. */
  volatile EventLoop acceptor;

  private final ListeningSockets listening = new ListeningSockets();
  private final DisposableServer bound;

  FrontendRig(Entrance entrance, FrontendLimits limits) {
    RouteTable routes =
        RouteCompiler.compile(
            List.of(TestRoutes.GATEWAY, TestRoutes.route("all", "pool://sense", "Path=/**")),
            List.of());
    frontend =
        new Frontend(engine, () -> routes, seen, TrustedProxies.NONE, limits, new ErrorResponses());
    frontend
        .gateway()
        .use(
            new TextLane(
                request ->
                    mayRespond(request.uri())
                        .thenApply(
                            unused ->
                                request.uri()
                                    + " "
                                    + request.target()
                                    + " "
                                    + request.message().headers().names())));
    HttpServer plain = HttpServer.create().host("127.0.0.1").port(0);
    HttpServer http =
        new FrontendInstaller(frontend)
            .apply(plain, entrance == Entrance.CLEAR ? plain.protocol(HttpProtocol.H2C) : null)
            .channelGroup(new DefaultChannelGroup(GlobalEventExecutor.INSTANCE))
            .childObserve((client, state) -> loops.add(client.channel().eventLoop()))
            .doOnBound(
                it -> {
                  frontend.connections().listen(it.channel(), true);
                  listening.add(it.channel());
                  acceptor = it.channel().eventLoop();
                })
            .handle((request, response) -> Mono.empty());
    bound = secured(http, entrance).bindNow();
    Await.until("it is known to be bound", () -> acceptor != null);
  }

  private CompletableFuture<Void> mayRespond(String uri) {
    return uri.contains("held")
        ? gatewayMayRespond.copy()
        : CompletableFuture.completedFuture(null);
  }

  FrontendRig(Entrance entrance) {
    this(entrance, TestLimits.DEFAULT);
  }

  private static HttpServer secured(HttpServer http, Entrance entrance) {
    if (entrance.isPlain()) {
      return http;
    }
    try {
      X509Bundle certificate =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=localhost")
              .addSanIpAddress("127.0.0.1")
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
      var keys = certificate.toKeyManagerFactory();
      return entrance == Entrance.ALPN
          ? http.protocol(HttpProtocol.HTTP11, HttpProtocol.H2)
              .secure(
                  spec ->
                      spec.sslContext(
                          (GenericSslContextSpec<?>) Http2SslContextSpec.forServer(keys)))
          : http.secure(
              spec ->
                  spec.sslContext((GenericSslContextSpec<?>) Http11SslContextSpec.forServer(keys)));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Times of a minute, but for what is set without its {@code understudy.client}. */
  static FrontendLimits limits(String... settings) {
    Map<String, String> all = new HashMap<>();
    for (String time : List.of("header-timeout", "keep-alive", "idle")) {
      all.put("client." + time, "60s");
    }
    for (String setting : settings) {
      String[] pair = setting.split("=");
      all.put("client." + pair[0], pair[1]);
    }
    return ClientPropertiesTest.bind(all).client().frontLimits(Integer.MAX_VALUE);
  }

  int port() {
    return bound.port();
  }

  /** What a stop does with clients; done when none is left. */
  CompletableFuture<Void> stop() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    ShutdownStep.drainFrontend(listening, frontend).stop(() -> done.complete(null));
    return done;
  }

  @Override
  public void close() {
    CompletableFuture<Void> empty = stop();
    Await.until("no client is left", empty::isDone);
    bound.disposeNow();
    engine.close();
    Await.until(
        "no request is counted as running",
        () -> pools.state().servers().stream().allMatch(s -> s.traffic().requests().get() == 0));
    server.close();
  }
}
