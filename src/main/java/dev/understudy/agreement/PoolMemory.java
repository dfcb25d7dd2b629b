package dev.understudy.agreement;

import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembered state of one pool.
 *
 * @param agreed null if there was never an agreement
 * @param operatorStates of the servers that are not ready
 * @param stateOperators who set the states of the servers
 */
record PoolMemory(
    @Nullable Agreed agreed,
    Map<ServerId, OperatorState> operatorStates,
    StateOperators stateOperators) {
  static final PoolMemory NONE = new PoolMemory(null, Map.of(), StateOperators.NONE);

  PoolMemory {
    operatorStates = Map.copyOf(operatorStates);
  }

  /** Time of the last change; {@link Instant#MIN} if there was never an agreement. */
  Instant since() {
    return agreed == null ? Instant.MIN : agreed.since();
  }

  PoolMemory with(Agreed next) {
    return new PoolMemory(next, operatorStates, stateOperators);
  }

  PoolMemory with(ServerId server, OperatorState state, @Nullable Operator by) {
    Map<ServerId, OperatorState> states = new HashMap<>(operatorStates);
    if (state == OperatorState.READY) {
      states.remove(server);
    } else {
      states.put(server, state);
    }
    return new PoolMemory(agreed, states, stateOperators.with(server, state, by));
  }

  PoolMemory only(Set<ServerId> servers) {
    Map<ServerId, OperatorState> states = new HashMap<>(operatorStates);
    states.keySet().retainAll(servers);
    return new PoolMemory(agreed, states, stateOperators.only(servers));
  }
}
