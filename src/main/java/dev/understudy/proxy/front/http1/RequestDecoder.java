package dev.understudy.proxy.front.http1;

import dev.understudy.proxy.front.RequestAdmission;
import dev.understudy.proxy.front.RequestRules;
import dev.understudy.proxy.front.RequestRules.Malformed;
import dev.understudy.proxy.http.ChunkedFraming;
import dev.understudy.proxy.http.PlainHead;
import dev.understudy.proxy.http.WebSocketHandshake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMessageDecoderResult;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Netty's decoder, which gets only those requests that are not plain (see {@link PlainRequest}).
 * Beyond it two rules that can only be kept where the bytes are, at the cost of a few additions for
 * each request that it gets:
 *
 * <ul>
 *   <li>Folded lines (RFC 9112 §5.2), which it joins without a word. A line ends with two bytes
 *       that Netty does not count; so the bytes of a head tell how many lines it had, and each line
 *       but the last must have become a field.
 *   <li>A request line is three words with one space between (§3), and HTTP is written in capitals
 *       (RFC 9112 §2.3); it takes any white space and any letter case.
 * </ul>
 *
 * <p>And of chunked content what {@link ChunkedFraming} finds. A message that breaks them has a
 * decoder result that is a failure, as for Netty's own rules. Behind a failure, of a head or of
 * content, no message begins: nobody could say where (RFC 9112 §11.2). All later bytes are content
 * whose decoder result is a failure, never the last.
 *
 * <p>No message begins either behind a WebSocket handshake, as its bytes may be a tunnel's, and
 * behind so many requests without a response as may wait: the bytes are kept until {@link #resume},
 * or go to the handler behind when this one is removed. While any are, nothing is to be read.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private static final DecoderResult FOLDED =
      DecoderResult.failure(new Malformed("a folded header line"));
  private static final DecoderResult UNCLEAR =
      DecoderResult.failure(new Malformed("a request line that is not three words"));

  private static final DecoderResult BEHIND =
      DecoderResult.failure(new Malformed("behind a message that could not be read"));

  /** Spoken as 1.1 (RFC 9110 §2.5). */
  private static final Set<String> LATER_MINOR =
      Set.of(
          "HTTP/1.2",
          "HTTP/1.3",
          "HTTP/1.4",
          "HTTP/1.5",
          "HTTP/1.6",
          "HTTP/1.7",
          "HTTP/1.8",
          "HTTP/1.9");

  /** As Netty's own codec: a client that asks and does not read costs memory. */
  private static final int MAX_PIPELINED = 128;

  private final Queue<HttpMethod> asked;
  private final int maxLine;
  private final int maxHeaderBytes;

  /** Netty's decoder has begun a request, and not ended it. */
  private boolean busy;

  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  private final ChunkedFraming chunks = new ChunkedFraming();

  /** The request whose head came last is chunked. */
  private boolean chunked;

  /** Where those bytes of a head begin that have not been counted yet. */
  private int from;

  private boolean inHead;
  private long headBytes;
  private boolean clear;
  private boolean refusing;

  /** The last request is a handshake, unless it has been answered. */
  private boolean handshake;

  /** The last request, of which nobody knows yet whether it is a handshake. */
  private @Nullable HttpRequest last;

  /** Bytes have come behind a handshake, or behind as many requests as may wait. */
  private boolean kept;

  /** They are being decoded. */
  private boolean resuming;

  /** The end of input has come while bytes were kept, and is not decoded yet. */
  private boolean ended;

  private @Nullable ChannelHandlerContext context;

  /**
   * @param asked gets the method of each request
   */
  RequestDecoder(HttpDecoderConfig config, Queue<HttpMethod> asked) {
    super(config);
    this.asked = asked;
    this.maxLine = config.getMaxInitialLineLength();
    this.maxHeaderBytes = config.getMaxHeaderSize();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  /** The request whose turn has come may become a tunnel, and is the last that came. */
  void hold() {
    handshake = true;
  }

  /** Whether bytes were kept that are not decoded yet. */
  boolean keepsBytes() {
    return kept || (resuming && actualReadableBytes() > 0);
  }

  /** Whether no message may begin; asked where one would. */
  private boolean isHeld() {
    HttpRequest unknown = last;
    if (unknown != null) {
      last = null;
      handshake =
          WebSocketHandshake.isRelayed(
              unknown.method(),
              unknown.protocolVersion(),
              unknown.headers(),
              RequestAdmission.hasBody(unknown));
    }
    return kept || handshake || asked.size() >= MAX_PIPELINED;
  }

  /**
   * All requests that came have been answered, none with 101: decodes the bytes that were kept.
   *
   * @return whether there were any
   */
  boolean resume() {
    handshake = false;
    last = null;
    boolean any = kept;
    if (any) {
      decodeKept(Objects.requireNonNull(context));
    }
    return any;
  }

  /** Nothing that comes is a request any more. */
  void refuse() {
    if (kept) {
      refusing = true;
      decodeKept(Objects.requireNonNull(context));
    }
  }

  private void decodeKept(ChannelHandlerContext ctx) {
    kept = false;
    resuming = true;
    try {
      super.channelRead(ctx, Unpooled.EMPTY_BUFFER);
      if (ended && !kept) {
        ended = false;
        super.userEventTriggered(ctx, ChannelInputShutdownEvent.INSTANCE);
      }
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    } finally {
      resuming = false;
    }
  }

  /** Netty would drop what is kept. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent && kept) {
      ended = true;
      ctx.fireUserEventTriggered(event);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  /** Netty would read on, as no message came of what was read. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    if (kept) {
      ctx.fireChannelReadComplete();
    } else {
      super.channelReadComplete(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    if (!(msg instanceof ByteBuf in)) {
      super.channelRead(ctx, msg);
      return;
    }
    while (!busy && !refusing && actualReadableBytes() == 0 && !ctx.isRemoved() && !isHeld()) {
      HttpRequest request = plain(in);
      if (request == null) {
        break;
      }
      asked.add(request.method());
      last = request;
      ctx.fireChannelRead(request);
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      if (!in.isReadable()) {
        in.release();
        return;
      }
    }
    if (ctx.isRemoved()) {
      ctx.fireChannelRead(in);
    } else {
      super.channelRead(ctx, in);
    }
  }

  /** Takes a request of which nothing is in doubt, if one begins here. */
  private @Nullable HttpRequest plain(ByteBuf in) {
    PlainHead read = PlainHead.at(in);
    if (read == null || read.firstLine() > maxLine || read.size() > maxHeaderBytes) {
      return null;
    }
    HttpRequest request = PlainRequest.of(read);
    if (request != null) {
      in.skipBytes(read.size());
    }
    return request;
  }

  @Override
  protected HttpMessage createMessage(String[] line) throws Exception {
    inHead = true;
    headBytes = 0;
    from = input.readerIndex();
    // Only where this is the form can the spaces be where they are looked for.
    int third = from - 2 - line[2].length() - 1;
    int second = third - 1 - line[1].length();
    clear =
        second >= 0
            && line[2].startsWith("HTTP/")
            && input.getByte(third) == ' '
            && input.getByte(second) == ' ';
    if (LATER_MINOR.contains(line[2])) {
      line[2] = HttpVersion.HTTP_1_1.text();
    }
    return super.createMessage(line);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out)
      throws Exception {
    if (refusing) {
      out.add(behind(buffer));
      return;
    }
    if (!busy && isHeld()) {
      kept = true;
      return;
    }
    busy = true;
    input = buffer;
    from = buffer.readerIndex();
    int start = from;
    int before = out.size();
    super.decode(ctx, buffer, out);
    input = Unpooled.EMPTY_BUFFER;
    if (inHead) {
      headBytes += buffer.readerIndex() - from;
    }
    boolean begins = out.size() > before && out.get(before) instanceof HttpRequest;
    if (begins) {
      HttpRequest request = (HttpRequest) out.get(before);
      inHead = false;
      finish(request, out, before);
      chunked = !refusing && HttpUtil.isTransferEncodingChunked(request);
      chunks.begin();
    }
    refusing |= out.size() > before && isFailure(out.get(out.size() - 1));
    if (chunked && !refusing && !begins && !chunks.follow(buffer, start, buffer.readerIndex())) {
      refuseContent(out, before);
      refusing = true;
    }
    busy = out.size() == before || !(out.get(out.size() - 1) instanceof LastHttpContent);
    chunked &= busy;
  }

  private static boolean isFailure(Object message) {
    return message instanceof HttpContent content && content.decoderResult().isFailure();
  }

  /** What the bytes read last have become is not what they say. */
  private static void refuseContent(List<Object> out, int at) {
    while (out.size() > at) {
      ReferenceCountUtil.release(out.remove(out.size() - 1));
    }
    out.add(behind(Unpooled.EMPTY_BUFFER));
  }

  /** Takes all that there is. */
  private static HttpContent behind(ByteBuf buffer) {
    HttpContent content = new DefaultHttpContent(buffer.readRetainedSlice(buffer.readableBytes()));
    content.setDecoderResult(BEHIND);
    return content;
  }

  /**
   * A request without a length and without a coding has no body (RFC 9112 §6.3); Netty gives one to
   * the handshake of a WebSocket draft, by its {@code Sec-WebSocket-Key1}.
   */
  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return !message.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
        && !message.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  private void finish(HttpRequest request, List<Object> out, int at) {
    DecoderResult result = request.decoderResult();
    if (result instanceof HttpMessageDecoderResult size) {
      result = check(request, size);
    }
    asked.add(request.method());
    last = request;
    if (result.isFailure()) {
      refusing = true;
      request.setDecoderResult(result);
      // Nothing follows a message that could not be read: Netty's own ones are alone too.
      while (out.size() > at + 1) {
        ReferenceCountUtil.release(out.remove(out.size() - 1));
      }
    }
  }

  private DecoderResult check(HttpRequest request, HttpMessageDecoderResult size) {
    if (!clear || size.initialLineLength() != RequestRules.lineLength(request)) {
      return UNCLEAR;
    }
    long fields = (headBytes - size.headerSize()) / 2 - 1;
    return fields == request.headers().size() ? size : FOLDED;
  }
}
