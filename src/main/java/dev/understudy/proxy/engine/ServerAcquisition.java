package dev.understudy.proxy.engine;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.health.HealthStatus;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.engine.SelectionPolicy.Plan;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerState.LastProbe;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.traffic.Limit;
import dev.understudy.traffic.RequestEnd;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Finds a server for one request or TCP connection, and holds it while none is available. Used on
 * one event loop only.
 */
// Queues and places are compared by identity.
@SuppressWarnings("ReferenceEquality")
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

  /**
   * A server that broke the connection before any byte of the response: it may be dying, and
   * whatever accepts connections for it (its kernel, a load balancer, a sidecar) may go on doing so
   * for a while.
   *
   * @param server as it was selected
   * @param since when the connection broke, by the monitor's clock
   * @param again whether it may be selected once more if it is alive
   */
  private record Suspect(ServerState server, Instant since, boolean again) {
    /**
     * Whether the candidate is this server and still in doubt: no probe that began since then was
     * good or, if it serves although it is DOWN, had any response.
     */
    boolean isAbout(ServerState candidate) {
      return server.isSameMachine(candidate)
          && !isAlive(candidate.lastProbe(), candidate.status() == HealthStatus.DOWN);
    }

    /** Whether the candidate is this server and must not be selected again. */
    boolean forbids(ServerState candidate) {
      return !again && candidate.incarnation() == server.incarnation();
    }

    private boolean isAlive(@Nullable LastProbe probe, boolean down) {
      return probe != null
          && (probe.outcome().good() || (down && probe.outcome().hasResponse()))
          && !probe.at().minus(probe.took()).isBefore(since);
    }
  }

  private final EngineLoop engineLoop;
  private final PoolId id;
  private final Requester requester;
  private final ServerSelector selector;

  /** The server that broke the connection last; null if none did. */
  private @Nullable Suspect suspect;

  /** Whether the hold lasts until it is clear whether {@link #suspect} is alive. */
  private boolean doubtful;

  private boolean held;

  /** The place among those that the pool may hold; null if it has none. */
  private @Nullable HeldPlace place;

  /** The network of the client, once it was held. */
  private @Nullable ClientNetwork network;

  /** The place in the queue, from the first hold on; null before. */
  private HoldQueue.@Nullable Ticket ticket;

  /** The server whose queue this is in while it is held; null for the pool's own queue. */
  private @Nullable ServerTraffic queue;

  private long sinceClock;
  private long heldClock;
  private long sinceNanos;
  private long heldNanos;

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
    return heldNanos;
  }

  /** Whether it is held now. */
  public boolean isHeld() {
    return held;
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
      if (hold()) {
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
        leaveHold();
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
    } else if (!hold()) {
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
    suspect = new Suspect(from.server(), since, again);
    selector.excludeInBalancePool(from.server());
    if (selector.look() instanceof Plan.Send send && !suspect.isAbout(send.server())) {
      acquire();
      return;
    }
    doubtful = true;
    if (!hold()) {
      doubtful = false;
      selector.forgetFailures();
      acquire();
    }
  }

  /** Whether earlier holds have used up {@code hold.time}, or the pool does not exist. */
  private boolean isUsedUp() {
    Pool pool = pool();
    return pool == null || heldClock >= pool.settings().hold().time().toNanos();
  }

  /** Starts a hold, unless its time is used up or too many are held already. */
  private boolean hold() {
    Pool pool = pool();
    if (pool == null || isUsedUp()) {
      return false;
    }
    HoldSettings hold = pool.settings().hold();
    if (place == null && !takePlace(hold.requests())) {
      return false;
    }
    held = true;
    queue = selector.queue();
    counters().join(id, queue);
    sinceClock = engineLoop.clock();
    sinceNanos = System.nanoTime();
    if (ticket == null) {
      ticket = engineLoop.holds().ticket(id, network());
    }
    engineLoop.holds().add(this, id, ticket);
    engineLoop.engine().listener().held(id, 1);
    selector.waited();
    requester.waits();
    if (queue != null && counters().waitFor(id, queue) == 1) {
      // A place that became free before this one was in the queue has woken nothing.
      engineLoop.wake(id);
    }
    return true;
  }

  private HoldCounters counters() {
    return engineLoop.engine().holdCounters;
  }

  /** Whether the selection has succeeded, or a hold is in vain. */
  @Override
  public boolean canGo() {
    Plan plan = selector.look();
    if (!(plan instanceof Plan.Send send)) {
      move(selector.queue());
      return plan instanceof Plan.Reject;
    }
    if (doubtful && suspect != null && suspect.isAbout(send.server())) {
      return false;
    }
    PoolState pool = selector.pool();
    return pool != null && requester.admits(pool, send.server());
  }

  /** Moves to another queue if the selection of a server has changed. */
  private void move(@Nullable ServerTraffic next) {
    if (held && next != queue) {
      counters().join(id, next);
      counters().quit(id, queue);
      queue = next;
    }
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
    leaveHold();
  }

  private void endHold() {
    doubtful = false;
    if (held && ticket != null) {
      held = false;
      engineLoop.holds().remove(id, ticket);
      counters().quit(id, queue);
      heldClock += engineLoop.clock() - sinceClock;
      heldNanos += System.nanoTime() - sinceNanos;
      engineLoop.engine().listener().held(id, -1);
    }
  }

  private void leaveHold() {
    if (place != null) {
      counters().leave(id, network(), place);
      place = null;
    }
  }

  private ClientNetwork network() {
    if (network == null) {
      network = ClientNetwork.of(requester.clientAddress());
    }
    return network;
  }

  private boolean takePlace(int limit) {
    HeldPlace wanted = new HeldPlace();
    if (!counters().enter(id, network(), wanted, limit)) {
      return false;
    }
    place = wanted;
    return true;
  }

  /** A place in the pool's hold. */
  private final class HeldPlace implements HoldCounters.Place {
    @Override
    public void displaced() {
      var unused = PerEventLoop.run(engineLoop.loop(), this::lost);
    }

    private void lost() {
      if (place != this) {
        return;
      }
      stop();
      // As if it had found the hold full when it came.
      if (canGo() || selector.look() instanceof Plan.Undecided) {
        acquire();
      } else {
        refuseFull();
      }
    }
  }

  /** Enforces {@code hold.time}; called on each tick while it is held. */
  public void sweep() {
    Pool pool = pool();
    long soFar = heldClock + engineLoop.clock() - sinceClock;
    if (pool != null && soFar < pool.settings().hold().time().toNanos()) {
      return;
    }
    doubtful = false;
    if (canGo() || selector.look() instanceof Plan.Undecided) {
      release();
    } else {
      refuse(RequestEnd.NO_SERVER);
    }
  }
}
