package dev.understudy.proxy.front.http1;

import io.netty.channel.Channel;

/** Ends a Gateway response that has begun on an HTTP/1 connection and cannot be completed. */
public final class BrokenOffResponse {
  private BrokenOffResponse() {}

  /**
   * Closes the connection once the written bytes are delivered, so that the truncation shows. Call
   * on the channel's event loop.
   *
   * @return false if the channel has no HTTP/1 front, so that nothing was done
   */
  public static boolean end(Channel channel) {
    Http1Handler handler = channel.pipeline().get(Http1Handler.class);
    if (handler == null) {
      return false;
    }
    handler.front().gatewayBreaksOff();
    return true;
  }
}
