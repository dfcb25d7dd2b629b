package dev.understudy.agreement;

import dev.understudy.failover.Choice;
import dev.understudy.failover.Reason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who set the operator states of one pool's servers, those that are ready again included: the
 * newest {@value #MOST}, oldest first.
 *
 * <p>Each operator is kept with the state that was set: a state that a replica of an earlier
 * version set later, or an edit by hand, is nobody's.
 */
public record StateOperators(Map<ServerId, Act> acts) {
  /** The number of servers whose operator is kept; 64 acts take 60 KB at most. */
  static final int MOST = 64;

  public static final StateOperators NONE = new StateOperators(Map.of());

  /** What an operator did to a server. */
  public record Act(OperatorState state, Operator operator) {}

  public StateOperators {
    Map<ServerId, Act> newest = new LinkedHashMap<>(acts);
    for (Iterator<ServerId> oldest = newest.keySet().iterator(); newest.size() > MOST; ) {
      oldest.next();
      oldest.remove();
    }
    acts = Collections.unmodifiableMap(newest);
  }

  /** The operator who set {@code present}, a server's state; null if not known. */
  public @Nullable Operator of(ServerId server, OperatorState present) {
    Act act = acts.get(server);
    return act == null || act.state() != present ? null : act.operator();
  }

  /**
   * The operators behind a choice of the replicas' own: whoever set the state of the server that is
   * left because of it.
   *
   * @param present the states of the servers; a missing server is ready
   */
  public Operators behind(Choice.Switch change, Map<ServerId, OperatorState> present) {
    ServerId left = change.from();
    OperatorState state = left == null ? null : present.get(left);
    boolean caused = change.reason() == Reason.OPERATOR || change.reason() == Reason.NO_SERVER;
    return left == null || state == null || state == OperatorState.READY || !caused
        ? Operators.NONE
        : Operators.ofSwitch(of(left, state), false);
  }

  /** After a server's state was set. */
  public StateOperators with(ServerId server, OperatorState state, @Nullable Operator by) {
    Map<ServerId, Act> next = new LinkedHashMap<>(acts);
    next.remove(server);
    if (by != null) {
      next.put(server, new Act(state, by));
    }
    return new StateOperators(next);
  }

  /** Of those servers only. */
  StateOperators only(Set<ServerId> servers) {
    Map<ServerId, Act> next = new LinkedHashMap<>(acts);
    next.keySet().retainAll(servers);
    return new StateOperators(next);
  }
}
