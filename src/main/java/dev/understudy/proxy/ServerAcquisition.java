package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.pool.Pool;
import dev.understudy.proxy.ForwardingPolicy.Plan;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.upstream.ConnectionPool;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Limit;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds one request a server, and waits for one while there is none. */
final class ServerAcquisition implements HoldQueue.Waiter {
  /** Whom a server is sought for. */
  interface Client {
    /** A place at that server has been taken. */
    void found(SelectedServer target);

    /** There is no server yet; one of the other calls follows, unless {@link #stop} comes first. */
    void waits();

    /** There will be none: 503. */
    void refused(EndReason end);

    /** The only one there is has broken the request too often: 502. */
    void exhausted();
  }

  private final EngineLoop engineLoop;
  private final Client client;
  private final ServerSelector selector;
  private final ProxyRequest request;
  private final RequestTrace trace;
  private @Nullable HoldPeriod waiting;

  /** Who broke it last; null: nobody. */
  private @Nullable SuspectServer broken;

  /** It waits until it is clear whether that server lives. */
  private boolean doubtful;

  private boolean inHold;

  ServerAcquisition(
      EngineLoop engineLoop, ProxyRequest request, RequestTrace trace, Client client) {
    this.engineLoop = engineLoop;
    this.client = client;
    this.selector = new ServerSelector(engineLoop, request);
    this.request = request;
    this.trace = trace;
  }

  /** The settings of the request's pool, as they were last seen; null: there is none. */
  @Nullable Pool pool() {
    PoolState pool = selector.pool();
    return pool == null ? null : pool.pool();
  }

  /** The sticky cookie to set with that server's response, or null. */
  @Nullable String setCookie(SelectedServer target) {
    return selector.setCookie(target);
  }

  /** That server could not be used by this request. */
  void failedOn(SelectedServer target) {
    selector.failedOnOneOfMany(target.server());
  }

  /** Looks for a server now. */
  void acquire() {
    Plan plan = selector.plan();
    while (plan instanceof Plan.Send send) {
      if (broken != null && broken.forbids(send.server())) {
        client.exhausted();
        return;
      }
      SelectedServer to = reach(send);
      if (to != null) {
        client.found(to);
        return;
      }
      if (!selector.failedOnOneOfMany(send.server())) {
        break;
      }
      plan = selector.plan();
    }
    if (plan instanceof Plan.Reject) {
      client.refused(EndReason.NO_SERVER);
    } else {
      await();
    }
  }

  /** Takes a place at that server; null if it has none, or only one request may try it now. */
  private @Nullable SelectedServer reach(Plan.Send send) {
    PoolState pool = selector.pool();
    InetSocketAddress address = send.server().address();
    if (pool == null || address == null) {
      return null;
    }
    ConnectionPool connections = engineLoop.connections(send.server(), pool, address);
    if (!connections.admits(engineLoop.clock())) {
      return null;
    }
    if (!SelectedServer.takePlace(send.server())) {
      selector.foundFull(send.server());
      return null;
    }
    selector.countSession(send.server());
    return new SelectedServer(
        pool, send.server(), send.why(), connections, selector.version(), selector.isSession(send));
  }

  /** Looks again when something has changed, and not before. */
  void await() {
    Pool pool = pool();
    HoldPeriod wait = waiting();
    if (pool == null || wait.isUsedUp(pool.hold())) {
      client.refused(EndReason.NO_SERVER);
    } else if (!begin(wait, pool)) {
      engineLoop.engine().listener().limited(Limit.HELD_REQUESTS);
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
  void settle(SelectedServer from, Instant since, boolean again) {
    broken = new SuspectServer(from.server(), since, again);
    selector.failedOnOneOfMany(from.server());
    if (selector.look() instanceof Plan.Send send && !broken.isAbout(send.server())) {
      acquire();
      return;
    }
    doubtful = true;
    Pool pool = pool();
    HoldPeriod wait = waiting();
    if (pool == null || wait.isUsedUp(pool.hold()) || !begin(wait, pool)) {
      doubtful = false;
      selector.forgetFailures();
      acquire();
    }
  }

  private boolean begin(HoldPeriod wait, Pool pool) {
    if (!wait.begin(pool.hold(), selector.line())) {
      return false;
    }
    inHold = true;
    selector.waited();
    client.waits();
    if (wait.isAlone()) {
      // A place that was given back before it stood in line has woken nobody.
      engineLoop.wake(pool.id());
    }
    return true;
  }

  /** Made when first needed: few requests ever wait. */
  private HoldPeriod waiting() {
    HoldPeriod wait = waiting;
    if (wait == null) {
      wait = new HoldPeriod(this, engineLoop, request.pool(), trace);
      waiting = wait;
    }
    return wait;
  }

  /** Whether it could be sent now, or must be told that it never will. */
  @Override
  public boolean canGo() {
    if (!(selector.look() instanceof Plan.Send send)) {
      waiting().move(selector.line());
      return selector.pool() == null;
    }
    if (doubtful && broken != null && broken.isAbout(send.server())) {
      return false;
    }
    ConnectionPool connections = engineLoop.knownConnections(send.server());
    return connections == null || connections.admits(engineLoop.clock());
  }

  /** Ends the wait and looks again. */
  @Override
  public void release() {
    stop();
    acquire();
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
