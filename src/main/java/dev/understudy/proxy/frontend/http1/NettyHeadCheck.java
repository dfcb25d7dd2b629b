package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.RequestSyntax;
import dev.understudy.proxy.frontend.RequestSyntax.Malformed;
import dev.understudy.proxy.http.ChunkedFraming;
import dev.understudy.proxy.http.FieldLines;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

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

  /**
   * How often a target is kept: twice in the express lane, five times in the Gateway's, by a heap
   * of 600 requests with 7 KB each.
   */
  private static final int COPIES = 3;

  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  /** The index of the first byte of the head that is not counted yet. */
  private int from;

  /** The head that Netty's decoder is filling; null outside of heads. */
  private @Nullable HttpMessage filling;

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
    if (filling != null) {
      bytes += input.readerIndex() - from;
    }
    input = Unpooled.EMPTY_BUFFER;
  }

  /** Checks a request line that Netty's decoder has just read. */
  void line(String[] line) {
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

  /** Begins a head, whose fields Netty's decoder will add. */
  void filling(HttpMessage head) {
    filling = head;
  }

  /** The head that Netty's decoder is filling; null outside of heads. */
  @Nullable HttpMessage begun() {
    return filling;
  }

  /** Forgets that head, as it has failed. */
  void drop() {
    filling = null;
  }

  /** Ends a head. Returns the result of its decoding, which has failed if a rule is broken. */
  DecoderResult result(HttpRequest request) {
    filling = null;
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
  long size(HttpMessage head) {
    int target = head instanceof HttpRequest request ? request.uri().length() : 0;
    return bytes + (long) COPIES * target + FieldLines.costBytes(head.headers().size(), 0);
  }

  /** What a head takes that is not complete, in bytes. */
  long unfinished() {
    HttpMessage head = filling;
    return head == null ? 0 : size(head);
  }

  /** What trailers take that are not complete, in bytes. */
  static long size(ChunkedFraming framing) {
    return FieldLines.costBytes(framing.trailers(), framing.trailerBytes());
  }

  /** What Netty's own buffer for lines takes, in bytes: it stays as large as it was needed. */
  long lines() {
    return largest;
  }
}
