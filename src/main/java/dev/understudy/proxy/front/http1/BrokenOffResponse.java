package dev.understudy.proxy.front.http1;

import io.netty.channel.Channel;

/** Ends a response of the Gateway lane that began on an HTTP/1 connection and can't be ended. */
public final class BrokenOffResponse {
  private BrokenOffResponse() {}

  /**
   * Closes the connection once what was written is delivered, so that the truncation shows. To be
   * called on its event loop.
   *
   * @return false: there is no front on that channel, nothing was done
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
