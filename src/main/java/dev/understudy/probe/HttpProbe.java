package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.ServerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A probe that sends one request and judges the response.
 *
 * <p>A final verdict is reported at once. The connection goes on until the response has ended,
 * within the same bounds of time and size, because a server that is cut off would fill its log with
 * broken pipes.
 */
final class HttpProbe extends ProbeRun {
  /** Bytes of a body that are read. */
  static final int MAX_BODY = 64 * 1024;

  private static final Set<String> WITH_CONTENT = Set.of("POST", "PUT", "PATCH");

  private static final String USER_AGENT = "user-agent";

  private static final int MAX_STATUS_LINE = 4 * 1024;
  private static final int MAX_HEADERS = 16 * 1024;

  private final HttpCheck check;
  private final ResponseJudge judge;

  /** On the heap and never shared, so it needs no release. */
  private final ByteBuf body = Unpooled.buffer(0, MAX_BODY);

  private boolean headSeen;

  HttpProbe(Prober.Request request, HttpCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
    this.judge = new ResponseJudge(check.expect());
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    ChannelPipeline pipeline = ctx.pipeline();
    pipeline.addBefore(
        ctx.name(),
        null,
        new StatusLineGuard(
            begin ->
                end(
                    channel,
                    ProbeOutcome.BAD_RESPONSE,
                    "no HTTP/1 response, it begins with " + Details.quoted(begin))));
    pipeline.addBefore(ctx.name(), null, new Decoder(check.method().equals("HEAD")));
    send(ctx, requestOf(check, request().server().address(), ctx.alloc()));
  }

  /** The request of a check. A configured header replaces the default one. */
  private static ByteBuf requestOf(
      HttpCheck check, ServerAddress address, ByteBufAllocator allocator) {
    String content = check.content() == null ? "" : check.content();
    String host = check.host() == null ? address.authority() : check.host();
    StringBuilder text = new StringBuilder(check.method());
    text.append(' ').append(check.path()).append(" HTTP/1.1\r\n");
    boolean agent = false;
    for (Header header : check.headers()) {
      field(text, header.name(), header.value());
      agent |= header.name().equalsIgnoreCase(USER_AGENT);
    }
    field(text, "host", host);
    field(text, "connection", "close");
    if (!agent) {
      field(text, USER_AGENT, "understudy-probe");
    }
    int length = ByteBufUtil.utf8Bytes(content);
    // RFC 9110 §8.6: a request with such a method and no body says so.
    if (length > 0 || WITH_CONTENT.contains(check.method())) {
      field(text, "content-length", Integer.toString(length));
    }
    ByteBuf request = allocator.ioBuffer(text.length() + 2 + length);
    request.writeCharSequence(text.append("\r\n"), StandardCharsets.ISO_8859_1);
    request.writeCharSequence(content, StandardCharsets.UTF_8);
    return request;
  }

  private static void field(StringBuilder text, String name, String value) {
    text.append(name).append(": ").append(value).append("\r\n");
  }

  /** Of the response to one request. */
  private static final class Decoder extends HttpResponseDecoder {
    private final boolean head;

    Decoder(boolean head) {
      super(
          new HttpDecoderConfig()
              .setMaxInitialLineLength(MAX_STATUS_LINE)
              .setMaxHeaderSize(MAX_HEADERS));
      this.head = head;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
      return head || super.isContentAlwaysEmpty(message);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (message instanceof HttpObject object) {
        read(ctx.channel(), object);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(Channel channel, HttpObject object) {
    if (object.decoderResult().isFailure()) {
      malformed(channel, object.decoderResult());
      return;
    }
    if (object instanceof HttpResponse head) {
      headSeen = !isInterim(head.status());
      if (headSeen) {
        enter(Phase.BODY);
        reportIfSure(judge.head(head.status().code(), head.headers()));
      }
    }
    if (headSeen && object instanceof HttpContent content) {
      content(channel, content);
    }
  }

  /** Whether the status is 1xx but not 101, which ends HTTP on that connection (RFC 9110 §15.2). */
  private static boolean isInterim(HttpResponseStatus status) {
    return status.codeClass() == HttpStatusClass.INFORMATIONAL
        && status.code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code();
  }

  private void content(Channel channel, HttpContent content) {
    ByteBuf data = content.content();
    body.writeBytes(data, Math.min(data.readableBytes(), body.maxWritableBytes()));
    boolean end = content instanceof LastHttpContent || body.maxWritableBytes() == 0;
    if (!reported()) {
      reportIfSure(judge.body(body, end));
    }
    if (end) {
      close(channel);
    }
  }

  private void reportIfSure(@Nullable ProbeResult verdict) {
    if (verdict != null) {
      report(verdict);
    }
  }

  private void malformed(Channel channel, DecoderResult result) {
    Throwable cause = result.cause();
    if (cause instanceof PrematureChannelClosureException) {
      end(channel, ProbeOutcome.BROKEN, "connection closed before the end of the response");
    } else if (cause instanceof TooLongFrameException) {
      end(channel, ProbeOutcome.BAD_RESPONSE, "status line or headers are too long");
    } else {
      end(channel, ProbeOutcome.BAD_RESPONSE, "malformed HTTP: " + Details.of(cause));
    }
  }
}
