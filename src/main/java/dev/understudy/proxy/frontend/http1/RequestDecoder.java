package dev.understudy.proxy.frontend.http1;

import dev.understudy.proxy.frontend.RequestSyntax.Malformed;
import dev.understudy.proxy.frontend.http1.RequestDecoderState.Event;
import dev.understudy.proxy.http.ChunkedFraming;
import dev.understudy.proxy.http.FieldLines;
import dev.understudy.proxy.http.PlainHead;
import dev.understudy.proxy.http.PlainHeaders;
import dev.understudy.proxy.http.SmallChunks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
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
 * PlainRequestReader}), all others by Netty's decoder, plus the rules that need the bytes: those of
 * heads by {@link NettyHeadCheck} and {@link FieldLines}, those of chunked content by {@link
 * ChunkedFraming}. {@link RequestDecoderState} says what follows what.
 *
 * <p>A message that breaks a rule has a failed decoder result, as for Netty's own rules. All later
 * bytes become content with a failed decoder result, and never the last content.
 *
 * <p>Where {@link RequestGate} lets no message begin, bytes are held back until {@link #resume}, or
 * passed to the next handler when this one is removed. Nothing should be read while any are.
 */
final class RequestDecoder extends HttpRequestDecoder {
  private static final DecoderResult BEHIND =
      DecoderResult.failure(new Malformed("behind a message that could not be read"));
  private static final DecoderResult TOO_MANY_FIELDS =
      DecoderResult.failure(new FieldLines.TooMany());

  private final RequestGate gate;
  private final int maxLine;
  private final int maxHeaderBytes;
  private final NettyHeadCheck head = new NettyHeadCheck();
  private final ChunkedFraming framing = new ChunkedFraming();
  private final FieldLines lines;
  private final SmallChunks smallChunks = new SmallChunks(false);
  private RequestDecoderState state = RequestDecoderState.START;

  /** The bytes of a plain request's body still to come. */
  private long bodyLeft;

  /** What the head that was decoded last takes, in bytes. */
  private long lastHead;

  /** Whether a plain message was passed on since the end of the last read. */
  private boolean passedOn;

  /** Whether the bytes that were held back are being decoded. */
  private boolean resuming;

  /** Whether the end of input came while bytes were held back, and is not decoded yet. */
  private boolean ended;

  private @Nullable ChannelHandlerContext context;

  /**
   * @param maxFields the most fields of a head that Netty's decoder reads, and of trailers
   * @param asked the queue to which the method of each request is added
   */
  RequestDecoder(HttpDecoderConfig config, int maxFields, Queue<HttpMethod> asked) {
    super(config);
    this.lines = new FieldLines(maxFields);
    this.gate = new RequestGate(asked);
    this.maxLine = config.getMaxInitialLineLength();
    this.maxHeaderBytes = config.getMaxHeaderSize();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private void on(Event event) {
    state = state.after(event);
  }

  /**
   * Notes the frontend's decision on a request. If it may open a tunnel, all bytes after the newest
   * request are held back.
   */
  void decided(HttpRequest request, boolean opensTunnel) {
    gate.decided(request, opensTunnel);
  }

  /** Whether a part of a request is here. */
  boolean hasPart() {
    return state.isNettys() || actualReadableBytes() > 0;
  }

  /**
   * What waits for more to be decoded, in bytes: the buffer of what is not decoded, and a head or
   * trailers that are not complete.
   */
  long undecoded() {
    return (actualReadableBytes() == 0 ? 0L : internalBuffer().capacity())
        + head.unfinished()
        + (state == RequestDecoderState.CHUNKS ? NettyHeadCheck.size(framing) : 0);
  }

  /**
   * What heads take, in bytes: those of the requests without a response, as if each were like the
   * last, and Netty's own buffer for lines.
   */
  long heads() {
    return head.lines() + gate.waiting() * lastHead;
  }

  /** Whether bytes are held back that are not decoded yet. */
  boolean isHoldingBack() {
    return state == RequestDecoderState.HELD || (resuming && actualReadableBytes() > 0);
  }

  /**
   * Decodes the bytes that were held back. Call when all requests have their responses, none of
   * them a 101.
   *
   * @return whether there were any
   */
  boolean resume() {
    gate.open();
    boolean any = state == RequestDecoderState.HELD;
    if (any) {
      on(Event.RESUME);
      decodeHeld(Objects.requireNonNull(context));
    }
    return any;
  }

  /** Turns held and later bytes into failed content: no further request is accepted. */
  void refuse() {
    if (state == RequestDecoderState.HELD) {
      on(Event.FAILURE);
      decodeHeld(Objects.requireNonNull(context));
    }
  }

  private void decodeHeld(ChannelHandlerContext ctx) {
    resuming = true;
    try {
      super.channelRead(ctx, Unpooled.EMPTY_BUFFER);
      smallChunks.pass(ctx);
      if (ended && state != RequestDecoderState.HELD) {
        ended = false;
        super.userEventTriggered(ctx, ChannelInputShutdownEvent.INSTANCE);
      }
    } catch (Exception e) {
      ctx.fireExceptionCaught(e);
    } finally {
      resuming = false;
    }
  }

  /** Withholds the end of input from Netty while bytes are held back: Netty would drop them. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent && state == RequestDecoderState.HELD) {
      ended = true;
      ctx.fireUserEventTriggered(event);
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  /**
   * Bypasses Netty while bytes are held back, and after a plain message: it would read on after a
   * read without a message of its own.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    boolean bypass = state == RequestDecoderState.HELD || passedOn;
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
      if (state == RequestDecoderState.PLAIN_BODY) {
        plainBody(ctx, in);
      } else if (!begins(ctx, in)) {
        super.channelRead(ctx, in);
        smallChunks.pass(ctx);
        return;
      }
      passedOn = true;
      if (bodyLeft == 0) {
        ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
      }
    }
    smallChunks.pass(ctx);
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
    if (state != RequestDecoderState.START || actualReadableBytes() > 0 || gate.isShut()) {
      return false;
    }
    HttpRequest request = plain(in);
    if (request == null) {
      return false;
    }
    gate.begun(request);
    bodyLeft = Math.max(0, ((PlainHeaders) request.headers()).contentLength());
    if (bodyLeft > 0) {
      on(Event.PLAIN_BODY_BEGINS);
    }
    ctx.fireChannelRead(request);
    return true;
  }

  /** Passes on the bytes of a plain request's body. */
  private void plainBody(ChannelHandlerContext ctx, ByteBuf in) {
    int length = (int) Math.min(bodyLeft, in.readableBytes());
    bodyLeft -= length;
    if (bodyLeft == 0) {
      on(Event.END);
    }
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
    HttpRequest request = PlainRequestReader.of(read);
    if (request != null) {
      in.skipBytes(read.size());
      lastHead = 2L * read.size();
    }
    return request;
  }

  @Override
  protected HttpMessage createMessage(String[] line) throws Exception {
    head.line(line);
    if (isLaterMinor(line[2])) {
      line[2] = HttpVersion.HTTP_1_1.text();
    }
    HttpMessage made = super.createMessage(line);
    head.filling(made);
    return made;
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
    if (state == RequestDecoderState.BROKEN) {
      out.add(behind(buffer));
      return;
    }
    if (state == RequestDecoderState.START && gate.isShut()) {
      on(Event.HOLD);
    }
    if (state == RequestDecoderState.HELD) {
      return;
    }
    boolean chunked = state == RequestDecoderState.CHUNKS;
    if (chunked && framing.isAtSizeLine()) {
      smallChunks.take(ctx.alloc(), buffer, out);
      if (!buffer.isReadable()) {
        return;
      }
    }
    int start = buffer.readerIndex();
    int before = out.size();
    if (!isAllowed(buffer)) {
      buffer.skipBytes(buffer.readableBytes());
      out.add(chunked ? failed(Unpooled.EMPTY_BUFFER, TOO_MANY_FIELDS) : withTooManyFields());
      on(Event.FAILURE);
      smallChunks.join(ctx.alloc(), out, before);
      return;
    }
    head.begin(buffer);
    super.decode(ctx, buffer, out);
    head.end();
    lines.consumed(buffer.readerIndex() - start);
    boolean none = out.size() == before;
    if (!none && out.get(before) instanceof HttpRequest request) {
      on(begun(request, out, before));
    } else if (!none && isFailure(out.getLast())) {
      on(Event.FAILURE);
    } else if (chunked && !framing.follow(buffer, start, buffer.readerIndex())) {
      refuseContent(out, before);
      on(Event.FAILURE);
    } else if (none) {
      on(Event.PART);
    }
    if (out.size() > before && out.getLast() instanceof LastHttpContent) {
      on(Event.END);
    }
    if (chunked || !smallChunks.isEmpty()) {
      smallChunks.join(ctx.alloc(), out, before);
    }
  }

  /** Counts the lines of a head, or of trailers, before Netty makes objects of them. */
  private boolean isAllowed(ByteBuf buffer) {
    switch (state) {
      case START -> lines.beginHead();
      case HEAD -> {}
      case CHUNKS -> {
        if (!framing.isInTrailers()) {
          return true;
        }
        lines.inTrailers();
      }
      default -> {
        return true;
      }
    }
    return lines.take(buffer);
  }

  /** The request whose head Netty has begun to read, as one that has failed. */
  private HttpRequest withTooManyFields() {
    HttpRequest request =
        head.begun() instanceof HttpRequest begun
            ? begun
            : new DefaultHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, "/bad-request");
    request.setDecoderResult(TOO_MANY_FIELDS);
    head.drop();
    gate.begun(request);
    return request;
  }

  /** Handles a head of Netty's. */
  private Event begun(HttpRequest request, List<Object> out, int at) {
    DecoderResult result = head.result(request);
    lines.end();
    lastHead = head.size(request);
    gate.begun(request);
    framing.begin();
    if (!result.isFailure()) {
      return HttpUtil.isTransferEncodingChunked(request) ? Event.CHUNKS_BEGIN : Event.BODY_BEGINS;
    }
    request.setDecoderResult(result);
    // No content follows a message that could not be decoded, as with Netty's own failures.
    release(out, at + 1);
    return Event.FAILURE;
  }

  private static boolean isFailure(Object message) {
    return message instanceof HttpContent content && content.decoderResult().isFailure();
  }

  /** Replaces the messages of the last read, whose framing is malformed, by failed content. */
  private static void refuseContent(List<Object> out, int at) {
    release(out, at);
    out.add(behind(Unpooled.EMPTY_BUFFER));
  }

  private static void release(List<Object> out, int from) {
    while (out.size() > from) {
      ReferenceCountUtil.release(out.removeLast());
    }
  }

  /** Turns all readable bytes into failed content. */
  private static HttpContent behind(ByteBuf buffer) {
    return failed(buffer, BEHIND);
  }

  private static HttpContent failed(ByteBuf buffer, DecoderResult why) {
    HttpContent content = new DefaultHttpContent(buffer.readRetainedSlice(buffer.readableBytes()));
    content.setDecoderResult(why);
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

  /**
   * Creates requests from plain heads, if nothing is in doubt: three words separated by single
   * spaces, one of seven methods, HTTP/1.1, a head as {@link PlainHead} reads it, and a body with a
   * length or none. Netty's decoder would give the same result.
   */
  private static final class PlainRequestReader {
    private static final String VERSION = " HTTP/1.1";

    private static final HttpMethod[] METHODS = {
      HttpMethod.GET,
      HttpMethod.HEAD,
      HttpMethod.POST,
      HttpMethod.PUT,
      HttpMethod.PATCH,
      HttpMethod.DELETE,
      HttpMethod.OPTIONS
    };

    private PlainRequestReader() {}

    /** Returns the request of the head that was read; null if the head has another form. */
    static @Nullable HttpRequest of(PlainHead read) {
      HttpMethod method = method(read);
      int end = read.firstLine() - VERSION.length();
      if (method == null || end < 0 || !read.has(VERSION, end)) {
        return null;
      }
      int start = method.name().length() + 1;
      for (int i = start; i < end; i++) {
        if (read.charAt(i) <= ' ') {
          return null;
        }
      }
      if (start >= end) {
        return null;
      }
      PlainHeaders headers = read.headers();
      if (headers.contentLength() == PlainHeaders.UNCLEAR
          || headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) {
        return null;
      }
      return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, read.text(start, end), headers);
    }

    private static @Nullable HttpMethod method(PlainHead read) {
      for (HttpMethod method : METHODS) {
        String name = method.name();
        if (read.has(name, 0) && read.charAt(name.length()) == ' ') {
          return method;
        }
      }
      return null;
    }
  }
}
