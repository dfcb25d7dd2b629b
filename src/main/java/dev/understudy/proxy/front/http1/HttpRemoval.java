package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.http.PendingBytes;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import java.util.List;

/** Makes a client's HTTP/1 channel a tunnel's (RFC 9110 §7.8), once the 101 answer is written. */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class HttpRemoval {
  private HttpRemoval() {}

  /**
   * Takes everything of HTTP off that channel; what is left is TLS, if any, and what keeps the
   * bytes that came early.
   *
   * @return the channel
   */
  public static Channel from(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    Http1Handler http = pipeline.get(Http1Handler.class);
    boolean ended = http != null && http.front().isInputEnded();
    HalfClose.forbid(channel);
    PendingBytes early = new PendingBytes();
    pipeline.addLast(early);
    for (String name : List.copyOf(pipeline.names())) {
      ChannelHandler handler = pipeline.get(name);
      // TLS by type: with server names it has another name.
      if (handler != null
          && handler != early
          && !(handler instanceof SslHandler)
          && !RequestCodec.isPart(handler)) {
        pipeline.remove(handler);
      }
    }
    // Last, since its rest goes to the tunnel. Of a channel that was closed nothing is left.
    if (pipeline.get(RequestDecoder.class) != null) {
      RequestCodec.remove(pipeline);
    }
    if (ended) {
      // Its event has passed: a tunnel would wait for what never comes.
      channel.close();
    }
    return channel;
  }
}
