package dev.understudy.proxy.listener;

import dev.understudy.handover.Inheritance;
import dev.understudy.handover.OfferedSocket;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayLane;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.tcp.TcpRelays;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerFactoryCustomizer;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.autoconfigure.reactive.ReactiveWebServerFactoryCustomizer;
import org.springframework.core.env.Environment;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * All listeners of a process, with their event loops. They accept connections from {@link #open} or
 * {@link #accept} on, which need no application context; requests of the Gateway lane wait until
 * {@link #serve}.
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
   * @param inherited sockets of the process that hands over to this one
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
      UnaryOperator<HttpServer> each,
      Inheritance inherited) {}

  /** The time for requests in flight when a start fails. */
  private static final long DRAIN_SECONDS = 2;

  /** The name of the plain listener. */
  static final String PLAIN = "http";

  private static final Logger log = LoggerFactory.getLogger(Listeners.class);

  private final Parts parts;
  private final ReactorResourceFactory resources = new ReactorResourceFactory();
  private final ListeningSockets listening = new ListeningSockets();
  private final NettyReactiveWebServerFactoryCustomizer boot;
  private final FrontendCustomizer customizer;
  private final ListenerTlsContexts contexts;
  private final DynamicListeners ofFile;
  private final ManagementSocket management;
  private final MainListener main;
  private volatile @Nullable LoopSockets plain;
  private boolean opened;

  /** Creates the listeners of the static settings, and opens none. */
  public Listeners(Parts parts) {
    this.parts = parts;
    // One event loop per core: a request never changes its thread, so more would only compete.
    resources.setUseGlobalResources(false);
    resources.setLoopResourcesSupplier(
        () -> LoopResources.create("loop", Runtime.getRuntime().availableProcessors(), true));
    // Netty's default would wait 2 s for more to do, at each stop, which comes after the drain.
    resources.setShutdownQuietPeriod(Duration.ZERO);
    resources.start();
    Frontend frontend = parts.frontend();
    boot =
        new NettyReactiveWebServerFactoryCustomizer(
            parts.environment(), parts.server(), parts.netty());
    customizer = new FrontendCustomizer(parts);
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
                        parts.inherited(),
                        listening)
                    : HttpListener.bind(settings, tls, frontend, listening, this));
    main = new MainListener(this::openMain);
    management = new ManagementSocket(parts.inherited());
  }

  /**
   * Whether the port of {@code server.port} is opened: if it is set to another than -1 or, where it
   * is not set, if the dynamic file needs it.
   */
  private boolean isMainOpened() {
    Integer port = parts.server().getPort();
    return port == null ? parts.isMainNeeded().getAsBoolean() : port >= 0;
  }

  private @Nullable LoopSockets openMain() {
    if (!isMainOpened()) {
      return null;
    }
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
    new ReactiveWebServerFactoryCustomizer(parts.server(), parts.bundles()).customize(factory);
    boot.customize(factory);
    customizer.customize(factory);
    return open(ClientConnection.MAIN, "server.port", factory);
  }

  private LoopSockets openPlain(int port) {
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory(port);
    factory.setAddress(parts.server().getAddress());
    boot.customize(factory);
    customizer.customizePlain(factory);
    return open(PLAIN, "understudy.http.port", factory);
  }

  /** Opens the port of a server that Spring Boot has configured. */
  private LoopSockets open(String name, String setting, NettyReactiveWebServerFactory factory) {
    AtomicReference<HttpServer> configured = new AtomicReference<>();
    factory.addServerCustomizers(
        http -> {
          configured.set(http);
          return http;
        });
    var unused = factory.getWebServer((request, response) -> Mono.empty());
    InetAddress address = factory.getAddress();
    InetSocketAddress wanted =
        address == null
            ? new InetSocketAddress(factory.getPort())
            : new InetSocketAddress(address, factory.getPort());
    try {
      HttpServer server = withoutHandler(configured.get());
      return LoopSockets.open(name, wanted, loops(), parts.inherited(), server);
    } catch (RuntimeException e) {
      if (BindFailureText.isInUse(e)) {
        throw new PortInUseException(wanted.getPort(), e);
      }
      throw new InvalidConfigurationPropertyValueException(
          setting, wanted.getPort(), "expected a free port, " + BindFailureText.why(e));
    }
  }

  /**
   * Makes the server of one of the dynamic file's HTTP listeners, with the main listener's static
   * settings ({@code server.netty.*} and {@code understudy.client.*}); it is not bound.
   *
   * @param tls the context of each connection; null without TLS
   * @param choice asked about each connection of TLS, before it begins
   */
  HttpServer httpServer(
      Listener settings, Frontend frontend, @Nullable SslContext tls, ServerNameChoice choice) {
    NettyReactiveWebServerFactory factory = new NettyReactiveWebServerFactory();
    boot.customize(factory);
    HttpServer http = HttpServer.create();
    for (NettyServerCustomizer each : factory.getServerCustomizers()) {
      http = each.apply(http);
    }
    HttpServer common =
        customizer.common(http, frontend, settings.proxyProtocol(), settings.http2());
    ListenerTls secured = settings.tls();
    HttpServer versioned =
        secured == null || tls == null
            ? common.protocol(HttpProtocol.HTTP11)
            : customizer
                .versions(common.secure(spec -> spec.sslContext(tls)), secured.http2())
                .doOnChannelInit((observer, client, address) -> choice.install(client));
    return withoutHandler(versioned);
  }

  /** The server with a handler that gets no request: the frontend takes all. */
  private static HttpServer withoutHandler(HttpServer server) {
    return server.handle((request, response) -> Mono.empty());
  }

  /**
   * Opens the ports, the main listener's first, and accepts connections, unless a predecessor does
   * until {@link #accept}; once.
   */
  public synchronized void open() {
    if (opened) {
      return;
    }
    opened = true;
    main.start();
    Integer port = parts.own().http().port();
    if (port != null) {
      plain = openPlain(port);
    }
    if (!parts.inherited().isOfPredecessor()) {
      accept();
    }
  }

  /**
   * Opens the port of {@code server.port} alone, accepts connections and tells nobody; instead of
   * {@link #open}.
   *
   * @return the bound port
   */
  public synchronized int openAlone() {
    opened = true;
    LoopSockets alone = Objects.requireNonNull(openMain());
    acceptQuietly(alone);
    return alone.port();
  }

  /** Begins to accept connections, the main listener first; once. */
  public void accept() {
    accept(main.sockets(), ClientConnection.MAIN);
    accept(plain, PLAIN);
    ofFile.start();
    management.accept();
    parts.inherited().closeRest();
  }

  private void accept(@Nullable LoopSockets sockets, String name) {
    if (sockets != null) {
      acceptQuietly(sockets);
      log.info("Listener {} accepts connections on port {}", name, sockets.port());
    }
  }

  private void acceptQuietly(LoopSockets sockets) {
    boolean proxied = parts.own().proxyProtocol() == ListenerProperties.ProxyProtocol.ON;
    sockets.accept(parts.frontend().connections(), !proxied, listening);
  }

  /** Offers all open sockets to a successor. */
  public void offer(BiConsumer<OfferedSocket, Integer> to) {
    for (LoopSockets each : Arrays.asList(main.sockets(), plain)) {
      if (each != null) {
        each.offer(to);
      }
    }
    ofFile.offer(to);
    management.offer(to);
  }

  /** The socket of the management port, which Spring Boot opens. */
  public ManagementSocket management() {
    return management;
  }

  /**
   * Closes all sockets, that of the management port too, as a successor accepts on them.
   *
   * @return completed when those for clients are closed
   */
  public CompletionStage<Void> handOver() {
    management.close();
    return listening.close();
  }

  Inheritance inherited() {
    return parts.inherited();
  }

  /** Hands the requests of the Gateway lane to it. */
  public void serve(GatewayLane lane) {
    parts.frontend().gateway().use(lane);
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

  @Nullable TcpRelays relays() {
    return parts.relays();
  }

  /** The bound port of the second, plain listener; -1 if it is not open. */
  public int plainPort() {
    LoopSockets open = plain;
    return open == null ? -1 : open.port();
  }

  /** The event loops, those of Spring Boot's web server too. */
  public ReactorResourceFactory resources() {
    return resources;
  }

  /** The event loops that clients' connections and those to servers share. */
  public EventLoopGroup loops() {
    return resources.getLoopResources().onServer(LoopResources.DEFAULT_NATIVE);
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
    main.destroy();
    resources.stop();
  }
}
