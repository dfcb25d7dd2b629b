package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgentOverride;
import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.failover.Candidate;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.SwitchFacts.Release;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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
  private static final Duration STATUS_EVERY = Duration.ofMillis(50);

  /** What there is once the agreement has been started. */
  private record Started(
      DecisionThread loop,
      Listener listener,
      RegisterCache cache,
      VoterWriter ownVoter,
      ReadinessWatch readiness,
      ElectorateWatch electorateWatch) {}

  private final Register register;
  private final QuorumSettings settings;
  private final RandomGenerator random;
  private final Members members;
  private final RegisterContact contact;
  private final PoolAgreements pools = new PoolAgreements(this, this::poolChanged);
  private final StatusView view = new StatusView();
  private volatile @Nullable Started started;
  private long conflicts;
  private boolean synced;
  private boolean joined;
  private boolean statusPlanned;
  private volatile boolean follows;
  private volatile boolean ready;
  private volatile AgreementStatus status;

  /** Creates an agreement that neither reads nor writes until it is started. */
  public QuorumAgreement(
      Register register, QuorumSettings settings, RandomGenerator random, Instant now) {
    this.register = register;
    this.settings = settings;
    this.random = random;
    this.members = new Members(settings);
    this.contact =
        new RegisterContact(register.description(), settings, members, now, this::allChanged);
    this.status =
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
    RegisterCache cache = new RegisterCache(register, newLoop, random, new News());
    started =
        new Started(
            newLoop,
            newListener,
            cache,
            new VoterWriter(register, newLoop, cache, settings, random, this::self, new Renewals()),
            new ReadinessWatch(newLoop, this::readinessChanged),
            new ElectorateWatch(members, newLoop, this::allChanged));
    if (follows) {
      started().ownVoter().hold();
    }
    contact.start(newLoop, cache, started().ownVoter()::renew);
    newLoop.execute(cache::resync);
  }

  @Override
  public void follow() {
    follows = true;
    Started known = started;
    if (known == null) {
      contact.leave();
    } else {
      known
          .loop()
          .execute(
              () -> {
                contact.leave();
                known.ownVoter().hold();
                contact.check();
                allChanged();
              });
    }
  }

  @Override
  public void lead() {
    follows = false;
    started()
        .loop()
        .execute(
            () -> {
              contact.rejoin();
              // The process before has taken part.
              joined = true;
              started().ownVoter().resume();
              contact.check();
              allChanged();
            });
  }

  @Override
  public boolean follows() {
    return contact.hasLeft();
  }

  @Override
  public void synced() {
    synced = true;
    started().ownVoter().changed();
    checkVotesKnown();
    checkReady();
  }

  @Override
  public Optional<AgreedRole> agreed(PoolId pool) {
    return of(pool).agreed();
  }

  @Override
  public boolean isEpochTrusted(PoolId pool) {
    // A replica that leaves still follows the others; its contact ends the trust.
    return (contact.check() || contact.hasLeft()) && of(pool).isEpochTrusted();
  }

  @Override
  public ReplicaContact contact() {
    return contact;
  }

  @Override
  public boolean suspends() {
    return settings.onLoss() == OnLoss.HOLD && !contact.hasLeftInTouch();
  }

  @Override
  public boolean keepsServing() {
    return !contact.isAlone();
  }

  @Override
  public void report(Pool file, Pool inForce, Map<ServerId, Candidate> own) {
    pools.report(file, inForce, own);
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
      return Optional.of("this replica is being upgraded, and its other process decides");
    }
    return contact.check()
        ? Optional.empty()
        : Optional.of("this replica is out of touch with the " + register.description());
  }

  @Override
  public OperatorStates operatorStates(PoolId pool) {
    return of(pool).known().operatorStates();
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
    pools.exist(existing, going);
  }

  /**
   * Without effect: the operators' states are the register's, and other replicas may have the
   * server.
   */
  @Override
  public void retain(Map<PoolId, Set<ServerId>> servers) {}

  @Override
  public boolean ready() {
    return ready && (settings.onLoss() == OnLoss.LOCAL || contact.holds());
  }

  @Override
  public AgreementStatus status() {
    return status;
  }

  @Override
  public void leave() {
    Started known = started;
    if (known != null && !follows) {
      known
          .loop()
          .execute(
              () -> {
                contact.leave();
                known.ownVoter().leave();
              });
    }
  }

  @Override
  public void close() {
    register.close();
  }

  private PoolAgreement of(PoolId pool) {
    return pools.of(pool);
  }

  private Started started() {
    Started known = started;
    if (known == null) {
      throw new IllegalStateException("not started");
    }
    return known;
  }

  DecisionThread loop() {
    return started().loop();
  }

  RegisterCache registerCache() {
    return started().cache();
  }

  /** This replica's content. */
  private Voter self() {
    return new Voter(
        settings.replica(),
        settings.incarnation(),
        settings.pod(),
        synced,
        started().readiness().isEnough(),
        pools.ballots());
  }

  private void allChanged() {
    started().electorateWatch().update();
    for (PoolAgreement pool : pools.all()) {
      changed(pool.id());
    }
    checkReady();
    planStatus();
  }

  /** The agreement on a pool, or this replica's turn, may have changed: tells the monitor soon. */
  void changed(PoolId pool) {
    pools.changed(pool);
  }

  private void poolChanged(PoolId pool) {
    planStatus();
    started().listener().changed(pool);
  }

  /** Updates of which pools the others know this replica's present votes. */
  private void checkVotesKnown() {
    pools.all().forEach(PoolAgreement::checkVotesKnown);
  }

  private void checkReady() {
    boolean takesPart = contact.isInTouch() && contact.holds() && !contact.hasLeft();
    started().readiness().seesEnough(!takesPart || seesEnough());
    Voter own = members.self();
    joined |= contact.isInTouch() && own != null && own.synced();
    ready = (joined || contact.isAlone()) && started().readiness().isEnough();
  }

  private boolean seesEnough() {
    return ReadinessRule.seesMore(self(), electorate(), pools.records()) == null;
  }

  private void readinessChanged() {
    started().ownVoter().changed();
    checkVotesKnown();
    checkReady();
  }

  Members members() {
    return members;
  }

  /** The replicas whose votes count. */
  List<Voter> electorate() {
    return members.electorate(loop().nanoTime());
  }

  private void planStatus() {
    if (!statusPlanned) {
      statusPlanned = true;
      var unused =
          loop()
              .schedule(
                  STATUS_EVERY,
                  () -> {
                    statusPlanned = false;
                    status = statusNow();
                  });
    }
  }

  private AgreementStatus statusNow() {
    return new AgreementStatus(
        register.description(),
        settings.replica(),
        contact.isInTouch(),
        contact.since().plus(loop().ahead()),
        contact.isInTouch() ? null : contact.trouble(),
        view.voters(members, loop().nanoTime(), loop().wall()),
        StatusView.roles(pools.all(), contact.isInTouch()),
        conflicts,
        StatusView.votersWithOtherFile(electorate(), self()));
  }

  private void voterChanged(Voter voter) {
    long now = loop().nanoTime();
    boolean counted = members.isVoting(voter.replica(), now);
    Voter before = members.update(voter, now, contact.isInTouch());
    boolean counts = members.isVoting(voter.replica(), now);
    started().electorateWatch().plan();
    if (counts == counted && voter.equals(before)) {
      planStatus();
      return;
    }
    view.update(voter);
    notifyChanges(counts == counted ? before : null, voter);
  }

  /** Passes on what a replica changed; null stands for a replica that is not there. */
  private void notifyChanges(@Nullable Voter before, @Nullable Voter after) {
    if (isElectorateChanged(before, after)) {
      allChanged();
    }
    for (PoolAgreement pool : pools.all()) {
      Ballot was = before == null ? null : before.ballot(pool.id());
      Ballot is = after == null ? null : after.ballot(pool.id());
      if (!Objects.equals(was, is)) {
        if (after != null && is != null) {
          probeHolder(pool, was, is, after.replica());
        }
        changed(pool.id());
      }
    }
    checkVotesKnown();
    checkReady();
  }

  private static boolean isElectorateChanged(@Nullable Voter before, @Nullable Voter after) {
    return before == null
        || after == null
        || before.synced() != after.synced()
        || before.ready() != after.ready();
  }

  /**
   * Has the holder probed after another replica's new vote against it: without traffic, this
   * replica would find the failure late.
   */
  private void probeHolder(PoolAgreement pool, @Nullable Ballot was, Ballot is, String replica) {
    ServerIdentity holder = pool.known().holder();
    if (holder == null || replica.equals(settings.replica())) {
      return;
    }
    Vote before = was == null ? null : was.votes().get(holder);
    Vote now = is.votes().get(holder);
    if (now != null && now.finding().isDown() && (before == null || !before.finding().isDown())) {
      started().listener().suspected(pool.id(), holder.id(), replica);
    }
  }

  private final class News implements RegisterCache.Listener {
    @Override
    public void changed(RegisterEntry entry) {
      contact.check();
      switch (entry.key().kind()) {
        case VOTER -> voterChanged(VoterCodec.read(entry.key().name(), entry.document()));
        case POOL -> poolOf(entry.key()).ifPresent(pool -> pool.found(entry));
      }
    }

    @Override
    public void deleted(RegisterKey key) {
      contact.check();
      switch (key.kind()) {
        case VOTER -> {
          Voter before = members.left(key.name());
          view.left(key.name());
          if (key.name().equals(settings.replica())) {
            started().ownVoter().deleted();
          }
          notifyChanges(before, null);
        }
        case POOL -> poolOf(key).ifPresent(pool -> pool.found(null));
      }
    }

    private Optional<PoolAgreement> poolOf(RegisterKey key) {
      try {
        return Optional.of(of(new PoolId(key.name())));
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // No pool can have such a name.
      }
    }

    @Override
    public void progress() {
      contact.check();
      started().ownVoter().start();
      started().ownVoter().progress();
    }

    @Override
    public void failed(String why) {
      contact.failed(why);
    }
  }

  private final class Renewals implements VoterWriter.Listener {
    @Override
    public void renewed(long sent) {
      contact.renewed(sent);
      checkVotesKnown();
    }

    @Override
    public void failed(String why) {
      contact.failed(why);
    }

    @Override
    public void nameTaken() {
      started()
          .listener()
          .refused(
              "another process takes part as replica "
                  + settings.replica()
                  + ": understudy.agreement.replica must be unique");
    }
  }

  Register register() {
    return register;
  }

  @Override
  public String replica() {
    return settings.replica();
  }

  @Override
  public Map<String, Release> releases(PoolId pool, String planned) {
    Map<String, Release> releases =
        new TreeMap<>(members.releases(pool, planned, loop().nanoTime()));
    for (Voter voter : electorate()) {
      if (voter.ballot(pool) == null && of(pool).isOnBallotOf(voter)) {
        releases.put(voter.replica(), Release.NONE); // It sends to the servers by another name.
      }
    }
    return releases;
  }

  @Override
  public Optional<String> silentReplica() {
    return members.silent(loop().nanoTime());
  }

  @Override
  public Set<String> lostReplicas() {
    return members.lost(loop().nanoTime());
  }

  @Override
  public void acknowledge(PoolId pool, @Nullable Acknowledgement given) {
    of(pool).acknowledge(given);
  }

  /** Whether this replica takes part now. */
  boolean isInTouch() {
    return contact.check();
  }

  /** Whether this replica decides by its own view, being out of touch. */
  boolean isAlone() {
    return contact.isAlone();
  }

  /** Whether the other replicas know these votes on a pool as this replica's present ones. */
  boolean areKnown(PoolId pool, @Nullable Ballot votes) {
    Voter own = members.self();
    return synced
        && own != null
        && own.synced()
        && own.incarnation().equals(settings.incarnation())
        && own.ready() == started().readiness().isEnough()
        && Objects.equals(votes, own.ballot(pool));
  }

  /** Whether every replica that was silent for too long has stopped counting. */
  boolean isSettled() {
    return members.isSettled(loop().nanoTime());
  }

  /** The highest epoch of a pool that any living replica knows. */
  long newestEpoch(PoolId pool) {
    return members.newestEpoch(pool, loop().nanoTime());
  }

  /** This replica's votes on a pool changed. */
  void ballotChanged() {
    planStatus();
    started().ownVoter().changed();
  }

  /** Another replica's write came first. */
  void conflicted() {
    conflicts++;
  }
}
