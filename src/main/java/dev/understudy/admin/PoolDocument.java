package dev.understudy.admin;

import dev.understudy.failover.Standing;
import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.monitor.SessionCount;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool as people and scripts see it.
 *
 * @param serving the name of the server that gets the traffic; null: nobody, or a balance pool
 * @param epoch counts the changes of the serving server
 * @param reason of the last change; null before the first
 * @param evidence what that reason rests on; null once the event has left the history
 * @param since when the last change was
 * @param pinned the server an operator switched to; null: none
 * @param failback the policy: immediate, delayed, manual
 * @param failbackTo the server of better rank that waits for the role; null: none does
 * @param failbackDue when it gets the role if all stays as it is; null: nobody waits, or for an
 *     operator
 * @param failbackHeldBy what holds the failback back; null: nobody waits
 * @param remark why a server serves although DOWN, or why nobody serves; null: neither is so
 */
record PoolDocument(
    String name,
    String mode,
    @Nullable String serving,
    long epoch,
    @Nullable String reason,
    @Nullable String evidence,
    Instant since,
    @Nullable String pinned,
    String failback,
    @Nullable String failbackTo,
    @Nullable Instant failbackDue,
    @Nullable String failbackHeldBy,
    @Nullable String remark,
    List<ServerDocument> servers) {

  /**
   * One server.
   *
   * @param url as configured
   * @param address as resolved, which probes and traffic use; null: never resolved
   * @param evidence what {@code status} rests on; null before the first change, or once the event
   *     has left the history
   * @param since when {@code status} last changed
   * @param state what an operator asked for: ready, drain, maintenance
   * @param requests in flight from this replica
   * @param tunnels open from this replica
   * @param sessions about how many sent a request within five minutes, by cookie, to this replica
   * @param lastSession when the last such request was sent; null: none was
   * @param maxRequests the limit of requests in flight; null: none
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
      boolean usable,
      boolean serving,
      boolean circuitOpen,
      int requests,
      int tunnels,
      int sessions,
      @Nullable Instant lastSession,
      @Nullable Integer maxRequests,
      @Nullable ProbeDocument lastProbe) {}

  /** The newest probe of a server that ended. */
  record ProbeDocument(Instant at, @Nullable Double tookMillis, String outcome, String detail) {}

  /**
   * Describes it.
   *
   * @param now the clock that all times in it are of
   */
  static PoolDocument of(PoolState state, Evidence evidence, Instant now) {
    Standing standing = state.standing();
    var wait = standing instanceof Standing.FailbackAwaited awaited ? awaited : null;
    return new PoolDocument(
        state.pool().id().value(),
        Json.word(state.pool().mode()),
        state.serving() == null ? null : state.serving().server().id().value(),
        state.epoch(),
        Json.name(state.reason()),
        evidence.of(state),
        state.since(),
        Json.text(state.pinned()),
        Json.word(state.pool().failback().policy()),
        wait == null ? null : wait.better().value(),
        wait == null ? null : wait.due(),
        wait == null ? null : wait.why(),
        standing == null || wait != null ? null : standing.why(),
        state.servers().stream().map(server -> of(state, server, evidence, now)).toList());
  }

  private static ServerDocument of(
      PoolState pool, ServerState state, Evidence evidence, Instant now) {
    SessionCount.Seen sessions = state.traffic().sessions().read(now);
    ServerState serving = pool.serving();
    var maxRequests = state.server().maxRequests();
    return new ServerDocument(
        state.server().id().value(),
        Json.word(state.server().rank()),
        state.server().address().toString(),
        address(state.address()),
        String.valueOf(state.status()),
        state.statusSince(),
        evidence.of(state),
        Json.word(state.operatorState()),
        state.usable(),
        serving != null && serving.server().id().equals(state.server().id()),
        state.circuitOpen(),
        state.traffic().requests().get(),
        state.traffic().tunnels().get(),
        sessions.recent(),
        sessions.last(),
        maxRequests.isPresent() ? maxRequests.getAsInt() : null,
        lastProbe(state));
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
