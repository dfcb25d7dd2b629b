package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A WebSocket over HTTP/2 (RFC 8441): its handshake, as one over HTTP/1.1 (RFC 6455 §4), and what
 * turns the stream into its tunnel.
 */
final class Http2WebSocket {
  private static final int KEY_BYTES = 16;

  private final Http2UnreadBody unread;
  private final String key;

  /**
   * @param unread what comes behind the handshake, until the tunnel reads
   */
  Http2WebSocket(Http2UnreadBody unread) {
    this.unread = unread;
    byte[] bytes = new byte[KEY_BYTES];
    // Against caches and servers that know no WebSockets; it need not be secret (RFC 6455 §10.3).
    ThreadLocalRandom.current().nextBytes(bytes);
    key = Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * Returns the request as a handshake over HTTP/1.1, and as a whole: what follows it is no body.
   */
  HttpRequest whole(HttpRequest request) {
    HttpHeaders headers = request.headers();
    headers.remove(HttpHeaderNames.TRANSFER_ENCODING);
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_KEY, key);
    return Http2Fields.full(request.method(), request.uri(), headers);
  }

  /**
   * Whether the client can be given the response: no 2xx, which would say that there is a tunnel.
   */
  boolean accepts(HttpResponse response) {
    return response.status().codeClass() != HttpStatusClass.SUCCESS;
  }

  /**
   * Opens the tunnel on the stream's channel.
   *
   * @param switching the 101, which becomes the 200 of RFC 8441 §5
   */
  void open(
      Http2ClientStream stream,
      Channel channel,
      Http2StreamChannels channels,
      Http2FrameOutput output,
      HttpResponse switching) {
    clear(channel, new Http2TunnelFrames(() -> reads(stream, channels), output::counted));
    removeFields(switching.headers());
    switching.setStatus(HttpResponseStatus.OK);
    output.head(stream.netty(), switching, false);
    output.flushSoon();
  }

  /** Handles a read of the tunnel's: passes on what came before the first one. */
  private void reads(Http2ClientStream stream, Http2StreamChannels channels) {
    if (stream.state() != Http2StreamState.TUNNEL_UNREAD) {
      return;
    }
    stream.on(Http2StreamState.Event.TUNNEL_READ);
    for (ByteBuf data = unread.next(); data != null; data = unread.next()) {
      channels.passData(stream, data, false);
    }
    if (unread.takeEnd() != null) {
      channels.passData(stream, Unpooled.EMPTY_BUFFER, true);
    }
    channels.passedData();
  }

  private static void removeFields(HttpHeaders fields) {
    fields.remove(HttpHeaderNames.CONNECTION);
    fields.remove(HttpHeaderNames.UPGRADE);
    fields.remove(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT);
  }

  /** Leaves nothing of HTTP on the channel of a stream, but frames that carry bytes. */
  private static void clear(Channel channel, Http2TunnelFrames with) {
    channel.config().setAutoRead(false);
    ChannelPipeline pipeline = channel.pipeline();
    for (String name : List.copyOf(pipeline.names())) {
      ChannelHandler handler = pipeline.get(name);
      if (handler != null) {
        pipeline.remove(handler);
      }
    }
    pipeline.addFirst(with);
  }
}
