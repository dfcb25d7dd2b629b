package dev.understudy.proxy.frontend;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.network.IpAddress;
import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.eventloop.SlotList;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.AttributeKey;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one client connection holds of the {@link ClientMemoryBudget}: what was written to its
 * socket and not sent, looked at every 200 ms, and what its HTTP/2 streams keep, counted as it
 * comes. Used on the connection's event loop only.
 */
public final class ClientMemory extends SlotList.Element {
  /** The time after which a client counts as one that does not read. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final AttributeKey<@Nullable ClientMemory> KEY =
      AttributeKey.valueOf(ClientMemory.class.getName());

  private final ClientMemoryBudget budget;
  private final Channel channel;
  private ClientNetwork network;

  /** Null while nothing is reported. */
  private ClientMemoryBudget.@Nullable Share share;

  /** What HTTP/2 streams keep, in bytes. */
  private long kept;

  /** What the socket's buffer held at the last look, in bytes. */
  private long written;

  /** What the budget knows of, in bytes. */
  private long reported;

  /** What HTTP/2 streams kept at the last look, in bytes. */
  private long keptBefore;

  private boolean ended;

  /** When the client last read something, by the clock of {@link #look}; 0 before the first. */
  private long movedNanos;

  ClientMemory(ClientMemoryBudget budget, Channel channel) {
    this.budget = budget;
    this.channel = channel;
    this.network = ClientNetwork.of(channel.remoteAddress());
    channel.attr(KEY).set(this);
  }

  /** What the connection holds; one is made for a channel of which none is known. */
  public static ClientMemory of(Channel connection, ClientMemoryBudget budget) {
    ClientMemory known = connection.attr(KEY).get();
    return known == null ? new ClientMemory(budget, connection) : known;
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

  /** Counts bytes that an HTTP/2 stream keeps. */
  public void kept(int bytes) {
    kept += bytes;
    if (kept + written - reported >= ClientMemoryBudget.STEP) {
      report();
    }
  }

  /** Counts bytes that an HTTP/2 stream no longer keeps. */
  public void sent(int bytes) {
    kept -= bytes;
    if (reported - kept - written >= ClientMemoryBudget.STEP) {
      report();
    }
  }

  private void report() {
    if (ended) {
      return; // What a stream still keeps is released with it.
    }
    long now = kept + written;
    long change = (now < ClientMemoryBudget.STEP ? 0 : now) - reported;
    if (change == 0) {
      return;
    }
    ClientMemoryBudget.Share of = share;
    if (of == null) {
      of = budget.entered(network);
      share = of;
    }
    reported += change;
    budget.add(of, change);
    if (reported == 0) {
      share = null;
      budget.left(network);
    }
  }

  private void release() {
    ClientMemoryBudget.Share of = share;
    if (of != null) {
      share = null;
      budget.add(of, -reported);
      reported = 0;
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
    return holds(1);
  }

  /** Whether the connection holds so much that what comes now cannot be kept. */
  public boolean isExhausted() {
    return holds(2);
  }

  private boolean holds(int shares) {
    return share != null && reported > shares * budget.allowed(share);
  }

  /** Notes that something of the connection was ended for want of memory. */
  public void exhausted() {
    budget.exhausted();
  }

  /** Looks at the socket's buffer, and ends a connection that holds too much. */
  void look(long nanoTime) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    long now = buffer == null ? 0 : buffer.totalPendingWriteBytes();
    if (now + kept == 0 || now != written || kept < keptBefore || movedNanos == 0) {
      movedNanos = nanoTime;
    }
    written = now;
    keptBefore = kept;
    report();
    boolean stalled = nanoTime - movedNanos >= STALLED_NANOS;
    if (holds(stalled ? 2 : 4)) {
      budget.exhausted();
      ChannelClose.reset(channel);
    }
  }
}
