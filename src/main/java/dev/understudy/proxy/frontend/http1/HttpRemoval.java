package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.http.EarlyBytes;
import dev.understudy.proxy.http.TlsCloseNotify;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import java.util.List;

/** Turns a client's HTTP/1 channel into a tunnel's (RFC 9110 §7.8), once the 101 is written. */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class HttpRemoval {
  private HttpRemoval() {}

  /**
   * Removes all HTTP handlers from the channel; only TLS, if any, and the handler that keeps early
   * bytes remain.
   *
   * @return the channel
   */
  static Channel from(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    Http1Handler http = pipeline.get(Http1Handler.class);
    boolean ended = http != null && http.front().isInputEnded();
    ChannelClose.forbid(channel);
    EarlyBytes early = new EarlyBytes();
    pipeline.addLast(early);
    for (String name : List.copyOf(pipeline.names())) {
      ChannelHandler handler = pipeline.get(name);
      // TLS is found by type: with server names its handler has another name.
      if (handler != null
          && handler != early
          && !(handler instanceof SslHandler)
          && !(handler instanceof TlsCloseNotify)
          && !RequestCodec.isPart(handler)) {
        pipeline.remove(handler);
      }
    }
    // Removed last, since its undecoded bytes go to the tunnel. Absent from a channel that was
    // closed.
    if (pipeline.get(RequestDecoder.class) != null) {
      RequestCodec.remove(pipeline);
    }
    if (ended) {
      // The end of input was reported before: the tunnel would wait for it forever.
      channel.close();
    }
    return channel;
  }
}
