package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.pool.Pool;
import dev.understudy.proxy.Decider.Plan;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.upstream.Peer;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Limit;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds one request a server, and waits for one while there is none. */
final class Seeker implements HoldQueue.Waiter {
  /** Whom a server is sought for. */
  interface Client {
    /** A place at that server has been taken. */
    void found(Target target);

    /** There is no server yet; one of the other calls follows, unless {@link #stop} comes first. */
    void waits();

    /** There will be none: 503. */
    void refused(EndReason end);

    /** The only one there is has broken the request too often: 502. */
    void exhausted();
  }

  private final Worker worker;
  private final Client client;
  private final Choice choice;
  private final ProxyRequest request;
  private final Trace trace;
  private @Nullable Waiting waiting;

  /** Who broke it last; null: nobody. */
  private @Nullable Doubt broken;

  /** It waits until it is clear whether that server lives. */
  private boolean doubtful;

  private boolean inHold;

  Seeker(Worker worker, ProxyRequest request, Trace trace, Client client) {
    this.worker = worker;
    this.client = client;
    this.choice = new Choice(worker, request);
    this.request = request;
    this.trace = trace;
  }

  /** The settings of the request's pool, as they were last seen; null: there is none. */
  @Nullable Pool pool() {
    PoolState pool = choice.pool();
    return pool == null ? null : pool.pool();
  }

  /** The sticky cookie to set with that server's answer, or null. */
  @Nullable String setCookie(Target target) {
    return choice.setCookie(target);
  }

  /** That server could not be used by this request. */
  void failedOn(Target target) {
    choice.failedOnOneOfMany(target.server());
  }

  /** Looks for a server now. */
  void seek() {
    Plan plan = choice.plan();
    while (plan instanceof Plan.Send send) {
      if (broken != null && broken.forbids(send.server())) {
        client.exhausted();
        return;
      }
      Target to = reach(send);
      if (to != null) {
        client.found(to);
        return;
      }
      if (!choice.failedOnOneOfMany(send.server())) {
        break;
      }
      plan = choice.plan();
    }
    if (plan instanceof Plan.Reject) {
      client.refused(EndReason.NO_SERVER);
    } else {
      await();
    }
  }

  /** Takes a place at that server; null if it has none, or only one request may try it now. */
  private @Nullable Target reach(Plan.Send send) {
    PoolState pool = choice.pool();
    InetSocketAddress address = send.server().address();
    if (pool == null || address == null) {
      return null;
    }
    Peer peer = worker.peer(send.server(), pool, address);
    if (!peer.admits(worker.clock())) {
      return null;
    }
    if (!Target.takePlace(send.server())) {
      choice.foundFull(send.server());
      return null;
    }
    choice.countSession(send.server());
    return new Target(
        pool, send.server(), send.why(), peer, choice.version(), choice.isSession(send));
  }

  /** Looks again when something has changed, and not before. */
  void await() {
    Pool pool = pool();
    Waiting wait = waiting();
    if (pool == null || wait.isUsedUp(pool.hold())) {
      client.refused(EndReason.NO_SERVER);
    } else if (!begin(wait, pool)) {
      worker.engine().listener().limited(Limit.HELD_REQUESTS);
      client.refused(EndReason.HOLD_FULL);
    }
  }

  /**
   * Looks again once another server is to be used, which may be at once, or a probe shows that this
   * one lives; after {@code hold.time} in any case, and at once if it may not wait.
   *
   * @param since when it broke, by the monitor's time
   * @param again whether the same server may get the request once more
   */
  void settle(Target from, Instant since, boolean again) {
    broken = new Doubt(from.server(), since, again);
    choice.failedOnOneOfMany(from.server());
    if (choice.look() instanceof Plan.Send send && !broken.isAbout(send.server())) {
      seek();
      return;
    }
    doubtful = true;
    Pool pool = pool();
    Waiting wait = waiting();
    if (pool == null || wait.isUsedUp(pool.hold()) || !begin(wait, pool)) {
      doubtful = false;
      choice.forgetFailures();
      seek();
    }
  }

  private boolean begin(Waiting wait, Pool pool) {
    if (!wait.begin(pool.hold(), choice.line())) {
      return false;
    }
    inHold = true;
    choice.waited();
    client.waits();
    if (wait.isAlone()) {
      // A place that was given back before it stood in line has woken nobody.
      worker.wake(pool.id());
    }
    return true;
  }

  /** Made when first needed: few requests ever wait. */
  private Waiting waiting() {
    Waiting wait = waiting;
    if (wait == null) {
      wait = new Waiting(this, worker, request.pool(), trace);
      waiting = wait;
    }
    return wait;
  }

  /** Whether it could be sent now, or must be told that it never will. */
  @Override
  public boolean canGo() {
    if (!(choice.look() instanceof Plan.Send send)) {
      waiting().move(choice.line());
      return choice.pool() == null;
    }
    if (doubtful && broken != null && broken.isAbout(send.server())) {
      return false;
    }
    Peer peer = worker.knownPeer(send.server());
    return peer == null || peer.admits(worker.clock());
  }

  /** Ends the wait and looks again. */
  @Override
  public void release() {
    stop();
    seek();
  }

  /** Ends the wait, if it waits. */
  void stop() {
    doubtful = false;
    if (inHold) {
      inHold = false;
      waiting().end();
    }
  }

  /** Called on each tick while it waits. */
  void sweep() {
    Pool pool = pool();
    if (pool != null && !waiting().isOver(pool.hold())) {
      return;
    }
    doubtful = false;
    if (canGo()) {
      release();
    } else {
      stop();
      client.refused(EndReason.NO_SERVER);
    }
  }
}
