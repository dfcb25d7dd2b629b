package dev.understudy.proxy.listener;

import java.util.function.BooleanSupplier;

/** Whether the process is stopping, so that responses ask clients to close connections. */
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
