package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.RequestSyntax;
import dev.understudy.proxy.frontend.RequestSyntax.Malformed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.netty.handler.codec.http.HttpRequest;

/**
 * Finds the faults of heads that Netty's decoder accepts, at the cost of a few additions for each:
 *
 * <ul>
 *   <li>A folded header line (RFC 9112 §5.2), which Netty joins silently. Netty does not count the
 *       two bytes that end a line, so the number of bytes of a head gives its number of lines; each
 *       line but the last must have become a field.
 *   <li>A request line that is not three words separated by single spaces (§3), or HTTP not in
 *       capitals (§2.3); Netty accepts any white space and letter case.
 * </ul>
 */
final class NettyHeadCheck {
  private static final DecoderResult FOLDED =
      DecoderResult.failure(new Malformed("a folded header line"));
  private static final DecoderResult UNCLEAR =
      DecoderResult.failure(new Malformed("a request line that is not three words"));

  /** What a short field takes as objects, in bytes. */
  private static final int FIELD = 160;

  private static final int FIELDS = 100 * FIELD;

  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  /** The index of the first byte of the head that is not counted yet. */
  private int from;

  private boolean inHead;
  private boolean clear;
  private long bytes;

  /** The bytes of the largest head. */
  private long largest;

  /** Notes that Netty's decoder is about to read. */
  void begin(ByteBuf buffer) {
    input = buffer;
    from = buffer.readerIndex();
  }

  /** Notes that Netty's decoder has read. */
  void end() {
    if (inHead) {
      bytes += input.readerIndex() - from;
    }
    input = Unpooled.EMPTY_BUFFER;
  }

  /** Checks a request line that Netty's decoder has just read, and begins a head. */
  void line(String[] line) {
    inHead = true;
    bytes = 0;
    from = input.readerIndex();
    // The spaces are at these positions only if the line is well-formed.
    int third = from - 2 - line[2].length() - 1;
    int second = third - 1 - line[1].length();
    clear =
        second >= 0
            && line[2].startsWith("HTTP/")
            && input.getByte(third) == ' '
            && input.getByte(second) == ' ';
  }

  /** Ends a head. Returns the result of its decoding, which has failed if a rule is broken. */
  DecoderResult result(HttpRequest request) {
    inHead = false;
    largest = Math.max(largest, bytes);
    if (!(request.decoderResult() instanceof HttpMessageDecoderResult size)) {
      return request.decoderResult();
    }
    if (!clear || size.initialLineLength() != RequestSyntax.lineLength(request)) {
      return UNCLEAR;
    }
    long fields = (bytes - size.headerSize()) / 2 - 1;
    return fields == request.headers().size() ? size : FOLDED;
  }

  /** What the head that ended last takes, in bytes. */
  long size(HttpRequest request) {
    return bytes + (long) FIELD * request.headers().size();
  }

  /** What the fields of a head take that is not complete, in bytes. */
  long unfinished() {
    return inHead ? FIELDS : 0;
  }

  /** What Netty's own buffer for lines takes, in bytes: it stays as large as it was needed. */
  long lines() {
    return largest;
  }
}
