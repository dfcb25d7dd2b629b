package dev.understudy.proxy.frontend;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.network.IpAddress;
import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.engine.StreamChannel;
import dev.understudy.proxy.eventloop.CumulatedBytes;
import dev.understudy.proxy.eventloop.PendingBytes;
import dev.understudy.proxy.eventloop.SlotList;
import io.netty.channel.Channel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.AttributeKey;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one client connection holds of the {@link ClientMemoryBudget}: what was written to its
 * socket and not sent, and what was read and not decoded, looked at every 200 ms; what its HTTP/2
 * streams keep for it, and what waits for servers to take, counted as it comes; its requests,
 * counted with those of {@link UnreportedRequests}. Used on the connection's event loop only.
 */
public final class ClientMemory extends SlotList.Element {
  /** The time after which a client counts as one that does not read. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

  /**
   * The cost of a client's connection, in bytes, counted while it has a request; all of them are
   * bounded in number. {@code CountedMemoryIT} measures 3 to 7 KB over HTTP/1 and 8 to 9 over
   * HTTP/2, and holds what is counted against it.
   */
  public static final int CONNECTION = 5 * 1024;

  /**
   * The cost of a request without its head, in bytes, with the connection to its server: by the
   * same test 2 KB while it is held, else 4 to 5, and 5 to 7 more in the Gateway lane.
   */
  public static final int REQUEST = 5 * 1024;

  /**
   * The cost of a tunnel, in bytes, with the connection to its server and, over HTTP/1, its
   * client's: by the same test 5 KB over HTTP/2 and 7 over HTTP/1, 10 to 12 if it began in the
   * Gateway lane.
   */
  private static final long TUNNEL = 6 * 1024;

  /** The protocol of a connection that carries requests. */
  @FunctionalInterface
  public interface Carrier {
    /** The cost of the requests that have begun and not ended, in bytes. */
    long requests();

    /** What waits to be decoded by the protocol's own decoder, or to be taken, in bytes. */
    default long undecoded() {
      return 0;
    }

    /** The protocol's own decoder; null if it has none. */
    default @Nullable ByteToMessageDecoder decoder() {
      return null;
    }
  }

  private static final AttributeKey<@Nullable ClientMemory> KEY =
      AttributeKey.valueOf(ClientMemory.class.getName());

  private final ClientMemoryBudget budget;
  private final UnreportedRequests unreported;
  private final Channel channel;
  private final CumulatedBytes cumulated;
  private ClientNetwork network;

  /** Whether the connection is one of {@link ClientMemoryBudget.Share#waiting}. */
  private boolean waits;

  /** Null while nothing is reported. */
  private ClientMemoryBudget.@Nullable Share share;

  /** What HTTP/2 streams keep, in bytes. */
  private long kept;

  /** What the socket's buffer held at the last look, with what was not decoded, in bytes. */
  private long written;

  /** What waits for servers to take, in bytes. */
  private long unsent;

  private Carrier carrier = () -> 0;
  private int tunnels;

  /** The cost of requests that is to be reported, in bytes. */
  private long requests;

  /** The cost of requests as {@link #unreported} knows it, in bytes. */
  private long begun;

  /** Whether the connection is one of {@link #unreported}. */
  private boolean isUnreported;

  /** What the budget knows of, in bytes. */
  private long reportedBytes;

  private long reportedRequests;

  /** What HTTP/2 streams kept, and what waited for servers, at the last look, in bytes. */
  private long keptBefore;

  private long unsentBefore;

  private boolean ended;

  /**
   * When the client or a server last took something, by the clock of {@link #look}; 0 before the
   * first.
   */
  private long movedNanos;

  /**
   * @param unreported those of the connection's event loop
   */
  ClientMemory(ClientMemoryBudget budget, UnreportedRequests unreported, Channel channel) {
    this.budget = budget;
    this.unreported = unreported;
    this.channel = channel;
    this.cumulated = new CumulatedBytes(channel.pipeline());
    this.network = ClientNetwork.of(channel.remoteAddress());
    channel.attr(KEY).set(this);
  }

  /** What the connection holds; one is made for a channel of which none is known. */
  public static ClientMemory of(Channel connection, ClientMemoryBudget budget) {
    ClientMemory known = connection.attr(KEY).get();
    return known == null
        ? new ClientMemory(budget, new UnreportedRequests(budget), connection)
        : known;
  }

  /**
   * Returns what counts bytes that wait for a server, for a client's connection or its HTTP/2
   * stream.
   */
  public static PendingBytes toServer(Channel client) {
    Channel connection = client instanceof StreamChannel ? client.parent() : client;
    ClientMemory known = connection.attr(KEY).get();
    return new PendingBytes(known == null ? change -> {} : known::unsent);
  }

  /** Counts a tunnel of a client's connection or of its HTTP/2 stream, until it has ended. */
  public static void tunnel(Channel client, boolean open) {
    Channel connection = client instanceof StreamChannel ? client.parent() : client;
    ClientMemory known = connection.attr(KEY).get();
    if (known != null) {
      known.tunnels += open ? 1 : -1;
      known.requestsChanged();
    }
  }

