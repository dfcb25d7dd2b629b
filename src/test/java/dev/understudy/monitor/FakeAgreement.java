package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.failover.Candidate;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An agreement always in touch, whose decisions on the pool {@code sense} a test makes. */
abstract class FakeAgreement implements Agreement {
  @Nullable AgreedRole agreed;
  private @Nullable Listener listener;
  DecisionThread loop;

  /** Makes a decision, and tells the monitor. */
  final void decide(AgreedRole next) {
    agreed = next;
    tell();
  }

  /** Tells the monitor to look again. */
  final void tell() {
    loop.execute(() -> listener.changed(SENSE));
  }

  @Override
  public final void start(DecisionThread on, Listener value) {
    loop = on;
    listener = value;
  }

  @Override
  public void follow() {}

  @Override
  public void lead() {}

  @Override
  public boolean follows() {
    return false;
  }

  @Override
  public void synced() {}

  @Override
  public Optional<AgreedRole> agreed(PoolId pool) {
    return Optional.ofNullable(agreed);
  }

  @Override
  public boolean isEpochTrusted(PoolId pool) {
    return true;
  }

  @Override
  public ReplicaContact contact() {
    return ReplicaContact.ALWAYS;
  }

  @Override
  public boolean suspends() {
    return false;
  }

  @Override
  public boolean keepsServing() {
    return false;
  }

  @Override
  public Map<ServerId, Candidate> view(Pool pool, Map<ServerId, Candidate> own) {
    return own;
  }

  @Override
  public Optional<Duration> turn(PoolId pool, int passed) {
    return Optional.empty();
  }

  @Override
  public CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next) {
    throw new IllegalStateException("not this replica's turn");
  }

  @Override
  public String replica() {
    return "";
  }

  @Override
  public Map<String, Release> releases(PoolId pool, @Nullable PlannedSwitch planned) {
    return Map.of();
  }

  @Override
  public Set<String> deciding() {
    return Set.of(replica());
  }

  @Override
  public void running(Set<String> addresses) {}

  @Override
  public Optional<String> silentReplica() {
    return Optional.empty();
  }

  @Override
  public Set<String> lostReplicas() {
    return Set.of();
  }

  @Override
  public void acknowledge(PoolId pool, @Nullable Acknowledgement given) {}

  @Override
  public Optional<String> whyNoCommands() {
    return Optional.empty();
  }

  @Override
  public OperatorStates operatorStates(PoolId pool) {
    return OperatorStates.NONE;
  }

  @Override
  public CompletableFuture<Void> operatorState(
      PoolId pool,
      ServerId server,
      OperatorState state,
      @Nullable AgentOverride over,
      @Nullable Operator by) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> endOverride(PoolId pool, ServerId server, AgentOverride ended) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<Void> maintenance(PoolId pool, PoolMaintenance next) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void exist(Collection<Pool> pools, Set<PoolId> going) {}

  @Override
  public void retain(Map<PoolId, Set<ServerId>> servers) {}

  @Override
  public boolean ready() {
    return true;
  }

  @Override
  public AgreementStatus status() {
    return AgreementStatus.alone(FakeScheduler.START);
  }

  @Override
  public void leave() {}

  @Override
  public CompletableFuture<Void> depart() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {}
}
