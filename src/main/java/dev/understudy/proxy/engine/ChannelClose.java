package dev.understudy.proxy.engine;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Ends channels, or one of their directions, in the ways for which Netty has no single call; and
 * keeps half-closed connections alive, whose peer has ended its output and still reads.
 *
 * <p>Netty's epoll transport (4.2.18) removes a socket from its epoll set with the last event that
 * it waits for and cannot add it again: {@code EpollIoHandler.DefaultEpollIoRegistration.submit}
 * then modifies a missing entry. After the end of input this happens whenever nothing is left to
 * write, and the next write that exceeds the socket's buffer would fail. Edge-triggering, which is
 * a flag and not an event, keeps the socket in the set. Where it cannot be set, half-closed
 * connections are closed.
 */
// Results of an ending do not matter.
@SuppressWarnings("FutureReturnValueIgnored")
public final class ChannelClose {
  private static final @Nullable Method SET_FLAG = setFlag();

  /** The closed state of a TCP connection in {@code netinet/tcp.h}. */
  private static final int TCP_CLOSE = 7;

  private ChannelClose() {}

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
   * Whether a user event reports the end of the peer's output: TCP FIN, TLS close_notify or
   * END_STREAM. The close of TLS by a failure is none.
   */
  public static boolean isEndOfInput(Object event) {
    return event instanceof ChannelInputShutdownEvent
        || (event instanceof SslCloseCompletionEvent tls && tls.isSuccess());
  }

  /** Keeps output working after the end of input. Call while handling its event. */
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

  /**
   * Closes a channel at once with a TCP RST, over TLS without close_notify, or a stream with
   * RST_STREAM, so that the peer cannot take what it received for complete.
   */
  public static void reset(Channel channel) {
    if (channel instanceof StreamChannel stream) {
      stream.reset();
      return;
    }
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    // Closing from the TLS handler's own context bypasses it; it would send close_notify first.
    ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
    if (tls == null) {
      channel.close();
    } else {
      tls.close();
    }
  }

  /**
   * Whether TLS has ended in both directions, so that every write would be dropped without a
   * failure. Before TLS 1.3 the peer's close_notify ends both (RFC 5246 §7.2.1), since then only
   * one that follows user_canceled, as the JDK's sockets send it when they are closed.
   */
  public static boolean isTlsOver(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls != null && tls.engine().isOutboundDone();
  }

  /** Ends our direction and leaves the other open: TCP FIN, TLS close_notify, or END_STREAM. */
  public static void shutOutput(Channel channel) {
    if (channel instanceof StreamChannel stream) {
      stream.shutOutput();
      return;
    }
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }
}
