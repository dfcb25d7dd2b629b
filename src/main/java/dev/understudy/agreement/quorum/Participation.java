package dev.understudy.agreement.quorum;

import dev.understudy.agreement.AgreementLifecycle;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * This replica's part in the agreement, from its start on: what it tells the others, and what it
 * learns of them. Used on the loop, but for {@link #ready} and {@link #status}.
 */
final class Participation implements RegisterCache.Listener, VoterWriter.Listener {
  private static final Duration STATUS_EVERY = Duration.ofMillis(50);

  final Register register;
  private final QuorumSettings settings;
  final DecisionThread loop;
  private final AgreementLifecycle.Listener listener;
  final Members members;
  final RegisterContact contact;
  final PoolAgreements pools;
  final RegisterCache cache;
  final VoterWriter ownVoter;
  private final ReadinessWatch readiness;
  private final ElectorateWatch electorateWatch;
  private final FollowerCheck followerCheck;
  private final StatusView view = new StatusView();
  private long conflicts;
  private boolean synced;
  private boolean leaves;
  private Set<String> running = Set.of();
  private boolean joined;
  private boolean statusPlanned;
  private volatile boolean ready;
  private volatile boolean first;
  private volatile AgreementStatus status;

  /**
   * @param status until the first news
   */
  Participation(
      Register register,
      QuorumSettings settings,
      RandomGenerator random,
      DecisionThread loop,
      AgreementLifecycle.Listener listener,
      Members members,
      RegisterContact contact,
      AgreementStatus status) {
    this.register = register;
    this.settings = settings;
    this.loop = loop;
    this.listener = listener;
    this.members = members;
    this.contact = contact;
    this.status = status;
    this.pools = new PoolAgreements(this);
    this.cache = new RegisterCache(register, loop, random, this);
    this.ownVoter = new VoterWriter(register, loop, cache, settings, random, this::self, this);
    this.readiness = new ReadinessWatch(loop, this::ownVoteChanged);
    this.electorateWatch = new ElectorateWatch(members, loop, this::allChanged);
    this.followerCheck = new FollowerCheck(register, loop, cache, settings, random, this);
  }

  /** Begins to wait for contact, and to read. */
  void begin() {
    contact.start(loop, cache, this::renew);
    if (contact.hasLeft()) {
      ownVoter.hold();
      followerCheck.begin();
    }
    loop.execute(cache::resync);
  }

  private void renew() {
    if (contact.follows()) {
      followerCheck.begin();
    }
    ownVoter.renew();
  }

  /** Follows another process of this replica, which votes, from now on. */
  void follow() {
    contact.leave();
    ownVoter.hold();
    followerCheck.begin();
    contact.check();
    allChanged();
  }

  /** Votes from now on, in the place of a process that has taken part. */
  void lead() {
    contact.rejoin();
    joined = true;
    ownVoter.resume();
    contact.check();
    allChanged();
  }

  /** Votes no longer, but still tells the others what it sends to servers. */
  void leave() {
    leaves = true;
    contact.leave();
    ownVoter.changed();
    followerCheck.begin();
    contact.check();
  }

  /** Sends nothing to any server any more: its entry goes. */
  CompletableFuture<Void> depart() {
    return ownVoter.leave();
  }

  /** Takes the addresses at which requests run, although the file has no server there any more. */
  void running(Set<String> addresses) {
    running = Set.copyOf(addresses);
    ownVoter.changed();
  }

  /** This replica's votes count from now on. */
  void synced() {
    synced = true;
    ownVoteChanged();
  }

  boolean ready() {
    return ready;
  }

  boolean isFirst() {
    return first;
  }

  AgreementStatus status() {
    return status;
  }

  String replica() {
    return settings.replica();
  }

  /** This replica's content. */
  private Voter self() {
    return new Voter(
        settings.replica(),
        settings.incarnation(),
        settings.pod(),
        leaves ? Stage.LEAVING : synced ? Stage.DECIDING : Stage.STARTING,
        readiness.isEnough(),
        pools.ballots(),
        running);
  }

  /** Anything may have changed. */
  void allChanged() {
    electorateWatch.update();
    for (PoolAgreement pool : pools.all()) {
      pools.changed(pool.id());
    }
    checkReady();
    planStatus();
  }

  /** The agreement on a pool, or this replica's turn, may have changed. */
  void changed(PoolId pool) {
    planStatus();
    listener.changed(pool);
  }

  /** This replica's votes on a pool changed. */
  void ballotChanged() {
    planStatus();
    ownVoter.changed();
  }

  /** Another replica's write came first. */
  void conflicted() {
    conflicts++;
  }

  /** Updates of which pools the others know this replica's present votes. */
  private void checkVotesKnown() {
    pools.all().forEach(pool -> pool.votes().checkKnown());
  }

  private void checkReady() {
    boolean takesPart = contact.takesPart() && contact.counts();
    readiness.seesEnough(!takesPart || seesEnough());
    Voter own = members.self();
    joined |= contact.takesPart() && own != null && own.synced();
    ready = (joined || contact.isAlone()) && readiness.isEnough();
    first = takesPart && settings.replica().equals(members.first(loop.nanoTime()));
  }

  private boolean seesEnough() {
    return ReadinessRule.seesMore(self(), electorate(), pools.records()) == null;
  }

  private void ownVoteChanged() {
    ownVoter.changed();
    checkVotesKnown();
    checkReady();
  }

  /** The replicas whose votes count. */
  List<Voter> electorate() {
    return members.electorate(loop.nanoTime());
  }

  /** Whether the other replicas know these votes on a pool as this replica's present ones. */
  boolean areKnown(PoolId pool, @Nullable Ballot votes) {
    Voter own = members.self();
    return synced
        && own != null
        && own.synced()
        && own.incarnation().equals(settings.incarnation())
        && own.ready() == readiness.isEnough()
        && (votes == null ? own.ballot(pool) == null : votes.isSameVote(own.ballot(pool)));
  }

  private void planStatus() {
    if (!statusPlanned) {
      statusPlanned = true;
      var unused =
          loop.schedule(
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
        contact.takesPart(),
        contact.since().plus(loop.ahead()),
        contact.takesPart() ? null : contact.trouble(),
        view.voters(members, loop.nanoTime(), loop.wall()),
        StatusView.roles(pools.all(), contact.takesPart()),
        conflicts,
        StatusView.votersWithOtherFile(electorate(), self()));
  }

  private void voterChanged(Voter voter) {
    long now = loop.nanoTime();
    boolean counted = members.isVoting(voter.replica(), now);
    Voter before = members.update(voter, now, contact.isInformed());
    boolean counts = members.isVoting(voter.replica(), now);
    electorateWatch.plan();
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
          probeHolder(pool.pool(), was, is, after.replica());
        }
        pools.changed(pool.id());
      }
    }
    checkVotesKnown();
    checkReady();
  }

  private static boolean isElectorateChanged(@Nullable Voter before, @Nullable Voter after) {
    return before == null
        || after == null
        || before.stage() != after.stage()
        || !before.running().equals(after.running())
        || before.ready() != after.ready();
  }

  /**
   * Has the holder probed after another replica's new vote against it: without traffic, this
   * replica would find the failure late.
   */
  private void probeHolder(KnownPool pool, @Nullable Ballot was, Ballot is, String replica) {
    ServerIdentity holder = pool.known().holder();
    if (holder == null || replica.equals(settings.replica())) {
      return;
    }
    Vote before = was == null ? null : was.votes().get(holder);
    Vote now = is.votes().get(holder);
    if (now != null && now.finding().isDown() && (before == null || !before.finding().isDown())) {
      listener.suspected(pool.id(), holder.id(), replica);
    }
  }

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
          ownVoter.deleted();
        }
        notifyChanges(before, null);
      }
      case POOL -> poolOf(key).ifPresent(pool -> pool.found(null));
    }
  }

  private Optional<PoolAgreement> poolOf(RegisterKey key) {
    try {
      return Optional.of(pools.of(new PoolId(key.name())));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // No pool can have such a name.
    }
  }

  @Override
  public void progress() {
    contact.check();
    ownVoter.start();
    ownVoter.progress();
  }

  @Override
  public void listed(long sent) {
    pools.whenReported(() -> contact.listed(sent));
  }

  @Override
  public void renewed(long sent) {
    pools.whenReported(
        () -> {
          contact.renewed(sent);
          if (!contact.follows()) {
            followerCheck.end();
          }
        });
    checkVotesKnown();
  }

  @Override
  public void failed(String why) {
    contact.failed(why);
  }

  @Override
  public void nameTaken() {
    listener.refused(
        "another process takes part as replica "
            + settings.replica()
            + ": understudy.agreement.replica must be unique");
  }
}
