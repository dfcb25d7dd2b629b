package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.recurring.Timers;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's contact with the others through the register: whether it takes part, since when,
 * why not, and whether it decides alone meanwhile. Called on the loop, except {@link #counts} and
 * {@link #present}.
 *
 * <p>A process takes part by what it writes, so that no other writes it off while it believes to
 * count. One that has left, or leaves this to another process, only follows: it is in touch by what
 * it reads. That holds on until the first renewal of one that begins to take part is back, for
 * {@link #START} at most.
 */
final class RegisterContact {
  private static final Logger log = LoggerFactory.getLogger(RegisterContact.class);

  /** How long a started replica waits to be in touch before it goes on alone. */
  static final Duration START = Duration.ofSeconds(10);

  /**
   * How long a replica that loses touch waits before it decides alone: if only this process stood
   * still, its first renewal is back sooner.
   */
  static final Duration GRACE = Duration.ofSeconds(1);

  private final String register;
  private final OnLoss onLoss;
  private final Members members;
  private final Runnable changed;
  private final ContactLease lease;
  private volatile @Nullable DecisionThread loop;
  private @Nullable RegisterCache cache;
  private Timers.Timer startTimer = () -> {};
  private Timers.Timer touchTimer = () -> {};
  private Timers.Timer graceTimer = () -> {};
  private Runnable renewal = () -> {};
  private Instant since;
  private String trouble = "it has not been reached yet";
  private volatile @Nullable Stretch stretch;
  private boolean takesPart;
  private boolean startedAlone;
  private volatile Membership membership = Membership.MEMBER;

  /** What puts this process in touch, and whether others may count it. */
  private enum Membership {
    /** It writes, and is in touch by what it wrote. */
    MEMBER,
    /** It writes, and is in touch by what it read until its first renewal is back. */
    JOINING,
    /** It only reads, and is in touch by that. */
    FOLLOWER
  }

  /**
   * Creates the contact of a replica that is not in touch yet.
   *
   * @param register its description
   * @param changed run when this replica may have begun or ceased to take part, or to decide alone
   */
  RegisterContact(
      String register, QuorumSettings settings, Members members, Instant now, Runnable changed) {
    this.register = register;
    this.onLoss = settings.onLoss();
    this.members = members;
    this.changed = changed;
    this.lease = new ContactLease(this::nanoTime, this::ahead, settings.touchNanos());
    this.since = now;
  }

  /** 0 before the start. */
  private long nanoTime() {
    DecisionThread known = loop;
    return known == null ? 0 : known.nanoTime();
  }

  private Duration ahead() {
    DecisionThread known = loop;
    return known == null ? Duration.ZERO : known.ahead();
  }

  /**
   * Begins to wait for contact.
   *
   * @param renew has a renewal sent at once
   */
  void start(DecisionThread newLoop, RegisterCache newFeed, Runnable renew) {
    loop = newLoop;
    cache = newFeed;
    renewal = renew;
    awaitTouch();
    newLoop.execute(this::tick);
  }

  private void tick() {
    look();
    var unused = loop().schedule(Duration.ofNanos(lease.tick()), this::tick);
  }

  private void look() {
    if (lease.ticked()) {
      trouble = "the clocks of this machine show that it stood still, or were set";
      check();
      renewal.run();
    }
  }

  private void awaitTouch() {
    startTimer.cancel();
    startTimer = loop().schedule(START, this::startAlone);
  }

  private void startAlone() {
    if (membership == Membership.JOINING) {
      membership = Membership.MEMBER;
    }
    if (!lease.hasCounted() && !hasLeft()) {
      startedAlone = true;
      log.warn("No contact with the {} so far: {}; starting alone", register, trouble);
      changed.run();
    }
  }

  /** Whether this replica takes part now. */
  boolean counts() {
    return !hasLeft() && lease.counts();
  }

  /** Contact since it began, as of the last {@link #check}. */
  ReplicaContact present() {
    Stretch known = stretch;
    return known == null ? ReplicaContact.LOST : known;
  }

  /** Whether this replica knows what the others agree on, taking part or not. */
  boolean isInformed() {
    check();
    return stretch != null;
  }

  /** Whether this replica takes part, as of the last {@link #check}. */
  boolean takesPart() {
    return takesPart;
  }

  /** When this replica began to take part, ceased to, or was to begin, by the loop's own clock. */
  Instant since() {
    return since;
  }

  /** Why this replica takes no part, for people: as a rule, why the register was not reached. */
  String trouble() {
    return hasLeft() && stretch != null
        ? "this process ends, or another one of this replica takes part"
        : trouble;
  }

  boolean hasLeft() {
    return membership == Membership.FOLLOWER;
  }

  /** Whether this process is in touch by what it reads. */
  boolean follows() {
    return membership != Membership.MEMBER;
  }

  /** This replica takes part no longer; it still follows the others. */
  void leave() {
    membership = Membership.FOLLOWER;
  }

  /** This replica takes part again, once a renewal is back. */
  void rejoin() {
    membership = Membership.JOINING;
    beginGrace();
    awaitTouch();
  }

  /** A renewal is back that was sent at that time, in nanoseconds of the loop's clock. */
  void renewed(long sent) {
    proved(() -> lease.renewed(sent));
  }

  /** All that the register held at that time, in nanoseconds of the loop's clock, is known. */
  void listed(long sent) {
    if (follows()) { // One that takes part must know as well that the others count it.
      proved(() -> lease.listed(sent));
    }
  }

  /** Clocks in doubt end what was, before contact begins again. */
  private void proved(Runnable extend) {
    look();
    check();
    extend.run();
    check();
    awaitEnd();
  }

  private void awaitEnd() {
    touchTimer.cancel();
    long rest = lease.left();
    if (rest > 0) {
      // 1 ms later: a timer may be due a little early by the clock that is read then.
      touchTimer = loop().schedule(Duration.ofNanos(rest).plusMillis(1), this::ended);
    }
  }

  private void ended() {
    check();
    awaitEnd();
  }

  /** The register was not reached, for the reason {@code why}. */
  void failed(String why) {
    trouble = why;
    check();
  }

  /** Updates whether this replica takes part, and starts what follows from a change. */
  boolean check() {
    boolean known = cache != null && cache.isListed() && lease.informs();
    boolean now = known && counts();
    boolean isSame = known == (stretch != null);
    if (isSame && now == takesPart) {
      return now;
    }
    if (!isSame) {
      inform(known);
    }
    if (now != takesPart) {
      takesPart = now;
      if (now) {
        membership = Membership.MEMBER;
      }
      beginGrace();
    }
    changed.run();
    return takesPart;
  }

  private void inform(boolean known) {
    Stretch before = stretch;
    if (before != null) {
      before.over = true;
    }
    stretch = known ? new Stretch() : null;
    if (known) {
      members.inTouchSince(loop().nanoTime());
      log.info("In touch with the {}", register);
    } else {
      log.warn("Out of touch with the {}: {}", register, trouble);
    }
  }

  /** What this replica is, it is since now; {@link #GRACE} begins if it takes no part. */
  private void beginGrace() {
    since = loop().now();
    graceTimer.cancel();
    if (!takesPart && !hasLeft()) {
      graceTimer = loop().schedule(GRACE.plusMillis(1), changed);
    }
  }

  /** Whether this replica decides by its own view, being out of touch. */
  boolean isAlone() {
    return onLoss == OnLoss.LOCAL
        && !hasLeft()
        && !isInformed()
        && (lease.hasCounted() ? isLost() : startedAlone);
  }

  /** Whether contact has been lost for {@link #GRACE}, not just over a pause of this process. */
  private boolean isLost() {
    return !Duration.between(since, loop().now()).minus(GRACE).isNegative();
  }

  /** Contact from one loss to the next. */
  private final class Stretch implements ReplicaContact {
    private volatile boolean over;

    @Override
    public boolean holds() {
      return !over && lease.informs();
    }
  }

  private DecisionThread loop() {
    DecisionThread known = loop;
    if (known == null) {
      throw new IllegalStateException("not started");
    }
    return known;
  }
}
