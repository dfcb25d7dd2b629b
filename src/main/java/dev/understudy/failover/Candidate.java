package dev.understudy.failover;

import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.StateSetter;
import dev.understudy.text.Words;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The facts about one server on which the choice rests.
 *
 * @param statusSince when the status began; for UP, the unbroken time counts from it
 * @param lastProbeHadResponse whether its newest probe had a response, good or bad
 * @param connectionFailed whether it is DOWN because it accepts no connections
 * @param circuitOpen whether it has a circuit breaker that is open
 * @param changed whether a new file made it a different server (a new address, for one) since the
 *     last choice: it keeps the role only if it is the best again
 * @param fitness whether it may get the role back
 * @param evidence the observations behind the status, for people
 * @param setter who set {@code operatorState}, if it is not ready
 * @param facts what this replica knows of it for a failback
 * @param claim what this replica has seen of its claim to be primary
 * @param stale whether it must not get the role by itself: see {@link RoleEvidence} and {@link
 *     RoleLabels}
 * @param contradiction the label that contradicts its role; null for none
 */
public record Candidate(
    HealthStatus status,
    Instant statusSince,
    boolean lastProbeHadResponse,
    boolean connectionFailed,
    boolean circuitOpen,
    OperatorState operatorState,
    boolean changed,
    FailbackFitness fitness,
    String evidence,
    StateSetter setter,
    FailbackFacts facts,
    RoleClaim claim,
    boolean stale,
    @Nullable String contradiction) {
  /** A candidate whose state an operator set, and of which nothing else is known. */
  public Candidate(
      HealthStatus status,
      Instant statusSince,
      boolean lastProbeHadResponse,
      boolean connectionFailed,
      boolean circuitOpen,
      OperatorState operatorState,
      boolean changed,
      FailbackFitness fitness,
      String evidence) {
    this(
        status,
        statusSince,
        lastProbeHadResponse,
        connectionFailed,
        circuitOpen,
        operatorState,
        changed,
        fitness,
        evidence,
        StateSetter.OPERATOR,
        FailbackFacts.NONE,
        RoleClaim.NONE,
        false,
        null);
  }

  /** A candidate as this replica sees the server. */
  public static Candidate of(
      Health health, boolean circuitOpen, OperatorState operatorState, boolean changed) {
    return new Candidate(
        health.status(),
        health.statusSince(),
        health.lastProbeHadResponse(),
        health.connectionFailed(),
        circuitOpen,
        operatorState,
        changed,
        FailbackFitness.BY_TIME,
        health.evidence());
  }

  /** The same candidate as if it were UP: this replica doubts that it has failed. */
  public Candidate kept() {
    return with(
        HealthStatus.UP,
        false,
        operatorState,
        FailbackFitness.DOUBTED,
        setter,
        facts,
        claim,
        stale,
        contradiction);
  }

  /** The same candidate, not fit for a failback. */
  public Candidate notFit() {
    return with(
        status,
        connectionFailed,
        operatorState,
        FailbackFitness.NOT_FIT,
        setter,
        facts,
        claim,
        stale,
        contradiction);
  }

  /** The same candidate, set to drain or maintenance by another than an operator. */
  public Candidate with(OperatorState state, StateSetter by) {
    return with(status, connectionFailed, state, fitness, by, facts, claim, stale, contradiction);
  }

  /** The same candidate, against which its label speaks. */
  public Candidate contradicted(String label) {
    return with(
        status, connectionFailed, operatorState, fitness, setter, facts, claim, true, label);
  }

  /** The same candidate with what is known of it for a failback. */
  public Candidate with(FailbackFacts known) {
    return with(
        status,
        connectionFailed,
        operatorState,
        fitness,
        setter,
        known,
        claim,
        stale,
        contradiction);
  }

  /** The same candidate with its claim to be primary. */
  public Candidate with(RoleClaim seen, boolean isStale) {
    return with(
        status,
        connectionFailed,
        operatorState,
        fitness,
        setter,
        facts,
        seen,
        isStale,
        contradiction);
  }

  private Candidate with(
      HealthStatus status,
      boolean connectionFailed,
      OperatorState operatorState,
      FailbackFitness fitness,
      StateSetter setter,
      FailbackFacts facts,
      RoleClaim claim,
      boolean stale,
      @Nullable String contradiction) {
    return new Candidate(
        status,
        statusSince,
        lastProbeHadResponse,
        connectionFailed,
        circuitOpen,
        operatorState,
        changed,
        fitness,
        evidence,
        setter,
        facts,
        claim,
        stale,
        contradiction);
  }

  /** What takes it out of use, as {@code set to drain (agent)}; for one that is not ready. */
  public String stateInWords() {
    String state = "set to " + Words.lower(operatorState);
    return setter == StateSetter.OPERATOR ? state : state + " (" + setter.word() + ")";
  }

  boolean ready() {
    return operatorState == OperatorState.READY;
  }

  /** Whether its first probe, or the first since a new file changed it, is still to end. */
  public boolean awaited() {
    return ready() && status == HealthStatus.UNKNOWN;
  }

  /** Whether it is as if UP only for a doubt: any that is UP is better. */
  boolean doubted() {
    return fitness == FailbackFitness.DOUBTED;
  }

  /**
   * Whether it is UP and ready, and has no stale claim; usability also depends on breakers, its own
   * and others'.
   */
  boolean fit() {
    return status == HealthStatus.UP && ready() && !stale;
  }
}
