package dev.understudy.statistics;

import dev.understudy.failover.ChoiceExplanation;
import dev.understudy.failover.Lag;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.text.UtcTime;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pool's condition and its cause.
 *
 * <table>
 * <caption>The first row that fits</caption>
 * <tr><th>state<th>condition<th>severity
 * <tr><td>an operator set the pool to maintenance<td>DEGRADED<td>1, or 2 if it would be more
 * <tr><td>no server gets requests<td>NOBODY<td>3
 * <tr><td>a server claims to be primary while another serves<td>DEGRADED<td>2
 * <tr><td>a server is DOWN, or its circuit breaker keeps it out of use<td>DEGRADED<td>2
 * <tr><td>the checks of a server that gets requests are late<td>DEGRADED<td>2
 * <tr><td>nobody would be promoted if the serving one failed<td>DEGRADED<td>2
 * <tr><td>the checks of another one are late<td>DEGRADED<td>1
 * <tr><td>a server is in maintenance or set to drain, or the serving one is not of best rank
 *     <td>DEGRADED<td>1
 * <tr><td>otherwise, a server that is UNKNOWN beside a serving one included<td>WELL<td>0
 * </table>
 *
 * @param severity 0 to 3, 3 the worst
 * @param cause one sentence without a full stop, as an operator wants to read it; null if all is
 *     well. Durations in it change every 5 s at most, and every minute after the first
 * @param twoPrimaries null if no server claims to be primary beside the one that serves, or served
 *     last
 */
