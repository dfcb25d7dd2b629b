package dev.understudy.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.DoubleSupplier;

/**
 * A counter that reads its value from a source, which the registry keeps. Micrometer holds the
 * object of a {@link FunctionCounter} weakly, and once it is collected the counter stands still.
 */
final class KeptCounter {
  private KeptCounter() {}

  static FunctionCounter.Builder<MeterRegistry> of(
      MeterRegistry registry, String name, DoubleSupplier source) {
    return FunctionCounter.builder(name, registry, always -> source.getAsDouble());
  }
}
