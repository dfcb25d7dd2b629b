package dev.understudy.proxy.engine;

import io.netty.channel.Channel;

/** A stream of a connection that carries others too, as a channel. Its parent is the connection. */
public interface StreamChannel extends Channel {
  /** Ends our direction and leaves the other open. Call once all that was written has left. */
  void shutOutput();

  /** Closes the channel at once, so that the peer cannot take what it received for complete. */
  void reset();
}
