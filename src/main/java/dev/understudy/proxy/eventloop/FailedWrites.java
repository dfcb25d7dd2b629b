package dev.understudy.proxy.eventloop;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;

/**
 * Tells failed writes from failed reads of a channel with {@link
 * io.netty.channel.ChannelOption#AUTO_CLOSE} off, as those to servers.
 *
 * <p>A failed write leaves such a channel open, with its output shut: what the server sent before
 * it closed can still be read, such as a response, or the reason. Who reads it has to remember the
 * failure, which has consumed the socket's error: the last read may see a clean end, which is none.
 * Each write that was pending fails with the first one.
 */
public final class FailedWrites {
  private FailedWrites() {}

  /**
   * Whether the exception that the channel reports is one of a write.
   *
   * @param ended whether the output has been shut on purpose, after which only reads fail
   */
  public static boolean isOne(Channel channel, boolean ended) {
    return !ended
        && channel instanceof DuplexChannel duplex
        && duplex.isOutputShutdown()
        && channel.isActive();
  }
}
