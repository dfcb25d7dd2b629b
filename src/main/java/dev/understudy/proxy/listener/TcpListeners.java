package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.front.ConnectionLimits;
import dev.understudy.proxy.tcp.TcpFront;
import dev.understudy.proxy.tcp.TcpRelays;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * The listeners of the dynamic file that relay TCP. New ones are bound when a file is prepared, and
 * accept connections when it is committed, at the start not before the main listener does.
 *
 * <p>A listener whose address, port and {@code proxy-protocol} stay keeps its sockets, also under
 * another name; its new settings hold for connections accepted from then on. One that takes over
 * the port of another, an HTTP listener too, is bound at the commit, when the port is free.
 */
public final class TcpListeners implements ListenerSet, SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(TcpListeners.class);

  private final Supplier<EventLoopGroup> loops;
  private final TcpRelays relays;
  private final ConnectionLimits limits;
  private final Listening listening;
  private final Function<Listener, Supplier<SslContext>> tls;
  private Map<String, TcpPort> open = Map.of();
  private List<ListenerTls> secured = List.of();
  private boolean running;

  /**
   * @param tls supplies the present TLS contexts of a listener, which follow its files
   */
  TcpListeners(
      Supplier<EventLoopGroup> loops,
      TcpRelays relays,
      ConnectionLimits limits,
      Listening listening,
      Function<Listener, Supplier<SslContext>> tls) {
    this.loops = loops;
    this.relays = relays;
    this.limits = limits;
    this.listening = listening;
    this.tls = tls;
  }

  /** The port that a listener is bound to; empty if it is not open. */
  public synchronized OptionalInt port(String name) {
    TcpPort port = open.get(name);
    return port == null ? OptionalInt.empty() : OptionalInt.of(port.port());
  }

  /** The TLS settings of the listeners that are open and end TLS. */
  synchronized Stream<ListenerTls> secured() {
    return secured.stream();
  }

  @Override
  public Change prepare(List<Listener> next) {
    return prepare(next, port -> false);
  }

  @Override
  public synchronized boolean frees(Listener port, List<Listener> next) {
    return open.entrySet().stream()
        .filter(known -> known.getValue().isAtPortOf(port))
        .anyMatch(
            known -> next.stream().noneMatch(each -> known.getValue().isFor(known.getKey(), each)));
  }

  @Override
  public synchronized Change prepare(List<Listener> next, Predicate<Listener> freed) {
    Prepared change = new Prepared(freed);
    next.forEach(change::add);
    if (!change.problems.isEmpty()) {
      change.rollBack();
    }
    return change;
  }

  /** Begins to accept connections. */
  @Override
  public synchronized void start() {
    running = true;
    open.values().forEach(this::accept);
  }

  private void accept(TcpPort port) {
    if (running) {
      port.start(limits, listening);
      log.info("Connections are relayed from port {}", port.port());
    }
  }

  /** Does nothing: {@link StopStep#drainFront} has closed all sockets. */
  @Override
  public synchronized void stop() {
    running = false;
  }

  @Override
  public synchronized boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
  }

  private final class Prepared implements Change {
    private final Predicate<Listener> freed;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, TcpPort> ports = new LinkedHashMap<>();
    private final Map<String, TcpFront> fronts = new LinkedHashMap<>();
    private final List<TcpPort> bound = new ArrayList<>();
    private final List<Listener> later = new ArrayList<>();
    private final List<ListenerTls> ending = new ArrayList<>();

    Prepared(Predicate<Listener> freed) {
      this.freed = freed;
    }

    private void add(Listener listener) {
      try {
        TcpFront front =
            new TcpFront(listener, listener.tls() == null ? null : tls.apply(listener));
        fronts.put(listener.id(), front);
        Stream.ofNullable(listener.tls()).forEach(ending::add);
      } catch (IllegalArgumentException e) {
        problems.add(BindFaults.problem(listener, e));
      }
      Optional<TcpPort> same =
          open.entrySet().stream()
              .filter(known -> known.getValue().isFor(known.getKey(), listener))
              .map(Map.Entry::getValue)
              .findFirst();
      if (same.isPresent()) {
        ports.put(listener.id(), same.get());
      } else if (freed.test(listener)
          || open.values().stream().anyMatch(known -> known.isAtPortOf(listener))) {
        later.add(listener);
      } else {
        bind(listener);
      }
    }

    private void bind(Listener listener) {
      try {
        TcpPort port = TcpPort.bind(listener, loops.get(), relays);
        bound.add(port);
        ports.put(listener.id(), port);
      } catch (RuntimeException e) {
        problems.add(BindFaults.problem(listener, e));
      }
    }

    @Override
    public List<String> problems() {
      return List.copyOf(problems);
    }

    @Override
    public void release() {
      synchronized (TcpListeners.this) {
        open.values().stream().filter(port -> !ports.containsValue(port)).forEach(TcpPort::close);
      }
    }

    @Override
    public void commit() {
      release();
      synchronized (TcpListeners.this) {
        later.forEach(each -> BoundOnceFree.bind(problems, () -> bind(each)));
        problems.forEach(
            each -> log.error("A listener stays closed until the file changes: {}", each));
        ports.forEach((name, port) -> port.use(Objects.requireNonNull(fronts.get(name))));
        open = new LinkedHashMap<>(ports);
        secured = List.copyOf(ending);
        bound.forEach(TcpListeners.this::accept);
      }
    }

    @Override
    public void rollBack() {
      bound.forEach(TcpPort::close);
      bound.clear();
    }
  }
}
