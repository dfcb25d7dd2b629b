package dev.understudy.proxy.front;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * What Netty does not ask of a request's first frame (RFC 9113 §8.3.1): on a stream, before the
 * codec that makes HTTP/1 messages of frames. That codec throws where a method or a path is missing
 * or is none; nobody would answer then, and it loses a buffer each time.
 *
 * <p>A malformed request resets its stream (§8.1.1). {@code CONNECT}, which has no path, is
 * answered with 405.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the stream
public final class Http2Rules extends ChannelInboundHandlerAdapter {
  private boolean begun;
  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (!begun && frame instanceof Http2HeadersFrame first) {
      begun = true;
      refused = !accepts(ctx, first.headers());
    }
    if (refused) {
      ReferenceCountUtil.release(frame);
    } else {
      ctx.fireChannelRead(frame);
    }
  }

  private static boolean accepts(ChannelHandlerContext ctx, Http2Headers headers) {
    CharSequence method = headers.method();
    if (method != null && method.length() == 7 && "CONNECT".contentEquals(method)) {
      ctx.write(
          new DefaultHttp2HeadersFrame(
              new DefaultHttp2Headers()
                  .status("405")
                  .set("allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE"),
              true));
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
      return false;
    }
    boolean good = isWord(method) && isWord(headers.path()) && headers.scheme() != null;
    if (!good) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
    }
    return good;
  }

  /** Visible ASCII and nothing else; more is asked for by {@link RequestRules}. */
  private static boolean isWord(@Nullable CharSequence text) {
    if (text == null || text.isEmpty()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ' || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return true;
  }
}