  /** Sets the client, if a PROXY protocol header has named it. */
  static void named(Channel connection, IpAddress client) {
    ClientMemory known = connection.attr(KEY).get();
    if (known != null) {
      known.release();
      known.network = ClientNetwork.of(client);
      known.report();
    }
  }

  /** Counts bytes that an HTTP/2 stream keeps more, or fewer. */
  public void kept(long change) {
    kept += change;
    changed();
  }

  /** Counts bytes that an HTTP/2 stream no longer keeps. */
  public void sent(int bytes) {
    kept -= bytes;
    changed();
  }

  /** Counts bytes that more, or fewer, wait for servers to take. */
  public void unsent(long change) {
    unsent += change;
    changed();
  }

  /** Sets what carries requests on the connection. */
  public void carriedBy(Carrier protocol) {
    carrier = protocol;
  }

  /** Whether another request can be taken; always while half of the memory is free. */
  public boolean takesRequest() {
    return budget.takesRequest(network, REQUEST);
  }

  private long requests() {
    return carrier.requests() + tunnels * TUNNEL;
  }

  /** The same of a request whose objects take so many bytes more than {@link #REQUEST}. */
  public boolean takes(int bytes) {
    return budget.takesRequest(network, bytes);
  }

  /**
   * Counts that a request has begun, or has ended; the end with the next look, if half of the
   * memory is free.
   */
  public void requestsChanged() {
    long now = requests();
    long more = now - begun;
    if (more > 0) {
      boolean first = !isUnreported;
      begun = now;
      isUnreported = true;
      unreported.add(this, first, more);
    } else if (now < reportedRequests && budget.unreported() == 0) {
      reportRequests();
    }
  }

  /** Reports what the requests cost now. */
  void reportRequests() {
    isUnreported = false;
    requests = requests();
    begun = requests;
    report();
  }

  private long bytes() {
    return kept + written + unsent;
  }

  private void changed() {
    if (Math.abs(bytes() + requests - reportedBytes - reportedRequests)
        >= ClientMemoryBudget.STEP) {
      report();
    }
  }

  private void report() {
    if (ended) {
      return; // What a stream still keeps is released with it.
    }
    boolean little = bytes() + requests < ClientMemoryBudget.STEP;
    long ofBytes = (little ? 0 : bytes()) - reportedBytes;
    long ofRequests = (little ? 0 : requests) - reportedRequests;
    if (ofBytes == 0 && ofRequests == 0) {
      return;
    }
    ClientMemoryBudget.Share of = share;
    if (of == null) {
      of = budget.entered(network);
      share = of;
    }
    boolean waitsNow = bytes() >= ClientMemoryBudget.STEP;
    if (waitsNow != waits) {
      waits = waitsNow;
      of.waiting.addAndGet(waits ? 1 : -1);
    }
    reportedBytes += ofBytes;
    reportedRequests += ofRequests;
    budget.add(of, ofBytes, ofRequests);
    if (little) {
      share = null;
      budget.left(network);
    }
  }

  private void release() {
    ClientMemoryBudget.Share of = share;
    if (of != null) {
      share = null;
      if (waits) {
        waits = false;
        of.waiting.decrementAndGet();
      }
      budget.add(of, -reportedBytes, -reportedRequests);
      reportedBytes = 0;
      reportedRequests = 0;
      budget.left(network);
    }
  }

  /** Handles the end of the connection. */
  void ended() {
    ended = true;
    release();
  }

  /** Whether the connection holds more than its share. */
  public boolean isScarce() {
    ClientMemoryBudget.Share of = share;
    return of != null && bytes() > budget.untilServersWait(of);
  }

  /** Whether the connection holds so much that what comes now cannot be kept. */
  public boolean isExhausted() {
    return holds(2);
  }

  private boolean holds(int shares) {
    ClientMemoryBudget.Share of = share;
    return of != null && bytes() > shares * budget.untilEnded(of);
  }

  /** Notes that something of the connection was ended for want of memory. */
  public void exhausted() {
    budget.exhausted();
  }

  /** Looks at what the connection holds, and ends one that holds too much. */
  void look(long nanoTime) {
    long now = PendingBytes.of(channel) + cumulated.before(carrier.decoder()) + carrier.undecoded();
    if (now + kept + unsent == 0
        || now != written
        || kept < keptBefore
        || unsent < unsentBefore
        || movedNanos == 0) {
      movedNanos = nanoTime;
    }
    written = now;
    keptBefore = kept;
    unsentBefore = unsent;
    requests = requests();
    begun = requests;
    report();
    boolean stalled = nanoTime - movedNanos >= STALLED_NANOS;
    if (holds(stalled ? 2 : 4)) {
      budget.exhausted();
      ChannelClose.reset(channel);
    }
  }
}
