package dev.understudy.proxy.frontend.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DefaultHeaders.ValueValidator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * Decodes HPACK and checks a request's fields (RFC 9113 §8.2 and §8.3): Netty's rules, and no white
 * space at the beginning or end of a value (§8.2.1).
 *
 * <p>Netty throws on a malformed field, before the state of its stream is checked. Here the fault
 * becomes the result ({@link Malformed}), and {@link Http2RequestReader} throws it.
 */
final class Http2RequestHeaders extends DefaultHttp2HeadersDecoder {
  /**
   * Creates a decoder of heads and trailers.
   *
   * @param maxSize the largest total size of the decoded fields in bytes (RFC 9113 §6.5.2)
   */
  Http2RequestHeaders(long maxSize) {
    super(true, maxSize);
  }

  @Override
  public Http2Headers decodeHeaders(int stream, ByteBuf block) throws Http2Exception {
    try {
      return super.decodeHeaders(stream, block);
    } catch (Http2Exception e) {
      if (e instanceof Http2Exception.StreamException fault) {
        return new Malformed(fault);
      }
      throw e;
    }
  }

  @Override
  protected Http2Headers newHeaders() {
    return new Fields(numberOfHeadersGuess());
  }

  /** Fields that are malformed or too large. */
  static final class Malformed extends DefaultHttp2Headers {
    private final Http2Exception.StreamException fault;

    private Malformed(Http2Exception.StreamException fault) {
      super(false, 2);
      this.fault = fault;
    }

    Http2Exception.StreamException fault() {
      return fault;
    }
  }

  private static final class Fields extends DefaultHttp2Headers {
    Fields(int expected) {
      super(true, true, expected);
    }

    @Override
    protected void validateValue(
        ValueValidator<CharSequence> validator, CharSequence name, CharSequence value) {
      super.validateValue(validator, name, value);
      int length = value.length();
      if (length > 0 && (isSpace(value.charAt(0)) || isSpace(value.charAt(length - 1)))) {
        throw new IllegalArgumentException("white space around a value");
      }
    }

    private static boolean isSpace(char c) {
      return c == ' ' || c == '\t';
    }
  }
}
