package dev.understudy.proxy.listener;

import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannelRecvByteBufAllocator;

/**
 * Makes a listening socket accept up to 16 waiting connections together, so that a burst costs the
 * event loop one check for other events, and one wake-up of another event loop. The number is
 * Netty's default, but its epoll transport accepts only one: {@code
 * EpollRecvByteAllocatorHandle.maybeMoreDataToRead} compares the new file descriptor with a number
 * of bytes.
 */
final class AcceptedAtOnce {
  /**
   * The most connections accepted before other events are handled, as in the metadata of {@code
   * AbstractEpollServerChannel}.
   */
  static final int MAX = 16;

  private AcceptedAtOnce() {}

  /** The allocator of such a socket ({@link ChannelOption#RECVBUF_ALLOCATOR}). */
  static RecvByteBufAllocator allocator() {
    return new ServerChannelRecvByteBufAllocator()
        .respectMaybeMoreData(false)
        .maxMessagesPerRead(MAX);
  }
}
