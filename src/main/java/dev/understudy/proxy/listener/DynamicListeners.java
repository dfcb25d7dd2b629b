package dev.understudy.proxy.listener;

import dev.understudy.handover.OfferedSocket;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.TlsUse;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * The listeners of the dynamic file. New ones are bound when a file is prepared, and accept
 * connections when it is committed, at the start not before the main listener does.
 *
 * <p>A listener whose {@link DynamicListener#canUse socket can be used} keeps it and its
 * connections. One that takes over the port of another, of either kind, is bound at the commit,
 * when the port is free.
 */
public final class DynamicListeners implements OpenListeners, SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(DynamicListeners.class);

  /** The time limit for a socket to be closed, which takes a few turns of its event loop. */
  private static final long CLOSE_SECONDS = 10;

  /** About a second, for a port that was closed just now: NIO frees it in its loop's next turn. */
  private static final int ATTEMPTS = 20;

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final BooleanSupplier stopping;
  private final Function<Listener, Supplier<SslContext>> tls;
  private final DynamicListener.Binder binder;
  private volatile Map<String, DynamicListener> open = Map.of();
  private volatile boolean running;

  /**
   * @param stopping whether the process stops, so that no file changes anything any more
   * @param tls supplies the present TLS contexts of a listener, which follow its files; fails with
   *     an {@link IllegalArgumentException} if there can be none
   */
  DynamicListeners(
      BooleanSupplier stopping,
      Function<Listener, Supplier<SslContext>> tls,
      DynamicListener.Binder binder) {
    this.stopping = stopping;
    this.tls = tls;
    this.binder = binder;
  }

  /** The bound port of that listener; empty if it is not open. */
  public OptionalInt port(String name) {
    DynamicListener listener = open.get(name);
    return listener == null ? OptionalInt.empty() : OptionalInt.of(listener.port());
  }

  /** The bound ports of the listeners that are open, by their names. */
  public SortedMap<String, Integer> ports() {
    SortedMap<String, Integer> ports = new TreeMap<>();
    open.forEach((name, listener) -> ports.put(name, listener.port()));
    return ports;
  }

  /** The listeners that are open and end TLS. */
  Stream<ListenerTls> secured() {
    return open.values().stream().flatMap(each -> Stream.ofNullable(each.settings().tls()));
  }

  /** Offers all open sockets to a successor. */
  void offer(BiConsumer<OfferedSocket, Integer> to) {
    open.values().forEach(each -> each.sockets().offer(to));
  }

  @Override
  public Change prepare(List<Listener> next) {
    if (stopping.getAsBoolean()) {
      return Change.NONE;
    }
    Prepared change = new Prepared();
    change.prepare(next);
    return change;
  }

  /** Accepts no connection until the main listener is about to. */
  @Override
  public synchronized void start() {
    running = true;
    open.values().forEach(DynamicListener::accept);
  }

  /** {@link Listeners#accept} starts them. */
  @Override
  public boolean isAutoStartup() {
    return false;
  }

  /** Does nothing: {@link ShutdownStep#drainFrontend} has closed all sockets. */
  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
  }

  private synchronized void use(Map<String, DynamicListener> next, List<DynamicListener> fresh) {
    open = Map.copyOf(next);
    if (running) {
      fresh.forEach(DynamicListener::accept);
    }
  }

  private final class Prepared implements Change {
    private final Map<String, DynamicListener> before = open;
    private final Map<String, DynamicListener> kept = new LinkedHashMap<>();
    private final Map<String, TlsSupply> contexts = new HashMap<>();
    private final List<Listener> changed = new ArrayList<>();
    private final List<Listener> later = new ArrayList<>();
    private final List<DynamicListener> fresh = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();

    void prepare(List<Listener> wanted) {
      wanted.forEach(this::keep);
      for (Listener each : wanted) {
        DynamicListener known = kept.get(each.id());
        if (known == null) {
          secure(each);
          open(each);
        } else if (!known.settings().equals(each)) {
          secure(each);
          changed.add(each);
        }
      }
      if (!problems.isEmpty()) {
        rollBack();
      }
    }

    private void keep(Listener listener) {
      before.values().stream()
          .filter(known -> known.canUse(listener))
          .findFirst()
          .ifPresent(known -> kept.put(listener.id(), known));
    }

    private void secure(Listener listener) {
      try {
        if (listener.tls() != null) {
          contexts.put(listener.id(), supply(listener));
        }
      } catch (RuntimeException e) {
        problems.add(BindFailureText.problem(listener, e));
      }
    }

    private TlsSupply supply(Listener listener) {
      return new TlsSupply(
          tls.apply(listener),
          listener.relayedUses().stream()
              .filter(each -> each.kind() == TlsUse.Kind.TERMINATED)
              .findAny()
              .map(each -> tls.apply(listener.relayed(each)))
              .orElse(null));
    }

    private void open(Listener listener) {
      leaving()
          .filter(known -> listener.port() != 0 && known.port() == listener.port())
          .findFirst()
          .ifPresentOrElse(known -> openAfter(known, listener), () -> bind(listener));
    }

    private void openAfter(DynamicListener known, Listener listener) {
      try {
        known.sockets().requireSuccession(DynamicListener.address(listener));
        later.add(listener);
      } catch (RuntimeException e) {
        problems.add(BindFailureText.problem(listener, e));
      }
    }

    private Stream<DynamicListener> leaving() {
      return before.values().stream().filter(known -> !kept.containsValue(known));
    }

    private boolean bind(Listener listener) {
      try {
        return fresh.add(binder.bind(listener, contexts.get(listener.id())));
      } catch (RuntimeException e) {
        problems.add(BindFailureText.problem(listener, e));
        return false;
      }
    }

    @Override
    public List<String> problems() {
      return List.copyOf(problems);
    }

    @Override
    public void commit() {
      CompletableFuture.allOf(
              leaving()
                  .map(each -> each.close().toCompletableFuture())
                  .toArray(CompletableFuture[]::new))
          .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
      later.forEach(this::bindOnceFree);
      problems.forEach(
          problem -> log.error("A listener is closed until the file changes: {}", problem));
      changed.forEach(
          each -> Objects.requireNonNull(kept.get(each.id())).use(each, contexts.get(each.id())));
      Map<String, DynamicListener> next = new LinkedHashMap<>(kept);
      fresh.forEach(each -> next.put(each.settings().id(), each));
      use(next, fresh);
    }

    private void bindOnceFree(Listener listener) {
      for (int i = 1; !bind(listener) && i < ATTEMPTS; i++) {
        problems.removeLast();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }

    @Override
    public void rollBack() {
      fresh.forEach(DynamicListener::close);
      fresh.clear();
    }
  }
}
