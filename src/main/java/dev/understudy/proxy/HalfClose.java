package dev.understudy.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Keeps half-closed connections alive, whose peer has ended its output and still reads.
 *
 * <p>Netty's epoll transport (4.2.18) removes a socket from its epoll set with the last event that
 * it waits for and cannot add it again: {@code EpollIoHandler.DefaultEpollIoRegistration.submit}
 * then modifies a missing entry. After the end of input this happens whenever nothing is left to
 * write, and the next write that exceeds the socket's buffer would fail. Edge-triggering, which is
 * a flag and not an event, keeps the socket in the set. Where it cannot be set, half-closed
 * connections are closed.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class HalfClose {
  private static final @Nullable Method SET_FLAG = setFlag();

  /** The closed state of a TCP connection in {@code netinet/tcp.h}. */
  private static final int TCP_CLOSE = 7;

  private HalfClose() {}

  private static @Nullable Method setFlag() {
    try {
      Method method =
          AbstractEpollStreamChannel.class.getSuperclass().getDeclaredMethod("setFlag", int.class);
      method.setAccessible(true);
      return method;
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return null;
    }
  }

  /** Keeps the channel open when its input ends, if the transport can. */
  public static void allow(Channel channel) {
    if (SET_FLAG != null || !(channel instanceof AbstractEpollStreamChannel)) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
  }

  /**
   * Keeps output working after the end of input. Call while handling the event that reports that
   * end.
   */
  public static void keep(Channel channel) {
    if (SET_FLAG != null && channel instanceof AbstractEpollStreamChannel) {
      try {
        SET_FLAG.invoke(channel, Native.EPOLLET);
      } catch (ReflectiveOperationException e) {
        channel.close();
      }
    }
  }

  /**
   * Whether the connection has been reset: after the end of input the transport reports a reset
   * only when something is written. Costs a system call.
   */
  public static boolean isReset(Channel channel) {
    try {
      return channel instanceof EpollSocketChannel socket
          && socket.isOpen()
          && socket.tcpInfo().state() == TCP_CLOSE;
    } catch (ChannelException e) {
      return true;
    }
  }

  /** Makes the channel close when its input ends, as by default. */
  public static void forbid(Channel channel) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
  }
}