public record Diagnosis(
    ServiceCondition condition,
    int severity,
    @Nullable String cause,
    ChoiceExplanation.@Nullable TwoPrimaries twoPrimaries) {
  private static final Diagnosis WELL = new Diagnosis(ServiceCondition.WELL, 0, null, null);
  private static final int MAX_NAMED = 4;
  private static final int MAX_DETAIL = 80;

  /** Diagnoses a pool. */
  public static Diagnosis of(PoolState pool, Instant now) {
    Diagnosis servers = ofServers(pool, now);
    PoolMaintenance on = pool.maintenance();
    if (on == null) {
      return servers;
    }
    String served =
        on.networks().isEmpty()
            ? "nobody is served"
            : "only clients of " + String.join(", ", on.networks()) + " are served";
    String until = on.until() == null ? "" : " until " + UtcTime.ahead(on.until(), now);
    String maintenance = "in maintenance, " + served + until + Operator.by(on.by());
    return new Diagnosis(
        ServiceCondition.DEGRADED,
        Math.clamp(servers.severity(), 1, 2),
        servers.severity() > 1
            ? maintenance + "; behind the maintenance: " + servers.cause()
            : maintenance,
        servers.twoPrimaries());
  }

  private static Diagnosis ofServers(PoolState pool, Instant now) {
    if (pool.suspended()) {
      return nobody(pool, "this replica is out of touch with the others and must not decide alone");
    }
    List<ServerState> ranked =
        pool.servers().stream()
            .sorted(Comparator.comparing(server -> server.server().rank()))
            .toList();
    List<ServerState> receiving = pool.receiving();
    PlannedSwitch planned = pool.planned();
    if (pool.paused() && planned != null) {
      String held =
          "a " + planned.request().words() + " to " + planned.to().words() + " holds all clients";
      return new Diagnosis(ServiceCondition.DEGRADED, 1, held, pool.twoPrimaries());
    }
    if (pool.serving() == null && pool.owed().promote() != null) {
      String first = pool.owed().promote().words() + " has to be promoted before it serves";
      return nobody(
          pool,
          planned != null && planned.leftNobody()
              ? first + "; a planned switch failed before: " + planned.why()
              : first);
    }
    if (pool.serving() != null && pool.holdsAll()) {
      return nobody(pool, "this replica does not know for now what the others agreed on");
    }
    if (receiving.isEmpty()) {
      return nobody(
          pool,
          ranked.isEmpty()
              ? "no DNS record or endpoint gives it a server"
              : Words.joined(
                  ranked.stream().map(server -> briefly(server, now)).toList(), MAX_NAMED, "; "));
    }
    List<ServerState> troubled = ranked.stream().filter(Diagnosis::isTroubled).toList();
    boolean substitute = receiving.get(0).server().rank() != ranked.get(0).server().rank();
    ChoiceExplanation.TwoPrimaries two = pool.twoPrimaries();
    List<String> owed = owed(pool.owed());
    var alone = pool.explanation() instanceof ChoiceExplanation.NoSuccessor none ? none : null;
    List<ServerState> late = ranked.stream().filter(server -> server.checks().late()).toList();
    if (troubled.isEmpty()
        && late.isEmpty()
        && !substitute
        && two == null
        && alone == null
        && owed.isEmpty()) {
      return WELL;
    }
    boolean failed =
        two != null
            || alone != null
            || troubled.stream().anyMatch(Diagnosis::isFailed)
            || late.stream().anyMatch(receiving::contains);
    List<String> parts = new ArrayList<>();
    if (two != null) {
      parts.add(two.why());
    }
    if (alone != null) {
      parts.add(
          "if "
              + alone.serving().words()
              + " fails now, nobody is promoted without an operator's word: "
              + Words.joined(
                  alone.behind().stream().sorted().map(ServerId::words).toList(), MAX_NAMED, ", ")
              + (alone.behind().size() == 1 ? " is" : " are")
              + " too far behind");
    }
    parts.addAll(owed);
    for (ServerState server : troubled) {
      parts.add(inFull(server, receiving.contains(server), now));
    }
    if (!late.isEmpty()) {
      List<String> each =
          late.stream().map(server -> name(server) + unchecked(server, now)).toList();
      parts.add("checks are late: " + Words.joined(each, MAX_NAMED, ", "));
    }
    boolean others = !troubled.isEmpty() || !late.isEmpty() || parts.isEmpty();
    if (parts.isEmpty()) {
      ServerState best = ranked.get(0);
      parts.add(
          name(best) + (best.status() == HealthStatus.UNKNOWN ? " not checked yet" : " is usable"));
    }
    String cause =
        Words.joined(parts, MAX_NAMED, "; ")
            + (others ? rest(pool, receiving, troubled, substitute) : "");
    return new Diagnosis(ServiceCondition.DEGRADED, failed ? 2 : 1, cause, two);
  }

  /** What hooks have not done yet, a sentence each. */
  private static List<String> owed(OwedHooks owed) {
    List<String> sentences = new ArrayList<>();
    new TreeMap<>(owed.demote())
        .forEach(
            (server, since) ->
                sentences.add(
                    server.words() + " has not been fenced since " + UtcTime.clock(since)));
    if (owed.promote() != null) {
      sentences.add(owed.promote().words() + " serves, but has not been promoted yet");
    }
    return sentences;
  }

  private static Diagnosis nobody(PoolState pool, String why) {
    return new Diagnosis(
        ServiceCondition.NOBODY,
        3,
        "nobody serves pool " + pool.pool().id() + ": " + why,
        pool.twoPrimaries());
  }

  private static boolean isTroubled(ServerState server) {
    return isFailed(server) || server.operatorState() != OperatorState.READY;
  }

  private static boolean isFailed(ServerState server) {
    return server.status() == HealthStatus.DOWN || server.circuitOpen();
  }

  /** One server of a pool that nobody serves. */
  private static String briefly(ServerState server, Instant now) {
    return briefly(server) + (server.checks().late() ? "," + unchecked(server, now) : "");
  }

  private static String briefly(ServerState server) {
    String name = server.server().id().words() + ": ";
    if (server.operatorState() != OperatorState.READY) {
      String by = " (" + server.stateSetter() + ")";
      return name + Words.lower(server.operatorState()) + by;
    }
    return switch (server.status()) {
      case UNKNOWN -> name + "not checked yet";
      case DOWN -> name + detail(server) + tooFar(server);
      case UP ->
          name
              + (server.isStale()
                  ? server.whyStale()
                  : server.circuitOpen() ? "circuit breaker open" : "UP, not chosen yet");
    };
  }

  /** What keeps a server from being promoted; empty if its data does not. */
  private static String tooFar(ServerState server) {
    ServerState.DataState data = server.data();
    Lag lag = data == null || !data.tooFar() ? null : data.lag();
    return lag == null
        ? ""
        : ", and " + lag.amountInWords() + ", too far to be promoted: an operator has to decide";
  }

  /** One troubled server of a pool that is served. */
  private static String inFull(ServerState server, boolean serving, Instant now) {
    String name = name(server) + (serving ? " serves although" : "");
    String lasting = lasting(Duration.between(server.statusSince(), now));
    return switch (server.operatorState()) {
      case MAINTENANCE -> name + " in maintenance (" + server.stateSetter() + ")";
      case DRAIN -> name + " set to drain (" + server.stateSetter() + ")";
      case READY ->
          server.status() == HealthStatus.DOWN
              ? name + " DOWN" + lasting + ": " + detail(server)
              : name
                  + (serving ? " its" : "")
                  + " circuit breaker "
                  + (serving ? "is open" : "open")
                  + ": too many requests failed";
    };
  }

  /** For how long there has been no check of a server whose checks are late. */
  private static String unchecked(ServerState server, Instant now) {
    String lasting = lasting(Duration.between(server.checks().newest(), now));
    return lasting.isEmpty() ? " not checked in time" : " not checked" + lasting;
  }

  /** Who serves instead, and what a better server waits for. */
  private static String rest(
      PoolState pool, List<ServerState> receiving, List<ServerState> troubled, boolean substitute) {
    String wait =
        substitute && pool.explanation() instanceof ChoiceExplanation.FailbackAwaited awaited
            ? ", " + awaited(awaited)
            : "";
    List<ServerState> servers = receiving;
    if (pool.pool().mode() == PoolMode.BALANCE && servers.size() > 2) {
      return "; " + servers.size() + " of " + pool.servers().size() + " servers serve";
    }
    if (troubled.stream().anyMatch(receiving::contains)) {
      return pool.servers().size() > 1 ? "; no other server is usable" : "";
    }
    String names =
        servers.stream()
            .map(server -> server.server().id().value())
            .collect(Collectors.joining(" and "));
    return (servers.size() == 1 ? "; server " + names + " serves" : "; servers " + names + " serve")
        + wait;
  }

  private static String awaited(ChoiceExplanation.FailbackAwaited wait) {
    Instant due = wait.due();
    return due == null ? wait.why() : "failback at " + UtcTime.clock(due) + " (" + wait.why() + ")";
  }

  private static String detail(ServerState server) {
    ServerState.LastProbe probe = server.lastProbe();
    if (probe == null) {
      return server.address() == null ? "its name has no address" : "no check has ended";
    }
    if (probe.outcome().good()) {
      return "the last check was good";
    }
    return Words.cut(probe.detail(), MAX_DETAIL);
  }

  private static String name(ServerState server) {
    return server.server().id().words() + " (" + Words.lower(server.server().rank()) + ")";
  }

  /** How long something has lasted, in coarse steps: each step is another sentence to send. */
  static String lasting(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 5) {
      return "";
    }
    if (seconds < 60) {
      return " for " + seconds / 5 * 5 + " s";
    }
    if (seconds < 2 * 3600) {
      return " for " + seconds / 60 + " min";
    }
    return seconds < 2 * 86_400
        ? " for " + seconds / 3600 + " h"
        : " for " + seconds / 86_400 + " days";
  }
}
