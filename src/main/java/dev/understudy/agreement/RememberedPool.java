package dev.understudy.agreement;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a replica that decides alone remembers of one pool.
 *
 * @param agreed null if there was never an agreement
 */
record RememberedPool(@Nullable AgreedRole agreed, OperatorStates operatorStates) {
  static final RememberedPool NONE = new RememberedPool(null, OperatorStates.NONE);

  /** Time of the last change; {@link Instant#MIN} if there was never an agreement. */
  Instant since() {
    return agreed == null ? Instant.MIN : agreed.since();
  }

  RememberedPool with(AgreedRole next) {
    return new RememberedPool(next, operatorStates);
  }

  RememberedPool with(OperatorStates next) {
    return new RememberedPool(agreed, next);
  }
}
