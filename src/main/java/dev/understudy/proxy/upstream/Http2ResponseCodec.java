package dev.understudy.proxy.upstream;

import dev.understudy.proxy.flowcontrol.PacedFrameCodec;
import dev.understudy.proxy.flowcontrol.PacedFrameReader;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * The HTTP/2 codec of a connection to a server: Netty's for clients, with its bounds, and a {@link
 * PacedFrameReader}, for which Netty has no extension point.
 */
final class Http2ResponseCodec extends PacedFrameCodec {
  private Http2ResponseCodec(
      Http2ConnectionEncoder encoder,
      Http2ConnectionDecoder decoder,
      Http2Settings settings,
      PacedFrameReader reader) {
    super(encoder, decoder, settings, reader);
  }

  /**
   * Creates the codec of one connection.
   *
   * @param maxHeaderBytes the largest total size of a response's fields (RFC 9113 §6.5.2)
   */
  static Http2FrameCodec create(int maxHeaderBytes) {
    return new Encoding(
            Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(maxHeaderBytes))
        .build();
  }

  /** Builds the encoder with all of Netty's bounds; the decoder built with it is discarded. */
  private static final class Encoding extends Http2FrameCodecBuilder {
    private final long maxHeaderBytes;

    Encoding(Http2Settings settings) {
      maxHeaderBytes = settings.maxHeaderListSize();
      connection(new DefaultHttp2Connection(false));
      initialSettings(settings);
    }

    @Override
    protected Http2FrameCodec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      decoder.close();
      PacedFrameReader reader =
          new PacedFrameReader(
              new DefaultHttp2FrameReader(
                  new DefaultHttp2HeadersDecoder(isValidateHeaders(), maxHeaderBytes),
                  decoderEnforceMaxSmallContinuationFrames()));
      return new Decoding(
              new DefaultHttp2ConnectionDecoder(
                  encoder.connection(),
                  encoder,
                  reader,
                  Http2PromisedRequestVerifier.ALWAYS_VERIFY,
                  true,
                  true,
                  isValidateHeaders()),
              encoder,
              settings,
              reader)
          .build();
    }
  }

  /** Builds the codec with all of Netty's bounds on input. */
  private static final class Decoding extends Http2FrameCodecBuilder {
    private final PacedFrameReader reader;

    Decoding(
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings settings,
        PacedFrameReader reader) {
      this.reader = reader;
      initialSettings(settings);
      codec(decoder, encoder);
      gracefulShutdownTimeoutMillis(0);
    }

    /** Not of a server, for which Netty would limit resets: a server may reset what we opened. */
    @Override
    public boolean isServer() {
      return false;
    }

    @Override
    protected Http2FrameCodec build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      return new Http2ResponseCodec(encoder, decoder, settings, reader);
    }
  }
}
