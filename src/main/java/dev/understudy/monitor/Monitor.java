package dev.understudy.monitor;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.event.Alarm;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.Vitals;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.probe.AddressResolver;
import dev.understudy.probe.Prober;
import dev.understudy.role.RoleInput;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.snapshot.TrafficReports;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer of all state about pools and servers, and the owner of the timers that change it.
 *
 * <table>
 * <caption>Threads</caption>
 * <tr><th>thread</th><th>work</th></tr>
 * <tr><td>{@code understudy-monitor}, one</td><td>all that changes state: judges observations,
 *     makes choices, carries out commands, takes new configurations, publishes the snapshot, adds
 *     events, calls {@link #subscribe subscribers} and probe listeners, and completes the results
 *     of commands</td></tr>
 * <tr><td>I/O threads of the prober and the resolver</td><td>hand over one result each</td></tr>
 * <tr><td>event loops of the data plane</td><td>read {@link #current}, leave reports in the inbox,
 *     count calls in circuit breakers</td></tr>
 * <tr><td>{@code understudy-state}, one</td><td>writes the state file</td></tr>
 * <tr><td>{@code understudy-endpoints}, one</td><td>follows the Services of a cluster, hands over
 *     their endpoints</td></tr>
 * <tr><td>{@code understudy-agreement}, one</td><td>talks to the register where replicas agree,
 *     hands over one result each</td></tr>
 * <tr><td>any other</td><td>reads {@link #current}; calls {@link OperatorCommands} and {@link
 *     #apply}</td></tr>
 * </table>
 *
 * <p>Never on the monitor's thread: blocking, file or network I/O, waiting for a lock that another
 * thread holds for longer than it takes to add an entry to a list. The pause detector takes a task
 * that runs late there for a pause of this process: probes that were in flight and ended badly are
 * voided.
 */
public final class Monitor implements SnapshotSource, TrafficReports, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Monitor.class);

  private final MonitorContext context;
  private final PublishingScheduler publisher;
  private final Pools pools;
  private final LocalFailures failures;
  private final SelfCheck selfCheck;
  private final UnwrittenStateWatch state;
  private final OperatorCommands commands;
  private volatile boolean closed;

  private Monitor(Builder parts, Scheduler thread) {
    this.publisher = new PublishingScheduler(thread);
    PauseDetector pauseDetector = new PauseDetector(publisher, parts.prober::isCrowded);
    EventLog events = parts.events == null ? new EventHistory(thread::wall) : parts.events;
    this.failures = parts.failures;
    this.selfCheck =
        new SelfCheck(publisher, events, failures, pauseDetector, parts.doubt, parts.vitals);
    this.context =
        new MonitorContext(
            publisher,
            parts.prober,
            parts.resolver,
            parts.endpoints,
            parts.agreement,
            events,
            parts.random,
            List.copyOf(parts.probeListeners),
            pauseDetector,
            new ProbeResults(publisher),
            selfCheck,
            failures,
            new LocalPortFailures(),
            new TrafficInbox(),
            parts.hooks,
            parts.processes,
            new RemovedServers(publisher, parts.agreement),
            new AtomicLong());
    this.pools = new Pools(context, publisher);
    this.commands = new MonitorCommands(context, pools, publisher, () -> closed, false);
    selfCheck.watch(pools::observedServers, () -> publisher.current().checks(), pools::review);
    ContactWatch contact = new ContactWatch(parts.agreement, events, thread::now);
    this.state = new UnwrittenStateWatch(parts.agreement, events, thread::now);
    pauseDetector.onBeat(
        () -> {
          pools.lookAtWall();
          pools.lookAtChecks();
          state.look();
          selfCheck.look();
          contact.look();
        });
    publisher.execute(pauseDetector::start);
    parts.agreement.start(publisher, new OtherReplicas(pools, parts.refused));
  }

  /** Builds a monitor without pools; {@link #apply} brings them. */
  public static Builder builder(Prober prober, AddressResolver resolver) {
    return new Builder(prober, resolver);
  }

  /** Applies a new configuration, of which all pools stay. */
  public CompletionStage<Void> apply(List<Pool> configuration) {
    return apply(configuration, Set.of());
  }

  /**
   * Applies a new configuration, as a whole. Pools and servers that equal the ones before keep
   * their health, role state, traffic and connections. A server whose address or TLS settings
   * changed begins anew; one whose health settings changed keeps its status.
   *
   * @param going pools of the configuration that the next one will no longer have: a new pool that
   *     has the servers of one of them takes its role along
   * @return completed on the monitor's thread once the snapshot shows the configuration; fails if
   *     it could not be applied, and then parts of it may be in force until the next one
   * @throws IllegalArgumentException if two pools have the same name
   */
  public CompletionStage<Void> apply(List<Pool> configuration, Set<PoolId> going) {
    Map<PoolId, Pool> wanted = new LinkedHashMap<>();
    for (Pool pool : configuration) {
      if (wanted.put(pool.id(), pool) != null) {
        throw new IllegalArgumentException("there are two pools named " + pool.id());
      }
    }
    if (closed) {
      return CompletableFuture.failedFuture(new IllegalStateException("we are stopping"));
    }
    CompletableFuture<Void> applied = new CompletableFuture<>();
    publisher.execute(
        () -> {
          try {
            pools.take(wanted, going);
            publisher.whenPublished(() -> applied.complete(null));
          } catch (RuntimeException e) {
            applied.completeExceptionally(e);
            throw e;
          }
        });
    return applied;
  }

  /**
   * Forgets the operator states of pools and servers that are not in force: a step of its own,
   * because a configuration may still be refused after it was applied.
   */
  public void retain() {
    if (!closed) {
      publisher.execute(pools::retain);
    }
  }

  /**
   * Whether this replica may take traffic: every server of the first configuration has had its
   * first response or time-out, or was removed, and {@link Agreement#ready} holds. Time-outs during
   * the start of this process (5 s at most) do not count. Servers that a reload adds do not take
   * readiness away.
   */
  public boolean ready() {
    return pools.ready();
  }

  /**
   * Runs {@code task} on the monitor's thread when the start is over: every server of the first
   * configuration has been judged, and each pool with a usable server is served, or has not been
   * for 5 s since; at once if that is so.
   */
  public void whenStarted(Runnable task) {
    publisher.execute(() -> pools.whenStarted(task));
  }

  /** What is known of all servers, for the next process of this replica; never, once closed. */
  public CompletableFuture<List<KnownServer>> known() {
    CompletableFuture<List<KnownServer>> known = new CompletableFuture<>();
    publisher.execute(() -> known.complete(pools.known()));
    return known;
  }

  /** Takes over what the process before knew of servers, once they have been judged here. */
  public void take(List<KnownServer> known) {
    publisher.execute(() -> pools.take(known));
  }

  @Override
  public Snapshot current() {
    return publisher.current();
  }

  @Override
  public Instant now() {
    return publisher.now();
  }

  @Override
  public Duration ahead() {
    return publisher.ahead();
  }

  @Override
  public Runnable subscribe(Consumer<Snapshot> listener) {
    return publisher.subscribe(listener);
  }

  @Override
  public void trouble(ServerState server, Trouble trouble, Instant started, String detail) {
    context.inbox().trouble(server, trouble, started, detail);
  }

  @Override
  public void localFailure(LocalFailure failure) {
    failures.happened(failure);
  }

  /**
   * By what factor the intervals of checks are longer than configured, as this process gets too
   * little CPU: 1 to 2.5; from any thread.
   */
  public double stretch() {
    return context.pauseDetector().stretch();
  }

  /** The number of failures for want of a resource, since the start; from any thread. */
  public long localFailures(LocalFailure resource) {
    return failures.count(resource);
  }

  /**
   * What speaks against this replica's own view of its servers, and that what it is told is not
   * kept; from any thread.
   */
  public List<Alarm> alarms() {
    List<Alarm> alarms = new ArrayList<>(state.alarms());
    alarms.addAll(selfCheck.alarms());
    return alarms;
  }

  @Override
  public void called(ServerState server, boolean failed, Duration took) {
    context.inbox().called(server, failed, took);
  }

  /** Operators' commands on the pools; callable from any thread. */
  public OperatorCommands commands() {
    return commands;
  }

  @Override
  public void paused(PoolId pool, String planned) {
    take(pool, new RoleInput.PauseSeen(planned));
  }

  @Override
  public void holdFull(PoolId pool) {
    take(pool, new RoleInput.HoldFull());
  }

  private void take(PoolId pool, RoleInput input) {
    publisher.execute(() -> pools.on(pool, controller -> controller.role().take(input)));
  }

  /** The state of the agreement among replicas; callable from any thread. */
  public AgreementStatus agreement() {
    return context.agreement().status();
  }

  /** Stops all timers; nothing changes any more. The agreement's creator closes that. */
  @Override
  public void close() {
    closed = true;
    publisher.close();
  }

  /** Builder of a monitor; every part has a default. */
  public static final class Builder {
    private final Prober prober;
    private final AddressResolver resolver;
    private final List<ProbeListener> probeListeners = new ArrayList<>();
    private Agreement agreement = StandaloneAgreement.inMemory();
    private MonotonicClock clock = new MonotonicClock();
    private EndpointSource endpoints = EndpointSource.NONE;
    private HookCaller hooks = HookCaller.NONE;
    private OtherProcesses processes = OtherProcesses.NONE;
    private RandomGenerator random = RandomGenerator.getDefault();
    private @Nullable EventLog events;
    private Consumer<String> refused = why -> log.error("{}", why);
    private LocalFailures failures = new LocalFailures();
    private MassFailurePolicy doubt = MassFailurePolicy.FOLLOW;
    private Supplier<CompletionStage<Vitals>> vitals =
        () -> CompletableFuture.failedFuture(new IllegalStateException("not known"));

    private Builder(Prober prober, AddressResolver resolver) {
      this.prober = prober;
      this.resolver = resolver;
    }

    /** Default: this process decides alone, in memory. */
    public Builder agreement(Agreement value) {
      agreement = value;
      return this;
    }

    /** Follows the Services of a cluster. Default: there is none. */
    public Builder endpoints(EndpointSource value) {
      endpoints = value;
      return this;
    }

    /** Calls the pools' hooks. Default: refuses every call. */
    public Builder hooks(HookCaller value) {
      hooks = value;
      return this;
    }

    /** The other processes of this replica, if it is handed over. Default: there are none. */
    public Builder processes(OtherProcesses value) {
      processes = value;
      return this;
    }

    /** The clocks of this process. Default: its own. */
    public Builder clock(MonotonicClock value) {
      clock = value;
      return this;
    }

    /** Destination of events. Default: an {@link EventHistory} of this monitor's own. */
    public Builder events(EventLog value) {
      events = value;
      return this;
    }

    /** Told, on the monitor's thread, why this replica must not run. Default: a log line. */
    public Builder refused(Consumer<String> value) {
      refused = value;
      return this;
    }

    /** Counts of failures of this machine, to which the prober adds. Default: those of traffic. */
    public Builder localFailures(LocalFailures value) {
      failures = value;
      return this;
    }

    /**
     * What becomes of servers while most of them failed at once. Default: {@link
     * MassFailurePolicy#FOLLOW}.
     */
    public Builder doubt(MassFailurePolicy value) {
      doubt = value;
      return this;
    }

    /** Reads the state of this process; called on the monitor's thread. Default: unknown. */
    public Builder vitals(Supplier<CompletionStage<Vitals>> value) {
      vitals = value;
      return this;
    }

    /** Source of jitter. Default: {@link RandomGenerator#getDefault}. */
    public Builder random(RandomGenerator value) {
      random = value;
      return this;
    }

    /** Adds a listener that is called for each probe that ended; callable several times. */
    public Builder probeListener(ProbeListener value) {
      probeListeners.add(value);
      return this;
    }

    /** Starts the monitor's thread. */
    public Monitor build() {
      return build(new MonitorThread(clock));
    }

    Monitor build(Scheduler thread) {
      return new Monitor(this, thread);
    }
  }
}
