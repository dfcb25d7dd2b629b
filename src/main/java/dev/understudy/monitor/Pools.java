package dev.understudy.monitor;

import dev.understudy.event.EventText;
import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All pools of the configuration in force, and whether the first one has been judged. */
final class Pools {
  /** Longest wait for choices after all servers were judged. */
  private static final Duration CHOICES = Duration.ofSeconds(5);

  /** Time between two looks at the ages of checks. */
  private static final Duration CHECKS = Duration.ofSeconds(1);

  private static final Duration LOOK = Duration.ofMillis(50);

  private final MonitorContext context;
  private final PublishingScheduler publisher;
  private final Map<PoolId, PoolController> controllers = new HashMap<>();
  private final Set<ServerController> awaited = new HashSet<>();

  /** Pools of the first configuration whose servers are not known yet. */
  private final Set<PoolController> undiscovered = new HashSet<>();

  private final List<Runnable> whenStarted = new ArrayList<>();

  /** By how much the clock on the wall was ahead. */
  private Duration ahead;

  private Instant checksSeen = Instant.EPOCH;
  private boolean configured;
  private boolean started;
  private volatile boolean ready;

  Pools(MonitorContext context, PublishingScheduler publisher) {
    this.context = context;
    this.publisher = publisher;
    this.ahead = publisher.ahead();
    publisher.subscribe(published -> lookIfComplete());
  }

  /** What is seen of each server now. */
  List<MassFailure.ObservedServer> observedServers() {
    return servers().map(ServerController::observed).toList();
  }

  private Stream<ServerController> servers() {
    return controllers.values().stream().flatMap(pool -> pool.servers().values().stream());
  }

  /** Reviews all choices, as other servers are doubted than before. */
  void review() {
    controllers.values().forEach(PoolController::review);
  }

  /**
   * Looks whether the clock on the wall was set: what waits for a time of day is due otherwise.
   * Called on each beat of the {@link PauseDetector}.
   */
  void lookAtWall() {
    Duration now = publisher.ahead();
    if (!now.equals(ahead)) {
      ahead = now;
      controllers.values().forEach(PoolController::wallSet);
    }
  }

  /**
   * Looks, once in each second, whether checks have come to be late. Called on each beat of the
   * {@link PauseDetector}.
   */
  void lookAtChecks() {
    Instant now = context.now();
    if (!now.isBefore(checksSeen.plus(CHECKS))) {
      checksSeen = now;
      servers().toList().forEach(ServerController::lookAtChecks);
    }
  }

  @Nullable PoolController get(PoolId id) {
    return controllers.get(id);
  }

  /** Acts on a pool, if there still is one of that name. */
  void on(PoolId id, Consumer<PoolController> action) {
    PoolController pool = controllers.get(id);
    if (pool != null) {
      action.accept(pool);
    }
  }

  /** Whether every server of the first configuration has been judged; from any thread. */
  boolean ready() {
    return ready && context.agreement().ready();
  }

  /** Runs {@code task} when the start is over, as {@link Monitor#whenStarted} says. */
  void whenStarted(Runnable task) {
    if (started) {
      task.run();
    } else {
      whenStarted.add(task);
    }
  }

  /** Looks again and again whether the start is over: choices may have to be agreed on first. */
  private void awaitChoices(Instant judged) {
    boolean late = !context.now().isBefore(judged.plus(CHOICES));
    if (late || publisher.current().pools().stream().allMatch(Pools::isChosen)) {
      started = true;
      whenStarted.forEach(Runnable::run);
    } else {
      context.scheduler().schedule(LOOK, () -> awaitChoices(judged));
    }
  }

  private static boolean isChosen(PoolState pool) {
    return !pool.receiving().isEmpty() || pool.servers().stream().noneMatch(ServerState::usable);
  }

