package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * The decoder of one connection's answers. Used in place of {@code HttpClientCodec} because it can
 * say whether anything is left over, without which a connection can't be used again safely; and
 * because it reads plain responses itself (see {@link PlainHead}), whose body it passes on as the
 * buffers in which it came. All others are Netty's to read, from their first byte to their last.
 */
public final class ResponseDecoder extends HttpResponseDecoder {
  private static final int MAX_LINE = 8 * 1024;
  private static final int MAX_PIECE = 64 * 1024;
  private static final DecoderResult MENDED =
      DecoderResult.failure(new IllegalArgumentException("malformed chunked framing"));

  private final Runnable bytesArrived;
  private final int maxHeaderBytes;

  /** Nothing of the response has been read. */
  private boolean fresh;

  /** How much of a plain response's body is still to come. */
  private long bodyLeft;

  private final ChunkedFraming chunks = new ChunkedFraming();
  private boolean chunked;
  private boolean head;
  private boolean empty;
  private boolean informational;
  private boolean ended;
  private boolean stray;
  private boolean ambiguous;

  /** What Netty's decoder reads from, while it does so, and where it began. */
  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  private int start;

  /** The present head is one of HTTP/1.0. */
  private boolean old;

  /**
   * A decoder for a new connection.
   *
   * @param maxHeaderBytes of a response's header fields together
   * @param bytesArrived run for each read
   */
  public ResponseDecoder(int maxHeaderBytes, Runnable bytesArrived) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_PIECE));
    this.bytesArrived = bytesArrived;
    this.maxHeaderBytes = maxHeaderBytes;
  }

  /** The next response is to a request with this method (RFC 9112 §6.3, item 1). */
  public void expect(HttpMethod method) {
    head = HttpMethod.HEAD.equals(method);
    ended = false;
    fresh = true;
  }

  /** Whether not a byte came after the last response, and its length was beyond doubt. */
  public boolean isClean() {
    return !ambiguous && !stray && actualReadableBytes() == 0;
  }

  /** Whether the response whose head came last has no body, whatever its fields say. */
  public boolean isEmpty() {
    return empty;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    stray |= ended && in.isReadable();
    int before = out.size();
    input = in;
    start = in.readerIndex();
    super.decode(ctx, in, out);
    input = Unpooled.EMPTY_BUFFER;
    if (out.size() > before && out.get(before) instanceof HttpResponse response) {
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
    }
  }

  private static boolean isBroken(List<Object> out, int before) {
    return out.size() > before
        && out.get(out.size() - 1) instanceof HttpContent last
        && last.decoderResult().isFailure();
  }

  /** What the bytes read last have become is not what they say. */
  private void refuse(List<Object> out, int at) {
    chunked = false;
    while (out.size() > at) {
      ReferenceCountUtil.release(out.remove(out.size() - 1));
    }
    LastHttpContent broken = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
    broken.setDecoderResult(MENDED);
    out.add(broken);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    bytesArrived.run();
    if (msg instanceof ByteBuf in && (bodyLeft > 0 || (fresh && begins(ctx, in)))) {
      plainBody(ctx, in);
    } else {
      super.channelRead(ctx, msg);
    }
  }

  /** Takes a plain response's head and passes it on, if one begins here. */
  private boolean begins(ChannelHandlerContext ctx, ByteBuf in) {
    fresh = false;
    PlainHead read = PlainHead.at(in);
    if (read == null || read.size() > maxHeaderBytes) {
      return false;
    }
    HttpResponse answer = PlainResponse.of(read);
    if (answer == null) {
      return false;
    }
    int status = answer.status().code();
    boolean bodiless = head || status == 204 || status == 304;
    long length = ((PlainHeaders) answer.headers()).contentLength();
    if (length == PlainHeaders.UNCLEAR || (length == PlainHeaders.NO_LENGTH && !bodiless)) {
      return false;
    }
    empty = bodiless;
    bodyLeft = bodiless ? 0 : length;
    in.skipBytes(read.size());
    ctx.fireChannelRead(answer);
    return true;
  }

  /** What has come of a plain response's body, and its end. Takes over the reference. */
  private void plainBody(ChannelHandlerContext ctx, ByteBuf in) {
    int readable = in.readableBytes();
    if (readable > bodyLeft) {
      // Nothing may follow; who sees that the connection is not clean ends it.
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
   * Refuses the versions, codes and reason phrases that Netty lets pass. A later minor version is
   * read as 1.1 (RFC 9110 §2.5). So is 1.0 until its lengths have been judged: of several, Netty
   * would take the first.
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

  /** Where the line ends that Netty has just taken; it takes none without CRLF. */
  private int lineEnd() {
    return input.readerIndex() - 2;
  }

  /**
   * Netty takes what stands before white space for a name, and drops all up to a colon or the
   * line's end. White space alone is to be dropped (RFC 9112 §5.1).
   */
  @Override
  protected AsciiString splitHeaderName(byte[] line, int from, int length) {
    if (line[from + length] != ':' && !isColonNext(length)) {
      throw new IllegalArgumentException("a header line that is no field");
    }
    return super.splitHeaderName(line, from, length);
  }

  /** Whether only white space stands between the name of the present line and its colon. */
  private boolean isColonNext(int nameLength) {
    int end = lineEnd();
    int before = input.indexOf(end, start, (byte) '\n');
    int at = (before < 0 ? start : before + 1) + nameLength;
    while (at < end && (input.getByte(at) == ' ' || input.getByte(at) == '\t')) {
      at++;
    }
    return at < end && input.getByte(at) == ':';
  }

  /** Called after a head's lengths were judged, and before its transfer coding is. */
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
    // Netty takes a 101 without Sec-WebSocket-Accept for one with a body, as an early draft had it.
    empty = head || informational || super.isContentAlwaysEmpty(message);
    return empty;
  }

  /** Refuses a 101 that has a length or coding (RFC 9110 §8.6, RFC 9112 §6.1). */
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
}
