package dev.understudy.agreement.quorum;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.agreement.ReplicaContact;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This replica's contact with the others through the register: whether it takes part, since when,
 * why not, and whether it decides alone meanwhile. Called on the loop, except {@link #holds}.
 */
final class RegisterContact implements ReplicaContact {
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
  private final ContactLease touch;
  private volatile @Nullable DecisionThread loop;
  private @Nullable RegisterCache cache;
  private DecisionThread.Timer startTimer = () -> {};
  private DecisionThread.Timer touchTimer = () -> {};
  private DecisionThread.Timer graceTimer = () -> {};
  private Runnable renewal = () -> {};
  private Instant since;
  private String trouble = "it has not been reached yet";
  private boolean inTouch;
  private boolean startedAlone;
  private volatile boolean left;
  private volatile boolean leftInTouch;

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
    this.touch = new ContactLease(this::nanoTime, this::ahead, settings.touchNanos());
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
    var unused = loop().schedule(Duration.ofNanos(touch.tick()), this::tick);
  }

  private void look() {
    if (touch.ticked()) {
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
    if (!touch.hasBegun() && !left) {
      startedAlone = true;
      log.warn("No contact with the {} so far: {}; starting alone", register, trouble);
      changed.run();
    }
  }

  @Override
  public boolean holds() {
    return touch.holds();
  }

  /** Whether this replica takes part, as of the last {@link #check}. */
  boolean isInTouch() {
    return inTouch;
  }

  /** When this replica began or ceased to take part, by the loop's own clock. */
  Instant since() {
    return since;
  }

  /** Why the register was not reached the last time, for people. */
  String trouble() {
    return trouble;
  }

  boolean hasLeft() {
    return left;
  }

  /** Whether it left while it was in touch: what it goes on following is what the others do. */
  boolean hasLeftInTouch() {
    return leftInTouch;
  }

  /** This replica takes part no longer; it still follows the others. */
  void leave() {
    leftInTouch = touch.holds();
    left = true;
  }

  /** This replica takes part again. */
  void rejoin() {
    left = false;
    leftInTouch = false;
    awaitTouch();
  }

  /** A renewal is back that was sent at that time, in nanoseconds of the loop's clock. */
  void renewed(long sent) {
    look();
    touch.renewed(sent);
    check();
    touchTimer.cancel();
    // 1 ms later: a timer may be due a little early by the clock that is read then.
    Duration rest = Duration.ofNanos(Math.max(0, touch.left())).plusMillis(1);
    touchTimer = loop().schedule(rest, this::check);
  }

  /** The register was not reached, for the reason {@code why}. */
  void failed(String why) {
    trouble = why;
    check();
  }

  /** Updates whether this replica takes part, and starts what follows from a change. */
  boolean check() {
    boolean now = touch.holds() && cache != null && cache.isListed() && !left;
    if (now != inTouch) {
      inTouch = now;
      since = loop().now();
      graceTimer.cancel();
      if (now) {
        members.inTouchSince(loop().nanoTime());
        log.info("In touch with the {}", register);
      } else if (!left) {
        graceTimer = loop().schedule(GRACE.plusMillis(1), changed);
        log.warn("Out of touch with the {}: {}", register, trouble);
      }
      changed.run();
    }
    return inTouch;
  }

  /** Whether this replica decides by its own view, being out of touch. */
  boolean isAlone() {
    return onLoss == OnLoss.LOCAL
        && !left
        && !check()
        && (touch.hasBegun() ? isLost() : startedAlone);
  }

  /** Whether contact has been lost for {@link #GRACE}, not just over a pause of this process. */
  private boolean isLost() {
    return !Duration.between(since, loop().now()).minus(GRACE).isNegative();
  }

  private DecisionThread loop() {
    DecisionThread known = loop;
    if (known == null) {
      throw new IllegalStateException("not started");
    }
    return known;
  }
}
