package dev.understudy.proxy;

import dev.understudy.monitor.PoolState;
import dev.understudy.monitor.ServerState;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.ForwardingPolicy.Facts;
import dev.understudy.proxy.ForwardingPolicy.Plan;
import dev.understudy.proxy.ForwardingPolicy.Wait;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Selects the server for a TCP connection by the same policy as for a request, and counts the
 * server's places, of which a connection takes one as a request does ({@code max-requests}).
 */
public final class ConnectionSelector {
  private ConnectionSelector() {}

  /** A selection. */
  public enum Kind {
    /** Connect to the server. */
    SERVER,
    /** Wait until the replicas have chosen; connect to the server if that takes too long. */
    UNDECIDED,
    /** Wait, as there is no server. */
    NO_SERVER,
    /** Wait, as the server has no place left. */
    FULL,
    /** Refuse, as there is no server and the pool does not hold, or no longer exists. */
    REFUSED
  }

  /**
   * The selection for one connection.
   *
   * @param server null unless the kind is {@link Kind#SERVER} or {@link Kind#UNDECIDED}
   */
  public record Selection(Kind kind, @Nullable ServerState server) {
    private static final Selection NO_SERVER = new Selection(Kind.NO_SERVER, null);
    private static final Selection FULL = new Selection(Kind.FULL, null);
    private static final Selection REFUSED = new Selection(Kind.REFUSED, null);
  }

  /**
   * Selects a server.
   *
   * @param pool null if it does not exist
   * @param session the server that the client's session is kept on; null if none
   * @param now used only with a session
   * @param failed incarnations of a balance pool's servers that this connection could not use
   * @param balancer the pool's, a selection begun; used only if the pool balances
   * @param takesTurn whether the connection goes where the selection says
   * @param full whether a server has no place for this connection
   */
  public static Selection select(
      @Nullable PoolState pool,
      @Nullable ServerId session,
      Instant now,
      Set<Long> failed,
      @Nullable Balancer balancer,
      boolean takesTurn,
      Predicate<ServerState> full) {
    Facts facts = new Facts(null, session, failed);
    Plan plan = ForwardingPolicy.plan(facts, pool, now, balancer, takesTurn, full);
    return switch (plan) {
      case Plan.Send send -> new Selection(Kind.SERVER, send.server());
      case Plan.Undecided undecided -> new Selection(Kind.UNDECIDED, undecided.send().server());
      case Plan.Hold hold -> hold.reason() == Wait.FULL ? Selection.FULL : Selection.NO_SERVER;
      case Plan.Reject none -> Selection.REFUSED;
    };
  }

  /** Whether a server has no place left. */
  public static boolean isFull(ServerState server) {
    return SelectedServer.isFull(server);
  }

  /** Takes a place; returns false if there is none. */
  public static boolean takePlace(ServerState server) {
    return SelectedServer.takePlace(server);
  }

  /** Gives a place back; returns whether a connection may be waiting for it. */
  public static boolean givePlaceBack(ServerState server) {
    server.traffic().requests().decrementAndGet();
    return server.server().maxRequests().isPresent();
  }
}
