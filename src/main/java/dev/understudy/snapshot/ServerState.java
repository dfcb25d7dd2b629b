package dev.understudy.snapshot;

import dev.understudy.failover.Lag;
import dev.understudy.failover.PodLabel;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import dev.understudy.pool.StateOrigin;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One server at one moment.
 *
 * @param address address of probes and traffic; null if the server's name has never been resolved
 * @param operatorState as an operator set it or, while that is ready, as the server's agent says,
 *     or the cluster
 * @param operatorAct how {@code operatorState} came about
 * @param circuitOpen whether its circuit breaker, if any, keeps it out of use
 * @param usable UP, ready, its circuit breaker (if any) not open, and no stale primary
 * @param incarnation changes whenever connections made before are not used any more: the server was
 *     judged DOWN, or its address or TLS settings changed. Unique within this process, and growing
 * @param oldestIncarnation the oldest incarnation whose connections that are in use may stay:
 *     another than {@code incarnation} if the server's name has moved since, from one good address
 *     to another
 * @param leftServing since when the sessions of its time as the serving server are to leave it: it
 *     ceased to serve, or a drain ended that had kept them, or it was set to drain when it had none
 *     (then {@code on-switch.drain} before that). Null if it never served, is serving, or was set
 *     to drain while it had sessions, which stay; a drain that was in force at a restart is of the
 *     last kind
 * @param lastProbe null before the first
 * @param traffic live counters; the same object across snapshots
 * @param agent what the server's agent said last; null if it never did, or there is none
 * @param weightPercent share of its weight that the server's agent gives it in a balance pool, 0 to
 *     256; 100 if the agent never said one, or there is none
 * @param pod its Pod, if the cluster told of one; else null
 * @param checks how old its newest check is
 * @param data how far its data has come by its newest check; null if that is not known
 */
public record ServerState(
    PoolId pool,
    Server server,
    @Nullable InetSocketAddress address,
    HealthStatus status,
    Instant statusSince,
    OperatorState operatorState,
    OperatorAct operatorAct,
    boolean circuitOpen,
    boolean usable,
    long incarnation,
    long oldestIncarnation,
    @Nullable Instant leftServing,
    @Nullable LastProbe lastProbe,
    ServerTraffic traffic,
    @Nullable AgentState agent,
    int weightPercent,
    @Nullable PodState pod,
    Checks checks,
    @Nullable DataState data) {
  /** Weight that the server's agent has not changed, in per cent. */
  public static final int FULL_WEIGHT = 100;

  /**
   * The act of an operator that set a server's state.
   *
   * @param operator null if not known
   * @param at when this replica learned of it; null if before this process started
   */
  public record OperatorAct(@Nullable Operator operator, @Nullable Instant at) {
    public static final OperatorAct UNKNOWN = new OperatorAct(null, null);
  }

  /**
   * The last reply of an agent.
   *
   * @param at time of its last reply that was understood; null if there was none
   * @param said its words then; null if it never said any
   * @param problem why its newest reply was not understood, or did not come; null if it was
   * @param inForce whether it sets the server's state, which is then not ready
   * @param overridden whether an operator's {@code ready} overrides the state that it says, until
   *     it says another
   */
  public record AgentState(
      @Nullable Instant at,
      @Nullable String said,
      @Nullable String problem,
      boolean inForce,
      boolean overridden) {
    /** The same by a clock that is ahead by that much. */
    public AgentState by(Duration ahead) {
      return new AgentState(at == null ? null : at.plus(ahead), said, problem, inForce, overridden);
    }
  }

  /**
   * What the cluster says of a server's Pod.
   *
   * @param label its role label; null if it is not known, or does not count
   * @param inForce whether it sets the server's state, which is then drain
   */
  public record PodState(boolean terminating, @Nullable PodLabel label, boolean inForce) {}

  /**
   * How old the newest check is.
   *
   * @param newest when the newest one was asked that counted; before the first, when the server
   *     became known
   * @param late whether that is too long ago, so that what is known of the server may be true no
   *     more: longer than max(3 × {@code interval}, {@code interval} + 2 × {@code timeout}); until
   *     two were in time again, or one has found it DOWN
   */
  public record Checks(Instant newest, boolean late) {
    /** The same by a clock that is ahead by that much. */
    public Checks by(Duration ahead) {
      return new Checks(newest.plus(ahead), late);
    }
  }

  /**
   * How far its data has come.
   *
   * @param position in its own words
   * @param at when it was asked
   * @param lag how far it is behind the primary; null for the primary itself, and if that is not
   *     known
   * @param tooFar whether that keeps it from being promoted without an operator's word
   */
  public record DataState(String position, Instant at, @Nullable Lag lag, boolean tooFar) {}

  /**
   * Whether this is the same server at the same address as another state of it, and has been known
   * all the time in between. A server that left the configuration and came back is another one.
   */
  @SuppressWarnings("ReferenceEquality") // the counters are one object while it is configured
  public boolean isSameMachine(ServerState other) {
    return traffic == other.traffic
        && Objects.equals(address, other.address)
        && server.address().equals(other.server.address());
  }

  /**
   * Whether connections made to an earlier state of it may stay: it has been known and has not
   * failed since, though its name may have moved.
   */
  @SuppressWarnings("ReferenceEquality") // the counters are one object while it is configured
  public boolean keepsConnectionsOf(ServerState made) {
    return traffic == made.traffic
        && made.incarnation >= oldestIncarnation
        && server.address().equals(made.server.address());
  }

  /**
   * Whether it is DOWN and silent: its newest probe had no response in time, or found no way to it.
   * Then what runs on its open connections is lost; otherwise each connection shows its own end, as
   * a server that stops gracefully refuses new ones first and finishes what it has.
   */
  public boolean isDownBySilence() {
    return status == HealthStatus.DOWN && lastProbe != null && lastProbe.outcome().silent();
  }

  /** Whether all that keeps it out of use is a stale claim to be primary, or its role label. */
  public boolean isStale() {
    return status == HealthStatus.UP
        && operatorState == OperatorState.READY
        && !circuitOpen
        && !usable;
  }

  /**
   * Its share of a balance pool's new requests relative to the other servers', in hundredths of the
   * configured weight; 0 if it gets none.
   */
  public int share() {
    return server.settings().weight() * weightPercent;
  }

  /**
   * The weight in a balance pool: as configured, times the share that the server's agent reports.
   */
  public double weight() {
    return (double) share() / FULL_WEIGHT;
  }

  /** {@code agent}, {@code cluster} or {@code operator}: who set a state other than ready. */
  public String stateSetter() {
    StateOrigin setter =
        agent != null && agent.inForce()
            ? StateOrigin.AGENT
            : pod != null && pod.inForce() ? StateOrigin.CLUSTER : StateOrigin.OPERATOR;
    return setter.word();
  }

  /** Why it is out of use while {@link #isStale}. */
  public String whyStale() {
    PodLabel label = pod == null ? null : pod.label();
    return label == null || label.affirms()
        ? "claims to be primary, but is stale: an operator has to decide"
        : "UP, but its Pod is labelled " + label.text();
  }

  /** The newest probe that ended. */
  public record LastProbe(Instant at, Duration took, ProbeOutcome outcome, String detail) {
    /** The same by a clock that is ahead by that much. */
    public LastProbe by(Duration ahead) {
      return new LastProbe(at.plus(ahead), took, outcome, detail);
    }
  }
}
