package dev.understudy.proxy.listener;

import java.util.function.BooleanSupplier;

/**
 * Whether the process is stopping, after which responses ask clients to close their connections.
 */
public final class Draining implements BooleanSupplier {
  private volatile boolean begun;

  void begin() {
    begun = true;
  }

  @Override
  public boolean getAsBoolean() {
    return begun;
  }
}
