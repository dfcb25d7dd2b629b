package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.GrpcCheck;
import dev.understudy.text.Printable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A probe of gRPC's health service: one call on one HTTP/2 stream, over TLS with ALPN, else by
 * prior knowledge. Whoever does not know the service says {@code grpc-status: 5} (NOT_FOUND), a
 * server without health service {@code 12} (UNIMPLEMENTED).
 */
// A failed write closes the stream, which channelInactive reports.
@SuppressWarnings("FutureReturnValueIgnored")
final class GrpcProbe extends ProbeRun {
  private static final String PATH = "/grpc.health.v1.Health/Check";

  /** Bytes of a message that are kept; a health service sends seven. */
  private static final int MAX_MESSAGE = 1024;

  private static final int MAX_HEADERS = 16 * 1024;
  private static final int MAX_TEXT = 150;

  /**
   * How often the server may set HEADER_TABLE_SIZE. Netty (4.2.18) keeps each change for the next
   * head that it sends (RFC 7541 §4.2), and a probe sends one alone.
   */
  private static final int MAX_TABLE_SIZES = 200;

  private final GrpcCheck check;
  private int tableSizes;

  GrpcProbe(Prober.Request request, GrpcCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    ChannelPipeline pipeline = ctx.pipeline();
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forClient()
            .initialSettings(
                Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(MAX_HEADERS))
            // The verdict stands when the connection is closed.
            .gracefulShutdownTimeoutMillis(0)
            .build();
    pipeline.addBefore(ctx.name(), null, codec);
    pipeline.addBefore(ctx.name(), null, new Http2MultiplexHandler(new NoPushes()));
    endOnFailure(ctx, new Http2StreamChannelBootstrap(ctx.channel()).handler(new Call(ctx)).open());
  }

  /** Servers cannot open streams, as push is off. */
  private static final class NoPushes extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel stream) {
      stream.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    // Frames of the connection, such as SETTINGS.
    if (message instanceof Http2SettingsFrame frame && frame.settings().headerTableSize() != null) {
      countTableSize(ctx.channel());
    }
    ReferenceCountUtil.release(message);
  }

  private void countTableSize(Channel channel) {
    tableSizes++;
    if (tableSizes > MAX_TABLE_SIZES) {
      end(
          channel,
          ProbeOutcome.BAD_RESPONSE,
          "HTTP/2 header table size set more than " + MAX_TABLE_SIZES + " times");
    }
  }

  private Http2Headers head(boolean secure) {
    String host = check.host();
    return new DefaultHttp2Headers()
        .method("POST")
        .scheme(secure ? "https" : "http")
        .path(PATH)
        .authority(host == null ? request().server().address().authority() : host)
        .add("content-type", "application/grpc")
        .add("te", "trailers")
        .add("grpc-timeout", Math.max(1, request().timeout().toMillis()) + "m")
        .add("user-agent", "understudy-probe");
  }

  /** The call's stream. */
  private final class Call extends ChannelInboundHandlerAdapter {
    private final ChannelHandlerContext connection;

    /** On the heap and never shared, so it needs no release. */
    private final ByteBuf message = Unpooled.buffer(32, MAX_MESSAGE);

    private boolean headSeen;

    Call(ChannelHandlerContext connection) {
      this.connection = connection;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      boolean secure = connection.pipeline().get(SslHandler.class) != null;
      ctx.write(new DefaultHttp2HeadersFrame(head(secure), false));
      endOnFailure(
          connection,
          ctx.writeAndFlush(new DefaultHttp2DataFrame(GrpcHealth.request(check.service()), true)));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      try {
        if (frame instanceof Http2HeadersFrame headers) {
          headers(headers.headers(), headers.isEndStream());
        } else if (frame instanceof Http2DataFrame data) {
          data(data);
        }
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    private void headers(Http2Headers headers, boolean last) {
      if (!headSeen) {
        CharSequence status = Objects.requireNonNullElse(headers.status(), "");
        if (status.length() == 3 && status.charAt(0) == '1') {
          return;
        }
        headSeen = true;
        enter(Phase.BODY);
        if (!"200".contentEquals(status)) {
          verdict(ProbeOutcome.BAD_STATUS, "HTTP status " + status + ", gRPC has 200");
          return;
        }
      }
      if (last) {
        ended(headers);
      }
    }

    private void data(Http2DataFrame data) {
      ByteBuf content = data.content();
      message.writeBytes(content, Math.min(content.readableBytes(), message.maxWritableBytes()));
      if (data.isEndStream()) {
        withoutStatus();
      }
    }

    private void ended(Http2Headers last) {
      CharSequence code = last.get("grpc-status");
      if (code == null) {
        withoutStatus();
      } else if (!"0".contentEquals(code)) {
        verdict(ProbeOutcome.BAD_STATUS, "grpc-status " + escaped(code) + why(last));
      } else {
        judge();
      }
    }

    private void withoutStatus() {
      verdict(ProbeOutcome.BAD_RESPONSE, "no gRPC response: it has no grpc-status");
    }

    private String why(Http2Headers last) {
      CharSequence why = last.get("grpc-message");
      return why == null ? "" : ": " + escaped(why);
    }

    private void judge() {
      long status = GrpcHealth.status(message);
      if (status < 0) {
        verdict(ProbeOutcome.BAD_RESPONSE, "no response of a gRPC health service");
      } else if (status == GrpcHealth.SERVING) {
        verdict(ProbeOutcome.OK, GrpcHealth.name(status));
      } else {
        verdict(ProbeOutcome.BAD_STATUS, GrpcHealth.name(status) + ", expected SERVING");
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        Http2Error known = Http2Error.valueOf(reset.errorCode());
        verdict(
            ProbeOutcome.BROKEN,
            "stream reset by the server: " + (known == null ? reset.errorCode() : known.name()));
      }
      ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      GrpcProbe.this.exceptionCaught(connection, cause);
    }

    private void verdict(ProbeOutcome outcome, String detail) {
      end(connection.channel(), outcome, detail);
    }
  }

  private static String escaped(CharSequence text) {
    return Printable.escapedAndCut(text.toString(), MAX_TEXT);
  }
}
