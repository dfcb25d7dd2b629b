package dev.understudy.proxy.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

/**
 * What a short connection over plain TCP costs beyond its bytes: with epoll, the socket's own
 * operations in place of Netty's, which make further system calls and, in the usual course of a
 * connection, three exceptions with stack traces. Used on the channel's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the result of a close does not matter
final class EpollSocketOperations {
  /** Room for what most clients send first. */
  private static final int FIRST_READ_BYTES = 2048;

  private EpollSocketOperations() {}

  /** Creates a socket of the address's own family, which needs no {@code IPV6_V6ONLY}. */
  static EpollSocketChannel forAddress(@Nullable InetSocketAddress to) {
    return to != null && to.getAddress() instanceof Inet4Address
        ? new EpollSocketChannel(SocketProtocolFamily.INET)
        : new EpollSocketChannel();
  }

  /**
   * Requests the first read of a channel that is not registered yet: it is added to epoll for
   * connecting and reading at once, instead of modified later.
   */
  static void readOnceConnected(SocketChannel channel) {
    if (channel instanceof EpollSocketChannel) {
      channel.unsafe().beginRead();
    }
  }

  /**
   * Reads what has arrived by now, without an event of epoll. An end of input is left to the
   * channel's next read.
   *
   * @return null if there is nothing, or without epoll
   * @throws IOException if the peer has reset the connection
   */
  static @Nullable ByteBuf readNow(SocketChannel channel) throws IOException {
    if (!(channel instanceof EpollSocketChannel epoll) || !(epoll.fd() instanceof Socket socket)) {
      return null;
    }
    ByteBuf data = channel.alloc().directBuffer(FIRST_READ_BYTES);
    int length = 0;
    try {
      if (data.hasMemoryAddress()) {
        length = socket.recvAddress(data.memoryAddress(), 0, data.capacity());
      }
    } finally {
      if (length <= 0) {
        data.release();
      }
    }
    return length > 0 ? data.writerIndex(length) : null;
  }

  /**
   * Saves the packet that would acknowledge the server's part of the handshake alone: the first
   * bytes acknowledge it (HAProxy's {@code option tcp-smart-connect}). For connections that we
   * speak first on, and at once: the server learns of the connection with those bytes. Called
   * before the channel connects.
   */
  static void sendWithHandshakeAck(SocketChannel channel) {
    if (channel instanceof EpollSocketChannel epoll) {
      try {
        epoll.config().setTcpQuickAck(false);
      } catch (ChannelException e) {
        // A system without the option sends the packet.
      }
    }
  }

  /** Whether the last read found the end of input. */
  static boolean isAtEnd(SocketChannel channel) {
    return channel.unsafe().recvBufAllocHandle().lastBytesRead() < 0 && isPlain(channel);
  }

  /**
   * Keeps the last bytes of what is written next until the output is ended, so that both leave in
   * one packet ({@code TCP_CORK}; HAProxy: {@code MSG_MORE}).
   */
  static void holdForEnd(SocketChannel channel) {
    if (isPlain(channel)) {
      try {
        ((EpollSocketChannel) channel).config().setTcpCork(true);
      } catch (ChannelException e) {
        // A system without the option sends two.
      }
    }
  }

  /**
   * Ends the output of a channel that has nothing left to write, and lets the end of its input
   * close it. {@link SocketChannel#shutdownOutput} makes an exception for pending writes each time.
   *
   * @return false if nothing was done, as the channel is not one of plain TCP with epoll
   */
  static boolean shutOutput(SocketChannel channel) {
    if (!isPlain(channel)
        || !channel.isActive()
        || !(((EpollSocketChannel) channel).fd() instanceof Socket socket)) {
      return false;
    }
    try {
      socket.shutdown(false, true);
    } catch (IOException | NotYetConnectedException e) {
      // The peer was gone before; the next read finds out why.
    }
    channel.config().setAllowHalfClosure(false);
    return true;
  }

  /**
   * Closes a channel that has nothing left to write. With the file descriptor closed first, Netty
   * does not ask for {@code SO_LINGER}, and does not remove from epoll what is no longer there.
   */
  static void close(SocketChannel channel) {
    if (isPlain(channel)) {
      try {
        ((EpollSocketChannel) channel).fd().close();
      } catch (IOException e) {
        // A descriptor is closed even if that reports an error.
      }
    }
    channel.close();
  }

  private static boolean isPlain(SocketChannel channel) {
    return channel instanceof EpollSocketChannel
        && channel.pipeline().get(SslHandler.class) == null;
  }
}
