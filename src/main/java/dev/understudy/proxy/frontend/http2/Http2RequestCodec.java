package dev.understudy.proxy.frontend.http2;

import dev.understudy.proxy.flowcontrol.AdaptiveFlowController;
import dev.understudy.proxy.flowcontrol.PacedFrameCodec;
import dev.understudy.proxy.flowcontrol.PacedFrameReader;
import dev.understudy.proxy.flowcontrol.WindowBudget;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 codec of a client's connection: Netty's, with its bounds, and the rules of {@link
 * Http2RequestReader} and {@link Http2RequestHeaders}, for which Netty has no extension point.
 */
public final class Http2RequestCodec extends PacedFrameCodec {
  private final Http2ClosedStreams closed;
  private final Http2RequestReader reader;
  private final Http2StreamFrames frames;

  private Http2RequestCodec(
      Http2ConnectionEncoder encoder,
      Http2ConnectionDecoder decoder,
      Http2Settings settings,
      PacedFrameReader paced,
      Http2ClosedStreams closed,
      Http2RequestReader reader) {
    super(encoder, decoder, settings, paced);
    this.closed = closed;
    this.reader = reader;
    this.frames = new Http2StreamFrames(connection(), decoder.frameListener());
    decoder.frameListener(frames);
    // Nobody asks when a stream's window opens: what waits is written by itself.
    connection().remote().flowController().listener(null);
  }

  /**
   * Replaces another codec, under the same name, and takes over its settings. The settings frame
   * which that codec has written must not be sent.
   *
   * @param windows the memory for windows of clients
   * @return null if the client has disconnected meanwhile
   */
  public static @Nullable Http2RequestCodec replace(
      ChannelPipeline pipeline, String name, WindowBudget windows) {
    Http2FrameCodec before = pipeline.get(Http2FrameCodec.class);
    Http2Settings settings = before.encoder().pollSentSettings();
    if (settings == null) {
      return null;
    }
    // WebSockets over HTTP/2 (RFC 8441 §3).
    settings.connectProtocolEnabled(true);
    Http2RequestCodec codec = (Http2RequestCodec) new Encoding(settings).build();
    // A close waits for the last stream; how long, Http2ConnectionLifetime and the stop decide.
    codec.gracefulShutdownTimeoutMillis(-1);
    AdaptiveFlowController.install(codec, 1, windows);
    pipeline.replace(name, name, codec);
    return codec;
  }

  /**
   * What waits for more to be decoded, in bytes: the buffer of a frame that is not complete, and a
   * head whose last frame has not come.
   */
  long undecoded() {
    return (actualReadableBytes() == 0 ? 0L : internalBuffer().capacity()) + reader.unfinished();
  }

  /** Directs the frames of streams to the connection. */
  void to(Http2ClientConnection handler) {
    frames.to(handler);
  }

  /** Notes every RST_STREAM sent on this connection; all callers end here. */
  @Override
  public ChannelFuture resetStream(
      ChannelHandlerContext ctx, int id, long error, ChannelPromise promise) {
    Http2Stream stream = connection().stream(id);
    if (stream == null || (stream.state().remoteSideOpen() && !stream.isResetSent())) {
      closed.reset(
          id,
          stream == null
              ? AdaptiveFlowController.FIRST_WINDOW
              : connection().local().flowController().windowSize(stream));
    }
    return super.resetStream(ctx, id, error, promise);
  }

  /** The streams of one connection, all equal: priorities are deprecated (RFC 9113 §5.3.2). */
  private static final class Streams extends DefaultHttp2Connection {
    Streams() {
      super(true);
      remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(this, new UniformStreamByteDistributor(this)));
    }
  }

  /** Builds the encoder with all of Netty's bounds; the decoder built with it is discarded. */
  private static final class Encoding extends Http2FrameCodecBuilder {
    Encoding(Http2Settings settings) {
      connection(new Streams());
      initialSettings(settings);
    }

    @Override
    protected Http2FrameCodec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      decoder.close();
      Http2Connection connection = encoder.connection();
      Http2ClosedStreams closed = new Http2ClosedStreams();
      Http2RequestHeaders headers =
          new Http2RequestHeaders(Objects.requireNonNull(settings.maxHeaderListSize()));
      Http2RequestReader reader =
          new Http2RequestReader(
              new DefaultHttp2FrameReader(headers, decoderEnforceMaxSmallContinuationFrames()),
              connection,
              closed);
      PacedFrameReader paced = new PacedFrameReader(reader);
      return new Decoding(
              new DefaultHttp2ConnectionDecoder(
                  connection,
                  encoder,
                  paced,
                  Http2PromisedRequestVerifier.ALWAYS_VERIFY,
                  true,
                  true,
                  isValidateHeaders()),
              encoder,
              settings,
              paced,
              closed,
              reader)
          .build();
    }
  }

  /** Builds the codec with all of Netty's bounds on input. */
  private static final class Decoding extends Http2FrameCodecBuilder {
    private final PacedFrameReader paced;
    private final Http2ClosedStreams closed;
    private final Http2RequestReader reader;

    Decoding(
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings settings,
        PacedFrameReader paced,
        Http2ClosedStreams closed,
        Http2RequestReader reader) {
      this.paced = paced;
      this.closed = closed;
      this.reader = reader;
      initialSettings(settings);
      codec(decoder, encoder);
    }

    @Override
    protected Http2FrameCodec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2RequestCodec(encoder, decoder, settings, paced, closed, reader);
    }
  }
}
