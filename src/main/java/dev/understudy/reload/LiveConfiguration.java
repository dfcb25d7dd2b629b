package dev.understudy.reload;

import dev.understudy.config.ConfigFileWatcher;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.NamedFiles;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.file.Sha256;
import dev.understudy.pool.Listener;
import dev.understudy.reload.ConfigurationTransaction.Change;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * The dynamic file in force: read before any port is opened, watched, and applied whole or not at
 * all. A file that only the Gateway can check is put into force when Spring's context has made it.
 */
public final class LiveConfiguration implements SmartLifecycle {
  private static final Logger log = LoggerFactory.getLogger(LiveConfiguration.class);

  private static final int FINGERPRINT_DIGITS = 12;

  /** Reads a file's content. */
  public interface Loader {
    /** Returns the configuration, or all problems. */
    LoadResult load(Path file, byte[] content);

    /** Whether the last file was accepted without a check for which it is to be loaded again. */
    default boolean isProvisional() {
      return false;
    }
  }

  private final Path file;
  private final Loader loader;
  private final ConfigurationTarget target;
  private final ConfigurationTransaction transaction;
  private volatile @Nullable ConfigFileWatcher watcher;
  private final Reload reload = new Reload();
  private @Nullable First first;
  private volatile @Nullable String fingerprint;

  /** The file in force, without what objects of a cluster add; null before the first. */
  private volatile @Nullable DynamicConfig ofFile;

  /** Completed unless the first addition is still to come. */
  private volatile CompletableFuture<Void> expected = CompletableFuture.completedFuture(null);

  /** What objects of a cluster add; in force with the file. Guarded by {@link #reload}. */
  private DynamicConfig.Addition addition = DynamicConfig.Addition.NONE;

  /** Creates the configuration of that file, which {@link #load} reads. */
  public LiveConfiguration(Path file, Loader loader, ConfigurationTarget target, EventLog events) {
    this(
        file,
        loader,
        target,
        events,
        ConfigurationChanges::between,
        ConfigurationTransaction.PATIENCE);
  }

