package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.tcp.TcpRelays;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerFactoryCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.autoconfigure.reactive.ReactiveWebServerFactoryCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * All listeners of a process, with their event loops. They accept connections from {@link #open}
 * on, which needs no application context; requests of the Gateway lane wait until {@link #serve}.
 *
 * <p>{@code server.*} means what it means in Spring Boot, whose own web server and customizers are
 * used.
 */
public final class Listeners implements AutoCloseable {
  /**
   * What the listeners are made of.
   *
   * @param library speaks TLS
   * @param tickets the keys of TLS session tickets
   * @param frontend the frontend of the main listener
   * @param relays relay TCP
   * @param tunnels drained when the process stops
   * @param isMainNeeded whether the port of {@code server.port} is opened where that is not set;
   *     asked once, when the listeners are opened
   * @param each changes each HTTP server before it is bound
   */
  public record Parts(
      Environment environment,
      ServerProperties server,
      NettyServerProperties netty,
      ListenerProperties own,
      SslBundles bundles,
      BundleFailureText faults,
      TlsLibrary library,
      TicketKeys tickets,
      Frontend frontend,
      @Nullable TcpRelays relays,
      TunnelDrain tunnels,
      BooleanSupplier isMainNeeded,
      UnaryOperator<HttpServer> each) {}

  /** The time for requests in flight when a start fails. */
  private static final long DRAIN_SECONDS = 2;

  private final Parts parts;
  private final ReactorResourceFactory resources = new ReactorResourceFactory();
  private final ListeningSockets listening = new ListeningSockets();
  private final DeferredHandler gateway = new DeferredHandler();
  private final NettyReactiveWebServerFactoryCustomizer boot;
  private final FrontendCustomizer customizer;
  private final ListenerTlsContexts contexts;
  private final DynamicListeners ofFile;
  private final WebServer main;
  private final @Nullable PlainListener plain;
  private boolean opened;

  /** Creates the listeners of the static settings, and opens none. */
  public Listeners(Parts parts) {
    this.parts = parts;
    // One event loop per core: a request never changes its thread, so more would only compete.
    resources.setUseGlobalResources(false);
    resources.setLoopResourcesSupplier(
        () -> LoopResources.create("loop", Runtime.getRuntime().availableProcessors(), true));
    resources.start();
    Frontend frontend = parts.frontend();
    boot =
        new NettyReactiveWebServerFactoryCustomizer(
            parts.environment(), parts.server(), parts.netty());
    customizer = new FrontendCustomizer(parts, listening);
    contexts =
        new ListenerTlsContexts(parts.bundles(), parts.faults(), parts.library(), parts.tickets());
    ofFile =
        new DynamicListeners(
            frontend::isStopping,
            contexts::of,
            (settings, tls) ->
                settings.relaysTcp()
                    ? TcpListener.bind(
                        settings,
                        tls,
                        loops(),
                        Objects.requireNonNull(parts.relays()),
                        frontend.connections(),
                        listening)
                    : HttpListener.bind(settings, tls, frontend, listening, this));
    main = new MainListener(this::mainServer, this::isMainOpened);
    Integer plainPort = parts.own().http().port();
    plain = plainPort == null ? null : new PlainListener(() -> plainServer(plainPort));
  }

  /**
   * Whether the port of {@code server.port} is opened: if it is set to another than -1 or, where it
   * is not set, if the dynamic file needs it.
   */
  private boolean isMainOpened() {
    Integer port = parts.server().getPort();
    return port == null ? parts.isMainNeeded().getAsBoolean() : port >= 0;
  }

  private WebServer mainServer() {
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
    new ReactiveWebServerFactoryCustomizer(parts.server(), parts.bundles()).customize(factory);
    return server(factory, customizer::customize);
  }

  private WebServer plainServer(int port) {
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory(port);
    factory.setAddress(parts.server().getAddress());
    factory.setShutdown(Shutdown.GRACEFUL);
    return server(factory, customizer::customizePlain);
  }

  private WebServer server(
      NettyReactiveWebServerFactory factory, Consumer<NettyReactiveWebServerFactory> last) {
    factory.setResourceFactory(resources);
    boot.customize(factory);
    last.accept(factory);
    return factory.getWebServer(gateway);
  }

  /**
   * Makes the server of one of the dynamic file's HTTP listeners, with the main listener's event
   * loops and its static settings ({@code server.netty.*} and {@code understudy.client.*}); it is
   * not bound.
   *
   * @param tls the context of each connection; null without TLS
   * @param bound called with the listening socket on its event loop
   */
  HttpServer httpServer(
      Listener settings, Frontend frontend, @Nullable SslContext tls, Consumer<Channel> bound) {
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
    boot.customize(factory);
    InetSocketAddress address = DynamicListener.address(settings);
    HttpServer http = HttpServer.create().bindAddress(() -> address);
    for (NettyServerCustomizer each : factory.getServerCustomizers()) {
      http = each.apply(http);
    }
    HttpServer common = customizer.common(http, frontend, settings.proxyProtocol(), bound);
    ListenerTls secured = settings.tls();
    HttpServer versioned =
        secured == null || tls == null
            ? common.protocol(HttpProtocol.HTTP11)
            : customizer.versions(common.secure(spec -> spec.sslContext(tls)), secured.http2());
    return versioned
        .runOn(resources.getLoopResources())
        .handle(new ReactorHttpHandlerAdapter(gateway));
  }

  /** Opens the ports and accepts connections, the main listener first; once. */
  public synchronized void open() {
    if (opened) {
      return;
    }
    opened = true;
    main.start();
    if (plain != null) {
      plain.start();
    }
    ofFile.start();
  }

  /** Hands the requests of the Gateway lane to the handler. */
  public void serve(HttpHandler handler) {
    gateway.use(handler);
  }

  /** The listeners of the dynamic file. */
  public DynamicListeners ofFile() {
    return ofFile;
  }

  WebServer main() {
    return main;
  }

  /** The bound port of the main listener; -1 if it is not open. */
  public int port() {
    return main.getPort();
  }

  Frontend frontend() {
    return parts.frontend();
  }

  /** The second, plain listener; null if {@code understudy.http.port} is not set. */
  public @Nullable PlainListener plain() {
    return plain;
  }

  /** The event loops, those of Spring Boot's web server too. */
  public ReactorResourceFactory resources() {
    return resources;
  }

  /** The event loops that clients' connections and those to servers share. */
  public EventLoopGroup loops() {
    return resources.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE);
  }

  EventLoopPinner loopPinner() {
    return new EventLoopPinner(parts.own().cpuAffinity(), this::loops);
  }

  public EventLoopLoad readings() {
    return new EventLoopLoad(this::loops, loop -> parts.frontend().on(loop).connections());
  }

  public CertificateInventory certificates(UpstreamTlsContexts upstream) {
    return new CertificateInventory(customizer, ofFile, contexts, upstream);
  }

  ShutdownStep drainDelayStep() {
    return ShutdownStep.drainDelay(parts.frontend(), parts.own().drain().delay());
  }

  ShutdownStep frontDrainStep() {
    return ShutdownStep.drainFrontend(listening, parts.frontend());
  }

  ShutdownStep tunnelDrainStep(Duration phaseTimeout) {
    return ShutdownStep.drainTunnels(listening, parts.tunnels(), phaseTimeout);
  }

  /**
   * Closes what is open, and ends the event loops. A start that failed drains here, for {@link
   * #DRAIN_SECONDS} at most; else the context has done so, and stopped the event loops.
   */
  @Override
  public void close() {
    if (resources.isRunning()) {
      var unused =
          listening
              .close()
              .thenCompose(closed -> parts.frontend().drain())
              .toCompletableFuture()
              .handle((drained, failure) -> failure)
              .completeOnTimeout(null, DRAIN_SECONDS, TimeUnit.SECONDS)
              .join();
    }
    if (plain != null) {
      plain.destroy();
    }
    main.destroy();
    resources.setShutdownQuietPeriod(Duration.ZERO);
    resources.stop();
  }
}
