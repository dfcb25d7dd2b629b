package dev.understudy.proxy.engine;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The held requests of one event loop. Networks of clients take turns, each with its oldest request
 * first: one that brings much waits for itself. A request that was released and is held again keeps
 * its place.
 *
 * <p>When a pool changes, its requests leave in bursts, one each tick, of 16 requests at first and
 * twice as many each time, up to 1024: a server that has just taken over does not get all at once.
 */
public final class HoldQueue {
  private static final int FIRST_BURST = 16;
  private static final int MAX_BURST = 1024;

  private final Map<PoolId, Line> lines = new HashMap<>();
  private long tickets;

  /** The round of the latest ticket of all that were given; a new line begins after it. */
  private long latestRound;

  /**
   * A place in a pool's line.
   *
   * @param round in which each network has at most one that waits
   * @param number in the order of arrival
   */
  record Ticket(long round, long number, ClientNetwork network) implements Comparable<Ticket> {
    @Override
    public int compareTo(Ticket other) {
      int byRound = Long.compare(round, other.round);
      return byRound == 0 ? Long.compare(number, other.number) : byRound;
    }
  }

  private static final class Line {
    final TreeMap<Ticket, Waiter> waiting = new TreeMap<>();

    /** The waiting tickets of each network that has any, in their order. */
    final Map<ClientNetwork, TreeSet<Ticket>> byNetwork = new HashMap<>();

    int burst = FIRST_BURST;

    /** The round that has its turn, which takes no more tickets: so it ends. */
    long round;

    Line(long round) {
      this.round = round;
    }

    long roundOf(ClientNetwork network) {
      TreeSet<Ticket> own = byNetwork.get(network);
      return Math.max(round, own == null ? round : own.last().round()) + 1;
    }

    void add(Ticket ticket, Waiter request) {
      waiting.put(ticket, request);
      byNetwork.computeIfAbsent(ticket.network(), first -> new TreeSet<>()).add(ticket);
    }

    void remove(Ticket ticket) {
      if (waiting.remove(ticket) != null) {
        byNetwork.computeIfPresent(
            ticket.network(),
            (network, own) -> {
              own.remove(ticket);
              return own.isEmpty() ? null : own;
            });
      }
    }
  }

  /** A held request. */
  public interface Waiter {
    /** Whether a release makes sense now. */
    boolean canGo();

    /** Releases the request: it leaves the queue, and may come back with the same ticket. */
    void release();
  }

  /**
   * Returns a ticket: in the round after the one that has its turn, or after the newest that waits
   * of the network; behind all earlier tickets of that round.
   */
  Ticket ticket(PoolId pool, ClientNetwork network) {
    long round = line(pool).roundOf(network);
    latestRound = Math.max(latestRound, round);
    return new Ticket(round, ++tickets, network);
  }

  private Line line(PoolId pool) {
    return lines.computeIfAbsent(pool, id -> new Line(latestRound));
  }

  /** Adds a request in the order of tickets. */
  void add(Waiter request, PoolId pool, Ticket ticket) {
    line(pool).add(ticket, request);
  }

  void remove(PoolId pool, Ticket ticket) {
    Line line = lines.get(pool);
    if (line != null) {
      line.remove(ticket);
      if (line.waiting.isEmpty()) {
        lines.remove(pool);
      }
    }
  }

  /** Releases the next burst of each pool, as far as servers are available. */
  public void tick() {
    if (lines.isEmpty()) {
      return;
    }
    for (PoolId pool : new ArrayList<>(lines.keySet())) {
      Line line = lines.get(pool);
      if (line != null) {
        int released = release(pool, line.burst);
        line.burst = released < line.burst ? FIRST_BURST : Math.min(2 * line.burst, MAX_BURST);
      }
    }
  }

  /**
   * Releases requests of a pool in their order, as far as servers are available.
   *
   * @return the number of requests released
   */
  public int release(PoolId pool, int atMost) {
    Line line = lines.get(pool);
    if (line == null) {
      return 0;
    }
    int released = 0;
    Map.Entry<Ticket, Waiter> next = line.waiting.firstEntry();
    // A release can end other holds, and can bring the request back to its old place.
    while (next != null && released < atMost) {
      if (next.getValue().canGo()) {
        line.round = Math.max(line.round, next.getKey().round());
        next.getValue().release();
        released++;
      }
      next = line.waiting.higherEntry(next.getKey());
    }
    return released;
  }
}
