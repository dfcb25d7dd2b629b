package dev.understudy.agreement;

import dev.understudy.failover.Choice;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Operator states of one pool and its servers, and who set them.
 *
 * <p>Each operator is kept with the state that was set: a state that a replica of an earlier
 * version set later, or an edit by hand, is nobody's.
 *
 * @param states of the servers that are not ready
 * @param acts of the operators who set the states, those that are ready again included: the newest
 *     {@value #MOST}, oldest first
 * @param maintenance of the whole pool, over or not; null if none was ever set
 */
public record OperatorStates(
    Map<ServerId, OperatorState> states,
    Map<ServerId, Act> acts,
    @Nullable PoolMaintenance maintenance) {
  /** The number of servers whose operator is kept; 64 acts take 60 KB at most. */
  static final int MOST = 64;

  /** All servers are ready, and nobody is known to have set that. */
  public static final OperatorStates NONE = new OperatorStates(Map.of(), Map.of(), null);

  /**
   * What an operator did to a server.
   *
   * @param operator null if not known
   * @param over what it overrides of the server's agent; null if nothing
   */
  public record Act(
      OperatorState state, @Nullable Operator operator, @Nullable AgentOverride over) {}

  public OperatorStates {
    Map<ServerId, OperatorState> notReady = new HashMap<>(states);
    notReady.values().removeIf(state -> state == OperatorState.READY);
    states = Map.copyOf(notReady);
    Map<ServerId, Act> newest = new LinkedHashMap<>(acts);
    for (Iterator<ServerId> oldest = newest.keySet().iterator(); newest.size() > MOST; ) {
      oldest.next();
      oldest.remove();
    }
    acts = Collections.unmodifiableMap(newest);
  }

  /** Whether the pool and all of its servers are ready. */
  public boolean isReady() {
    return states.isEmpty() && (maintenance == null || !maintenance.on());
  }

  /** The state of a server. */
  public OperatorState of(ServerId server) {
    return states.getOrDefault(server, OperatorState.READY);
  }

  /** The operator who set a server's state; null if not known. */
  public @Nullable Operator setter(ServerId server) {
    Act act = acts.get(server);
    return act == null || act.state() != of(server) ? null : act.operator();
  }

  /** What an operator's {@code ready} overrides of a server's agent; null if nothing. */
  public @Nullable AgentOverride override(ServerId server) {
    Act act = acts.get(server);
    return act == null || act.state() != of(server) ? null : act.over();
  }

  /**
   * The operators behind a choice of the replicas' own: whoever set the state of the server that is
   * left because of it.
   */
  public RoleOperators behind(Choice.Switch change) {
    ServerId left = change.from();
    boolean caused =
        change.reason() == SwitchReason.OPERATOR || change.reason() == SwitchReason.NO_SERVER;
    return left == null || of(left) == OperatorState.READY || !caused
        ? RoleOperators.NONE
        : RoleOperators.ofSwitch(setter(left), false);
  }

  /**
   * The states after one was set.
   *
   * @param over what it overrides of the server's agent; null if nothing
   * @param by null if not known
   */
  public OperatorStates with(
      ServerId server, OperatorState state, @Nullable AgentOverride over, @Nullable Operator by) {
    Map<ServerId, OperatorState> next = new HashMap<>(states);
    next.put(server, state);
    Map<ServerId, Act> nextActs = new LinkedHashMap<>(acts);
    nextActs.remove(server);
    if (by != null || over != null) {
      nextActs.put(server, new Act(state, by, over));
    }
    return new OperatorStates(next, nextActs, maintenance);
  }

  /** The states after the agent has said another state than the one that was overridden. */
  public OperatorStates without(ServerId server, AgentOverride ended) {
    Act act = acts.get(server);
    if (act == null || !ended.equals(act.over())) {
      return this;
    }
    Map<ServerId, Act> nextActs = new LinkedHashMap<>(acts);
    nextActs.put(server, new Act(act.state(), act.operator(), null));
    return new OperatorStates(states, nextActs, maintenance);
  }

  /** The states after the whole pool was set. */
  public OperatorStates with(PoolMaintenance next) {
    return new OperatorStates(states, acts, next);
  }

  /** The states of all but those servers. */
  public OperatorStates without(Set<ServerId> servers) {
    Set<ServerId> others = new HashSet<>(states.keySet());
    others.addAll(acts.keySet());
    others.removeAll(servers);
    return only(others);
  }

  /** The states of those servers only. */
  OperatorStates only(Set<ServerId> servers) {
    Map<ServerId, OperatorState> kept = new HashMap<>(states);
    kept.keySet().retainAll(servers);
    Map<ServerId, Act> keptActs = new LinkedHashMap<>(acts);
    keptActs.keySet().retainAll(servers);
    return new OperatorStates(kept, keptActs, maintenance);
  }
}
