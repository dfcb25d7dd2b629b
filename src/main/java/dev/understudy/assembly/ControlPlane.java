package dev.understudy.assembly;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.api.HealthCheck;
import dev.understudy.discovery.KubernetesEndpoints;
import dev.understudy.event.EventHistory;
import dev.understudy.event.Vitals;
import dev.understudy.file.FileTenure;
import dev.understudy.handover.Predecessor;
import dev.understudy.history.HistoryRecorder;
import dev.understudy.hook.HookRunner;
import dev.understudy.hook.RunningCalls;
import dev.understudy.monitor.LocalFailures;
import dev.understudy.monitor.Monitor;
import dev.understudy.monitor.MonotonicClock;
import dev.understudy.monitor.ProbeListener;
import dev.understudy.notification.EventNotifier;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerAddress;
import dev.understudy.probe.DnsAddressResolver;
import dev.understudy.probe.NettyProber;
import dev.understudy.proxy.listener.ShutdownStep;
import dev.understudy.proxy.listener.UpstreamTlsContexts;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.StaticFile;
import dev.understudy.settings.StaticSettings;
import dev.understudy.snapshot.PoolState;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.text.BuildVersion;
import dev.understudy.text.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** Probes, the monitor and the agreement, with the events of the run. */
final class ControlPlane implements AutoCloseable {
  private static final String SERVERS = "servers";
  private static final int MOST_NAMED = 20;
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);

  final MonotonicClock clock = new MonotonicClock();
  final HistoryRecorder history;
  final EventHistory events;
  final DnsAddressResolver resolver = new DnsAddressResolver();
  private final KubernetesEndpoints endpoints;
  final Agreement agreement;

  /** What the processes of this replica tell each other of planned switches. */
  final Releases releases;

  final RunningCalls runningCalls;

  /** Whether this process writes the files of its replica. */
  final FileTenure files;

  /** The name under which this process votes, which its successor takes over. */
  final String incarnation;

  final Monitor monitor;

  /** Told of each probe; those that are added follow the monitor, which therefore precedes them. */
  final List<ProbeListener> probeListeners = new CopyOnWriteArrayList<>();

  /** Told likewise of each call of a hook. */
  final List<BiConsumer<HookCall, HookResult>> hookListeners = new CopyOnWriteArrayList<>();

  /** The state of this process; known once the listeners are made. */
  volatile Supplier<CompletionStage<Vitals>> vitals =
      () -> CompletableFuture.failedFuture(new IllegalStateException("not known yet"));

  /** Null if there are no receivers. */
  final @Nullable EventNotifier notifications;

  private final RunEvents run;
  private final NettyProber prober;

  /**
   * @param checks those of extensions, by name
   * @param predecessor leads until it has handed over; null if there is none
   */
  ControlPlane(
      StaticSettings settings,
      Environment environment,
      UpstreamTlsContexts tls,
      Map<String, HealthCheck> checks,
      @Nullable Predecessor predecessor) {
    files = predecessor == null ? FileTenure.ours() : FileTenure.ofAnother();
    Map<String, String> handed = predecessor == null ? Map.of() : predecessor.state();
    incarnation = handed.getOrDefault(ProcessHandover.INCARNATION, UUID.randomUUID().toString());
    Path file = settings.stateFile();
    requireFolder(file);
    history =
        file == null
            ? HistoryRecorder.inMemory(clock.wall())
            : HistoryRecorder.besideStateFile(file, clock.wall(), files);
    events = new EventHistory(clock.wall(), history.lastId());
    events.subscribe(history::happened);
    run =
        new RunEvents(
            events, BuildVersion.read(), settings.config(), history.lastRun(), predecessor);
    LocalFailures failures = new LocalFailures();
    prober = new NettyProber(tls::offering, failures::happened, checks);
    BooleanSupplier predecessorIsThere = () -> predecessor != null && !predecessor.hasEnded();
    releases = new Releases(predecessorIsThere);
    runningCalls = new RunningCalls(predecessorIsThere);
    agreement = agreement(settings, environment, tls, handed.get(ProcessHandover.AGREEMENT));
    if (predecessor != null) {
      agreement.follow();
      predecessor.whenChanged(this::follow);
    }
    // Made with the first call: most pools have none.
    SingletonSupplier<HookRunner> hooks =
        SingletonSupplier.of(() -> new HookRunner(settings.hooks().directory(), tls, runningCalls));
    endpoints =
        new KubernetesEndpoints(
            () -> KubernetesAccess.of(settings.agreement(), environment),
            settings.gatewayApi().enabled() ? settings.gatewayApi().namespaces() : null);
    monitor =
        Monitor.builder(prober, resolver)
            .endpoints(endpoints)
            .agreement(agreement)
            .processes(releases)
            .clock(clock)
            .events(events)
            .refused(new FatalStop())
            .localFailures(failures)
            .doubt(settings.doubt())
            .hooks(
                call ->
                    hooks
                        .obtain()
                        .call(call)
                        .whenComplete((result, failure) -> hookCalled(call, result)))
            .vitals(() -> vitals.get())
            .probeListener(
                (pool, server, outcome, took) ->
                    probeListeners.forEach(each -> each.probed(pool, server, outcome, took)))
            .build();
    notifications =
        settings.notifications().isEmpty()
            ? null
            : EventNotifierFactory.of(settings, environment, this, tls);
  }

  /** A folder that is not there never comes by itself, and nothing would survive a restart. */
  private static void requireFolder(@Nullable Path stateFile) {
    String why = stateFile == null ? null : StaticFile.folderProblem(stateFile);
    if (why != null) {
      throw new InvalidConfigurationPropertyValueException(StaticFile.STATE_FILE, stateFile, why);
    }
  }

  private void hookCalled(HookCall call, @Nullable HookResult result) {
    if (result != null) {
      hookListeners.forEach(each -> each.accept(call, result));
    }
  }

  /**
   * Takes what another process of this replica tells: what the one that leads has decided, and what
   * the one before has ended, and still runs.
   *
   * @param state by name, as processes hand it over
   */
  void follow(Map<String, String> state) {
    releases.take(state.get(ProcessHandover.RELEASES));
    runningCalls.take(state.get(ProcessHandover.HOOKS));
    String now = state.get(ProcessHandover.AGREEMENT);
    if (now != null && agreement instanceof StandaloneAgreement alone) {
      try {
        alone.use(now);
      } catch (IOException e) {
        log.warn("The decisions of the other process cannot be read: {}", e.getMessage());
      }
    }
  }

  /** What a successor needs at the last moment, by name; asks the monitor. */
  Map<String, String> tables() {
    return monitor
        .known()
        .thenApply(known -> Map.of(SERVERS, ServerTable.text(known)))
        .completeOnTimeout(Map.of(), READ_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  /** Takes up what a predecessor had in its {@link #tables}. */
  void restore(Map<String, String> tables) {
    monitor.take(ServerTable.read(tables.get(SERVERS)));
  }

  /**
   * @param handed the state of a predecessor that decides alone; null if there is none
   */
  private Agreement agreement(
      StaticSettings settings,
      Environment environment,
      UpstreamTlsContexts tls,
      @Nullable String handed) {
    if (settings.agreement().mode() != AgreementSettings.Mode.STANDALONE) {
      return QuorumAgreementFactory.of(settings, environment, tls, incarnation, clock.instant());
    }
    Path file = settings.stateFile();
    if (handed != null) {
      try {
        return StandaloneAgreement.following(file, handed, clock.instant(), files);
      } catch (IOException e) {
        log.warn("The state of the previous process cannot be read: {}", e.getMessage());
      }
    }
    return file == null
        ? StandaloneAgreement.inMemory(clock.instant())
        : StandaloneAgreement.withFile(file, clock.instant(), files);
  }

  /** Adds the first events of the run. */
  void start() {
    run.start();
    if (agreement instanceof StandaloneAgreement alone) {
      alone.lost().ifPresent(run::lost);
      if (!alone.keeps()) {
        monitor.whenStarted(() -> warnOfForgetting(monitor.current().pools()));
      }
    }
  }

  /** Says what a restart forgets, where that matters: a role is more than a way for requests. */
  private static void warnOfForgetting(Collection<PoolState> pools) {
    List<String> concerned =
        pools.stream()
            .map(PoolState::pool)
            .filter(pool -> pool.mode() == PoolMode.FAILOVER)
            .filter(
                pool ->
                    !pool.settings().hooks().isEmpty()
                        || pool.protocol() == ServerAddress.Protocol.TCP)
            .map(pool -> pool.id().value())
            .toList();
    if (!concerned.isEmpty()) {
      log.warn(
          "understudy.state-file is not set: a restart forgets who serves, what operators set, and"
              + " which hooks are owed, in pools with hooks or TCP servers: {}",
          Words.joined(concerned, MOST_NAMED, ", "));
    }
  }

  /**
   * Leaves the agreement before {@code understudy.drain.delay}: the other replicas no longer wait
   * for this one's votes, while it continues to serve by the agreement.
   */
  static ShutdownStep leave(Agreement agreement) {
    return ShutdownStep.first(agreement::leave);
  }

  /** Tells the other replicas, once the data plane has drained, that no client is left here. */
  static ShutdownStep depart(Agreement agreement) {
    return ShutdownStep.drained(agreement::depart);
  }

  /** Closes the register after the monitor, and the history last, which so has the last event. */
  @Override
  public void close() {
    monitor.close();
    prober.close();
    resolver.close();
    endpoints.close();
    agreement.close();
    run.close();
    if (notifications != null) {
      notifications.close();
    }
    history.close();
  }
}
