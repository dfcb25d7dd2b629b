package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * The decoder of one connection's answers. Used in place of {@code HttpClientCodec} because it can
 * say whether anything is left over, without which a connection can't be used again safely; and
 * because it reads plain answers itself (see {@link PlainHead}), whose body it passes on as the
 * buffers in which it came. All others are Netty's to read, from their first byte to their last.
 */
final class ResponseDecoder extends HttpResponseDecoder {
  private static final int MAX_LINE = 8 * 1024;
  private static final int MAX_PIECE = 64 * 1024;
  private static final DecoderResult MENDED =
      DecoderResult.failure(new IllegalArgumentException("malformed chunked framing"));

  private final Runnable bytesArrived;
  private final int maxHeaderBytes;

  /** Nothing of the answer has been read. */
  private boolean fresh;

  /** How much of a plain answer's body is still to come. */
  private long bodyLeft;

  private final ChunkedFraming chunks = new ChunkedFraming();
  private boolean chunked;
  private boolean head;
  private boolean empty;
  private boolean informational;
  private boolean ended;
  private boolean stray;
  private boolean ambiguous;

  /**
   * A decoder for a new connection.
   *
   * @param maxHeaderBytes of an answer's header fields together
   * @param bytesArrived run for each read
   */
  ResponseDecoder(int maxHeaderBytes, Runnable bytesArrived) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_PIECE));
    this.bytesArrived = bytesArrived;
    this.maxHeaderBytes = maxHeaderBytes;
  }

  /** The next answer is to a request with this method (RFC 9112 §6.3, item 1). */
  void expect(HttpMethod method) {
    head = HttpMethod.HEAD.equals(method);
    ended = false;
    fresh = true;
  }

  /** Whether not a byte came after the last answer, and its length was beyond doubt. */
  boolean isClean() {
    return !ambiguous && !stray && actualReadableBytes() == 0;
  }

  /** Whether the answer whose head came last has no body, whatever its fields say. */
  boolean isEmpty() {
    return empty;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    stray |= ended && in.isReadable();
    int before = out.size();
    int start = in.readerIndex();
    super.decode(ctx, in, out);
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

  /** Takes a plain answer's head and passes it on, if one begins here. */
  private boolean begins(ChannelHandlerContext ctx, ByteBuf in) {
    fresh = false;
    PlainHead read = PlainHead.at(in);
    if (read == null || read.size() > maxHeaderBytes) {
      return false;
    }
    HttpResponse answer = PlainAnswer.of(read);
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

  /** What has come of a plain answer's body, and its end. Takes over the reference. */
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

  /** Netty reads any number as a status code, with a sign too. */
  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    String code = initialLine[1];
    boolean good = code.length() == 3 && code.charAt(0) != '0';
    for (int i = 0; i < code.length(); i++) {
      good &= code.charAt(i) >= '0' && code.charAt(i) <= '9';
    }
    if (!good) {
      throw new IllegalArgumentException("a status code that is not three digits");
    }
    return super.createMessage(initialLine);
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    informational =
        message instanceof HttpResponse response
            && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    // Netty takes a 101 without Sec-WebSocket-Accept for one with a body, as an early draft had it.
    empty = head || informational || super.isContentAlwaysEmpty(message);
    return empty;
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    ambiguous = true;
    super.handleTransferEncodingChunkedWithContentLength(message);
  }
}
