package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the responses on one upstream connection. Differs from {@code HttpClientCodec} in two
 * ways: it reports whether any bytes are left over, without which the connection could not be
 * reused safely; and it reads plain responses itself (see {@link PlainHead}) and passes their body
 * on in the buffers in which it arrived. Netty decodes all other responses, whose fields are
 * counted before ({@link FieldLines}) and whose small chunks are joined ({@link SmallChunks}).
 */
public final class ResponseDecoder extends HttpResponseDecoder {
  private static final int MAX_LINE = 8 * 1024;
  private static final int MAX_PIECE = 64 * 1024;
  private static final DecoderResult MALFORMED_CHUNKS =
      DecoderResult.failure(new IllegalArgumentException("malformed chunked framing"));
  private static final DecoderResult TOO_MANY_FIELDS =
      DecoderResult.failure(new FieldLines.TooMany());

  private final Runnable bytesArrived;
  private final int maxHeaderBytes;
  private final FieldLines lines;
  private final SmallChunks smallChunks = new SmallChunks(true);

  /** Whether there were too many lines: all that comes is dropped. */
  private boolean refused;

  /** Whether no byte of the response has been read. */
  private boolean fresh;

  /** The bytes of a plain response's body still to come. */
  private long bodyLeft;

  private final ChunkedFraming chunks = new ChunkedFraming();
  private boolean chunked;
  private boolean head;
  private boolean empty;
  private boolean informational;
  private boolean ended;
  private boolean stray;
  private boolean ambiguous;

  /** The buffer that Netty's decoder is reading, and the index at which it began. */
  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  private int start;

  /** Whether the present head is HTTP/1.0. */
  private boolean old;

