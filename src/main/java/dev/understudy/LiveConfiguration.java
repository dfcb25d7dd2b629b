package dev.understudy;

import dev.understudy.config.ConfigFileWatcher;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.GatewayConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.Monitor;
import dev.understudy.pool.Pool;
import dev.understudy.proxy.gateway.PoolRoutes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The dynamic file in force: read before anything listens, watched, and applied whole or not at
 * all.
 *
 * <p>A new file's pools are added before its routes come into force, and those that it lacks are
 * removed after, so that no request ever meets a route without its pool.
 */
final class LiveConfiguration implements SmartLifecycle {
  private final Path file;
  private final ConfigLoader loader;
  private final Monitor monitor;
  private final PoolRoutes routes;
  private final EventLog events;
  private final Consumer<GatewayConfig> applied;

  private List<Pool> pools = List.of();
  private volatile @Nullable ConfigFileWatcher watcher;

  LiveConfiguration(
      Path file,
      ConfigLoader loader,
      Monitor monitor,
      PoolRoutes routes,
      EventLog events,
      Consumer<GatewayConfig> applied) {
    this.file = file;
    this.loader = loader;
    this.monitor = monitor;
    this.routes = routes;
    this.events = events;
    this.applied = applied;
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
      return Files.readAllBytes(file);
    } catch (IOException e) {
      return null;
    }
  }

  /** Puts what was loaded into force; returns why not, if so, and then nothing has changed. */
  private List<String> take(LoadResult result) {
    return switch (result) {
      case LoadResult.Rejected rejected ->
          rejected(ConfigurationRejectedException.lines(rejected.problems()));
      case LoadResult.Loaded loaded -> apply(loaded.config());
    };
  }

  private List<String> apply(GatewayConfig config) {
    monitor.apply(withThoseThatGo(config.pools())).toCompletableFuture().join();
    Optional<String> problem =
        routes.apply(
            RouteDefinitions.of(config.routes()),
            RouteDefinitions.filters(config.defaultFilters()));
    if (problem.isPresent()) {
      monitor.apply(pools).toCompletableFuture().join();
      return rejected(List.of(file + ": routes: " + problem.get()));
    }
    pools = config.pools();
    monitor.apply(pools).toCompletableFuture().join();
    applied.accept(config);
    events.add(
        new Event.ConfigurationApplied(
            file.toString(),
            file + " applied: " + pools.size() + " pools, " + config.routes().size() + " routes"));
    return List.of();
  }

  private List<Pool> withThoseThatGo(List<Pool> next) {
    List<Pool> all = new ArrayList<>(next);
    pools.stream()
        .filter(old -> next.stream().noneMatch(pool -> pool.id().equals(old.id())))
        .forEach(all::add);
    return all;
  }

  private List<String> rejected(List<String> problems) {
    events.add(
        new Event.ConfigurationRejected(
            file.toString(),
            problems,
            file + " refused, nothing changed: " + String.join("; ", problems)));
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
      LoadResult result = loader.load(path, content);
      ConfigFileWatcher running = watcher;
      if (running != null) {
        running.watchSecrets(result.secretFiles());
      }
      take(result);
    }

    @Override
    public void vanished(Path path, IOException reason) {
      rejected(List.of(path + ": expected a readable file: " + reason));
    }
  }
}
