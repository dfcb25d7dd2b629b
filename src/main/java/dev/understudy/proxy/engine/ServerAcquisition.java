package dev.understudy.proxy.engine;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.engine.SelectionPolicy.Plan;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Finds a server for one request or TCP connection, and holds it while none is available. Used on
 * one event loop only.
 */
public final class ServerAcquisition implements HoldQueue.Waiter {
  /** The request or connection that needs a server. */
  public interface Requester {
    /** The server of the pool that its route, or its client, prefers; null if none. */
    default @Nullable ServerId preferred(PoolState pool) {
      return null;
    }

    /** The session of the pool that it belongs to; null if none. */
    @Nullable Session session(PoolState pool);

    /** The client's address; null if it is not known. */
    @Nullable IpAddress clientAddress();

    /** Whether an attempt to connect to the server is admitted now. */
    boolean admits(PoolState pool, ServerState server);

    /** A server was found, and one of its places taken. */
    void found(SelectedServer target);

    /**
     * The requester is held; another call follows, unless {@link ServerAcquisition#stop} comes
     * first.
     */
    void waits();

    /**
     * No server is found.
     *
     * @param end NO_SERVER; MAINTENANCE; HOLD_FULL; or SERVER_FAILED, if the only available server
     *     has broken the request too often
     */
    void refused(RequestEnd end);
  }

  private final EngineLoop engineLoop;
  private final PoolId id;
  private final Requester requester;
  private final ServerSelector selector;

  /** The server that broke the connection last; null if none did. */
  private @Nullable SuspectServer suspect;

  private HoldPhase phase = HoldPhase.NONE;

  /** Null before the first hold. */
  private @Nullable HoldStay stay;

  public ServerAcquisition(EngineLoop engineLoop, PoolId pool, Requester requester) {
    this.engineLoop = engineLoop;
    this.id = pool;
    this.requester = requester;
    this.selector = new ServerSelector(engineLoop, pool, requester);
  }

  /** The pool as last seen; null if it does not exist. */
  @Nullable PoolState state() {
    return selector.pool();
  }

  private @Nullable Pool pool() {
    PoolState pool = selector.pool();
    return pool == null ? null : pool.pool();
  }

  /** The session that was seen last; null if none. */
  @Nullable Session session() {
    return selector.session();
  }

  /** Counts the request's session, if it is one of the server. */
  void countSession(SelectedServer to) {
    selector.countSession(to);
  }

  /** Time spent in hold so far, in nanoseconds. */
  public long heldNanos() {
    return stay == null ? 0 : stay.heldNanos();
  }

  /** Whether it is held now. */
  public boolean isHeld() {
    return phase != HoldPhase.NONE;
  }

  /**
   * Records that the server could not be used; returns whether to try another one at once, as in
   * balance pools.
   */
  public boolean failedOn(SelectedServer target) {
    return selector.excludeInBalancePool(target.server());
  }

  /** Whether what has not been sent yet may still go to the server that was found. */
  public boolean mayGoOn(SelectedServer to) {
    return selector.mayGoOn(to);
  }

  /** Looks for a server now. */
  public void acquire() {
    Plan plan = selector.plan();
    if (plan instanceof Plan.Undecided undecided) {
      if (hold(HoldPhase.SERVER)) {
        return;
      }
      plan = undecided.send();
    }
    while (plan instanceof Plan.Send send) {
      if (suspect != null && suspect.forbids(send.server())) {
        refuse(RequestEnd.SERVER_FAILED);
        return;
      }
      SelectedServer to = take(send);
      if (to != null) {
        releasePlace();
        requester.found(to);
        return;
      }
      if (!selector.excludeInBalancePool(send.server())) {
        break;
      }
      plan = selector.plan();
    }
    if (plan instanceof Plan.Reject reject) {
      refuse(reject.end());
    } else {
      await();
    }
  }

  /**
   * Takes a place at the server; returns null if it has none, or admits no connection attempt now.
   */
  private @Nullable SelectedServer take(Plan.Send send) {
    PoolState pool = selector.pool();
    return pool != null && requester.admits(pool, send.server()) ? selector.take(pool, send) : null;
  }

