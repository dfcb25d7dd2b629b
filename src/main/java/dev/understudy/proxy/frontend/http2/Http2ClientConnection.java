package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.engine.ChannelClose;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.flowcontrol.AdaptiveFlowController;
import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLoop;
import dev.understudy.proxy.frontend.LocalResponseSender;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.RequestParts;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Exception.HeaderListSizeException;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of a client, behind its codec. {@link Http2ConnectionLifetime} limits and
 * ends it; {@link Http2ClientStream} is a stream.
 *
 * <p>Frames of streams come from {@link Http2StreamFrames}, before the codec makes objects of them.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
public final class Http2ClientConnection extends ChannelInboundHandlerAdapter
    implements ClientMemory.Carrier {
  private final Frontend frontend;
  private final Http2RequestCodec codec;

  /** The streams that have a request and have not ended. */
  private final SlotList<Http2ClientStream> requests = new SlotList<>();

  /** The streams whose head has come, by their ids. */
  private final IntObjectMap<Http2ClientStream> streams = new IntObjectHashMap<>();

  /** The cost of the requests of all streams. */
  private long requestBytes;

  /** The bytes of their bodies that nobody has taken. */
  private long unreadBytes;

  private @Nullable ConnectionAdmission admission;
  private final Http2CodecRejections rejections =
      new Http2CodecRejections(this::rejectedByCodec, this::endedByCodec);
  private @Nullable ChannelHandlerContext context;
  private @Nullable FrontendLoop loop;
  private @Nullable Http2ConnectionLifetime lifetime;
  private @Nullable Http2FrameOutput output;

  /** Creates the handler of one HTTP/2 connection, to be added right behind its codec. */
  public Http2ClientConnection(Frontend frontend, Http2RequestCodec codec) {
    this.frontend = frontend;
    this.codec = codec;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    // A TCP half-close ends the connection; GOAWAY or close_notify only its input.
    ChannelClose.forbid(ctx.channel());
    loop = frontend.on(ctx.channel().eventLoop());
    admission = new ConnectionAdmission(frontend, ctx.channel(), this);
    output = new Http2FrameOutput(codec, ctx.pipeline().context(codec), admission.memory());
    lifetime = new Http2ConnectionLifetime(frontend, ctx, requests, admission);
    lifetime.enter();
    codec.connection().addListener(rejections);
    codec
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamClosed(Http2Stream stream) {
                Http2ClientStream ended = streams.remove(stream.id());
                if (ended != null) {
                  requestBytes -= ended.takeCost();
                  output().memory().requestsChanged();
                  ended.closed();
                }
              }
            });
    codec.to(this);
    if (frontend.isDraining()) {
      lifetime.drain();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    lifetime().leave();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    lifetime().leave();
    requests.forEach(Http2ClientStream::closed);
    ctx.fireChannelInactive();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      requests.forEach(Http2ClientStream::connectionWritable);
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Http2Exception {
    if (msg instanceof Http2PingFrame ping && ping.ack()) {
      lifetime().acknowledged(ping);
    } else if (msg instanceof Http2SettingsAckFrame) {
      AdaptiveFlowController.of(codec.connection()).acknowledged();
    }
    ReferenceCountUtil.release(msg);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ChannelClose.isEndOfInput(event)) {
      inputEnds(ctx.channel());
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /**
   * Closes the connection of a client that has ended TLS, after the responses to all requests that
   * came whole; at once if TLS has ended in both directions.
   */
  private void inputEnds(Channel channel) {
    if (ChannelClose.isTlsOver(channel)) {
      lifetime().closeAtOnce();
    } else {
      requests.forEach(Http2ClientStream::inputEnds);
      lifetime().leaveNow();
    }
  }

  /** Notes connection errors, which the codec reports; closes the connection on other failures. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof Http2FrameStreamException of) {
      failed(of);
      return;
    }
    Http2Exception broken = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
    if (broken == null) {
      if (cause.getCause() instanceof SSLException) {
        requests.forEach(each -> each.failed(cause));
      }
      ctx.close();
    } else if (!Http2Exception.isStreamError(broken)) {
      rejections.broken(broken);
      lifetime().broken();
    }
  }

  private void failed(Http2FrameStreamException violation) {
    Http2ClientStream stream = streams.get(violation.stream().id());
    Throwable cause = Objects.requireNonNullElse(violation.getCause(), violation);
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) instanceof HeaderListSizeException) {
      // Trailers that are too large. A head that is too large fails before there is a stream.
      frontend.listener().limited(Limit.HEADER_SIZE);
    }
    if (stream != null) {
      stream.failed(cause);
    }
    Http2Stream netty = codec.connection().stream(violation.stream().id());
    if (netty != null) {
      output().reset(netty, violation.error());
    }
  }

  // Frames of streams.

  /** Handles a head on a stream that has none; drops the trailers of a request that was refused. */
  void head(Http2Stream netty, Http2Headers headers, boolean end) {
    if (netty.isHeadersSent()) {
      return;
    }
    if (output().memory().isExhausted()) {
      output().memory().exhausted();
      output().reset(netty, Http2Error.ENHANCE_YOUR_CALM);
      return;
    }
    Http2RequestCheck.Verdict verdict = Http2RequestCheck.check(headers, end);
    switch (verdict) {
      case GOOD, WEB_SOCKET -> {
        int costBytes = ClientMemory.REQUEST + Http2Fields.size(headers);
        requestBytes += costBytes;
        Http2ClientStream stream = new Http2ClientStream(frontend, this, netty, costBytes);
        streams.put(netty.id(), stream);
        try {
          stream.head(
              Http2Fields.request(headers, end),
              end,
              verdict == Http2RequestCheck.Verdict.WEB_SOCKET);
        } catch (RuntimeException | StackOverflowError e) {
          stream.failed(e);
        }
      }
      case CONNECT ->
          output()
              .refuse(
                  netty,
                  HttpResponseStatus.METHOD_NOT_ALLOWED,
                  new DefaultHttpHeaders().set("allow", LocalResponse.ALLOWED_METHODS));
      case OTHER_PROTOCOL ->
          output().refuse(netty, HttpResponseStatus.NOT_IMPLEMENTED, EmptyHttpHeaders.INSTANCE);
      case MALFORMED -> output().reset(netty, Http2Error.PROTOCOL_ERROR);
    }
  }

  @Override
  public long requests() {
    return streams.isEmpty() ? 0 : ClientMemory.CONNECTION + requestBytes;
  }

  @Override
  public long undecoded() {
    return unreadBytes + codec.undecoded();
  }

  @Override
  public ByteToMessageDecoder decoder() {
    return codec;
  }

  /** Counts bytes of a body that more, or fewer, wait to be taken. */
  void unread(int change) {
    unreadBytes += change;
  }

  /** The stream by its id; null if there is none whose request is known. */
  @Nullable Http2ClientStream stream(int id) {
    return streams.get(id);
  }

  // Calls from the streams.

  /** Handles a request that became a tunnel, which counts by itself. */
  void tunnelled(Http2ClientStream stream) {
    requestBytes -= stream.takeCost();
  }

  Http2FrameOutput output() {
    return Objects.requireNonNull(output);
  }

  EventLoop eventLoop() {
    return context().channel().eventLoop();
  }

  /** Lets the client send again as many bytes as a stream has taken. */
  void consumed(Http2ClientStream stream, int bytes) {
    if (bytes > 0 && stream.state() != Http2StreamState.CLOSED) {
      try {
        var unused =
            codec.connection().local().flowController().consumeBytes(stream.netty(), bytes);
      } catch (Http2Exception e) {
        output().broken(e);
      }
      // Also of a window that was widened, of which the result says nothing.
      output().flushSoon();
    }
  }

  /**
   * Admits a request on the stream. Returns its client, or null if that has too many connections.
   */
  @Nullable ClientConnection opened(Http2ClientStream stream) {
    ClientConnection client = admitted();
    if (client != null) {
      requests.add(stream);
      lifetime().requestCame();
    }
    return client;
  }

  /** See {@link ConnectionAdmission#refusal(HttpRequest)}. */
  int refusal(HttpRequest request) {
    return admission().refusal(request);
  }

  /** See {@link ConnectionAdmission#refusal(RequestParts)}. */
  int refusal(RequestParts parts) {
    return admission().refusal(parts);
  }

  /**
   * Counts a request that was accepted.
   *
   * @param partBytes what it costs more than was known before its route
   */
  void accepted(int partBytes) {
    requestBytes += partBytes;
    output().memory().requestsChanged();
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

  /** Handles a connection that the codec ends for the limit. */
  private void endedByCodec(Limit limit) {
    frontend.listener().limited(limit);
    lifetime().broken();
  }

  private @Nullable ClientConnection admitted() {
    ClientConnection client = admission().admit();
    if (client == null) {
      context().channel().close();
    }
    return client;
  }

  /** Removes the request; no effect if already removed. */
  void closed(Http2ClientStream stream) {
    if (requests.remove(stream) && requests.isEmpty()) {
      lifetime().moved();
    }
  }

  FrontendLoop loop() {
    return Objects.requireNonNull(loop);
  }

  private ConnectionAdmission admission() {
    return Objects.requireNonNull(admission);
  }

  private ChannelHandlerContext context() {
    return Objects.requireNonNull(context);
  }

  private Http2ConnectionLifetime lifetime() {
    return Objects.requireNonNull(lifetime);
  }
}
