package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.POOL;
import static dev.understudy.agreement.quorum.Scene.SENSE;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.AgreementLifecycle;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.Failover;
import dev.understudy.failover.RoleState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.FakeLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A replica without a monitor: the test says what it sees, and when it decides. */
final class Replica implements AgreementLifecycle.Listener {
  private static final RandomGenerator MIDDLE = () -> 1L << 63;

  final String name;
  final Line line;
  final QuorumAgreement agreement;
  final List<String> suspected = new ArrayList<>();

  /** How often something about the pool was said to have changed. */
  int changes;

  @Nullable String refused;
  Pool file = POOL;

  /** Whether it decides by itself, as a monitor does. */
  boolean deciding;

  private final FakeLoop loop;
  private Map<ServerId, Candidate> own = Scene.seen("??");
  private boolean proposing;

  Replica(String name, FakeLoop loop, MemoryStore store) {
    this(name, loop, store, OnLoss.LOCAL);
  }

  Replica(String name, FakeLoop loop, MemoryStore store, OnLoss onLoss) {
    this(name, loop, store, onLoss, "run-of-" + name);
  }

  Replica(String name, FakeLoop loop, MemoryStore store, OnLoss onLoss, String incarnation) {
    this.name = name;
    this.loop = loop;
    this.line = new Line(loop, store);
    QuorumSettings settings =
        new QuorumSettings(name, incarnation, "", Duration.ofSeconds(2), onLoss);
    this.agreement = new QuorumAgreement(line, settings, MIDDLE, loop.now());
  }

  /** Starts, and has seen that; see {@link Scene#seen}. */
  Replica begin(String letters) {
    agreement.start(loop, this);
    see(letters);
    agreement.synced();
    loop.advance(10);
    return this;
  }

  /** Sees something else from now on. */
  void see(String letters) {
    own = Scene.seen(letters);
    agreement.report(file, file, own);
  }

  /** What it would choose. */
  Choice choice() {
    return Failover.choose(file, view(), roleState(), loop.now());
  }

  Map<ServerId, Candidate> view() {
    return agreement.view(file, own);
  }

  RoleState roleState() {
    return agreement.agreed(SENSE).map(AgreedRole::roleState).orElse(RoleState.NONE);
  }

  Optional<Duration> turn() {
    return agreement.turn(SENSE, 0);
  }

  /** The names of those that it counts. */
  List<String> counted() {
    return agreement.status().voters().stream()
        .filter(AgreementStatus.Voter::counted)
        .map(AgreementStatus.Voter::replica)
        .toList();
  }

  /** {@code sen2 in 3}, {@code nobody in 4}. */
  String serving() {
    ServerId serving = roleState().serving();
    return (serving == null ? "nobody" : serving.value()) + " in " + roleState().epoch();
  }

  /** Proposes what it would choose, whoever's turn it is. */
  CompletableFuture<AgreedRole> propose() {
    return proposeUpon(agreed());
  }

  /** What it takes for agreed; nothing if nothing is. */
  AgreedRole agreed() {
    return agreement.agreed(SENSE).orElseGet(() -> AgreedRole.nothing(loop.now()));
  }

  /** Proposes what it would choose if that were agreed. */
  CompletableFuture<AgreedRole> proposeUpon(AgreedRole current) {
    Choice choice = Failover.choose(file, view(), current.roleState(), loop.now());
    if (choice instanceof Choice.Switch change) {
      return propose(
          AgreedRole.upon(change, loop.now()).with(agreement.operatorStates(SENSE).behind(change)),
          current);
    }
    throw new IllegalStateException(name + " would change nothing: " + choice);
  }

  CompletableFuture<AgreedRole> propose(AgreedRole next, AgreedRole current) {
    return agreement.propose(SENSE, current, next);
  }

  @Override
  public void changed(PoolId pool) {
    if (!pool.equals(SENSE)) {
      return;
    }
    changes++;
    if (deciding) {
      decide();
    }
  }

  /** As a monitor does: when its turn has come, if it is still called for. */
  void decide() {
    deciding = true;
    Optional<Duration> turn = turn();
    if (!proposing && turn.isPresent() && choice() instanceof Choice.Switch) {
      proposing = true;
      loop.schedule(turn.get(), this::decideNow);
    }
  }

  private void decideNow() {
    if (turn().isEmpty() || !(choice() instanceof Choice.Switch)) {
      proposing = false;
      return;
    }
    var unused =
        propose()
            .whenComplete(
                (holds, failure) -> {
                  proposing = false;
                  loop.execute(() -> changed(SENSE));
                });
  }

  @Override
  public void suspected(PoolId pool, ServerId server, String replica) {
    suspected.add(server + " by " + replica);
  }

  @Override
  public void refused(String why) {
    refused = why;
  }
}
