package dev.understudy.admin;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.SessionCount;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Operator;
import dev.understudy.statistics.Diagnosis;
import dev.understudy.text.Words;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a pool.
 *
 * @param condition {@link Diagnosis#condition}; {@code severity} and {@code cause} likewise
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
 */
record PoolDocument(
    String name,
    String mode,
    String condition,
    int severity,
    @Nullable String cause,
    @Nullable String serving,
    long epoch,
    @Nullable String reason,
    @Nullable String reasonText,
    @Nullable String evidence,
    Instant since,
    @Nullable String pinned,
    String failback,
    @Nullable String failbackTo,
    @Nullable Instant failbackDue,
    @Nullable String failbackHeldBy,
    @Nullable String remark,
    @Nullable TwoPrimariesDocument twoPrimaries,
    List<ServerDocument> servers) {

  /**
   * A server that claims to be primary while another serves.
   *
   * @param server the claimant, the most preferred if there are several
   * @param since when its claim began
   * @param why the claim in one sentence
   */
  record TwoPrimariesDocument(String server, Instant since, String why) {
    static @Nullable TwoPrimariesDocument of(ChoiceExplanation.@Nullable TwoPrimaries two) {
      return two == null
          ? null
          : new TwoPrimariesDocument(two.claimant().value(), two.since(), two.why());
    }
  }

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
   *     agent; null if not known
   * @param operatorReason the operator's words; null if there are none
   * @param requests the number of this replica's requests in flight
   * @param tunnels the number of this replica's open tunnels
   * @param sessions an estimate of the sessions that sent a request by cookie to this replica
   *     within five minutes
   * @param lastSession the time of the last such request; null if there was none
   * @param weight the weight in a balance pool: as configured, times what the server's agent says
   *     of it; null in a failover pool
   * @param maxRequests the limit of requests in flight; null if there is none
   * @param lastProbeText the outcome of {@code lastProbe} in words; null if there is none
   * @param agent what the server's agent said last; null if there is none, or it never responded
   */
  record ServerDocument(
      String name,
      String rank,
      String url,
      @Nullable String address,
      String status,
      Instant since,
      @Nullable String evidence,
      String state,
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
      @Nullable Integer maxRequests,
      @Nullable ProbeDocument lastProbe,
      @Nullable String lastProbeText,
      @Nullable AgentDocument agent) {}

  /**
   * What a server's agent said last.
   *
   * @param at when it last said something that is understood; null if it never did
   * @param said its words then; null if it never said any
   * @param problem why its newest reply was not understood, or did not come; null if it was
   * @param inForce whether it sets {@code state}
   */
  record AgentDocument(
      @Nullable Instant at, @Nullable String said, @Nullable String problem, boolean inForce) {}

  /** The newest ended probe of a server. */
  record ProbeDocument(Instant at, @Nullable Double tookMillis, String outcome, String detail) {}

  /**
   * Describes a pool.
   *
   * @param now the time of the document, by the same clock as its other times
   */
  static PoolDocument of(PoolState state, Evidence evidence, Instant now) {
    Diagnosis diagnosis = Diagnosis.of(state, now);
    ChoiceExplanation explanation = state.explanation();
    var wait = explanation instanceof ChoiceExplanation.FailbackAwaited awaited ? awaited : null;
    return new PoolDocument(
        state.pool().id().value(),
        Words.lower(state.pool().mode()),
        Words.lower(diagnosis.condition()),
        diagnosis.severity(),
        diagnosis.cause(),
        state.serving() == null ? null : state.serving().server().id().value(),
        state.epoch(),
        Json.name(state.reason()),
        state.reason() == null ? null : state.reason().words(),
        evidence.of(state),
        state.since(),
        Json.text(state.pinned()),
        Words.lower(state.pool().failbackPolicy()),
        wait == null ? null : wait.better().value(),
        wait == null ? null : wait.due(),
        wait == null ? null : wait.why(),
        explanation == null || wait != null || explanation instanceof ChoiceExplanation.TwoPrimaries
            ? null
            : explanation.why(),
        TwoPrimariesDocument.of(state.twoPrimaries()),
        state.servers().stream().map(server -> of(state, server, evidence, now)).toList());
  }

  private static ServerDocument of(
      PoolState pool, ServerState state, Evidence evidence, Instant now) {
    SessionCount.Seen sessions = state.traffic().sessions().read(now);
    ServerState serving = pool.serving();
    Operator operator = state.operatorAct().operator();
    var maxRequests = state.server().maxRequests();
    ServerState.LastProbe probe = state.lastProbe();
    return new ServerDocument(
        state.server().id().value(),
        Words.lower(state.server().rank()),
        state.server().address().toString(),
        address(state.address()),
        String.valueOf(state.status()),
        state.statusSince(),
        evidence.of(state),
        Words.lower(state.operatorState()),
        state.operatorAct().at(),
        operator == null ? null : operator.name(),
        operator == null ? null : operator.reason(),
        state.usable(),
        serving != null && serving.server().id().equals(state.server().id()),
        state.circuitOpen(),
        state.traffic().requests().get(),
        state.traffic().tunnels().get(),
        sessions.recent(),
        sessions.last(),
        pool.pool().mode() == Mode.BALANCE ? state.weight() : null,
        maxRequests.isPresent() ? maxRequests.getAsInt() : null,
        lastProbe(state),
        probe == null ? null : probe.outcome().words(probe.detail()),
        agent(state));
  }

  private static @Nullable AgentDocument agent(ServerState state) {
    ServerState.AgentState agent = state.agent();
    return agent == null
        ? null
        : new AgentDocument(agent.at(), agent.said(), agent.problem(), agent.inForce());
  }

  private static @Nullable ProbeDocument lastProbe(ServerState state) {
    ServerState.LastProbe probe = state.lastProbe();
    return probe == null
        ? null
        : new ProbeDocument(
            probe.at(), Json.millis(probe.took()), String.valueOf(probe.outcome()), probe.detail());
  }

  private static @Nullable String address(@Nullable InetSocketAddress address) {
    return address == null || address.isUnresolved()
        ? null
        : NetUtil.toSocketAddressString(address);
  }
}
