package dev.understudy.reload;

import dev.understudy.config.DynamicConfig;
import dev.understudy.config.Problem;
import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.OpenListeners;
import dev.understudy.text.Words;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a configuration into force, whole or not at all, and remembers the one in force. It comes
 * from a source that people know by its name: the file, or the objects of a cluster.
 *
 * <p>Pools that a new file adds exist before its routes come into force; pools that it changes or
 * removes are changed or removed afterwards. So no request meets a route without its pool, and a
 * file whose routes the Gateway refuses leaves every existing pool unchanged. Ports of new
 * listeners are opened before the routes change, and closed again if these are refused. If a step
 * fails, the previous configuration is restored.
 */
final class ConfigurationTransaction {
  private static final Logger log = LoggerFactory.getLogger(ConfigurationTransaction.class);

  /** Waits for the monitor, which needs milliseconds to apply pools, are told after this time. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Changes that the event's message names; its list has more. */
  private static final int CHANGES_IN_MESSAGE = 3;

  private static final String UNKNOWN_CHANGES = "its changes are not known; see the log";

  private final ConfigurationTarget target;
  private final EventLog events;
  private final BiFunction<DynamicConfig, DynamicConfig, List<String>> describe;
  private final Duration patience;
  private volatile @Nullable DynamicConfig inForce;
  private boolean accepted;

  /** Completed when this process stops. */
  private final CompletableFuture<Void> stopping = new CompletableFuture<>();

  /**
   * @param describe makes the sentences about the changes from one configuration to another
   * @param patience as {@link #PATIENCE}
   */
  ConfigurationTransaction(
      ConfigurationTarget target,
      EventLog events,
      BiFunction<DynamicConfig, DynamicConfig, List<String>> describe,
      Duration patience) {
    this.target = target;
    this.events = events;
    this.describe = describe;
    this.patience = patience;
  }

  /** The configuration in force; null before the first one. */
  @Nullable DynamicConfig inForce() {
    return inForce;
  }

  /** Whether a configuration has other listeners than the one in force. */
  boolean changesListeners(DynamicConfig next) {
    DynamicConfig before = inForce;
    return before != null && !next.listeners().equals(before.listeners());
  }

  /** Accepts the file in force, and those that follow, for good: what others had is forgotten. */
  void accept() {
    accepted = true;
    target.retain();
  }

  /**
   * A configuration from one source.
   *
   * @param source the name of the file, or {@link ReplicaEvent#CLUSTER}
   * @param own what the source has
   * @param whole with what the others have
   */
  record Change(String source, DynamicConfig own, DynamicConfig whole, List<Problem> warnings) {}

  /** This process stops: nothing was refused, and nothing more is put into force. */
  static final class Stopped extends RuntimeException {
    Stopped() {
      super("this process is stopping");
    }
  }

  /** Ends a wait for the monitor, which stops too. */
  void stop() {
    stopping.complete(null);
  }

  /**
   * Applies a configuration; returns the problems if it is refused. Then nothing has changed,
   * unless a failure could not be undone, which the last problem says.
   *
   * @throws Stopped if the process stops meanwhile
   */
  List<String> apply(Change asked) {
    DynamicConfig next = asked.whole();
    String source = asked.source();
    OpenListeners.Change opened = null;
    try {
      target.resolveWith(next.dns());
      put(source, oldAndNewPools(next.pools()), going(next.pools()));
      OpenListeners.Change change = target.listeners().prepare(next.listeners());
      if (!change.problems().isEmpty()) {
        restoreDns();
        put(source, poolsInForce());
        return rejected(
            source, change.problems().stream().map(each -> source + ": " + each).toList());
      }
      opened = change;
      Optional<String> problem = put(next);
      if (problem.isPresent()) {
        change.rollBack();
        restoreDns();
        DynamicConfig kept = inForce;
        target.use(kept == null ? Map.of() : kept.userFiles());
        put(source, poolsInForce());
        return rejected(source, List.of(source + ": routes: " + problem.get()));
      }
      opened = null;
      change.commit();
      put(source, next.pools());
      target.use(next.errorPages());
    } catch (Stopped e) {
      if (opened != null) {
        opened.rollBack();
      }
      throw e;
    } catch (RuntimeException | Error e) {
      log.error("{} could not be applied", source, e);
      if (opened != null) {
        opened.rollBack();
      }
      return failed(source, e);
    }
    DynamicConfig before = inForce;
    inForce = next;
    if (accepted) {
      target.retain();
    }
    events.add(applied(before == null ? next : before, asked));
    return List.of();
  }

