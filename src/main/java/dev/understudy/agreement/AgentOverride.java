package dev.understudy.agreement;

import dev.understudy.pool.OperatorState;
import java.time.Instant;

/**
 * An operator's {@code ready} over the state that a server's agent said. Each replica takes it for
 * what it has heard of the agent itself, until that says another state.
 *
 * @param state what the agent said; not {@code ready}
 * @param at when the operator did so, which tells it from other acts
 */
public record AgentOverride(OperatorState state, Instant at) {}
