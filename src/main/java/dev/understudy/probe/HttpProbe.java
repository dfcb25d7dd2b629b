package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.ServerAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
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

  private static final int MAX_STATUS_LINE = 4 * 1024;
  private static final int MAX_HEADERS = 16 * 1024;

  private final HttpCheck check;
  private final ResponseJudge judge;

  /** On the heap and never shared, so it needs no release. */
  private final ByteBuf body = Unpooled.buffer(1024, MAX_BODY);

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
    pipeline.addBefore(ctx.name(), null, codec());
    send(ctx, request(check, request().server().address()));
  }

  /** The request of a check. A configured header replaces the default one. */
  private static FullHttpRequest request(HttpCheck check, ServerAddress address) {
    String content = check.content();
    byte[] body = content == null ? new byte[0] : content.getBytes(StandardCharsets.UTF_8);
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(check.method()),
            check.path(),
            Unpooled.wrappedBuffer(body));
    HttpHeaders headers = request.headers();
    for (Header header : check.headers()) {
      headers.add(header.name(), header.value());
    }
    if (check.host() != null) {
      headers.set(HttpHeaderNames.HOST, check.host());
    }
    setDefault(headers, HttpHeaderNames.HOST, address.authority());
    setDefault(headers, HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    setDefault(headers, HttpHeaderNames.USER_AGENT, "understudy-probe");
    if (body.length > 0) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    } else if (WITH_CONTENT.contains(check.method())) {
      // RFC 9110 §8.6: a request with such a method and no body says so.
      setDefault(headers, HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
    }
    return request;
  }

  private static void setDefault(HttpHeaders headers, CharSequence name, CharSequence value) {
    if (!headers.contains(name)) {
      headers.set(name, value);
    }
  }

  private static HttpClientCodec codec() {
    HttpDecoderConfig limits =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_STATUS_LINE)
            .setMaxHeaderSize(MAX_HEADERS);
    return new HttpClientCodec(limits, false, false);
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
