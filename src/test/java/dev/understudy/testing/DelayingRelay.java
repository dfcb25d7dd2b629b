package dev.understudy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A port on 127.0.0.1 behind which another one is far away: what goes either way arrives so much
 * later, however much it is. The bandwidth has no bound.
 */
public final class DelayingRelay implements AutoCloseable {
  /** Bytes under way; none for the end. */
  private record Piece(byte[] bytes, long dueNanos) {}

  private final ServerSocket listening;
  private final int target;
  private final Duration delay;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /**
   * @param delay of each way: half of a round trip
   */
  public DelayingRelay(int target, Duration delay) {
    this.target = target;
    this.delay = delay;
    try {
      listening = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().start(this::accept);
  }

  public int port() {
    return listening.getLocalPort();
  }

  private void accept() {
    while (true) {
      try {
        Socket from = listening.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
        for (Socket each : new Socket[] {from, to}) {
          each.setTcpNoDelay(true);
          open.add(each);
        }
        relay(from, to);
        relay(to, from);
      } catch (IOException e) {
        return;
      }
    }
  }

  private void relay(Socket from, Socket to) {
    BlockingQueue<Piece> underWay = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().start(() -> read(from, underWay));
    Thread.ofPlatform().daemon().start(() -> write(underWay, to));
  }

  private void read(Socket from, BlockingQueue<Piece> underWay) {
    byte[] buffer = new byte[256 * 1024];
    try {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        underWay.add(due(Arrays.copyOf(buffer, n)));
      }
    } catch (IOException e) {
      // As an end.
    }
    underWay.add(due(new byte[0]));
  }

  private Piece due(byte[] bytes) {
    return new Piece(bytes, System.nanoTime() + delay.toNanos());
  }

  private void write(BlockingQueue<Piece> underWay, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      while (true) {
        Piece next = underWay.take();
        TimeUnit.NANOSECONDS.sleep(next.dueNanos - System.nanoTime());
        if (next.bytes.length == 0) {
          to.shutdownOutput();
          return;
        }
        out.write(next.bytes);
      }
    } catch (IOException | InterruptedException e) {
      open.remove(to);
    }
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
