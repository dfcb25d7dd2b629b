package dev.understudy.failover;

import dev.understudy.health.Health;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StateOrigin;
import dev.understudy.text.Words;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The facts about one server on which the choice rests.
 *
 * @param circuitOpen whether it has a circuit breaker that is open
 * @param changed whether a new file made it a different server (a new address, for one) since the
 *     last choice: it keeps the role only if it is the best again
 */
public record Candidate(
    Probed probed,
    boolean circuitOpen,
    SetState set,
    boolean changed,
    Failback failback,
    Claim role) {
  /**
   * What its probes found.
   *
   * @param since when the status began; for UP, the unbroken time counts from it
   * @param lastHadResponse whether its newest probe had a response, good or bad
   * @param connectionFailed whether it is DOWN because it accepts no connections
   * @param late whether nothing has been found of it for so long, for want of time, that all this
   *     is old; never at once after bad news
   * @param evidence the observations behind the status, for people
   */
  record Probed(
      HealthStatus status,
      Instant since,
      boolean lastHadResponse,
      boolean connectionFailed,
      boolean late,
      String evidence) {}

  /**
   * Whether it may be used.
   *
   * @param by who set the state, if it is not ready
   */
  record SetState(OperatorState state, StateOrigin by) {}

  /**
   * Whether it may get the role back.
   *
   * @param facts what this replica knows of it for that
   */
  record Failback(FailbackFitness fitness, FailbackFacts facts) {}

  /**
   * Its claim to the role.
   *
   * @param seen what this replica has seen of it
   * @param stale whether it must not get the role by itself: see {@link RoleEvidence} and {@link
   *     RoleLabels}
   * @param contradiction the label that contradicts its role; null for none
   * @param behind how far its data is behind, for people, if that is too far for a promotion
   *     without an operator's word; else null
   */
  record Claim(
      RoleClaim seen, boolean stale, @Nullable String contradiction, @Nullable String behind) {}

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
        new Probed(status, statusSince, lastProbeHadResponse, connectionFailed, false, evidence),
        circuitOpen,
        new SetState(operatorState, StateOrigin.OPERATOR),
        changed,
        new Failback(fitness, FailbackFacts.NONE),
        new Claim(RoleClaim.NONE, false, null, null));
  }

  /** A candidate as this replica sees the server. */
  public static Candidate of(
      Health health, boolean circuitOpen, OperatorState operatorState, boolean changed) {
    return new Candidate(
        health.status(),
        health.unbrokenSince(),
        health.lastProbeHadResponse(),
        health.connectionFailed(),
        circuitOpen,
        operatorState,
        changed,
        FailbackFitness.BY_TIME,
        health.evidence());
  }

  public HealthStatus status() {
    return probed.status();
  }

  public Instant statusSince() {
    return probed.since();
  }

  public boolean lastProbeHadResponse() {
    return probed.lastHadResponse();
  }

  public boolean connectionFailed() {
    return probed.connectionFailed();
  }

  public String evidence() {
    return probed.evidence();
  }

  public OperatorState operatorState() {
    return set.state();
  }

  public StateOrigin setter() {
    return set.by();
  }

  public FailbackFitness fitness() {
    return failback.fitness();
  }

  public FailbackFacts facts() {
    return failback.facts();
  }

  public RoleClaim claim() {
    return role.seen();
  }

  public boolean stale() {
    return role.stale();
  }

  public @Nullable String contradiction() {
    return role.contradiction();
  }

  /** How far its data is behind, if that is too far for a promotion; else null. */
  public @Nullable String behind() {
    return role.behind();
  }

  /** Why it is not promoted although it could be, for people; for one that is too far behind. */
  public String tooFarToPromote(ServerId id) {
    return id.words()
        + " is "
        + behind()
        + ", too far to be promoted; \"acceptLoss\": true (switch with --accept-loss) does it"
        + " anyway";
  }

  /** Whether its checks are late: it is as it was when it was last checked, good or bad. */
  public boolean late() {
    return probed.late();
  }

  /** The same candidate as if it were UP: this replica doubts that it has failed. */
  public Candidate kept() {
    return up().with(fitting(FailbackFitness.DOUBTED));
  }

  /** The same candidate as if it were UP. */
  public Candidate up() {
    return with(
        new Probed(
            HealthStatus.UP, statusSince(), lastProbeHadResponse(), false, late(), evidence()));
  }

  /** The same candidate, whose checks are late or in time. */
  public Candidate withLateChecks(boolean late) {
    return with(
        new Probed(
            status(), statusSince(), lastProbeHadResponse(), connectionFailed(), late, evidence()));
  }

  private Candidate with(Probed next) {
    return new Candidate(next, circuitOpen, set, changed, failback, role);
  }

  /** The same candidate, not fit for a failback. */
  public Candidate notFit() {
    return with(fitting(FailbackFitness.NOT_FIT));
  }

  private Failback fitting(FailbackFitness fitness) {
    return new Failback(fitness, facts());
  }

  /** The same candidate with what is known of it for a failback. */
  public Candidate with(FailbackFacts known) {
    return with(new Failback(fitness(), known));
  }

  private Candidate with(Failback next) {
    return new Candidate(probed, circuitOpen, set, changed, next, role);
  }

  /** The same candidate, set to drain or maintenance by another than an operator. */
  public Candidate with(OperatorState state, StateOrigin by) {
    SetState next = new SetState(state, by);
    return new Candidate(probed, circuitOpen, next, changed, failback, role);
  }

  /** The same candidate, against which its label speaks. */
  public Candidate contradicted(String label) {
    return with(new Claim(claim(), true, label, behind()));
  }

  /** The same candidate with its claim to be primary. */
  public Candidate with(RoleClaim seen, boolean isStale) {
    return with(new Claim(seen, isStale, contradiction(), behind()));
  }

  /** The same candidate, whose data is too far behind; null for one whose is not. */
  public Candidate tooFarBehind(@Nullable String words) {
    return with(new Claim(claim(), stale(), contradiction(), words));
  }

  private Candidate with(Claim next) {
    return new Candidate(probed, circuitOpen, set, changed, failback, next);
  }

  /** What takes it out of use, as {@code set to drain (agent)}; for one that is not ready. */
  public String stateInWords() {
    String state = "set to " + Words.lower(operatorState());
    return setter() == StateOrigin.OPERATOR ? state : state + " (" + setter().word() + ")";
  }

  boolean ready() {
    return operatorState() == OperatorState.READY;
  }

  /** Whether its first probe, or the first since a new file changed it, is still to end. */
  public boolean awaited() {
    return ready() && status() == HealthStatus.UNKNOWN;
  }

  /** Whether it is as if UP only for a doubt: any that is UP is better. */
  boolean doubted() {
    return fitness() == FailbackFitness.DOUBTED;
  }

  /**
   * Whether it responds that it has not got the role, so that it can be promoted, if its data is
   * not too far behind or an operator wants it nevertheless.
   */
  public boolean denies() {
    return ready() && status() == HealthStatus.DOWN && lastProbeHadResponse() && claim().denied();
  }

  /**
   * Whether it is UP and ready, and has no stale claim; usability also depends on breakers, its own
   * and others'.
   */
  boolean fit() {
    return status() == HealthStatus.UP && ready() && !stale();
  }
}