  /**
   * @param describe makes the sentences about the changes from one configuration to another
   * @param patience as {@link ConfigurationTransaction#PATIENCE}
   */
  LiveConfiguration(
      Path file,
      Loader loader,
      ConfigurationTarget target,
      EventLog events,
      BiFunction<DynamicConfig, DynamicConfig, List<String>> describe,
      Duration patience) {
    this.file = file;
    this.loader = loader;
    this.target = target;
    transaction = new ConfigurationTransaction(target, events, describe, patience);
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
   * @return false if the file waits for {@link #start}, as only the Gateway can check it
   * @throws ConfigurationRejectedException if it cannot be put into force
   */
  public boolean load() {
    byte[] content = read();
    LoadResult result = loader.load(file, content);
    if (loader.isProvisional() && result instanceof LoadResult.Loaded) {
      return false;
    }
    require(reload.apply(result, content));
    first = new First(content, result.namedFiles());
    return true;
  }

  /**
   * Puts the routes into force in the Gateway lane and watches the file, which is loaded if it has
   * not been or has waited.
   *
   * @throws ConfigurationRejectedException if it is refused now
   */
  @Override
  public void start() {
    target.joinGateway().ifPresent(why -> require(rejected(List.of(file + ": routes: " + why))));
    if (first == null) {
      var unused = load();
    }
    First loaded = Objects.requireNonNull(first);
    transaction.accept();
    watcher =
        ConfigFileWatcher.start(
            file, loaded.content(), loaded.named(), ConfigFileWatcher.Timing.DEFAULT, reload);
  }

  /**
   * Leaves the listeners as they are until {@link #releaseListeners}: another process has the same
   * ports, or would take those of new ones. A file that changes listeners waits until then. Returns
   * once a change under way has ended. May be nested.
   */
  public void keepListeners() {
    reload.keep();
  }

  /**
   * The same in a process that takes over: its first addition opens its listeners nevertheless, as
   * its first file does, with the sockets of the process before.
   */
  public void inheritListeners() {
    reload.inherit();
  }

  /** Has the first addition wait for {@link #releaseListeners} like all others, if none came. */
  public void endInheritance() {
    reload.endInheritance();
  }

  /** Ends one {@link #keepListeners}; the last one applies the file that waits. */
  public void releaseListeners() {
    reload.release();
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
    DynamicConfig config = ofFile;
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

  private List<String> rejected(List<String> problems) {
    return transaction.rejected(file.toString(), problems);
  }

  /** Says that an addition will come; called before it can. */
  public void expectAddition() {
    expected = new CompletableFuture<>();
  }

  /** Whether what is in force is whole: the file, and the first addition if one will come. */
  public boolean isComplete() {
    return ofFile != null && expected.isDone();
  }

  /** Completed when the first addition is in force or refused, if one will come. */
  public CompletableFuture<Void> firstAddition() {
    return expected.copy();
  }

  /**
   * Puts what objects of a cluster add into force, beside the file. Before there is a file, and
   * with other listeners while {@link #keepListeners} holds, it waits, unless a newer one comes.
   *
   * @param result called once: with an empty list when the addition is in force, else with the
   *     problems, and the previous one stays. Not called if a newer addition replaces it, or this
   *     process stops. At once or later, on a thread that must not wait for other additions
   */
  public void use(DynamicConfig.Addition next, Consumer<List<String>> result) {
    reload.use(new Asked(next, result));
  }

  /** An addition that is to be in force. */
  private record Asked(DynamicConfig.Addition addition, Consumer<List<String>> result) {}

  @Override
  public void stop() {
    transaction.stop();
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

  /** Applies changes, one at a time: the watcher's, and the one that has waited. */
  private final class Reload implements ConfigFileWatcher.Listener {
    private int keepers;

    /** Whether the first addition opens its listeners whoever keeps them. */
    private boolean inherits;

    /** The file that waits until the listeners may change; null if none does. */
    private byte @Nullable [] waiting;

    /** The addition that waits likewise. */
    private @Nullable Asked waitingAddition;

    synchronized void keep() {
      keepers++;
    }

    synchronized void inherit() {
      keep();
      inherits = true;
    }

    synchronized void endInheritance() {
      inherits = false;
    }

    synchronized void release() {
      keepers--;
      inherits = false;
      byte[] content = waiting;
      if (keepers == 0 && content != null && isRunning()) {
        changed(file, content);
      }
      useWaiting();
    }

    synchronized void use(Asked asked) {
      DynamicConfig config = ofFile;
      DynamicConfig.Addition next = asked.addition();
      boolean kept = keepers > 0 && !(inherits && !expected.isDone());
      if (config == null || (kept && !next.listeners().equals(addition.listeners()))) {
        waitingAddition = asked;
        return;
      }
      waitingAddition = null;
      List<String> problems;
      try {
        problems = next.equals(addition) ? List.of() : apply(config, next);
      } catch (ConfigurationTransaction.Stopped e) {
        return;
      }
      if (problems.isEmpty()) {
        addition = next;
      }
      expected.complete(null);
      asked.result().accept(problems);
    }

    private List<String> apply(DynamicConfig config, DynamicConfig.Addition next) {
      try {
        return transaction.apply(
            new Change(
                ReplicaEvent.CLUSTER,
                DynamicConfig.EMPTY.with(next),
                config.with(next),
                List.of()));
      } catch (IllegalArgumentException e) {
        return transaction.rejected(
            ReplicaEvent.CLUSTER, List.of(ReplicaEvent.CLUSTER + ": " + e.getMessage()));
      }
    }

    synchronized List<String> apply(LoadResult result, byte[] content) {
      return switch (result) {
        case LoadResult.Rejected bad ->
            rejected(ConfigurationRejectedException.lines(bad.problems()));
        case LoadResult.Loaded loaded -> apply(loaded, content);
      };
    }

    private List<String> apply(LoadResult.Loaded loaded, byte[] content) {
      DynamicConfig config = loaded.config();
      List<String> problems =
          transaction.apply(
              new Change(file.toString(), config, config.with(addition), loaded.warnings()));
      if (problems.isEmpty()) {
        ofFile = config;
        fingerprint = fingerprint(content);
        useWaiting();
      }
      return problems;
    }

    private void useWaiting() {
      Asked next = waitingAddition;
      if (next != null) {
        use(next);
      }
    }

    @Override
    public synchronized void changed(Path path, byte[] content) {
      waiting = null;
      LoadResult result;
      try {
        result = loader.load(path, content);
      } catch (RuntimeException | Error e) {
        log.error("{} could not be read", path, e);
        var unused = rejected(List.of(path + ": could not be read: " + e));
        return;
      }
      ConfigFileWatcher running = watcher;
      if (running != null) {
        running.watchNamed(result.namedFiles());
      }
      if (keepers > 0
          && result instanceof LoadResult.Loaded loaded
          && transaction.changesListeners(loaded.config().with(addition))) {
        log.info("{} changes listeners, so it is applied once the handover has ended", path);
        waiting = content;
        return;
      }
      try {
        var unused = apply(result, content);
      } catch (ConfigurationTransaction.Stopped e) {
        log.info("{} has changed and is not applied: {}", path, e.getMessage());
      }
    }

    @Override
    public synchronized void vanished(Path path, IOException reason) {
      waiting = null;
      unreadable(reason);
    }
  }
}
