package dev.understudy.proxy.listener;

import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import reactor.netty.http.server.HttpServer;

/**
 * Connections that wait are accepted together, so that many of them cost the event loop one look at
 * what else has happened, and one call to wake another loop. The number is Netty's own, of which
 * its epoll takes only the first: {@code EpollRecvByteAllocatorHandle.maybeMoreDataToRead} compares
 * the new descriptor with a number of bytes.
 */
final class AcceptedAtOnce {
  /** Then requests get their turn; as {@code AbstractEpollServerChannel}'s metadata say. */
  static final int MAX = 16;

  private AcceptedAtOnce() {}

  static HttpServer apply(HttpServer http) {
    return http.option(
        ChannelOption.RECVBUF_ALLOCATOR,
        new ServerChannelRecvByteBufAllocator()
            .respectMaybeMoreData(false)
            .maxMessagesPerRead(MAX));
  }
}
