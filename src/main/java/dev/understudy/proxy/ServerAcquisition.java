package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.pool.Pool;
import dev.understudy.proxy.ForwardingPolicy.Plan;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.upstream.ConnectionPool;
import dev.understudy.traffic.EndReason;
import dev.understudy.traffic.Limit;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Finds a server for one request, and holds the request while none is available. */
final class ServerAcquisition implements HoldQueue.Waiter {
  /** The exchange that needs a server. */
  interface Client {
    /** A server was found, and one of its places taken. */
    void found(SelectedServer target);

    /** The request is held; one of the other calls follows, unless {@link #stop} comes first. */
    void waits();

    /** No server became available: the response is 503. */
    void refused(EndReason end);

    /** The only available server has broken the request too often: the response is 502. */
    void exhausted();
  }

  private final EngineLoop engineLoop;
  private final Client client;
  private final ServerSelector selector;
  private final ProxyRequest request;
  private final RequestTrace trace;
  private @Nullable HoldPeriod waiting;

  /** The server that broke this request last; null if none did. */
  private @Nullable SuspectServer broken;

  /** Whether the request is held until it is clear whether {@link #broken} is alive. */
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

  /** The request's pool as last seen; null if it does not exist. */
  @Nullable Pool pool() {
    PoolState pool = selector.pool();
    return pool == null ? null : pool.pool();
  }

  /** Learns from that server's response; returns a sticky cookie to set, null if none. */
  @Nullable String responded(SelectedServer from, HttpHeaders response) {
    return selector.responded(from, response);
  }

  /** Records that this request could not use that server. */
  void failedOn(SelectedServer target) {
    selector.failedOnOneOfMany(target.server());
  }

  /** Looks for a server now. */
  void acquire() {
    Plan plan = selector.plan();
    if (plan instanceof Plan.Undecided undecided) {
      if (hold()) {
        return;
      }
      plan = undecided.send();
    }
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

  /**
   * Takes a place at the server; returns null if it has none, or admits no connection attempt now.
   */
  private @Nullable SelectedServer reach(Plan.Send send) {
    PoolState pool = selector.pool();
    InetSocketAddress address = send.server().address();
    if (pool == null || address == null) {
      return null;
    }
    ConnectionPool connections = engineLoop.connections(send.server(), pool, address);
    if (!connections.backoff().admits()) {
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

  /**
   * Holds the request until something changes; refuses it if {@code hold.time} is used up or too
   * many requests are held.
   */
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
   * Looks for a server again after one broke the request: at once if another server is selected or
   * the request may not be held, else when another server is selected or a probe shows that this
   * one is alive, and after {@code hold.time} at the latest.
   *
   * @param since when the connection broke, by the monitor's clock
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
    if (!hold()) {
      doubtful = false;
      selector.forgetFailures();
      acquire();
    }
  }

  /** Holds the request, if it may be held; returns whether it is. */
  private boolean hold() {
    Pool pool = pool();
    HoldPeriod wait = waiting();
    return pool != null && !wait.isUsedUp(pool.hold()) && begin(wait, pool);
  }

  private boolean begin(HoldPeriod wait, Pool pool) {
    if (!wait.begin(pool.hold(), selector.line())) {
      return false;
    }
    inHold = true;
    selector.waited();
    client.waits();
    if (wait.isAlone()) {
      // A place that became free before this request was in the queue has woken nothing.
      engineLoop.wake(pool.id());
    }
    return true;
  }

  /** Created on first use: few requests are ever held. */
  private HoldPeriod waiting() {
    HoldPeriod wait = waiting;
    if (wait == null) {
      wait = new HoldPeriod(this, engineLoop, request.pool(), trace);
      waiting = wait;
    }
    return wait;
  }

  /** Whether the request could be sent now, or must be refused because its pool is gone. */
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
    return connections == null || connections.backoff().admits();
  }

  /** Ends the hold and looks for a server again. */
  @Override
  public void release() {
    stop();
    acquire();
  }

  /** Ends the hold, if there is one. */
  void stop() {
    doubtful = false;
    if (inHold) {
      inHold = false;
      waiting().end();
    }
  }

  /** Enforces {@code hold.time}; called on each tick while the request is held. */
  void sweep() {
    Pool pool = pool();
    if (pool != null && !waiting().isOver(pool.hold())) {
      return;
    }
    doubtful = false;
    if (canGo() || selector.look() instanceof Plan.Undecided) {
      release();
    } else {
      stop();
      client.refused(EndReason.NO_SERVER);
    }
  }
}
