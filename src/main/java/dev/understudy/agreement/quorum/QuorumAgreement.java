package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.Register;
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
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Agreement of replicas through a {@link Register}: each replica writes its votes into an entry of
 * its own and reads those of all. The first in the {@link Ranking} writes the decision that follows
 * from them into the pool's record, upon the very revision that it was made from. All replicas
 * follow the record.
 *
 * <p>Out of touch, a replica keeps the agreement; see {@link OnLoss}.
 */
public final class QuorumAgreement implements Agreement {
  /** The time for telling the others that this replica is gone; they find out without it. */
  private static final Duration DEPARTURE = Duration.ofSeconds(2);

  private final Register register;
  private final QuorumSettings settings;
  private final RandomGenerator random;
  private final Members members;
  private final RegisterContact contact;
  private final AgreementStatus before;

  /** Null until the agreement has been started. */
  private volatile @Nullable Participation participation;

  private volatile boolean follows;
  private volatile boolean ends;

  /** Creates an agreement that neither reads nor writes until it is started. */
  public QuorumAgreement(
      Register register, QuorumSettings settings, RandomGenerator random, Instant now) {
    this.register = register;
    this.settings = settings;
    this.random = random;
    this.members = new Members(settings);
    this.contact =
        new RegisterContact(
            register.description(), settings, members, now, () -> started().allChanged());
    this.before =
        new AgreementStatus(
            register.description(),
            settings.replica(),
            false,
            now,
            contact.trouble(),
            List.of(),
            List.of(),
            0,
            0);
  }

  @Override
  public void start(DecisionThread newLoop, Listener newListener) {
    Participation begun =
        new Participation(
            register, settings, random, newLoop, newListener, members, contact, before);
    participation = begun;
    begun.begin();
  }

  @Override
  public void follow() {
    follows = true;
    Participation known = participation;
    if (known == null) {
      contact.leave();
    } else {
      known.loop.execute(known::follow);
    }
  }

  @Override
  public void lead() {
    follows = false;
    started().loop.execute(started()::lead);
    if (ends) {
      leave();
    }
  }

  @Override
  public boolean follows() {
    return contact.hasLeft();
  }

  @Override
  public void synced() {
    started().synced();
  }

  @Override
  public Optional<AgreedRole> agreed(PoolId pool) {
    return of(pool).pool().agreed();
  }

  @Override
  public boolean isEpochTrusted(PoolId pool) {
    return contact.isInformed() && of(pool).isEpochTrusted();
  }

  @Override
  public ReplicaContact contact() {
    return contact.present();
  }

  @Override
  public boolean suspends() {
    return settings.onLoss() == OnLoss.HOLD;
  }

  @Override
  public boolean keepsServing() {
    return !contact.isAlone();
  }

  @Override
  public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {
    started().pools.report(file, inForce, own);
  }

  @Override
  public Map<ServerId, Candidate> view(Pool pool, Map<ServerId, Candidate> own) {
    return of(pool.id()).view(pool, own);
  }

  @Override
  public Optional<Duration> turn(PoolId pool, int passed) {
    return contact.hasLeft() ? Optional.empty() : of(pool).turn(passed);
  }

  @Override
  public CompletableFuture<AgreedRole> propose(PoolId pool, AgreedRole current, AgreedRole next) {
    return of(pool).propose(current, next);
  }

  @Override
  public Optional<String> whyNoCommands() {
    if (follows) {
      return Optional.of(FOLLOWS);
    }
    return contact.check()
        ? Optional.empty()
        : Optional.of(
            contact.hasLeft()
                ? contact.trouble()
                : "this replica is out of touch with the " + register.description());
  }

  @Override
  public OperatorStates operatorStates(PoolId pool) {
    return of(pool).pool().known().operatorStates();
  }

  @Override
  public CompletableFuture<Void> operatorState(
      PoolId pool,
      ServerId server,
      OperatorState state,
      @Nullable AgentOverride over,
      @Nullable Operator by) {
    return of(pool).acts().operatorState(server, state, over, by);
  }

  @Override
  public CompletableFuture<Void> endOverride(PoolId pool, ServerId server, AgentOverride ended) {
    return of(pool).acts().endOverride(server, ended);
  }

  @Override
  public CompletableFuture<Void> maintenance(PoolId pool, PoolMaintenance next) {
    return of(pool).acts().maintenance(next);
  }

  @Override
  public void exist(Collection<Pool> existing, Set<PoolId> going) {
    started().pools.exist(existing, going);
  }

  /**
   * Without effect: the operators' states are the register's, and other replicas may have the
   * server.
   */
  @Override
  public void retain(Map<PoolId, Set<ServerId>> servers) {}

  @Override
  public boolean ready() {
    Participation known = participation;
    return known != null
        && known.ready()
        && (settings.onLoss() == OnLoss.LOCAL || contact.present().holds());
  }

  @Override
  public boolean isFirst() {
    Participation known = participation;
    return known != null && known.isFirst() && contact.counts();
  }

  @Override
  public AgreementStatus status() {
    Participation known = participation;
    return known == null ? before : known.status();
  }

  @Override
  public void leave() {
    ends = true;
    Participation known = participation;
    if (known != null && !follows) {
      known.loop.execute(known::leave);
    }
  }

  @Override
  public CompletableFuture<Void> depart() {
    CompletableFuture<Void> told = new CompletableFuture<>();
    Participation known = participation;
    if (known == null || follows) {
      told.complete(null);
    } else {
      known.loop.execute(
          () -> known.loop.whenDone(known.depart(), (nothing, e) -> told.complete(null)));
    }
    return told.completeOnTimeout(null, DEPARTURE.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    register.close();
  }

  private PoolAgreement of(PoolId pool) {
    return started().pools.of(pool);
  }

  private Participation started() {
    Participation known = participation;
    if (known == null) {
      throw new IllegalStateException("not started");
    }
    return known;
  }

  private long nanoTime() {
    return started().loop.nanoTime();
  }

  @Override
  public String replica() {
    return settings.replica();
  }

  @Override
  public Map<String, Release> releases(PoolId pool, @Nullable PlannedSwitch planned) {
    Map<String, Release> releases =
        members.releases(pool, of(pool).pool().addresses(), planned, nanoTime());
    for (Voter voter : started().electorate()) {
      if (voter.ballot(pool) == null && of(pool).pool().isOnBallotOf(voter)) {
        releases.put(voter.replica(), Release.NONE); // It sends to the servers by another name.
      }
    }
    return releases;
  }

  @Override
  public Set<String> deciding() {
    return members.deciding(nanoTime());
  }

  @Override
  public void running(Set<String> addresses) {
    started().running(addresses);
  }

  @Override
  public Optional<String> silentReplica() {
    return members.silent(nanoTime());
  }

  @Override
  public Set<String> lostReplicas() {
    return members.lost(nanoTime());
  }

  @Override
  public void acknowledge(PoolId pool, @Nullable Acknowledgement given) {
    of(pool).acknowledge(given);
  }
}
