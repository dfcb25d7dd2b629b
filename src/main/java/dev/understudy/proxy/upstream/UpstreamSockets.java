package dev.understudy.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of an engine's connections to servers: file descriptors are shared with clients,
 * probes and the management port, which must not go without. Thread-safe.
 */
public final class UpstreamSockets {
  private final AtomicInteger open = new AtomicInteger();
  private volatile int most = Integer.MAX_VALUE;
  private volatile Runnable whenFull = () -> {};

  /** Bounds the number from now on; sockets beyond it stay. */
  public void limit(int sockets) {
    most = sockets;
  }

  /** Has {@code task} called each time a socket cannot be made, on the thread that wanted it. */
  public void whenFull(Runnable task) {
    whenFull = task;
  }

  /** The number of sockets that are open. */
  public int open() {
    return open.get();
  }

  /**
   * Makes a socket, which counts until its channel is closed or {@link #discard discarded}.
   *
   * @throws ChannelException if the limit is reached, with the system's message for it, or if the
   *     system has none
   */
  public <C extends Channel> C make(Supplier<C> socket) {
    boolean made = false;
    try {
      if (open.incrementAndGet() > most) {
        throw new ChannelException(new SocketException("Too many open files"));
      }
      C channel = socket.get();
      channel.closeFuture().addListener(closed -> open.decrementAndGet());
      made = true;
      return channel;
    } finally {
      if (!made) {
        open.decrementAndGet();
        whenFull.run();
      }
    }
  }

  /** Closes the socket of a channel that was never registered, which does not count as closed. */
  public void discard(Channel unregistered) {
    unregistered.unsafe().closeForcibly();
    open.decrementAndGet();
  }

  /**
   * The reason why a connection to a server broke, for people: of a failed connect the operating
   * system's message, without the address that Netty adds.
   *
   * @param cause null if the server closed the connection
   */
  public static String reason(@Nullable Throwable cause) {
    if (cause == null) {
      return "closed by the server";
    }
    Throwable own = cause instanceof SocketException ? cause.getCause() : null;
    return String.valueOf((own == null ? cause : own).getMessage());
  }
}
