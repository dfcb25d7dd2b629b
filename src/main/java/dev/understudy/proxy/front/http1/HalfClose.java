package dev.understudy.proxy.front.http1;

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
 * Connections whose client ends its output, and still reads.
 *
 * <p>Netty's epoll transport (4.2.18) takes a socket out of its set with the last event that it
 * waits for, and cannot put it back: {@code EpollIoHandler.DefaultEpollIoRegistration.submit} then
 * modifies what is not there. Once input has ended that is so whenever nothing has to be written,
 * and the next response that does not fit into the socket's buffer would fail. Edge-triggering, a
 * flag and no event, stays in the set. Where it cannot be set, half-closed connections are closed.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class HalfClose {
  private static final @Nullable Method SET_FLAG = setFlag();

  /** {@code netinet/tcp.h} */
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

  /** Lets that channel live on when its input ends. */
  static void allow(Channel channel) {
    if (SET_FLAG != null || !(channel instanceof AbstractEpollStreamChannel)) {
      channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }
  }

  /** Input has ended: output goes on. To be called in the event that tells of it. */
  static void keep(Channel channel) {
    if (SET_FLAG != null && channel instanceof AbstractEpollStreamChannel) {
      try {
        SET_FLAG.invoke(channel, Native.EPOLLET);
      } catch (ReflectiveOperationException e) {
        channel.close();
      }
    }
  }

  /**
   * Whether the connection is no more: once input has ended, the transport tells of a reset only
   * when something is written. A system call.
   */
  static boolean isReset(Channel channel) {
    try {
      return channel instanceof EpollSocketChannel socket
          && socket.isOpen()
          && socket.tcpInfo().state() == TCP_CLOSE;
    } catch (ChannelException e) {
      return true;
    }
  }

  /** The channel ends with its input again. */
  static void forbid(Channel channel) {
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
  }
}
