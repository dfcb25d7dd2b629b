package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.proxy.front.FrontDoor;
import io.netty.handler.ssl.SslContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * The HTTP listeners of the dynamic file. New ones are bound when a file is prepared, and accept
 * connections when it is committed, at the start not before the main listener does.
 *
 * <p>A listener whose name, address, port and kind stay keeps its socket and its connections. One
 * that takes over the port of another, one that relays TCP too, or changes its kind, is bound at
 * the commit, when the port is free.
 */
public final class HttpListeners implements ListenerSet, SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(HttpListeners.class);

  /** The time limit for a socket to be closed, which takes a few turns of its event loop. */
  private static final long CLOSE_SECONDS = 10;

  private final FrontDoor door;
  private final ListenerTlsContexts tls;
  private final Function<Listener, HttpListener> binder;
  private volatile Map<String, HttpListener> open = Map.of();
  private volatile boolean running;

  /**
   * @param binder binds a listener's port; fails with a {@link RuntimeException}
   */
  HttpListeners(FrontDoor door, ListenerTlsContexts tls, Function<Listener, HttpListener> binder) {
    this.door = door;
    this.tls = tls;
    this.binder = binder;
  }

  /** The bound port of that listener; empty if it is not open. */
  public OptionalInt port(String name) {
    HttpListener listener = open.get(name);
    return listener == null ? OptionalInt.empty() : OptionalInt.of(listener.port());
  }

  /** The TLS settings of the listeners that are open. */
  Stream<ListenerTls> secured() {
    return open.values().stream().flatMap(each -> Stream.ofNullable(each.settings().tls()));
  }

  @Override
  public Change prepare(List<Listener> next) {
    return prepare(next, port -> false);
  }

  @Override
  public boolean frees(Listener port, List<Listener> next) {
    return open.values().stream()
        .filter(old -> isSamePort(old, port))
        .anyMatch(
            old ->
                next.stream()
                    .noneMatch(each -> each.id().equals(old.settings().id()) && old.canUse(each)));
  }

  @Override
  public Change prepare(List<Listener> next, Predicate<Listener> freed) {
    if (door.isStopping()) {
      return Change.NONE;
    }
    Prepared change = new Prepared(next, freed);
    change.bind();
    return change;
  }

  /** Accepts no connection until the main listener is about to. */
  @Override
  public synchronized void start() {
    running = true;
    open.values().forEach(HttpListeners::accept);
  }

  /** Does nothing: {@link StopStep#drainFront} has closed all sockets. */
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

  private static void accept(HttpListener listener) {
    listener.accept();
    log.info(
        "Listener {} accepts connections on port {}", listener.settings().id(), listener.port());
  }

  private synchronized void use(Map<String, HttpListener> next, List<HttpListener> fresh) {
    open = Map.copyOf(next);
    if (running) {
      fresh.forEach(HttpListeners::accept);
    }
  }

  private final class Prepared implements Change {
    private final List<Listener> wanted;
    private final Predicate<Listener> freed;
    private final Map<String, HttpListener> before = open;
    private final Map<String, HttpListener> kept = new LinkedHashMap<>();
    private final List<HttpListener> fresh = new ArrayList<>();
    private final List<Listener> later = new ArrayList<>();
    private final List<Runnable> changes = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private boolean released;

    Prepared(List<Listener> wanted, Predicate<Listener> freed) {
      this.wanted = wanted;
      this.freed = freed;
    }

    void bind() {
      for (Listener each : wanted) {
        HttpListener known = before.get(each.id());
        if (known != null && known.canUse(each)) {
          kept.put(each.id(), known);
          change(known, each);
        }
      }
      for (Listener each : wanted) {
        if (!kept.containsKey(each.id())) {
          if (freed.test(each) || leaving().anyMatch(old -> isSamePort(old, each))) {
            later.add(each);
          } else {
            bind(each);
          }
        }
      }
      if (!problems.isEmpty()) {
        rollBack();
      }
    }

    private void change(HttpListener known, Listener next) {
      ListenerTls secured = next.tls();
      if (!known.settings().equals(next)) {
        try {
          Supplier<SslContext> contexts = secured == null ? null : tls.http(secured);
          changes.add(() -> known.use(next, contexts));
        } catch (RuntimeException e) {
          problems.add(BindFaults.problem(next, e));
        }
      }
    }

    private Stream<HttpListener> leaving() {
      return before.values().stream().filter(old -> !kept.containsValue(old));
    }

    private void bind(Listener listener) {
      try {
        fresh.add(binder.apply(listener));
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
      if (!released) {
        released = true;
        await(leaving().map(old -> old.close().toCompletableFuture()).toList());
      }
    }

    @Override
    public void commit() {
      release();
      if (!later.isEmpty()) {
        later.forEach(each -> BoundOnceFree.bind(problems, () -> bind(each)));
        problems.forEach(
            problem -> log.error("A listener is closed until the file changes: {}", problem));
      }
      Map<String, HttpListener> next = new LinkedHashMap<>(kept);
      changes.forEach(Runnable::run);
      fresh.forEach(each -> next.put(each.settings().id(), each));
      use(next, fresh);
    }

    private void await(List<CompletableFuture<Void>> closing) {
      CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
          .completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS)
          .join();
    }

    @Override
    public void rollBack() {
      fresh.forEach(HttpListener::close);
      fresh.clear();
    }
  }

  private static boolean isSamePort(HttpListener old, Listener next) {
    return next.port() != 0 && old.port() == next.port();
  }
}
