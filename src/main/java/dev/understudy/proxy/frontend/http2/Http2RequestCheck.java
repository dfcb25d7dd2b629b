package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.frontend.RequestSyntax;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpScheme;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Checks a request's first frame where Netty does not (RFC 9113 §8.3.1); the handler stands before
 * the codec that converts frames to HTTP/1 messages. That codec throws on a missing or malformed
 * method or path, so that the client would get no response, and leaks a buffer each time.
 *
 * <ul>
 *   <li>The method is a token, the scheme {@code http} or {@code https}.
 *   <li>The path begins with a slash, or is the asterisk of {@code OPTIONS}; an authority in it
 *       would replace the request's own.
 *   <li>Extended CONNECT (RFC 8441) becomes the GET of a WebSocket handshake over HTTP/1.1, with a
 *       key that the proxy makes; the frames that follow wait for the tunnel. A protocol other than
 *       {@code websocket} gets 501.
 *   <li>The authority has no user information, and a {@code Host} beside it is equal.
 * </ul>
 *
 * <p>A malformed request resets its stream (§8.1.1). {@code CONNECT}, which has no path, gets 405.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the stream
public final class Http2RequestCheck extends ChannelDuplexHandler {
  private static final AsciiString PROTOCOL =
      AsciiString.cached(Http2Headers.PseudoHeaderName.PROTOCOL.value().toString());

  private boolean begun;

  /** The frames behind a handshake; null if the request is none. */
  private @Nullable Queue<Object> waiting;

  private boolean refused;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object frame) {
    if (!begun && frame instanceof Http2HeadersFrame first) {
      begun = true;
      refused = !accepts(ctx, first);
    }
    if (refused) {
      ReferenceCountUtil.release(frame);
    } else if (waiting != null && !(frame instanceof Http2HeadersFrame head && isRequest(head))) {
      waiting.add(frame);
    } else {
      ctx.fireChannelRead(frame);
    }
  }

  private static boolean isRequest(Http2HeadersFrame head) {
    return head.headers().method() != null;
  }

  /** Reads nothing behind a handshake before there is a tunnel. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (waiting == null) {
      readAndFlush(ctx);
    }
  }

  /**
   * Reads from a stream. Netty does not flush the WINDOW_UPDATE of a read that repeats an earlier
   * one, and a client with an empty window would wait for it for ever. Without such a frame, and
   * within a read of the connection, the flush has no effect.
   */
  static void readAndFlush(ChannelHandlerContext ctx) {
    ctx.read();
    ctx.flush();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    Queue<Object> left = waiting;
    waiting = null;
    if (left != null) {
      left.forEach(ReferenceCountUtil::release);
    }
  }

  /** Gives away the frames that have arrived behind a handshake. */
  Queue<Object> takeWaiting() {
    Queue<Object> given = waiting == null ? new ArrayDeque<>() : waiting;
    waiting = null;
    return given;
  }

  private boolean accepts(ChannelHandlerContext ctx, Http2HeadersFrame first) {
    Http2Headers headers = first.headers();
    CharSequence method = headers.method();
    boolean connect = method != null && "CONNECT".contentEquals(method);
    CharSequence protocol = headers.get(PROTOCOL);
    if (protocol == null && connect) {
      refuse(
          ctx, new DefaultHttp2Headers().status("405").set("allow", LocalResponse.ALLOWED_METHODS));
      return false;
    }
    if (protocol != null && connect && !first.isEndStream()) {
      if (!HttpHeaderValues.WEBSOCKET.contentEqualsIgnoreCase(protocol)) {
        refuse(ctx, new DefaultHttp2Headers().status("501"));
        return false;
      }
      headers.remove(PROTOCOL);
      headers.method(HttpMethod.GET.asciiName());
      Http2WebSocket.expect(ctx.channel());
      waiting = new ArrayDeque<>(2);
    }
    return isGood(ctx, headers);
  }

  private static void refuse(ChannelHandlerContext ctx, Http2Headers response) {
    ctx.write(new DefaultHttp2HeadersFrame(response, true));
    ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
  }

  private static boolean isGood(ChannelHandlerContext ctx, Http2Headers headers) {
    CharSequence method = headers.method();
    boolean good =
        method != null
            && !headers.contains(PROTOCOL)
            && !method.isEmpty()
            && HttpHeaderValidationUtil.validateToken(method) == -1
            && isScheme(headers.scheme())
            && isPath(headers.path(), method)
            && isAuthority(headers);
    if (!good) {
      ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.PROTOCOL_ERROR));
    }
    return good;
  }

  private static boolean isScheme(@Nullable CharSequence scheme) {
    return scheme != null
        && (HttpScheme.HTTPS.name().contentEqualsIgnoreCase(scheme)
            || HttpScheme.HTTP.name().contentEqualsIgnoreCase(scheme));
  }

  /**
   * Whether the path is visible ASCII of an allowed form; {@link RequestSyntax} checks the rest.
   */
  private static boolean isPath(@Nullable CharSequence path, CharSequence method) {
    if (path == null || path.isEmpty()) {
      return false;
    }
    for (int i = 0; i < path.length(); i++) {
      if (path.charAt(i) <= ' ' || path.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return path.charAt(0) == '/'
        || (path.length() == 1 && path.charAt(0) == '*' && "OPTIONS".contentEquals(method));
  }

  /**
   * Whether the authority is consistent with {@code Host}, which is then removed; {@link
   * RequestSyntax} checks its form.
   */
  private static boolean isAuthority(Http2Headers headers) {
    CharSequence authority = headers.authority();
    if (authority == null) {
      return true;
    }
    CharSequence host = headers.get(HttpHeaderNames.HOST);
    if (host != null) {
      if (!AsciiString.contentEqualsIgnoreCase(host, authority)
          || headers.getAll(HttpHeaderNames.HOST).size() > 1) {
        return false;
      }
      headers.remove(HttpHeaderNames.HOST);
    }
    return AsciiString.indexOf(authority, '@', 0) < 0;
  }
}
