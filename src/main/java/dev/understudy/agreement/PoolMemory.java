package dev.understudy.agreement;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a replica that decides alone remembers of one pool.
 *
 * @param agreed null if there was never an agreement
 */
record PoolMemory(@Nullable Agreed agreed, OperatorStates operatorStates) {
  static final PoolMemory NONE = new PoolMemory(null, OperatorStates.NONE);

  /** Time of the last change; {@link Instant#MIN} if there was never an agreement. */
  Instant since() {
    return agreed == null ? Instant.MIN : agreed.since();
  }

  PoolMemory with(Agreed next) {
    return new PoolMemory(next, operatorStates);
  }

  PoolMemory with(OperatorStates next) {
    return new PoolMemory(agreed, next);
  }
}