  /** Applies a new configuration; pools that equal the ones before are not touched. */
  void take(Map<PoolId, Pool> wanted, Set<PoolId> going) {
    for (PoolController pool : List.copyOf(controllers.values())) {
      if (!wanted.containsKey(pool.id())) {
        endRole(pool, true);
        controllers.remove(pool.id());
        pool.stop();
        publisher.removed(pool.id());
      }
    }
    context.agreement().exist(wanted.values(), going);
    wanted.values().forEach(this::take);
    await();
  }

  private void take(Pool wanted) {
    PoolController pool = controllers.get(wanted.id());
    if (pool == null) {
      PoolController added = new PoolController(context, wanted, publisher);
      controllers.put(wanted.id(), added);
      added.start(keptFrom());
    } else if (!pool.written().equals(wanted)) {
      if (wanted.mode() == PoolMode.BALANCE) {
        endRole(pool, false);
      }
      pool.reconfigure(wanted);
    }
  }

  /** Tells the end of what was told of a role that nobody has to have any more. */
  private void endRole(PoolController pool, boolean removed) {
    PoolState last = publisher.current().pool(pool.id());
    if (last == null || last.pool().mode() == PoolMode.BALANCE) {
      return;
    }
    if (removed && last.explanation() instanceof ChoiceExplanation.TwoPrimaries two) {
      context.events().add(EventText.onePrimary(pool.id(), two));
    }
    boolean told = last.epoch() > 0 || last.explanation() instanceof ChoiceExplanation.Nobody;
    if (last.serving() == null && told) {
      context.events().add(EventText.nobodyHasToServe(pool.id(), removed));
    }
  }

  private String keptFrom() {
    if (context.agreement().status().store() != null) {
      return "as the replicas agreed";
    }
    if (configured) {
      return "from before the pool was removed";
    }
    return context.agreement().follows() ? "from the previous process" : "from the state file";
  }

  private void await() {
    if (!configured) {
      configured = true;
      servers().forEach(awaited::add);
      undiscovered.addAll(controllers.values());
    }
    lookIfComplete();
  }

  /** Looks whether all servers of the first configuration are known and judged, or gone. */
  private void lookIfComplete() {
    if (ready || !configured) {
      return;
    }
    undiscovered.retainAll(controllers.values());
    for (PoolController pool : List.copyOf(undiscovered)) {
      if (pool.isDiscovered()) {
        undiscovered.remove(pool);
        awaited.addAll(pool.servers().values());
      }
    }
    awaited.retainAll(servers().collect(Collectors.toSet()));
    awaited.removeIf(ServerController::isJudged);
    if (awaited.isEmpty() && undiscovered.isEmpty()) {
      publisher.whenPublished(
          () -> {
            if (!ready) {
              ready = true;
              context.agreement().synced();
              awaitChoices(context.now());
            }
          });
    }
  }

  /** What is known of all servers, for the next process. */
  List<KnownServer> known() {
    return servers().map(ServerController::known).toList();
  }

  /** Takes over what the process before knew of servers that are still there. */
  void take(List<KnownServer> known) {
    for (KnownServer each : known) {
      PoolController pool = controllers.get(each.pool());
      ServerController server = pool == null ? null : pool.servers().get(each.server());
      if (server != null) {
        server.take(each);
      }
    }
  }

  /** Forgets the operator states of pools and servers that are not in force. */
  void retain() {
    Map<PoolId, Set<ServerId>> servers = new HashMap<>();
    controllers.forEach((id, pool) -> servers.put(id, servers(pool.written())));
    context.agreement().retain(servers);
  }

  /** The servers of a pool, and those with an operator state that DNS may bring back. */
  private Set<ServerId> servers(Pool pool) {
    Set<ServerId> ids = pool.servers().stream().map(Server::id).collect(Collectors.toSet());
    for (ServerId known : context.agreement().operatorStates(pool.id()).states().keySet()) {
      if (pool.templates().stream().anyMatch(template -> template.names(known))) {
        ids.add(known);
      }
    }
    return ids;
  }
}
