package dev.understudy.monitor;

import dev.understudy.failover.Reason;
import dev.understudy.health.Status;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something an operator would want to know, with why. */
public sealed interface Event {
  /** The pool concerned; null: the whole replica. */
  @Nullable PoolId pool();

  /** One sentence for people. */
  String message();

  /**
   * The serving server changed.
   *
   * @param from null: nobody was serving
   * @param to null: nobody is serving
   * @param evidence what the reason rests on, for people
   * @param decidedBy the replica that decided; null: this one decides alone
   * @param took from the first bad observation to this change; null where nothing failed
   * @param agreeing from when this replica saw the need for it to this change; null: it saw none
   */
  record Switched(
      PoolId pool,
      @Nullable ServerId from,
      @Nullable ServerId to,
      Reason reason,
      long epoch,
      String evidence,
      @Nullable String decidedBy,
      @Nullable Duration took,
      @Nullable Duration agreeing,
      String message)
      implements Event {}

  /**
   * A server of better rank is usable, and does not get the role yet. Once for each wait, and again
   * when something else is what it waits for.
   *
   * @param due when it gets the role if all stays as it is; null: an operator decides
   * @param heldBy what holds the failback back, for people
   */
  record FailbackAwaited(
      PoolId pool,
      ServerId serving,
      ServerId better,
      @Nullable Instant due,
      String heldBy,
      String message)
      implements Event {}

  /**
   * An operator pinned a server, or the pin ended.
   *
   * @param server null: none is pinned any more
   */
  record Pinned(PoolId pool, @Nullable ServerId server, String message) implements Event {}

  /** After a start a server goes on serving, in the same epoch, because it did so before. */
  record Kept(PoolId pool, ServerId serving, long epoch, String evidence, String message)
      implements Event {}

  /** The serving server is DOWN and goes on serving: it answers, and nobody else is usable. */
  record ServesDown(PoolId pool, ServerId server, String evidence, String message)
      implements Event {}

  /** Nobody is usable, and nobody served before. */
  record NobodyServes(PoolId pool, String evidence, String message) implements Event {}

  /** A server's health changed. */
  record HealthChanged(
      PoolId pool, ServerId server, Status from, Status to, String evidence, String message)
      implements Event {}

  /** A server's circuit breaker opened or closed. */
  record CircuitChanged(PoolId pool, ServerId server, boolean open, String message)
      implements Event {}

  /** An operator changed a server's state. */
  record OperatorStateChanged(
      PoolId pool, ServerId server, OperatorState from, OperatorState to, String message)
      implements Event {}

  /**
   * A new file was applied.
   *
   * @param warnings what it says that is hardly meant, each with its line
   */
  record ConfigurationApplied(String file, List<String> warnings, String message) implements Event {
    public ConfigurationApplied {
      warnings = List.copyOf(warnings);
    }

    /** Without warnings. */
    public ConfigurationApplied(String file, String message) {
      this(file, List.of(), message);
    }

    @Override
    public @Nullable PoolId pool() {
      return null;
    }
  }

  /** A new file was refused; the running configuration is untouched. */
  record ConfigurationRejected(String file, List<String> problems, String message)
      implements Event {
    public ConfigurationRejected {
      problems = List.copyOf(problems);
    }

    @Override
    public @Nullable PoolId pool() {
      return null;
    }
  }
}
