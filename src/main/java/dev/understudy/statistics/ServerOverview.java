package dev.understudy.statistics;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.ServerState;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One server at one moment, as JSON shows it. Numbers of requests are this replica's.
 *
 * @param url as configured
 * @param serving whether it gets new requests; in balance pools several servers do
 * @param responses {@link Rates#responses}; the other rates of {@link Rates} likewise
 * @param inFlight requests in flight, without tunnels
 * @param queued requests that wait for one of its {@code max-requests} places
 * @param retries requests that were sent once more after an attempt on it failed, since the start
 * @param sessions sessions that sent a request by their cookie within five minutes, estimated
 * @param checksFailed probes since the start that did not find it good
 * @param downtimeSeconds the time since the start in which it was DOWN; in steps of 5 s while it is
 * @param lastProbe the newest probe that ended; null before the first
 * @param checks how old its newest check is; null while its checks come in time
 * @param minutes the last 15 minutes, as {@link StatusStrip} describes
 */
public record ServerOverview(
    ServerId name,
    ServerAddress url,
    Rank rank,
    HealthStatus status,
    OperatorState state,
    boolean serving,
    boolean usable,
    boolean circuitOpen,
    double requestsPerSecond,
    Map<String, Double> responses,
    @Nullable Double p50Millis,
    @Nullable Double p99Millis,
    long bytesInPerSecond,
    long bytesOutPerSecond,
    int inFlight,
    OptionalInt maxRequests,
    int queued,
    long retries,
    int tunnels,
    int sessions,
    long checksFailed,
    long downtimeSeconds,
    ServerState.@Nullable LastProbe lastProbe,
    ServerState.@Nullable Checks checks,
    String minutes) {
  /**
   * The same overview with the newest probe of {@code other} and the count of failed ones, if the
   * two probes differ in their times only. A DOWN server is probed every second; its downtime
   * changes less often, and brings the count along.
   */
  ServerOverview withProbeOf(ServerOverview other) {
    ServerState.LastProbe mine = lastProbe;
    ServerState.LastProbe its = other.lastProbe;
    return mine != null
            && its != null
            && mine.outcome() == its.outcome()
            && mine.detail().equals(its.detail())
        ? new ServerOverview(
            name,
            url,
            rank,
            status,
            state,
            serving,
            usable,
            circuitOpen,
            requestsPerSecond,
            responses,
            p50Millis,
            p99Millis,
            bytesInPerSecond,
            bytesOutPerSecond,
            inFlight,
            maxRequests,
            queued,
            retries,
            tunnels,
            sessions,
            other.checksFailed,
            downtimeSeconds,
            its,
            checks,
            minutes)
        : this;
  }
}
