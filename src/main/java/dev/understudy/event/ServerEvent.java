package dev.understudy.event;

import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import dev.understudy.text.UtcTime;
import dev.understudy.text.Words;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** An event about one server, or about the state that operators set of a server or a pool. */
public sealed interface ServerEvent extends Event {
  @Override
  default Kind kind() {
    return switch (this) {
      case HealthChanged change -> Kind.HEALTH;
      case CircuitChanged change -> Kind.HEALTH;
      case AddressChanged change -> Kind.HEALTH;
      case OperatorStateChanged change -> Kind.OPERATION;
      case PoolStateChanged change -> Kind.OPERATION;
    };
  }

  /** WARN: a server failed, or its circuit breaker opened. */
  @Override
  default Level level() {
    return switch (this) {
      case HealthChanged change when change.to() == HealthStatus.DOWN -> Level.WARN;
      case CircuitChanged change when change.open() -> Level.WARN;
      default -> Level.INFO;
    };
  }

  /**
   * A server's health changed.
   *
   * @param count how many changes it stands for: 1, or more of a server that flaps
   */
  record HealthChanged(
      PoolId pool,
      ServerId server,
      HealthStatus from,
      HealthStatus to,
      int count,
      String evidence,
      String message)
      implements ServerEvent {
    /** The event with its sentence. */
    public static HealthChanged of(
        PoolId pool,
        ServerId server,
        HealthStatus from,
        HealthStatus to,
        int changes,
        String evidence) {
      String message =
          "Pool %s: server %s is %s, %s: %s"
              .formatted(pool, server, to, before(from.name(), changes), evidence);
      return new HealthChanged(pool, server, from, to, changes, evidence, message);
    }
  }

  /**
   * The name of a server has another address. Emitted once a minute at most for each server.
   *
   * @param from the address before the first of the changes
   * @param changes their number; more than 1 if the name has changed again and again
   */
  record AddressChanged(
      PoolId pool, ServerId server, String from, String to, int changes, String message)
      implements ServerEvent {
    /**
     * The name of a server has another address.
     *
     * @param stay whether connections made to the address before may stay
     */
    public static AddressChanged of(
        PoolId pool, ServerId server, InetAddress from, InetAddress to, int changes, boolean stay) {
      String before = from.getHostAddress();
      String now = to.getHostAddress();
      String message =
          "Pool %s: server %s has the address %s, %s; connections made before %s"
              .formatted(
                  pool,
                  server,
                  now,
                  before(before, changes),
                  stay
                      ? "stay, as both addresses are good"
                      : "are ended, as not both addresses are good");
      return new AddressChanged(pool, server, before, now, changes, message);
    }
  }

  /** A server's circuit breaker opened or closed. */
  record CircuitChanged(PoolId pool, ServerId server, boolean open, String message)
      implements ServerEvent {
    /** The event with its sentence. */
    public static CircuitChanged of(PoolId pool, ServerId server, boolean open, String evidence) {
      String message =
          "Pool %s: circuit breaker of server %s %s: %s"
              .formatted(pool, server, open ? "opened" : "closed", evidence);
      return new CircuitChanged(pool, server, open, message);
    }
  }

  /**
   * An operator changed a server's state.
   *
   * @param operator null if not known
   */
  record OperatorStateChanged(
      PoolId pool,
      ServerId server,
      OperatorState from,
      OperatorState to,
      @Nullable Operator operator,
      String message)
      implements ServerEvent {
    /**
     * An operator set the server to another state.
     *
     * @param setter who set the state before
     * @param overAgent whether the operator overrides the agent's word
     */
    public static OperatorStateChanged byOperator(
        PoolId pool,
        ServerId server,
        OperatorState from,
        StateOrigin setter,
        OperatorState to,
        boolean overAgent,
        @Nullable Operator operator) {
      String message =
          "Pool %s: an operator set server %s to %s%s, it was %s%s%s"
              .formatted(
                  pool,
                  server,
                  Words.lower(to),
                  overAgent ? " until its agent says another state" : "",
                  Words.lower(from),
                  setter == StateOrigin.OPERATOR ? "" : " (" + setter.word() + ")",
                  Operator.by(operator));
      return new OperatorStateChanged(pool, server, from, to, operator, message);
    }

    /**
     * Something other than an operator set the server to another state.
     *
     * @param by null if an agent did, and is not asked any more
     * @param why as a sentence
     */
    public static OperatorStateChanged by(
        StateOrigin setter,
        PoolId pool,
        ServerId server,
        OperatorState from,
        OperatorState to,
        @Nullable Operator by,
        String why) {
      String message =
          "Pool %s: server %s is set to %s (%s), it was %s; %s"
              .formatted(pool, server, Words.lower(to), setter.word(), Words.lower(from), why);
      return new OperatorStateChanged(pool, server, from, to, by, message);
    }
  }

  /**
   * The maintenance of a whole pool began, is another, or ended.
   *
   * @param until when it ends by itself; null if an operator ends it, or it has ended
   * @param allow the networks of clients that are served nevertheless
   * @param operator null if it ended by itself, or none is known
   */
  record PoolStateChanged(
      PoolId pool,
      OperatorState from,
      OperatorState to,
      @Nullable Instant until,
      List<String> allow,
      @Nullable Operator operator,
      String message)
      implements ServerEvent {
    public PoolStateChanged {
      allow = List.copyOf(allow);
    }

    /**
     * The maintenance of a pool began, is another, or ended.
     *
     * @param before null if it was in none, as {@code next}
     * @param set what the replicas agreed on
     */
    public static PoolStateChanged of(
        PoolId pool,
        @Nullable PoolMaintenance before,
        @Nullable PoolMaintenance next,
        @Nullable PoolMaintenance set,
        Instant now) {
      boolean byItself = next == null && set != null && set.on();
      Operator operator = byItself || set == null ? null : set.by();
      String what =
          next != null
              ? "an operator set it to " + maintenance(next, now)
              : byItself
                  ? "its maintenance has ended by itself"
                  : "an operator ended its maintenance";
      return new PoolStateChanged(
          pool,
          before == null ? OperatorState.READY : OperatorState.MAINTENANCE,
          next == null ? OperatorState.READY : OperatorState.MAINTENANCE,
          next == null ? null : next.until(),
          next == null ? List.of() : next.networks(),
          operator,
          "Pool %s: %s%s".formatted(pool, what, Operator.by(operator)));
    }

    private static String maintenance(PoolMaintenance on, Instant now) {
      String until = on.until() == null ? "" : " until " + UtcTime.ahead(on.until(), now);
      List<String> allow = on.networks();
      return "maintenance"
          + until
          + (allow.isEmpty() ? "" : "; clients of " + String.join(", ", allow) + " are served");
    }
  }

  private static String before(String was, int changes) {
    return "it was "
        + was
        + (changes == 1 ? "" : " before %d changes within a minute".formatted(changes));
  }
}
