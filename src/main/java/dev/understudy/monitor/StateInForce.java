package dev.understudy.monitor;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import dev.understudy.snapshot.ServerState.OperatorAct;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The operator state of one server: as operators set it or, while that is ready, as the server's
 * agent says or, while that is ready too, the cluster. An immutable value that each word replaces
 * by the next.
 *
 * <table>
 * <caption>An operator's act over the agent</caption>
 * <tr><th>input<th>the agent's word
 * <tr><td>operators override it anew<td>does not count: what it said here last or, if that was
 *     ready, what the act names
 * <tr><td>operators set it to ready, and override nothing<td>does not count if it did not
 * <tr><td>operators set it to drain or maintenance<td>counts again, once that ends
 * <tr><td>the agent says the word that does not count, or was asked before the act<td>does not count
 * <tr><td>the agent says another word<td>counts, and each of its words from then on
 * <tr><td>there is no agent any more<td>is ready
 * </table>
 *
 * @param words the last of each; ready before its first
 * @param override the operators' newest act over the agent that was seen here; null if there is
 *     none
 * @param overridden the word of the agent that does not count; null if each counts
 * @param overriddenSince when that began
 */
record StateInForce(
    Map<StateOrigin, Word> words,
    @Nullable AgentOverride override,
    @Nullable OperatorState overridden,
    Instant overriddenSince) {
  /** A state, and how it came about. */
  record Word(OperatorState state, OperatorAct act) {
    private static final Word NONE = new Word(OperatorState.READY, OperatorAct.UNKNOWN);
  }

  StateInForce {
    words = Map.copyOf(words);
  }

  /** Takes up what the replicas have agreed on. */
  static StateInForce of(OperatorStates agreed, ServerId server, Instant now) {
    OperatorAct act = new OperatorAct(agreed.setter(server), null);
    AgentOverride override = agreed.override(server);
    return new StateInForce(
        Map.of(StateOrigin.OPERATOR, new Word(agreed.of(server), act)),
        override,
        override == null ? null : override.state(),
        now);
  }

  OperatorState get() {
    return by(setter());
  }

  /** Who set the state in force; operators, if it is ready. */
  StateOrigin setter() {
    for (StateOrigin each : StateOrigin.values()) {
      if (by(each) != OperatorState.READY) {
        return each;
      }
    }
    return StateOrigin.OPERATOR;
  }

  /** As one of them says; of the agent, unless an operator overrode that word. */
  OperatorState by(StateOrigin setter) {
    OperatorState said = word(setter).state;
    return setter == StateOrigin.AGENT && said == overridden ? OperatorState.READY : said;
  }

  /** Whether the agent's word does not count. */
  boolean isAgentOverridden() {
    return word(StateOrigin.AGENT).state != by(StateOrigin.AGENT);
  }

  /** How it came about: if it is ready, the latest act, which ended another state. */
  OperatorAct act() {
    if (get() != OperatorState.READY) {
      return word(setter()).act;
    }
    OperatorAct latest = word(StateOrigin.OPERATOR).act;
    for (StateOrigin each : StateOrigin.values()) {
      Instant at = word(each).act.at();
      if (at != null && (latest.at() == null || !at.isBefore(latest.at()))) {
        latest = word(each).act;
      }
    }
    return latest;
  }

  /** The act that the agent has ended by another word; null if there is none. */
  @Nullable AgentOverride endedOverride() {
    return overridden == null ? override : null;
  }

  /** After what the replicas have agreed on; the same if that is no news. */
  StateInForce agreed(OperatorStates agreed, ServerId server, Instant now) {
    OperatorState state = agreed.of(server);
    AgentOverride over = agreed.override(server);
    AgentOverride anew = over == null || over.equals(override) ? null : over;
    if (state == by(StateOrigin.OPERATOR) && anew == null) {
      return this;
    }
    StateInForce next = with(StateOrigin.OPERATOR, state, agreed.setter(server), now);
    if (anew != null) {
      OperatorState said = word(StateOrigin.AGENT).state;
      return new StateInForce(
          next.words, anew, said == OperatorState.READY ? anew.state() : said, now);
    }
    boolean keeps = over != null || state == OperatorState.READY;
    return new StateInForce(next.words, over, keeps ? overridden : null, overriddenSince);
  }

  /**
   * After a word of the agent.
   *
   * @param who null if it has no words for people
   * @param asked when it was asked
   */
  StateInForce byAgent(OperatorState state, @Nullable Operator who, Instant asked, Instant now) {
    if (overridden != null && asked.isBefore(overriddenSince)) {
      return this;
    }
    StateInForce next =
        state == word(StateOrigin.AGENT).state ? this : with(StateOrigin.AGENT, state, who, now);
    return new StateInForce(
        next.words, override, state == overridden ? overridden : null, overriddenSince);
  }

  /** After the end of the agent. */
  StateInForce withoutAgent(Instant now) {
    StateInForce next = with(StateOrigin.AGENT, OperatorState.READY, null, now);
    return new StateInForce(next.words, override, null, overriddenSince);
  }

  /** After a word of the cluster. */
  StateInForce byCluster(OperatorState state, Operator who, Instant now) {
    return with(StateOrigin.CLUSTER, state, who, now);
  }

  private StateInForce with(
      StateOrigin setter, OperatorState state, @Nullable Operator who, Instant now) {
    Map<StateOrigin, Word> next = new EnumMap<>(StateOrigin.class);
    next.putAll(words);
    next.put(setter, new Word(state, new OperatorAct(who, now)));
    return new StateInForce(next, override, overridden, overriddenSince);
  }

  private Word word(StateOrigin setter) {
    return Objects.requireNonNullElse(words.get(setter), Word.NONE);
  }
}
