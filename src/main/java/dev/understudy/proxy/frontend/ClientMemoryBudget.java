package dev.understudy.proxy.frontend;

import dev.understudy.fairness.ClientNetwork;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory for what waits for clients to read, and for servers to take, and for requests, of all
 * connections together; one instance per process. Thread-safe. {@link MemoryShares} decides.
 *
 * <p>A client network may hold as much as is free, all its connections alike (dynamic thresholds,
 * Choudhury and Hahne 1998): one that takes all it can leaves half, two leave a third. So there is
 * always something for a network that holds nothing yet.
 *
 * <table>
 *   <caption>What a connection holds, of its share</caption>
 *   <tr><td>up to 4 KB, or its share</td><td>it takes what comes</td></tr>
 *   <tr><td>more</td><td>its servers are not read</td></tr>
 *   <tr><td>more than twice as much</td><td>HTTP/2: the stream that gets
 *       more is reset. A connection on which nothing has moved for a second is ended</td></tr>
 *   <tr><td>more than four times as much</td><td>the connection is ended</td></tr>
 * </table>
 *
 * <p>Requests make the share of the second row smaller, but not those by which something is ended.
 * While more than half is in use, a network that holds more than 64 KB, and twice as much as is
 * free, gets no further request, nor does any for which there is no room.
 */
public final class ClientMemoryBudget {
  /** The steps in bytes in which connections report what they hold. */
  static final int STEP = 4 * 1024;

  /** The time in which the greediest is not looked for again. */
  private static final long LOOKED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long SHOWN_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** A client network that holds something. */
  static final class Share {
    final AtomicLong held = new AtomicLong();
    final AtomicInteger connections = new AtomicInteger();

    /** The connections that hold {@value #STEP} bytes or more beside their requests. */
    final AtomicInteger waiting = new AtomicInteger();
  }

  private final long most;
  private final Runnable exhausted;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final AtomicInteger loops = new AtomicInteger();
  private volatile Runnable alarm = () -> {};
  private volatile String exhaustedBy = "";
  private volatile long exhaustedNanos;
  private final Map<ClientNetwork, Share> shares = new ConcurrentHashMap<>();

  /**
   * @param most bytes
   * @param exhausted run each time something is ended for want of memory
   */
  public ClientMemoryBudget(long most, Runnable exhausted) {
    this.most = most;
    this.exhausted = exhausted;
  }

  /** Sets an action that is run each time something is ended for want of memory. */
  public void whenExhausted(Runnable action) {
    alarm = action;
  }

  /** The most bytes that may be held. */
  public long most() {
    return most;
  }

  /** Bytes that are held, as far as connections have reported them. */
  public long held() {
    return bytes.get() + requests.get();
  }

  /**
   * Who held most when something was last ended for want of memory, for people; empty if that was
   * not in the last 30 s.
   */
  public String exhaustedBy() {
    return System.nanoTime() - exhaustedNanos < SHOWN_NANOS ? exhaustedBy : "";
  }

  private String greediest() {
    return shares.entrySet().stream()
        .max(Comparator.comparingLong(each -> each.getValue().held.get()))
        .map(
            each ->
                "client %s held %d KB in %d connections (%d KB of %d KB in all)"
                    .formatted(
                        each.getKey().prefix(),
                        each.getValue().held.get() / 1024,
                        each.getValue().connections.get(),
                        held() / 1024,
                        most / 1024))
        .orElse("");
  }

  /** The share of a network; {@link #left} must follow. */
  Share entered(ClientNetwork network) {
    return shares.compute(
        network,
        (key, known) -> {
          Share share = known == null ? new Share() : known;
          share.connections.incrementAndGet();
          return share;
        });
  }

  /** Handles a connection that holds nothing any more. */
  void left(ClientNetwork network) {
    shares.computeIfPresent(
        network, (key, share) -> share.connections.decrementAndGet() == 0 ? null : share);
  }

  /**
   * Counts what a connection of the network holds more, or less.
   *
   * @param ofRequests bytes
   */
  void add(Share share, long ofBytes, long ofRequests) {
    share.held.addAndGet(ofBytes + ofRequests);
    bytes.addAndGet(ofBytes);
    requests.addAndGet(ofRequests);
  }

  /** Counts another event loop that leaves requests unreported. */
  void loopAdded() {
    loops.incrementAndGet();
  }

  /** What the requests that an event loop has not reported may cost, in bytes. */
  long unreported() {
    return shares().unreported(loops.get());
  }

  private MemoryShares shares() {
    return new MemoryShares(most, bytes.get(), requests.get());
  }

  /** How many bytes one connection of a network may hold before its servers wait. */
  long untilServersWait(Share share) {
    return shares().untilServersWait(share.waiting.get());
  }

  /** Of how many bytes a multiple ends a connection of a network. */
  long untilEnded(Share share) {
    return shares().untilEnded(share.waiting.get());
  }

  /** Whether a network may have requests that cost so many bytes more. */
  boolean takesRequest(ClientNetwork network, int cost) {
    MemoryShares now = shares();
    if (now.isHalfFree()) {
      return true; // Mostly: without a look at the network.
    }
    Share share = shares.get(network);
    return now.mayHaveRequest(share == null ? 0 : share.held.get(), cost);
  }

  /** Notes that something was ended for want of memory. */
  void exhausted() {
    long now = System.nanoTime();
    if (exhaustedBy.isEmpty() || now - exhaustedNanos > LOOKED_NANOS) {
      exhaustedNanos = now;
      exhaustedBy = greediest();
    }
    exhausted.run();
    alarm.run();
  }
}
