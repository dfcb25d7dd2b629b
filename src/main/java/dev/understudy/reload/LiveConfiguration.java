package dev.understudy.reload;

import dev.understudy.config.ConfigFileWatcher;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.GatewayConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.NamedArgs;
import dev.understudy.config.Problem;
import dev.understudy.config.RouteSpec;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The dynamic file in force: read before anything listens, watched, and applied whole or not at
 * all.
 *
 * <p>Pools that a new file adds are there before its routes come into force; those that it changes
 * or lacks are changed or removed after. So no request ever meets a route without its pool, and a
 * file whose routes the Gateway refuses has touched no pool that there was. If something fails on
 * the way, what was in force is put back.
 */
public final class LiveConfiguration implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(LiveConfiguration.class);

  /** For the monitor to take pools; it needs milliseconds. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Where pools are put into force. */
  public interface Pools {
    /** Completed once they are. */
    CompletionStage<Void> apply(List<Pool> pools);
  }

  /** Where routes are put into force, whole or not at all. */
  public interface Routes {
    /** Empty if they are in force; else why not. */
    Optional<String> apply(List<RouteSpec> routes, List<NamedArgs> defaultFilters);
  }

  private final Path file;
  private final ConfigLoader loader;
  private final Pools pools;
  private final Routes routes;
  private final EventLog events;

  private @Nullable GatewayConfig inForce;
  private volatile @Nullable ConfigFileWatcher watcher;

  public LiveConfiguration(
      Path file, ConfigLoader loader, Pools pools, Routes routes, EventLog events) {
    this.file = file;
    this.loader = loader;
    this.pools = pools;
    this.routes = routes;
    this.events = events;
  }

  /** Before the web servers, which are near the last. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public void start() {
    byte[] content = read();
    LoadResult result = content == null ? loader.load(file) : loader.load(file, content);
    List<String> problems = take(result);
    if (!problems.isEmpty()) {
      throw new ConfigurationRejectedException(file, problems);
    }
    watcher =
        ConfigFileWatcher.start(
            file, content, result.secretFiles(), ConfigFileWatcher.Timing.DEFAULT, new Reload());
  }

  private byte @Nullable [] read() {
    try {
      return ConfigLoader.content(file);
    } catch (IOException e) {
      return null;
    }
  }

  /** Puts what was loaded into force; returns why not, if so, and then nothing has changed. */
  private List<String> take(LoadResult result) {
    return switch (result) {
      case LoadResult.Rejected rejected ->
          rejected(ConfigurationRejectedException.lines(rejected.problems()));
      case LoadResult.Loaded loaded -> apply(loaded.config(), loaded.warnings());
    };
  }

  private List<String> apply(GatewayConfig next, List<Problem> warnings) {
    try {
      put(withThoseThatCome(next.pools()));
      Optional<String> problem = put(next);
      if (problem.isPresent()) {
        put(poolsInForce());
        return rejected(List.of(file + ": routes: " + problem.get()));
      }
      put(next.pools());
    } catch (RuntimeException | LinkageError e) {
      log.error("{} could not be applied", file, e);
      return failed(e);
    }
    inForce = next;
    events.add(
        new Event.ConfigurationApplied(
            file.toString(),
            warnings.stream().map(Problem::asWarning).toList(),
            file
                + " applied: "
                + count(next.pools().size(), "pool")
                + ", "
                + count(next.routes().size(), "route")
                + (warnings.isEmpty() ? "" : ", " + count(warnings.size(), "warning"))));
    return List.of();
  }

  /** Those in force as they are, and those of {@code next} that are new. */
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
        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  private Optional<String> put(GatewayConfig config) {
    return routes.apply(config.routes(), config.defaultFilters());
  }

  /** Puts what was in force back; returns what happened. */
  private List<String> failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    String why = file + ": could not be applied: " + cause;
    GatewayConfig before = inForce;
    try {
      // Routes first: none may lead to a pool that is taken away.
      if (before == null || put(before).isEmpty()) {
        put(poolsInForce());
        return rejected(List.of(why));
      }
    } catch (RuntimeException | LinkageError e) {
      log.error("What was in force before {} could not be put back", file, e);
    }
    String warning = file + ": what was in force could not be put back whole; restart";
    return rejected(List.of(why, warning), "");
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

  /** Called on the watcher's thread, once at a time. */
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
        running.watchSecrets(result.secretFiles());
      }
      take(result);
    }

    @Override
    public void vanished(Path path, IOException reason) {
      rejected(List.of(path + ": " + ConfigLoader.unreadable(reason)));
    }
  }
}
