package dev.understudy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A port on 127.0.0.1 behind which another one is far away: what goes either way arrives so much
 * later, however much it is. The bandwidth has no bound.
 */
public final class DelayingRelay implements AutoCloseable {
  /** Bytes under way; none for the end. */
  private record Piece(byte[] bytes, long dueNanos) {}

  private final ScriptedServer listening;
  private final int target;
  private final Duration delay;

  /**
   * @param delay of each way: half of a round trip
   */
  public DelayingRelay(int target, Duration delay) {
    this.target = target;
    this.delay = delay;
    listening = new ScriptedServer(connection -> relay(connection.socket()));
  }

  public int port() {
    return listening.port();
  }

  private void relay(Socket from) throws Exception {
    try (Socket to = new Socket(InetAddress.getLoopbackAddress(), target)) {
      from.setTcpNoDelay(true);
      to.setTcpNoDelay(true);
      Thread back = relay(to, from);
      relay(from, to).join();
      back.join();
    }
  }

  private Thread relay(Socket from, Socket to) {
    BlockingQueue<Piece> underWay = new LinkedBlockingQueue<>();
    Thread.ofPlatform().daemon().start(() -> read(from, underWay));
    return Thread.ofPlatform().daemon().start(() -> write(underWay, to));
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
      // Who does not listen gets nothing more.
    }
  }

  @Override
  public void close() {
    listening.close();
  }
}
