package dev.understudy.bench.tunnel;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Idle WebSocket clients, and how they ended. */
final class Crowd implements AutoCloseable {
  /** Ended without a close frame. */
  static final int CUT = -1;

  /** Never became a WebSocket. */
  static final int REFUSED = -2;

  /** One source address has some 28,000 ports; and a proxy may limit what one may open. */
  private static final int PER_ADDRESS = 500;

  /** Handshakes at once: the backlog of a listening socket is short. */
  private static final int AT_ONCE = 100;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Semaphore handshakes = new Semaphore(AT_ONCE);
  private final SortedMap<Integer, Integer> ends = new TreeMap<>();
  private int greeted;
  private String lastServer = "";
  private long firstEndNanos;
  private long lastEndNanos;

  private Crowd() {}

  /** Opens that many, one after the other in effect, and returns when each has been greeted. */
  static Crowd open(int port, int count) throws InterruptedException {
    Crowd crowd = new Crowd();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(crowd.group)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    crowd.channels.add(channel);
                    channel.pipeline().addLast(new IdleClient(crowd));
                  }
                })
            .remoteAddress("127.0.0.1", port);
    for (int i = 0; i < count; i++) {
      if (!crowd.handshakes.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        crowd.close();
        throw new IllegalStateException("no response to a handshake for " + PATIENCE);
      }
      String address = "127.0.1." + (1 + i / PER_ADDRESS);
      bootstrap.clone().localAddress(address, 0).connect();
    }
    crowd.handshakes.tryAcquire(AT_ONCE, PATIENCE.toSeconds(), TimeUnit.SECONDS);
    crowd.handshakes.release(AT_ONCE);
    return crowd;
  }

  synchronized void greeted(String server) {
    greeted++;
    lastServer = server;
    handshakes.release();
  }

  synchronized void ended(int code) {
    ends.merge(code, 1, Integer::sum);
    lastEndNanos = System.nanoTime();
    if (ends.size() == 1 && ends.get(code) == 1) {
      firstEndNanos = lastEndNanos;
    }
    if (code == REFUSED) {
      handshakes.release();
    }
  }

  /** The tunnels that are open. */
  synchronized int opened() {
    return greeted;
  }

  /** The server that greeted the last one. */
  synchronized String lastServer() {
    return lastServer;
  }

  /** Forgets those that ended already: what follows is about the others. */
  synchronized int forgetEnded() {
    int before = endedSoFar();
    greeted -= before;
    ends.clear();
    return before;
  }

  /**
   * How they ended.
   *
   * @param codes how many by close code, {@link #CUT} or {@link #REFUSED}
   * @param opened how many there were
   * @param firstMillis from the event to the first end
   * @param lastMillis to the last
   */
  record Ends(
      SortedMap<Integer, Integer> codes, int opened, double firstMillis, double lastMillis) {
    int of(int code) {
      return codes.getOrDefault(code, 0);
    }
  }

  /** Waits until all have ended, at most so long. */
  Ends awaitEnds(long sinceNanos, Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() - end < 0 && endedSoFar() < opened()) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    synchronized (this) {
      return new Ends(
          new TreeMap<>(ends),
          greeted,
          (firstEndNanos - sinceNanos) / 1e6,
          (lastEndNanos - sinceNanos) / 1e6);
    }
  }

  private synchronized int endedSoFar() {
    return ends.values().stream().mapToInt(Integer::intValue).sum();
  }

  @Override
  public void close() {
    channels.close().awaitUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