  private Event applied(DynamicConfig before, Change asked) {
    DynamicConfig own = asked.own();
    List<Problem> warnings = asked.warnings();
    List<String> changes = changes(asked.source(), before, asked.whole());
    String first = Words.joined(changes, CHANGES_IN_MESSAGE, "; ");
    return new ReplicaEvent.ConfigurationApplied(
        asked.source(),
        warnings.stream().map(Problem::asWarning).toList(),
        changes,
        ConfigurationChanges.removedPools(before, asked.whole()),
        asked.source()
            + " applied: "
            + count(own.pools().size(), "pool")
            + ", "
            + count(own.routes().size(), "route")
            + (own.listeners().isEmpty() ? "" : ", " + count(own.listeners().size(), "listener"))
            + (warnings.isEmpty() ? "" : ", " + count(warnings.size(), "warning"))
            + (first.isEmpty() ? "" : "; " + first));
  }

  /** Describes the changes; they are in force by then, whether or not they can be described. */
  private List<String> changes(String source, DynamicConfig before, DynamicConfig next) {
    try {
      return describe.apply(before, next);
    } catch (RuntimeException | Error e) {
      log.error("The changes of {} could not be described", source, e);
      return List.of(UNKNOWN_CHANGES);
    }
  }

  /** The pools in force, unchanged, and the new ones of {@code next}. */
  private List<Pool> oldAndNewPools(List<Pool> next) {
    List<Pool> all = new ArrayList<>(poolsInForce());
    Set<PoolId> known = ids(all);
    next.stream().filter(pool -> !known.contains(pool.id())).forEach(all::add);
    return all;
  }

  private Set<PoolId> going(List<Pool> next) {
    Set<PoolId> going = ids(poolsInForce());
    going.removeAll(ids(next));
    return going;
  }

  private static Set<PoolId> ids(List<Pool> pools) {
    return pools.stream().map(Pool::id).collect(Collectors.toSet());
  }

  private List<Pool> poolsInForce() {
    DynamicConfig config = inForce;
    return config == null ? List.of() : config.pools();
  }

  private void put(String source, List<Pool> next) {
    put(source, next, Set.of());
  }

  /**
   * Has the monitor apply pools, and waits for it however long it takes: what is given up may come
   * into force all the same.
   *
   * @throws Stopped if the process stops meanwhile
   */
  private void put(String source, List<Pool> next, Set<PoolId> going) {
    CompletableFuture<Object> end =
        CompletableFuture.anyOf(stopping, target.apply(next, going).toCompletableFuture());
    if (!end.isDone()) {
      var unused =
          end.copy()
              .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
              .exceptionally(late -> tellOfDelay(source, late));
    }
    end.join();
    if (stopping.isDone()) {
      throw new Stopped();
    }
  }

  private @Nullable Object tellOfDelay(String source, Throwable late) {
    if (late instanceof TimeoutException) {
      log.warn(
          "still applying {}, {} s so far: the machine is slow or the monitor is busy",
          source,
          patience.toSeconds());
    }
    return null;
  }

  private boolean putListeners(DynamicConfig config) {
    OpenListeners.Change change = target.listeners().prepare(config.listeners());
    if (change.problems().isEmpty()) {
      change.commit();
    }
    return change.problems().isEmpty();
  }

  private Optional<String> put(DynamicConfig config) {
    target.use(config.userFiles());
    return target.apply(config.routes(), config.defaultFilters());
  }

  /** Restores the previous configuration; returns the problems. */
  private List<String> failed(String source, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    String why = source + ": could not be applied: " + cause;
    DynamicConfig before = inForce;
    try {
      restoreDns();
      // Routes and listeners first: none may lead to a removed pool.
      if (before == null || (put(before).isEmpty() && putListeners(before))) {
        put(source, poolsInForce());
        return rejected(source, List.of(why));
      }
    } catch (Stopped e) {
      throw e;
    } catch (RuntimeException | Error e) {
      log.error("The configuration before that of {} could not be restored", source, e);
    }
    String warning =
        source + ": the previous configuration could not be restored completely; restart";
    return rejected(source, List.of(why, warning), "");
  }

  private void restoreDns() {
    DynamicConfig before = inForce;
    target.resolveWith(before == null ? DnsSettings.DEFAULT : before.dns());
  }

  private static String count(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  /** Reports what a source has and is refused; returns its problems. */
  List<String> rejected(String source, List<String> problems) {
    return rejected(source, problems, inForce == null ? "" : ", nothing changed");
  }

  private List<String> rejected(String source, List<String> problems, String outcome) {
    events.add(
        new ReplicaEvent.ConfigurationRejected(
            source,
            problems,
            source + " refused" + outcome + ", " + count(problems.size(), "problem")));
    return problems;
  }
}
