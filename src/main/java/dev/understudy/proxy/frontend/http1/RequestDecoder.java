package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.RequestSyntax;
import dev.understudy.proxy.frontend.RequestSyntax.Malformed;
import dev.understudy.proxy.http.ChunkedFraming;
import dev.understudy.proxy.http.PlainHead;
import dev.understudy.proxy.http.PlainHeaders;
import dev.understudy.proxy.http.UpgradeOffer;
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
import org.jspecify.annotations.Nullable;

/**
 * Decodes the requests of one HTTP/1 connection. Plain requests are read here (see {@link
 * PlainRequest}), all others by Netty's decoder, plus the rules that need the bytes, at the cost of
 * a few additions per request:
 *
 * <ul>
 *   <li>A folded header line (RFC 9112 §5.2), which Netty joins silently, is refused. Netty does
 *       not count the two bytes that end a line, so the number of bytes of a head gives its number
 *       of lines; each line but the last must have become a field.
 *   <li>A request line must be three words separated by single spaces (§3), and HTTP in capitals
 *       (RFC 9112 §2.3); Netty accepts any white space and letter case.
 *   <li>Chunked content must satisfy {@link ChunkedFraming}.
 * </ul>
 *
 * <p>A message that breaks a rule has a failed decoder result, as for Netty's own rules. No message
 * begins after a failure of a head or of content, since its start would be uncertain (RFC 9112
 * §11.2): all later bytes become content with a failed decoder result, and never the last content.
 *
 * <p>Small chunks of one read become one content: each alone would cost a hundred times its bytes
 * wherever it waits.
 *
 * <p>No message begins after a WebSocket handshake or another request for an upgrade either, as the
 * next bytes may belong to a tunnel, nor while 16 requests await their responses. The bytes are
 * kept until {@link #resume}, or passed to the next handler when this one is removed. Nothing
 * should be read while any are kept.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private static final DecoderResult FOLDED =
      DecoderResult.failure(new Malformed("a folded header line"));
  private static final DecoderResult UNCLEAR =
      DecoderResult.failure(new Malformed("a request line that is not three words"));

  private static final DecoderResult BEHIND =
      DecoderResult.failure(new Malformed("behind a message that could not be read"));

  /**
   * The most requests without a response. Bounds the memory that a client costs that sends requests
   * and reads no responses: as objects, the fields of a head can take 30 times their bytes.
   */
  private static final int MAX_PIPELINED = 16;

  /** What a short field takes as objects, in bytes. */
  private static final int FIELD = 160;

  private static final int FIELDS = 100 * FIELD;

  /** A chunk that is joined with others is smaller than this. */
  private static final int SMALL_CHUNK = 1024;

  /** The most digits of a small chunk's size. */
  private static final int MOST_DIGITS = 3;

  /** Where joined chunks end. */
  private static final int MOST_JOINED = 8 * SMALL_CHUNK;

  private final Queue<HttpMethod> asked;
  private final int maxLine;
  private final int maxHeaderBytes;

  /** Whether Netty's decoder is in the middle of a request. */
  private boolean busy;

  private ByteBuf input = Unpooled.EMPTY_BUFFER;

  /** The bytes of a plain request's body still to come. */
  private long bodyLeft;

  /** Whether a plain message was passed on since the end of the last read. */
  private boolean passedOn;

  private final ChunkedFraming chunks = new ChunkedFraming();

  /** Small chunks of the present read, in one message; null if there are none. */
  private @Nullable HttpContent joined;

  /** Whether {@link #joined} has a buffer of its own. */
  private boolean joinedOwn;

  /** Whether the request whose head was decoded last is chunked. */
  private boolean chunked;

  /** The index of the first byte of the head that is not counted yet. */
  private int from;

  private boolean inHead;
  private long headBytes;

  /** What the head that was decoded last takes, in bytes. */
  private long lastHead;

  /** The bytes of the largest head that Netty has decoded. */
  private long largestHead;

  private boolean clear;
  private boolean refusing;

  /** Whether the last request may open a tunnel and awaits its response. */
  private boolean handshake;

  /**
   * The last request, until it is known whether it may open a tunnel; else null. The front decides,
   * unless more bytes arrive while the request still waits for its turn.
   */
  private @Nullable HttpRequest last;

  /** Whether bytes are kept behind a handshake, or behind the limit of pipelined requests. */
  private boolean kept;

  /** Whether the kept bytes are being decoded. */
  private boolean resuming;

  /** Whether the end of input came while bytes were kept, and is not decoded yet. */
  private boolean ended;

  private @Nullable ChannelHandlerContext context;

  /**
   * @param asked the queue to which the method of each request is added
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

  /**
   * Notes the frontend's decision on a request. If it may open a tunnel, all bytes after the newest
   * request are held back.
   */
  // Requests are compared by identity.
  @SuppressWarnings("ReferenceEquality")
  void decided(HttpRequest request, boolean opensTunnel) {
    handshake |= opensTunnel;
    if (last == request) {
      last = null;
    }
  }

  /** Whether a part of a request is here. */
  boolean hasPart() {
    return busy || actualReadableBytes() > 0;
  }

  /**
   * What waits for more to be decoded, in bytes: the buffer of what is not decoded, and the fields
   * of a head that is not complete.
   */
  long undecoded() {
    return (actualReadableBytes() == 0 ? 0L : internalBuffer().capacity()) + (inHead ? FIELDS : 0);
  }

  /**
   * What heads take, in bytes: those of the requests without a response, as if each were like the
   * last, and Netty's own buffer for lines, which stays as large as it was needed.
   */
  long heads() {
    return largestHead + asked.size() * lastHead;
  }

  /** Whether bytes are held back that are not decoded yet. */
  boolean isHoldingBack() {
    return kept || (resuming && actualReadableBytes() > 0);
  }

  /** Whether no message may begin at this point. Called only where one would begin. */
  private boolean isHeld() {
    HttpRequest unknown = last;
    if (unknown != null) {
      last = null;
      handshake = UpgradeOffer.isMade(unknown.protocolVersion(), unknown.headers());
    }
    return kept || handshake || asked.size() >= MAX_PIPELINED;
  }

  /**
   * Decodes the kept bytes. Call when all requests have their responses, none of them a 101.
   *
   * @return whether bytes were kept
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

  /** Turns kept and later bytes into failed content: no further request is accepted. */
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
      passJoined(ctx);
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

  /** Withholds the end of input from Netty while bytes are kept: Netty would drop them. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent && kept) {
      ended = true;
      ctx.fireUserEventTriggered(event);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  /**
   * Bypasses Netty while bytes are kept, and after a plain message: it would read on after a read
   * without a message of its own.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    boolean bypass = kept || passedOn;
    passedOn = false;
    if (bypass) {
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
    while (in.isReadable() && !ctx.isRemoved()) {
      if (bodyLeft > 0) {
        plainBody(ctx, in);
      } else if (!begins(ctx, in)) {
        super.channelRead(ctx, in);
        passJoined(ctx);
        return;
      }
      passedOn = true;
      if (bodyLeft == 0) {
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    }
    if (in.isReadable()) {
      ctx.fireChannelRead(in);
    } else {
      in.release();
    }
  }

  /**
   * Reads a plain request's head at the reader index and passes it on. Returns false if there is
   * none, or none may begin.
   */
  private boolean begins(ChannelHandlerContext ctx, ByteBuf in) {
    if (refusing || hasPart() || isHeld()) {
      return false;
    }
    HttpRequest request = plain(in);
    if (request == null) {
      return false;
    }
    asked.add(request.method());
    last = request;
    bodyLeft = Math.max(0, ((PlainHeaders) request.headers()).contentLength());
    ctx.fireChannelRead(request);
    return true;
  }

  /** Passes on the bytes of a plain request's body. */
  private void plainBody(ChannelHandlerContext ctx, ByteBuf in) {
    int length = (int) Math.min(bodyLeft, in.readableBytes());
    bodyLeft -= length;
    ctx.fireChannelRead(new DefaultHttpContent(in.readRetainedSlice(length)));
  }

  /**
   * Reads a plain request at the reader index and skips its bytes. Returns null if there is none.
   */
  private @Nullable HttpRequest plain(ByteBuf in) {
    PlainHead read = PlainHead.at(in);
    if (read == null || read.firstLine() > maxLine || read.size() > maxHeaderBytes) {
      return null;
    }
    HttpRequest request = PlainRequest.of(read);
    if (request != null) {
      in.skipBytes(read.size());
      lastHead = 2L * read.size();
    }
    return request;
  }

  @Override
  protected HttpMessage createMessage(String[] line) throws Exception {
    inHead = true;
    headBytes = 0;
    from = input.readerIndex();
    // The spaces are at these positions only if the line is well-formed.
    int third = from - 2 - line[2].length() - 1;
    int second = third - 1 - line[1].length();
    clear =
        second >= 0
            && line[2].startsWith("HTTP/")
            && input.getByte(third) == ' '
            && input.getByte(second) == ' ';
    if (isLaterMinor(line[2])) {
      line[2] = HttpVersion.HTTP_1_1.text();
    }
    return super.createMessage(line);
  }

  /** Whether the version is treated as 1.1 (RFC 9110 §2.5). */
  private static boolean isLaterMinor(String version) {
    return version.length() == 8
        && version.startsWith("HTTP/1.")
        && version.charAt(7) >= '2'
        && version.charAt(7) <= '9';
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
    if (chunked && chunks.isAtSizeLine()) {
      smallChunks(buffer, out);
      if (!buffer.isReadable()) {
        return;
      }
    }
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
      lastHead = headBytes + (long) FIELD * request.headers().size();
      largestHead = Math.max(largestHead, headBytes);
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
    if (chunked || joined != null) {
      join(out, before);
    }
    chunked &= busy;
  }

  /**
   * Takes the small chunks that are next and whole, as far as their size lines are plain. Netty
   * needs a microsecond for each, so that a few clients would keep an event loop busy by chunks of
   * one byte.
   */
  private void smallChunks(ByteBuf in, List<Object> out) {
    int before = in.readerIndex();
    for (int length = smallChunk(in); length >= 0; length = smallChunk(in)) {
      HttpContent full = joined;
      if (!hasRoom() && full != null) {
        out.add(full);
        joined = null;
      }
      ownJoined().content().writeBytes(in, length);
      in.skipBytes(2);
    }
    if (in.readerIndex() > before) {
      // Netty would read on after a read that brought no message, although nobody has asked for it.
      out.add(LastHttpContent.EMPTY_LAST_CONTENT);
      out.removeLast();
    }
  }

  /**
   * Skips the size line at the reader index, if it is that of a small chunk that is here as a whole
   * and not the last. Returns the length of the chunk's data; else -1, and nothing is skipped.
   */
  private static int smallChunk(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    int size = 0;
    int digits = 0;
    for (; digits < MOST_DIGITS && at < end; digits++, at++) {
      int digit = Character.digit(in.getByte(at), 16);
      if (digit < 0) {
        break;
      }
      size = size * 16 + digit;
    }
    boolean whole = size > 0 && size < SMALL_CHUNK && end - at >= 2 + size + 2;
    if (!whole || !isLineEnd(in, at) || !isLineEnd(in, at + 2 + size)) {
      return -1;
    }
    in.readerIndex(at + 2);
    return size;
  }

  private static boolean isLineEnd(ByteBuf in, int at) {
    return in.getShort(at) == ('\r' << 8 | '\n');
  }

  /** Takes small chunks out of the messages, and puts joined ones before what follows them. */
  private void join(List<Object> out, int at) {
    int i = at;
    while (i < out.size()) {
      boolean small =
          out.get(i).getClass() == DefaultHttpContent.class
              && !isFailure(out.get(i))
              && ((HttpContent) out.get(i)).content().readableBytes() < SMALL_CHUNK;
      if (small && hasRoom()) {
        add((HttpContent) out.remove(i));
      } else {
        HttpContent before = joined;
        joined = null;
        if (before != null) {
          out.add(i++, before);
        }
        if (!small) {
          i++;
        }
      }
    }
  }

  private boolean hasRoom() {
    return joined == null || joined.content().readableBytes() <= MOST_JOINED - SMALL_CHUNK;
  }

  private void add(HttpContent chunk) {
    if (joined == null) {
      joined = chunk;
      joinedOwn = false;
    } else {
      ownJoined().content().writeBytes(chunk.content());
      chunk.release();
    }
  }

  /** Returns what is joined, in a buffer of its own. */
  private HttpContent ownJoined() {
    HttpContent first = joined;
    if (first != null && joinedOwn) {
      return first;
    }
    ByteBuf all = Objects.requireNonNull(context).alloc().buffer(SMALL_CHUNK, MOST_JOINED);
    HttpContent own = new DefaultHttpContent(all);
    if (first != null) {
      all.writeBytes(first.content());
      first.release();
    }
    joined = own;
    joinedOwn = true;
    return own;
  }

  private void passJoined(ChannelHandlerContext ctx) {
    HttpContent all = joined;
    joined = null;
    if (all != null) {
      ctx.fireChannelRead(all);
    }
  }

  private static boolean isFailure(Object message) {
    return message instanceof HttpContent content && content.decoderResult().isFailure();
  }

  /** Replaces the messages of the last read, whose framing is malformed, by failed content. */
  private static void refuseContent(List<Object> out, int at) {
    while (out.size() > at) {
      ReferenceCountUtil.release(out.remove(out.size() - 1));
    }
    out.add(behind(Unpooled.EMPTY_BUFFER));
  }

  /** Turns all readable bytes into failed content. */
  private static HttpContent behind(ByteBuf buffer) {
    HttpContent content = new DefaultHttpContent(buffer.readRetainedSlice(buffer.readableBytes()));
    content.setDecoderResult(BEHIND);
    return content;
  }

  /**
   * Whether the request has neither a length nor a transfer coding, and so no body (RFC 9112 §6.3);
   * Netty would give one to the handshake of a WebSocket draft, by its {@code Sec-WebSocket-Key1}.
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
      // No content follows a message that could not be decoded, as with Netty's own failures.
      while (out.size() > at + 1) {
        ReferenceCountUtil.release(out.remove(out.size() - 1));
      }
    }
  }

  private DecoderResult check(HttpRequest request, HttpMessageDecoderResult size) {
    if (!clear || size.initialLineLength() != RequestSyntax.lineLength(request)) {
      return UNCLEAR;
    }
    long fields = (headBytes - size.headerSize()) / 2 - 1;
    return fields == request.headers().size() ? size : FOLDED;
  }
}
