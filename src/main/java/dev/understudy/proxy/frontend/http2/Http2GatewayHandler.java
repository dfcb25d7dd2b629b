package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.frontend.GatewayBridge;
import dev.understudy.proxy.frontend.GatewayRequest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Gateway lane's exchange on one HTTP/2 stream: its request goes to Reactor Netty, whose
 * response comes back. Stands in the stream's channel, right behind the codec that converts frames
 * to HTTP/1 messages. In the channel of a tunnel that was opened from the express lane it has no
 * exchange.
 */
public final class Http2GatewayHandler extends ChannelDuplexHandler {
  private final Http2ClientStream stream;
  private @Nullable ChannelHandlerContext context;
  private @Nullable GatewayBridge bridge;
  private @Nullable Http2GatewayResponse response;

  /** The request as Reactor Netty gets it, until it has. */
  private @Nullable HttpRequest passed;

  private boolean refused;

  Http2GatewayHandler(Http2ClientStream stream) {
    this.stream = stream;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  boolean isAdded() {
    return context != null;
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "not in a pipeline");
  }

  /** The stream's channel. */
  Channel channel() {
    return context().channel();
  }

  /** Begins the exchange; the stream's head must follow. Returns the response. */
  Http2GatewayResponse begin(GatewayRequest what, HttpRequest request, Http2FrameOutput output) {
    ChannelHandlerContext ctx = context();
    Http2GatewayResponse begun = new Http2GatewayResponse(stream, ctx, output);
    response = begun;
    passed = request;
    bridge = GatewayBridge.begin(ctx.channel(), what, request, begun);
    return begun;
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
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    stream.unread().arrived();
    boolean last = false;
    Object message = msg;
    if (passed != null) {
      // What came is the form that Netty made of a head without fields.
      ReferenceCountUtil.release(msg);
      message = passed;
      passed = null;
    } else if (msg instanceof LastHttpContent end) {
      last = true;
      stream.sanitize(end.trailingHeaders());
    }
    if (stream.state().isGateway()) {
      if (last) {
        stream.on(Http2StreamState.Event.REQUEST_END);
      }
      pass(ctx, message, last);
      return;
    }
    int bytes = bytes(message);
    ReferenceCountUtil.release(message);
    stream.limits().drop(bytes, last);
    if (stream.hasRemainingBody()) {
      ctx.read();
    }
  }

  private static int bytes(Object msg) {
    return msg instanceof HttpContent content ? content.content().readableBytes() : 0;
  }

  private void pass(ChannelHandlerContext ctx, Object msg, boolean last) {
    if (refused) {
      ReferenceCountUtil.release(msg);
      if (last) {
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    } else if (stream.limits().isTooLongWith(bytes(msg))) {
      ReferenceCountUtil.release(msg);
      var unused = refuse(413);
    } else {
      stream.moved();
      ctx.fireChannelRead(bridge().passOn(msg));
    }
  }

  /**
   * Withholds the rest of the request from Reactor Netty, which responds with the status; aborts
   * the stream if the final response has begun. Returns false if the request was refused before.
   */
  boolean refuse(int status) {
    boolean first = !refused;
    if (first && response != null && response.hasBegun()) {
      response.abort();
    } else if (first) {
      refused = true;
      stream.moved();
      bridge().refuse(status);
    }
    return first;
  }

  /** Handles a read by Reactor Netty, which may ask by auto-read. */
  @Override
  public void read(ChannelHandlerContext ctx) {
    if (stream.state().isGateway()) {
      stream.unread().want();
      readAndFlush(ctx);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (stream.state() == Http2StreamState.OVER && msg instanceof HttpObject) {
      GatewayBridge.discard(msg, promise);
      return;
    }
    stream.moved();
    if (stream.state().isGateway() && response != null) {
      if (msg instanceof HttpResponse head) {
        bridge().restore(head);
      }
      response.write(msg, promise);
    } else {
      var unused = ctx.write(msg, promise);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    stream.moved();
    stream.tellWritability();
    ctx.fireChannelWritabilityChanged();
  }

  /** Notifies the lane of a change of the channel's writability. */
  void writabilityChanged() {
    if (bridge != null) {
      bridge.writabilityChanged();
    }
  }

  /** Ends the exchange, if there is one. */
  void over() {
    if (bridge != null) {
      bridge.over();
    }
  }

  private GatewayBridge bridge() {
    return Objects.requireNonNull(bridge);
  }
}