  /**
   * Holds until something changes; refuses if {@code hold.time} is used up or too many are held.
   */
  public void await() {
    if (isUsedUp()) {
      refuse(RequestEnd.NO_SERVER);
    } else if (!hold(HoldPhase.SERVER)) {
      refuseFull();
    }
  }

  private void refuseFull() {
    engineLoop.engine().listener().limited(Limit.HELD_REQUESTS);
    PoolState full = selector.pool();
    if (full != null && full.paused()) {
      engineLoop.engine().reports().holdFull(id);
    }
    refuse(RequestEnd.HOLD_FULL);
  }

  /** Others may have the place, whatever the requester does now. */
  private void refuse(RequestEnd why) {
    stop();
    requester.refused(why);
  }

  /**
   * Looks for a server again after one broke the connection: at once if another server is selected
   * or it may not be held, else when another server is selected or a probe shows that this one is
   * alive, and after {@code hold.time} at the latest.
   *
   * @param since when the connection broke, by the monitor's clock
   * @param again whether the same server may be selected once more
   */
  public void settle(SelectedServer from, Instant since, boolean again) {
    suspect = new SuspectServer(from.server(), since, again);
    selector.excludeInBalancePool(from.server());
    if (selector.look() instanceof Plan.Send send && !suspect.isInDoubt(send.server())) {
      acquire();
    } else if (!hold(HoldPhase.PROOF)) {
      selector.forgetFailures();
      acquire();
    }
  }

  /** Whether earlier holds have used up {@code hold.time}, or the pool does not exist. */
  private boolean isUsedUp() {
    return isOver(stay == null ? 0 : stay.heldClock());
  }

  private boolean isOver(long heldClock) {
    Pool pool = pool();
    return pool == null || heldClock >= pool.settings().hold().time().toNanos();
  }

  /** Starts a hold, unless its time is used up or too many are held already. */
  private boolean hold(HoldPhase next) {
    Pool pool = pool();
    if (pool == null || isUsedUp()) {
      return false;
    }
    HoldStay now = stay;
    if (now == null) {
      ClientNetwork network = ClientNetwork.of(requester.clientAddress());
      now = new HoldStay(engineLoop, id, this, network);
      stay = now;
    }
    if (!now.takePlace(pool.settings().hold().requests())) {
      return false;
    }
    phase = next;
    ServerTraffic queue = selector.queue();
    now.begin(queue);
    selector.waited();
    requester.waits();
    if (queue != null && engineLoop.engine().holdCounters.waitFor(id, queue) == 1) {
      // A place that became free before this one was in the queue has woken nothing.
      engineLoop.wake(id);
    }
    return true;
  }

  /** Whether the hold ends, by the newest snapshot. */
  @Override
  public boolean canGo() {
    return ends(false);
  }

  private boolean ends(boolean over) {
    Plan plan = selector.look();
    if (plan instanceof Plan.Send send) {
      PoolState pool = selector.pool();
      boolean doubted = suspect != null && suspect.isInDoubt(send.server());
      boolean admitted = pool != null && requester.admits(pool, send.server());
      return phase.ends(plan, doubted, admitted, over);
    }
    if (isHeld() && stay != null) {
      // The selection may have come to another server.
      stay.move(selector.queue());
    }
    return phase.ends(plan, false, false, over);
  }

  /** Looks again, without giving up the place in the hold: newcomers do not take it. */
  @Override
  public void release() {
    endHold();
    acquire();
  }

  /** Ends the hold, if there is one. */
  public void stop() {
    endHold();
    releasePlace();
  }

  private void endHold() {
    if (isHeld() && stay != null) {
      phase = HoldPhase.NONE;
      stay.end();
    }
  }

  private void releasePlace() {
    if (stay != null) {
      stay.releasePlace();
    }
  }

  /** Another network has got the place. */
  void placeLost() {
    stop();
    // As if it had found the hold full when it came.
    if (ends(true)) {
      acquire();
    } else {
      refuseFull();
    }
  }

  /** Enforces {@code hold.time}; called on each tick while it is held. */
  public void sweep() {
    if (stay == null || !isOver(stay.heldUntilNow())) {
      return;
    }
    if (ends(true)) {
      release();
    } else {
      refuse(RequestEnd.NO_SERVER);
    }
  }
}
