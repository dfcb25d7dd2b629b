package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.eventloop.CoalescedFlush;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.flowcontrol.AdaptiveFlowController;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLoop;
import dev.understudy.proxy.frontend.LocalResponseSender;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a client, behind its codec. {@link Http2ConnectionLifetime} limits and
 * ends it; {@link Http2Frontend} handles each stream.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Http2ClientConnection extends ChannelInboundHandlerAdapter {
  private final Frontend frontend;

  /** The streams that have a request and have not ended. */
  private final SlotList<Http2ClientStream> streams = new SlotList<>();

  private final ConnectionAdmission admission;
  private final Http2CodecRejections rejections =
      new Http2CodecRejections(this::rejectedByCodec, this::endedByCodec);
  private @Nullable ChannelHandlerContext context;
  private @Nullable FrontendLoop loop;
  private @Nullable Http2ConnectionLifetime lifetime;
  private @Nullable CoalescedFlush flush;

  /** Creates the handler of one HTTP/2 connection, to be added last, behind its multiplexer. */
  public Http2ClientConnection(Frontend frontend) {
    this.frontend = frontend;
    this.admission = new ConnectionAdmission(frontend);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    flush = new CoalescedFlush(ctx.channel());
    loop = frontend.on(ctx.channel().eventLoop());
    lifetime = new Http2ConnectionLifetime(frontend, ctx, streams, admission);
    lifetime.enter();
    ctx.pipeline().get(Http2FrameCodec.class).connection().addListener(rejections);
    if (frontend.isDraining()) {
      lifetime.drain();
    }
  }

  /**
   * Flushes once for all writes in the same turn of the event loop: the responses of the streams
   * come from as many connections to servers, and leave in one TLS record.
   */
  void flushSoon() {
    Objects.requireNonNull(flush, "not in a pipeline").plan();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    lifetime().leave();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    lifetime().leave();
    streams.forEach(each -> each.front().connectionGone());
    ctx.fireChannelInactive();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      streams.forEach(each -> each.front().connectionWritable());
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Http2Exception {
    if (msg instanceof Http2PingFrame ping && ping.ack()) {
      lifetime().acknowledged(ping);
    } else if (msg instanceof Http2SettingsAckFrame) {
      AdaptiveFlowController.of(ctx.pipeline().get(Http2RequestCodec.class).connection())
          .acknowledged();
    }
    ReferenceCountUtil.release(msg);
  }

  /** Notes connection errors, which the codec reports; closes the connection on other failures. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Http2Exception broken = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
    if (broken == null) {
      ctx.close();
    } else if (!Http2Exception.isStreamError(broken)) {
      rejections.broken(broken);
      lifetime().broken();
    }
  }

  /**
   * Admits a request on the stream. Returns its client, or null if that has too many connections.
   */
  @Nullable ClientConnection opened(Http2ClientStream stream) {
    ClientConnection client = admitted();
    if (client != null) {
      streams.add(stream);
      lifetime().requestCame();
    }
    return client;
  }

  /** See {@link ConnectionAdmission#refusal}. */
  int refusal(HttpRequest request) {
    return admission.refusal(request);
  }

  /** Counts and reports a request to which the codec responded with 431. */
  private void rejectedByCodec() {
    frontend.listener().limited(Limit.HEADER_SIZE);
    ClientConnection client = admitted();
    if (client != null) {
      lifetime().moved();
      lifetime().requestCame();
      LocalResponseSender.refusedUnseen(frontend, client, loop().ids(), 431);
    }
  }

  /**
   * Counts trailers that are too large. A head that is too large fails before there is a stream.
   */
  void broken(Throwable cause) {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) instanceof HeaderListSizeException) {
      frontend.listener().limited(Limit.HEADER_SIZE);
    }
  }

  /** Handles a connection that the codec ends for the limit. */
  private void endedByCodec(Limit limit) {
    frontend.listener().limited(limit);
    lifetime().broken();
  }

  private @Nullable ClientConnection admitted() {
    Channel channel = Objects.requireNonNull(context).channel();
    ClientConnection client = admission.admit(channel);
    if (client == null) {
      channel.close();
    }
    return client;
  }

  /** Removes the stream; no effect if already removed. */
  void closed(Http2ClientStream stream) {
    if (streams.remove(stream) && streams.isEmpty()) {
      lifetime().moved();
    }
  }

  FrontendLoop loop() {
    return Objects.requireNonNull(loop);
  }

  private Http2ConnectionLifetime lifetime() {
    return Objects.requireNonNull(lifetime);
  }
}
