package dev.understudy.monitor;

import dev.understudy.event.ServerEvent;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One server's circuit breaker, if its pool has any: replaces it, closes it, and tells of it. */
final class CircuitController {
  private final MonitorContext context;
  private final PoolId pool;
  private final ServerId server;
  private final BooleanSupplier up;
  private final BooleanSupplier usable;
  private final Runnable changed;
  private @Nullable ServerCircuitBreaker breaker;

  /**
   * Creates the breaker, which is closed.
   *
   * @param settings null if the pool has none
   * @param up whether the server is UP
   * @param usable whether it is used, as this replica sees it
   * @param changed called when the breaker opened or closed by itself
   */
  CircuitController(
      MonitorContext context,
      PoolId pool,
      ServerId server,
      @Nullable PassiveSettings settings,
      BooleanSupplier up,
      BooleanSupplier usable,
      Runnable changed) {
    this.context = context;
    this.pool = pool;
    this.server = server;
    this.up = up;
    this.usable = usable;
    this.changed = changed;
    this.breaker = breaker(settings);
  }

  private @Nullable ServerCircuitBreaker breaker(@Nullable PassiveSettings settings) {
    return settings == null
        ? null
        : new ServerCircuitBreaker(
            pool + "/" + server, settings, context.scheduler(), this::opened, this::closeIfDue);
  }

  /** The breaker that counts calls; null if there is none. */
  @Nullable ServerCircuitBreaker breaker() {
    return breaker;
  }

  boolean isOpen() {
    return breaker != null && breaker.isOpen();
  }

  void stop() {
    if (breaker != null) {
      breaker.stop();
    }
  }

  /**
   * Takes new settings.
   *
   * @param another whether it is another server now
   */
  void reconfigure(@Nullable PassiveSettings settings, boolean another) {
    if (another || !Objects.equals(breaker == null ? null : breaker.settings(), settings)) {
      replace(settings, "its settings changed");
    }
  }

  /** The server has another address. */
  void moved() {
    if (breaker != null) {
      replace(breaker.settings(), "the server's address changed");
    }
  }

  private void replace(@Nullable PassiveSettings settings, String why) {
    boolean wasOpen = isOpen();
    stop();
    breaker = breaker(settings);
    if (wasOpen) {
      tell(false, why);
    }
  }

  /** Closes it if its time has passed and the server is UP. */
  void closeIfDue() {
    if (breaker != null && up.getAsBoolean() && breaker.closeIfDue()) {
      tell(false, "its open time has passed and the server's probes are good");
      changed.run();
    }
  }

  private void opened() {
    if (breaker != null && breaker.isOpen()) {
      String why = breaker.evidence();
      tell(
          true,
          usable.getAsBoolean() ? why + "; it stays in use, as no other server could serve" : why);
      changed.run();
    }
  }

  private void tell(boolean open, String why) {
    context.events().add(ServerEvent.CircuitChanged.of(pool, server, open, why));
  }
}
