package dev.understudy.reload;

import dev.understudy.config.ConfigFileWatcher;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.GatewayConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.NamedFiles;
import dev.understudy.config.Problem;
import dev.understudy.file.Sha256;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.UserList;
import dev.understudy.proxy.listener.ListenerSet;
import dev.understudy.text.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The dynamic file in force: read before any port is opened, watched, and applied whole or not at
 * all. What needs the Gateway is checked and put into force when Spring's context starts it.
 *
 * <p>Pools that a new file adds exist before its routes come into force; pools that it changes or
 * removes are changed or removed afterwards. So no request meets a route without its pool, and a
 * file whose routes the Gateway refuses leaves every existing pool unchanged. Ports of new
 * listeners are opened before the routes change, and closed again if these are refused. If a step
 * fails, the previous configuration is restored.
 */
public final class LiveConfiguration implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(LiveConfiguration.class);

  /** The time limit for the monitor to apply pools; it needs milliseconds. */
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  /** Changes that the event's message names; its list has more. */
  private static final int CHANGES_IN_MESSAGE = 3;

  private static final int FINGERPRINT_DIGITS = 12;
  private static final String UNKNOWN_CHANGES = "its changes are not known; see the log";

  /** Reads a file's content. */
  public interface Loader {
    /** Returns the configuration, or all problems. */
    LoadResult load(Path file, byte[] content);

    /**
     * Whether the last file was accepted without checks that can be made only when it is loaded
     * later.
     */
    default boolean isOnCredit() {
      return false;
    }
  }

  /** Puts pools into force. */
  public interface Pools {
    /** Applies the pools; completes when they are in force. */
    CompletionStage<Void> apply(List<Pool> pools);
  }

  /** Puts routes into force, whole or not at all. */
  public interface Routes {
    /** Applies the routes; empty on success, otherwise the reason. */
    Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters);
  }

  private final Path file;
  private final Loader loader;
  private final Pools pools;
  private final Routes routes;
  private final ListenerSet listeners;
  private final Consumer<ErrorPages> errorPages;
  private final Consumer<Map<String, UserList>> userFiles;
  private final EventLog events;
  private Consumer<DnsSettings> dns = settings -> {};
  private Supplier<Optional<String>> gateway = Optional::empty;
  private Runnable retain = () -> {};
  private final BiFunction<GatewayConfig, GatewayConfig, List<String>> describe;

  private volatile @Nullable GatewayConfig inForce;
  private volatile @Nullable ConfigFileWatcher watcher;
  private @Nullable First first;
  private volatile @Nullable String fingerprint;

  /**
   * Creates the configuration of that file, which {@link #start} reads.
   *
   * @param errorPages puts error pages into force; called last, and must not fail
   * @param userFiles puts users into force; called before the routes that admit them, and must not
   *     fail
   */
  public LiveConfiguration(
      Path file,
      Loader loader,
      Pools pools,
      Routes routes,
      ListenerSet listeners,
      Consumer<ErrorPages> errorPages,
      Consumer<Map<String, UserList>> userFiles,
      EventLog events) {
    this(
        file,
        loader,
        pools,
        routes,
        listeners,
        errorPages,
        userFiles,
        events,
        ConfigurationChanges::between);
  }

  /**
   * @param describe makes the sentences about the changes from one configuration to another
   */
  LiveConfiguration(
      Path file,
      Loader loader,
      Pools pools,
      Routes routes,
      ListenerSet listeners,
      Consumer<ErrorPages> errorPages,
      Consumer<Map<String, UserList>> userFiles,
      EventLog events,
      BiFunction<GatewayConfig, GatewayConfig, List<String>> describe) {
    this.file = file;
    this.loader = loader;
    this.pools = pools;
    this.routes = routes;
    this.listeners = listeners;
    this.errorPages = errorPages;
    this.userFiles = userFiles;
    this.events = events;
    this.describe = describe;
  }

  /**
   * Also tells how names are resolved, before the pools whose names are concerned.
   *
   * @return this
   */
  public LiveConfiguration resolving(Consumer<DnsSettings> by) {
    dns = by;
    return this;
  }

  /**
   * Also tells that what is not in force may be forgotten: once a file is accepted for good, which
   * the first one is not before {@link #start}.
   *
   * @return this
   */
  public LiveConfiguration retaining(Runnable by) {
    retain = by;
    return this;
  }

  /**
   * Also puts the routes into force in the Gateway lane when it is started.
   *
   * @param join returns why the Gateway refuses them; empty if it does not
   */
  public void joinedBy(Supplier<Optional<String>> join) {
    gateway = join;
  }

  /**
   * Precedes the web servers, whose phases are near the highest, and is stopped before the event
   * loops, whose phase is 0.
   */
  @Override
  public int getPhase() {
    return 1;
  }

  /**
   * The file as it was first read.
   *
   * @param named the files that it names
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record First(byte[] content, NamedFiles named) {}

  /**
   * Reads the file and puts it into force, but for the Gateway lane.
   *
   * @throws ConfigurationRejectedException if it cannot be
   */
  public void load() {
    byte[] content = read();
    LoadResult result = loader.load(file, content);
    require(take(result));
    fingerprint = fingerprint(content);
    first = new First(content, result.namedFiles());
  }

  /**
   * Puts the routes into force in the Gateway lane and watches the file, which is loaded if it has
   * not been.
   *
   * @throws ConfigurationRejectedException if it is refused now
   */
  @Override
  public void start() {
    if (first == null) {
      load();
    }
    First loaded = Objects.requireNonNull(first);
    if (loader.isOnCredit()
        && loader.load(file, loaded.content()) instanceof LoadResult.Rejected rejected) {
      require(rejected(ConfigurationRejectedException.lines(rejected.problems())));
    }
    gateway.get().ifPresent(why -> require(rejected(List.of(file + ": routes: " + why))));
    retain.run();
    watcher =
        ConfigFileWatcher.start(
            file, loaded.content(), loaded.named(), ConfigFileWatcher.Timing.DEFAULT, new Reload());
  }

  private void require(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new ConfigurationRejectedException(file, problems);
    }
  }

  /**
   * The SHA-256 digest of the file in force, its first 12 hexadecimal digits; null before the first
   * file.
   */
  public @Nullable String fingerprint() {
    return fingerprint;
  }

  /**
   * Whether the file in force leaves requests to the main listener: it has no listener at all, or
   * routes but no listener that serves them.
   */
  public boolean needsMainListener() {
    GatewayConfig config = inForce;
    return config == null
        || config.listeners().isEmpty()
        || (config.listeners().stream().allMatch(Listener::relaysTcp)
            && !config.routes().isEmpty());
  }

  private static String fingerprint(byte[] content) {
    return Sha256.hex(Sha256.of(content), FINGERPRINT_DIGITS);
  }

  private byte[] read() {
    try {
      return ConfigLoader.content(file);
    } catch (IOException e) {
      throw new ConfigurationRejectedException(file, unreadable(e));
    }
  }

  private List<String> unreadable(IOException reason) {
    return rejected(List.of(file + ": " + ConfigLoader.unreadable(reason)));
  }

  /**
   * Applies a loaded file; returns the problems if it is refused. Then nothing has changed, unless
   * a failure could not be undone, which the last problem says.
   */
  private List<String> take(LoadResult result) {
    return switch (result) {
      case LoadResult.Rejected rejected ->
          rejected(ConfigurationRejectedException.lines(rejected.problems()));
      case LoadResult.Loaded loaded -> apply(loaded.config(), loaded.warnings());
    };
  }

  private List<String> apply(GatewayConfig next, List<Problem> warnings) {
    ListenerSet.Change opened = null;
    try {
      dns.accept(next.dns());
      put(withThoseThatCome(next.pools()));
      ListenerSet.Change change = listeners.prepare(next.listeners());
      if (!change.problems().isEmpty()) {
        put(poolsInForce());
        return rejected(change.problems().stream().map(each -> file + ": " + each).toList());
      }
      opened = change;
      Optional<String> problem = put(next);
      if (problem.isPresent()) {
        change.rollBack();
        restoreDns();
        GatewayConfig kept = inForce;
        userFiles.accept(kept == null ? Map.of() : kept.userFiles());
        put(poolsInForce());
        return rejected(List.of(file + ": routes: " + problem.get()));
      }
      opened = null;
      change.commit();
      put(next.pools());
      errorPages.accept(next.errorPages());
    } catch (RuntimeException | LinkageError e) {
      log.error("{} could not be applied", file, e);
      if (opened != null) {
        opened.rollBack();
      }
      return failed(e);
    }
    GatewayConfig before = inForce;
    inForce = next;
    if (watcher != null) {
      retain.run();
    }
    events.add(applied(before == null ? next : before, next, warnings));
    return List.of();
  }

  private Event applied(GatewayConfig before, GatewayConfig next, List<Problem> warnings) {
    List<String> changes = changes(before, next);
    String first = Words.joined(changes, CHANGES_IN_MESSAGE, "; ");
    return new Event.ConfigurationApplied(
        file.toString(),
        warnings.stream().map(Problem::asWarning).toList(),
        changes,
        ConfigurationChanges.removedPools(before, next),
        file
            + " applied: "
            + count(next.pools().size(), "pool")
            + ", "
            + count(next.routes().size(), "route")
            + (next.listeners().isEmpty() ? "" : ", " + count(next.listeners().size(), "listener"))
            + (warnings.isEmpty() ? "" : ", " + count(warnings.size(), "warning"))
            + (first.isEmpty() ? "" : "; " + first));
  }

  /** Describes the changes; the file is in force by then, whether or not they can be described. */
  private List<String> changes(GatewayConfig before, GatewayConfig next) {
    try {
      return describe.apply(before, next);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      log.error("The changes of {} could not be described", file, e);
      return List.of(UNKNOWN_CHANGES);
    }
  }

  /** The pools in force, unchanged, and the new ones of {@code next}. */
  private List<Pool> withThoseThatCome(List<Pool> next) {
    List<Pool> all = new ArrayList<>(poolsInForce());
    Set<PoolId> known = all.stream().map(Pool::id).collect(Collectors.toSet());
    next.stream().filter(pool -> !known.contains(pool.id())).forEach(all::add);
    return all;
  }

  private List<Pool> poolsInForce() {
    GatewayConfig config = inForce;
    return config == null ? List.of() : config.pools();
  }

  private void put(List<Pool> next) {
    pools
        .apply(next)
        .toCompletableFuture()
        .copy()
        .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  private boolean putListeners(GatewayConfig config) {
    ListenerSet.Change change = listeners.prepare(config.listeners());
    if (change.problems().isEmpty()) {
      change.commit();
    }
    return change.problems().isEmpty();
  }

  private Optional<String> put(GatewayConfig config) {
    userFiles.accept(config.userFiles());
    return routes.apply(config.routes(), config.defaultFilters());
  }

  /** Restores the previous configuration; returns the problems. */
  private List<String> failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    String why = file + ": could not be applied: " + cause;
    GatewayConfig before = inForce;
    try {
      restoreDns();
      // Routes and listeners first: none may lead to a removed pool.
      if (before == null || (put(before).isEmpty() && putListeners(before))) {
        put(poolsInForce());
        return rejected(List.of(why));
      }
    } catch (RuntimeException | LinkageError e) {
      log.error("The configuration before {} could not be restored", file, e);
    }
    String warning =
        file + ": the previous configuration could not be restored completely; restart";
    return rejected(List.of(why, warning), "");
  }

  private void restoreDns() {
    GatewayConfig before = inForce;
    dns.accept(before == null ? DnsSettings.DEFAULT : before.dns());
  }

  private static String count(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private List<String> rejected(List<String> problems) {
    return rejected(problems, inForce == null ? "" : ", nothing changed");
  }

  private List<String> rejected(List<String> problems, String outcome) {
    events.add(
        new Event.ConfigurationRejected(
            file.toString(),
            problems,
            file + " refused" + outcome + ", " + count(problems.size(), "problem")));
    return problems;
  }

  @Override
  public void stop() {
    ConfigFileWatcher running = watcher;
    if (running != null) {
      running.close();
      watcher = null;
    }
  }

  @Override
  public boolean isRunning() {
    return watcher != null;
  }

  /** Applies changes; called on the watcher's thread, one call at a time. */
  private final class Reload implements ConfigFileWatcher.Listener {
    @Override
    public void changed(Path path, byte[] content) {
      LoadResult result;
      try {
        result = loader.load(path, content);
      } catch (RuntimeException | LinkageError e) {
        log.error("{} could not be read", path, e);
        rejected(List.of(path + ": could not be read: " + e));
        return;
      }
      ConfigFileWatcher running = watcher;
      if (running != null) {
        running.watchNamed(result.namedFiles());
      }
      if (take(result).isEmpty()) {
        fingerprint = fingerprint(content);
      }
    }

    @Override
    public void vanished(Path path, IOException reason) {
      unreadable(reason);
    }
  }
}
