package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.frontend.Frontend;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener that serves HTTP. */
final class HttpListener implements DynamicListener {
  private static final Logger log = LoggerFactory.getLogger(HttpListener.class);

  private final Frontend frontend;
  private final @Nullable CurrentSslContext tls;
  private final ServerNameChoice choice;
  private final LoopSockets sockets;
  private final ListeningSockets listening;
  private volatile Listener settings;

  private HttpListener(
      Listener settings,
      Frontend frontend,
      @Nullable CurrentSslContext tls,
      ServerNameChoice choice,
      LoopSockets sockets,
      ListeningSockets listening) {
    this.settings = settings;
    this.frontend = frontend;
    this.tls = tls;
    this.choice = choice;
    this.sockets = sockets;
    this.listening = listening;
  }

  /**
   * Binds the listener's port.
   *
   * @param frontend the main listener's frontend
   * @throws RuntimeException if the port cannot be bound
   */
  static HttpListener bind(
      Listener settings,
      @Nullable TlsSupply contexts,
      Frontend frontend,
      ListeningSockets listening,
      Listeners listeners) {
    Frontend own = frontend.forListener(settings.id());
    CurrentSslContext tls = contexts == null ? null : new CurrentSslContext(contexts.own());
    ServerNameChoice choice = new ServerNameChoice(listeners.relays());
    choice.use(settings, contexts);
    LoopSockets sockets =
        LoopSockets.open(
            settings.id(),
            DynamicListener.address(settings),
            listeners.loops(),
            listeners.inherited(),
            listeners.httpServer(settings, own, tls, choice));
    return new HttpListener(settings, own, tls, choice, sockets, listening);
  }

  @Override
  public Listener settings() {
    return settings;
  }

  @Override
  public boolean canUse(Listener next) {
    ListenerTls ours = settings.tls();
    ListenerTls its = next.tls();
    return !next.relaysTcp()
        && settings.id().equals(next.id())
        && Objects.equals(settings.address(), next.address())
        && settings.port() == next.port()
        && settings.proxyProtocol() == next.proxyProtocol()
        && settings.http2() == next.http2()
        && (ours == null) == (its == null)
        && (ours == null || its == null || ours.http2() == its.http2());
  }

  /** {@inheritDoc} Connections that have shown their certificates by other rules end. */
  @Override
  public void use(Listener next, @Nullable TlsSupply contexts) {
    boolean judgedOtherwise = judgesClientsOtherwise(settings.tls(), next.tls());
    settings = next;
    if (tls != null && contexts != null) {
      tls.use(contexts.own());
    }
    choice.use(next, contexts);
    if (judgedOtherwise) {
      frontend.retireConnections();
    }
  }

  private static boolean judgesClientsOtherwise(
      @Nullable ListenerTls before, @Nullable ListenerTls next) {
    return before != null && next != null && !before.judgesClientsAs(next);
  }

  @Override
  public int port() {
    return sockets.port();
  }

  @Override
  public LoopSockets sockets() {
    return sockets;
  }

  @Override
  public void accept() {
    sockets.accept(frontend.connections(), !settings.proxyProtocol(), listening);
    log.info("Listener {} accepts connections on port {}", settings.id(), port());
  }

  /** Closes the sockets, then the connections that have no request. */
  @Override
  public CompletionStage<Void> close() {
    return sockets.close().thenRun(frontend::drainListener);
  }
}