  /**
   * Creates the decoder of a new connection.
   *
   * @param maxHeaderBytes the largest total size of a response's header fields, in bytes
   * @param maxFields the most fields of a response's head, and of its trailers
   * @param bytesArrived run on each read
   */
  public ResponseDecoder(int maxHeaderBytes, int maxFields, Runnable bytesArrived) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_PIECE));
    this.bytesArrived = bytesArrived;
    this.maxHeaderBytes = maxHeaderBytes;
    this.lines = new FieldLines(maxFields);
  }

  /** Expects a response to a request with this method (RFC 9112 §6.3, item 1). */
  public void expect(HttpMethod method) {
    head = HttpMethod.HEAD.equals(method);
    ended = false;
    fresh = true;
    lines.beginHead();
  }

  /** Whether no byte followed the last response and its length was unambiguous. */
  public boolean isClean() {
    return !ambiguous && !stray && actualReadableBytes() == 0;
  }

  /** Whether the response whose head was decoded last has no body, regardless of its fields. */
  public boolean isEmpty() {
    return empty;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    stray |= ended && in.isReadable();
    if (chunked && chunks.isAtSizeLine()) {
      smallChunks.take(ctx.alloc(), in, out);
      if (!in.isReadable()) {
        return;
      }
      trimSizeLine(in);
    }
    if (chunked && chunks.isInTrailers()) {
      lines.inTrailers();
    }
    if (refused || !lines.take(in)) {
      tooManyLines(ctx, in, out);
      return;
    }
    int before = out.size();
    input = in;
    start = in.readerIndex();
    super.decode(ctx, in, out);
    input = Unpooled.EMPTY_BUFFER;
    lines.consumed(in.readerIndex() - start);
    if (out.size() > before && out.get(before) instanceof HttpResponse response) {
      lines.end();
      chunked =
          response.decoderResult().isSuccess() && HttpUtil.isTransferEncodingChunked(response);
      chunks.begin();
    } else if (chunked) {
      chunked = !isBroken(out, before);
      if (chunked && !chunks.follow(in, start, in.readerIndex())) {
        refuse(out, before);
      }
    }
    if (out.size() > before && out.get(out.size() - 1) instanceof LastHttpContent) {
      ended = !informational;
      chunked = false;
      if (informational) {
        lines.beginHead();
      }
    }
    if (!smallChunks.isEmpty() || chunked) {
      smallChunks.join(ctx.alloc(), out, before);
    }
  }

  /** Passes on a head, or the last content, that has failed, and drops what follows. */
  private void tooManyLines(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    in.skipBytes(in.readableBytes());
    if (refused) {
      return;
    }
    refused = true;
    int before = out.size();
    if (chunked) {
      out.add(broken(TOO_MANY_FIELDS));
      chunked = false;
    } else {
      HttpResponse head =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.BAD_GATEWAY);
      head.setDecoderResult(TOO_MANY_FIELDS);
      out.add(head);
    }
    smallChunks.join(ctx.alloc(), out, before);
  }

  private static LastHttpContent broken(DecoderResult why) {
    LastHttpContent last = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
    last.setDecoderResult(why);
    return last;
  }

  /**
   * Replaces the blanks before the CRLF of the chunk-size line at the reader index by leading
   * zeros: Netty rejects these blanks, which RFC 9112 §7.1 does not allow, while HAProxy and nginx
   * pass them. Some servers pad all sizes with them.
   */
  private static void trimSizeLine(ByteBuf in) {
    int from = in.readerIndex();
    int end = in.indexOf(from, Math.min(in.writerIndex(), from + MAX_LINE), (byte) '\n') - 1;
    if (end <= from || in.getByte(end) != '\r' || Character.digit(in.getByte(from), 16) < 0) {
      return;
    }
    int last = end - 1;
    while (in.getByte(last) == ' ' || in.getByte(last) == '\t') {
      last--;
    }
    int blanks = end - 1 - last;
    if (blanks > 0) {
      for (int i = last; i >= from; i--) {
        in.setByte(i + blanks, in.getByte(i));
      }
      for (int i = 0; i < blanks; i++) {
        in.setByte(from + i, '0');
      }
    }
  }

  private static boolean isBroken(List<Object> out, int before) {
    return out.size() > before
        && out.get(out.size() - 1) instanceof HttpContent last
        && last.decoderResult().isFailure();
  }

  /** Replaces the messages of the last read, whose framing is malformed, by failed last content. */
  private void refuse(List<Object> out, int at) {
    chunked = false;
    while (out.size() > at) {
      ReferenceCountUtil.release(out.remove(out.size() - 1));
    }
    out.add(broken(MALFORMED_CHUNKS));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    bytesArrived.run();
    try {
      if (msg instanceof ByteBuf in && (bodyLeft > 0 || (fresh && begins(ctx, in)))) {
        plainBody(ctx, in);
      } else {
        super.channelRead(ctx, msg);
      }
    } finally {
      smallChunks.pass(ctx);
    }
  }

  /**
   * Reads a plain response head at the reader index and passes it on. Returns false if there is
   * none.
   */
  private boolean begins(ChannelHandlerContext ctx, ByteBuf in) {
    fresh = false;
    PlainHead read = PlainHead.at(in);
    if (read == null || read.size() > maxHeaderBytes || !lines.allow(read.fields())) {
      return false;
    }
    lines.end();
    HttpResponse response = PlainResponse.of(read);
    if (response == null) {
      return false;
    }
    int status = response.status().code();
    boolean bodiless = head || status == 204 || status == 304;
    long length = ((PlainHeaders) response.headers()).contentLength();
    if (length == PlainHeaders.UNCLEAR || (length == PlainHeaders.NO_LENGTH && !bodiless)) {
      return false;
    }
    empty = bodiless;
    bodyLeft = bodiless ? 0 : length;
    in.skipBytes(read.size());
    ctx.fireChannelRead(response);
    return true;
  }

  /** Passes on the bytes of a plain response's body, and its end. Takes over the reference. */
  private void plainBody(ChannelHandlerContext ctx, ByteBuf in) {
    int readable = in.readableBytes();
    if (readable > bodyLeft) {
      // Nothing may follow a response; the owner closes a connection that is not clean.
      stray = true;
      readable = (int) bodyLeft;
      in.writerIndex(in.readerIndex() + readable);
    }
    bodyLeft -= readable;
    ended = bodyLeft == 0;
    if (readable > 0) {
      ctx.fireChannelRead(in);
    } else {
      in.release();
    }
    if (ended) {
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  /**
   * Rejects versions, status codes and reason phrases that Netty accepts. Reads a later minor
   * version as 1.1 (RFC 9110 §2.5), and 1.0 as 1.1 until its lengths are judged, since Netty would
   * take the first of several in a 1.0 response.
   */
  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    int from = start;
    while (input.getByte(from) == '\r' || input.getByte(from) == '\n') {
      from++;
    }
    if (!StatusLine.isGood(input, from, lineEnd())) {
      throw new IllegalArgumentException("a status line that is not one of HTTP/1");
    }
    old = initialLine[0].equals(HttpVersion.HTTP_1_0.text());
    initialLine[0] = HttpVersion.HTTP_1_1.text();
    return super.createMessage(initialLine);
  }

  /** The index of the CRLF that ends the line which Netty has just read. */
  private int lineEnd() {
    return input.readerIndex() - 2;
  }

  /**
   * Rejects a header line with anything but white space between its name and the colon: Netty drops
   * everything up to a colon or the end of the line, but only white space may be dropped (RFC 9112
   * §5.1).
   */
  @Override
  protected AsciiString splitHeaderName(byte[] line, int from, int length) {
    if (line[from + length] != ':' && !isColonNext(length)) {
      throw new IllegalArgumentException("a header line that is no field");
    }
    return super.splitHeaderName(line, from, length);
  }

  /** Whether only white space separates the present line's name from its colon. */
  private boolean isColonNext(int nameLength) {
    int end = lineEnd();
    int before = input.indexOf(end, start, (byte) '\n');
    int at = (before < 0 ? start : before + 1) + nameLength;
    while (at < end && (input.getByte(at) == ' ' || input.getByte(at) == '\t')) {
      at++;
    }
    return at < end && input.getByte(at) == ':';
  }

  /** Netty calls this after it has judged the head's lengths and before its transfer coding. */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    if (old) {
      message.setProtocolVersion(HttpVersion.HTTP_1_0);
    }
    informational =
        message instanceof HttpResponse response
            && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    if (informational && ((HttpResponse) message).status().code() == 101) {
      refuseBody(message.headers());
    }
    // Netty assumes a body for a 101 without Sec-WebSocket-Accept, as in an early draft.
    empty = head || informational || super.isContentAlwaysEmpty(message);
    return empty;
  }

  /** Rejects a 101 that has a length or a transfer coding (RFC 9110 §8.6, RFC 9112 §6.1). */
  private static void refuseBody(HttpHeaders headers) {
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        || !headers.get(HttpHeaderNames.CONTENT_LENGTH, "0").equals("0")) {
      throw new IllegalArgumentException("a 101 with a body");
    }
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    ambiguous = true;
    super.handleTransferEncodingChunkedWithContentLength(message);
  }

  /**
   * Creates final responses from plain heads, if nothing about them but the length is in doubt;
   * chunked ones are left to Netty's decoder.
   */
  private static final class PlainResponse {
    private static final String VERSION = "HTTP/1.1 ";
    private static final int CODE = VERSION.length();
    private static final int REASON = CODE + 4;

    private PlainResponse() {}

    /** Returns the response of the head that was read; null if the head has another form. */
    static @Nullable HttpResponse of(PlainHead read) {
      HttpResponseStatus status = status(read);
      if (status == null) {
        return null;
      }
      PlainHeaders headers = read.headers();
      return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
          ? null
          : new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, headers);
    }

    private static @Nullable HttpResponseStatus status(PlainHead read) {
      if (read.firstLine() <= REASON || !read.has(VERSION, 0) || read.charAt(REASON - 1) != ' ') {
        return null;
      }
      int code = 0;
      for (int i = CODE; i < REASON - 1; i++) {
        int digit = read.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return null;
        }
        code = 10 * code + digit;
      }
      // 1xx precedes the final response; a client's codec might treat 205 as bodiless.
      if (code < 200 || code == 205 || code > 599) {
        return null;
      }
      HttpResponseStatus known = HttpResponseStatus.valueOf(code);
      String reason = known.reasonPhrase();
      if (read.firstLine() == REASON + reason.length() && read.has(reason, REASON)) {
        return known;
      }
      return read.charAt(REASON) <= ' ' || read.charAt(read.firstLine() - 1) <= ' '
          ? null
          : new HttpResponseStatus(code, read.text(REASON, read.firstLine()));
    }
  }
}
