package dev.understudy.admin;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.Lag;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.CheckAges;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.SessionCount;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.statistics.Diagnosis;
import dev.understudy.statistics.MaintenanceOverview;
import dev.understudy.statistics.ServiceCondition;
import dev.understudy.switchover.PlannedSwitch;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a pool.
 *
 * @param condition {@link Diagnosis#condition}; {@code severity} and {@code cause} likewise
 * @param state ready or maintenance
 * @param maintenance null unless the state is maintenance
 * @param serving the name of the serving server; null if there is none, or for a balance pool
 * @param epoch counts the changes of the serving server
 * @param reason of the last change; null before the first
 * @param evidence the evidence for the reason; null once the event has left the history
 * @param since the time of the last change
 * @param pinned the server that an operator switched to; null if none
 * @param failback the policy: immediate, delayed, manual
 * @param failbackTo the server of better rank that awaits failback; null if none does
 * @param failbackDue the time of the failback if nothing changes; null if none is pending, or it
 *     needs an operator
 * @param failbackHeldBy the reason for the delay of the failback; null if none is pending
 * @param remark the reason why a server serves although DOWN, or why no server serves; null if
 *     neither is the case
 * @param twoPrimaries null if no server claims to be primary beside the one that serves, or served
 *     last
 * @param checks how old the newest checks of its servers are
 * @param hooks the hooks that are set: demote, promote
 * @param planned the present or last planned switch; null if there was none
 */
record PoolDocument(
    PoolId name,
    PoolMode mode,
    ServiceCondition condition,
    int severity,
    @Nullable String cause,
    OperatorState state,
    @Nullable MaintenanceOverview maintenance,
    @Nullable ServerId serving,
    long epoch,
    @Nullable SwitchReason reason,
    @Nullable String reasonText,
    @Nullable String evidence,
    Instant since,
    @Nullable ServerId pinned,
    FailbackSettings.Policy failback,
    @Nullable ServerId failbackTo,
    @Nullable Instant failbackDue,
    @Nullable String failbackHeldBy,
    @Nullable String remark,
    ChoiceExplanation.@Nullable TwoPrimaries twoPrimaries,
    CheckAges checks,
    List<String> hooks,
    @Nullable PlannedSwitchDocument planned,
    List<ServerDocument> servers) {

  /**
   * One server.
   *
   * @param url as configured
   * @param address the resolved address, which probes and traffic use; null if never resolved
   * @param evidence the evidence for {@code status}; null before the first change, or once the
   *     event has left the history
   * @param since the time of the last change of {@code status}
   * @param state the operator state: ready, drain or maintenance
   * @param stateSince when this replica learned of {@code state}; null if that was before it
   *     started
   * @param operator the name of the operator who set {@code state}, {@code agent} for the server's
   *     agent, {@code cluster} for the cluster; null if not known
   * @param operatorReason the operator's words; null if there are none
   * @param serving whether it has the role, or its share in a balance pool
   * @param requests the number of this replica's requests in flight
   * @param tunnels the number of this replica's open tunnels
   * @param sessions an estimate of the sessions that sent a request by cookie to this replica
   *     within five minutes
   * @param lastSession the time of the last such request; null if there was none
   * @param weight the weight in a balance pool: as configured, times what the server's agent says
   *     of it; null in a failover pool
   * @param maxRequests the limit of requests in flight; null if there is none
   * @param zone where it runs; null if that is not known
   * @param check how it is checked
   * @param lastProbeText the outcome of {@code lastProbe} in words; null if there is none
   * @param checks how old its newest check is that counted
   * @param agent what the server's agent said last; null if there is none, or it never responded
   * @param pod the server's Pod, if the cluster told of one; else null
   * @param data how far its data has come; null if its newest check did not see it
   */
  record ServerDocument(
      ServerId name,
      Rank rank,
      ServerAddress url,
      @Nullable String address,
      HealthStatus status,
      Instant since,
      @Nullable String evidence,
      OperatorState state,
      @Nullable Instant stateSince,
      @Nullable String operator,
      @Nullable String operatorReason,
      boolean usable,
      boolean serving,
      boolean circuitOpen,
      int requests,
      int tunnels,
      int sessions,
      @Nullable Instant lastSession,
      @Nullable Double weight,
      OptionalInt maxRequests,
      @Nullable String zone,
      CheckDocument check,
      ServerState.@Nullable LastProbe lastProbe,
      @Nullable String lastProbeText,
      ServerState.Checks checks,
      ServerState.@Nullable AgentState agent,
      ServerState.@Nullable PodState pod,
      @Nullable DataDocument data) {}

  /**
   * How far the data of a server has come by its newest check.
   *
   * @param position in the database's own words
   * @param at when it was asked
   * @param lag how far it is behind, for people; this and all that follows but {@code tooFar} is
   *     null for the primary, and if it is not known
   * @param primary the server that it is behind
   * @param bytes what it lacks; null for a database that counts transactions, and if the two cannot
   *     be compared
   * @param transactions likewise
   * @param seconds the time of the primary's writes that it lacks
   * @param asOf when the primary was asked last
   * @param since the last time of which it has all that the primary had then
   * @param tooFar whether that keeps it from being promoted without an operator's word
   */
  record DataDocument(
      String position,
      Instant at,
      @Nullable String lag,
      @Nullable ServerId primary,
      @Nullable Long bytes,
      @Nullable Long transactions,
      @Nullable Double seconds,
      @Nullable Instant asOf,
      @Nullable Instant since,
      boolean tooFar) {
    static @Nullable DataDocument of(ServerState.@Nullable DataState data, Duration ahead) {
      if (data == null) {
        return null;
      }
      Instant at = data.at().plus(ahead);
      Lag lag = data.lag();
      return lag == null
          ? new DataDocument(data.position(), at, null, null, null, null, null, null, null, false)
          : new DataDocument(
              data.position(),
              at,
              lag.words(ahead),
              lag.primary(),
              lag.lacks(Lag.Unit.BYTES),
              lag.lacks(Lag.Unit.TRANSACTIONS),
              lag.time().toMillis() / 1e3,
              lag.asOf().plus(ahead),
              lag.isBehind() ? lag.level().plus(ahead) : null,
              data.tooFar());
    }
  }

  /** Describes a pool, with all times by the clock on the wall. */
  static PoolDocument of(PoolState state, Evidence evidence, SnapshotSource clock) {
    Instant now = clock.now();
    Duration ahead = clock.ahead();
    Diagnosis diagnosis = Diagnosis.of(state, now);
    ChoiceExplanation explanation = state.explanation();
    PlannedSwitch planned = state.planned();
    var wait = explanation instanceof ChoiceExplanation.FailbackAwaited awaited ? awaited : null;
    return new PoolDocument(
        state.pool().id(),
        state.pool().mode(),
        diagnosis.condition(),
        diagnosis.severity(),
        diagnosis.cause(),
        state.maintenance() == null ? OperatorState.READY : OperatorState.MAINTENANCE,
        MaintenanceOverview.of(state),
        state.serving() == null ? null : state.serving().server().id(),
        state.epoch(),
        state.reason(),
        state.reason() == null ? null : state.reason().words(),
        evidence.of(state),
        state.since(),
        state.pinned(),
        state.pool().failbackPolicy(),
        wait == null ? null : wait.better(),
        wait == null ? null : wait.due(),
        wait == null ? null : wait.why(),
        explanation == null || wait != null || explanation instanceof ChoiceExplanation.TwoPrimaries
            ? null
            : explanation.why(),
        state.twoPrimaries(),
        state.checks().by(ahead),
        state.pool().settings().hooks().names(),
        planned == null ? null : PlannedSwitchDocument.of(state.pool().id(), planned),
        state.servers().stream().map(server -> of(state, server, evidence, now, ahead)).toList());
  }

  private static ServerDocument of(
      PoolState pool, ServerState state, Evidence evidence, Instant now, Duration ahead) {
    SessionCount.Seen sessions = state.traffic().sessions().read(now);
    Operator operator = state.operatorAct().operator();
    ServerState.LastProbe probe = state.lastProbe();
    boolean balances = pool.pool().mode() == PoolMode.BALANCE;
    return new ServerDocument(
        state.server().id(),
        state.server().rank(),
        state.server().address(),
        address(state.address()),
        state.status(),
        state.statusSince().plus(ahead),
        evidence.of(state),
        state.operatorState(),
        plus(state.operatorAct().at(), ahead),
        operator == null ? null : operator.name(),
        operator == null ? null : operator.reason(),
        state.usable(),
        balances ? pool.receiving().contains(state) : pool.isServing(state.server().id()),
        state.circuitOpen(),
        state.traffic().requests().get(),
        state.traffic().tunnels().get(),
        sessions.recent(),
        plus(sessions.last(), ahead),
        balances ? state.weight() : null,
        state.server().settings().maxRequests(),
        state.server().settings().zone(),
        CheckDocument.of(pool.pool().health(), state.server().settings()),
        probe == null ? null : probe.by(ahead),
        probe == null ? null : probe.outcome().words(probe.detail()),
        state.checks().by(ahead),
        state.agent() == null ? null : state.agent().by(ahead),
        state.pod(),
        DataDocument.of(state.data(), ahead));
  }

  private static @Nullable Instant plus(@Nullable Instant time, Duration ahead) {
    return time == null ? null : time.plus(ahead);
  }

  private static @Nullable String address(@Nullable InetSocketAddress address) {
    return address == null || address.isUnresolved()
        ? null
        : NetUtil.toSocketAddressString(address);
  }
}
