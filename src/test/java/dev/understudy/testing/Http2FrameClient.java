package dev.understudy.testing;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP/2 client over TLS that sees frames; it trusts everybody. */
public final class Http2FrameClient implements AutoCloseable {
  /** A GOAWAY that came. */
  public record GoAway(int lastStreamId, long errorCode) {}

  private final Channel channel;
  private final List<GoAway> goAways = new CopyOnWriteArrayList<>();
  private final List<Stream> streams = new CopyOnWriteArrayList<>();
  private volatile Http2Settings settings;

  public Http2FrameClient(int port) {
    channel =
        Http2Connector.OF_TESTS.connect(
            port,
            Http2FrameCodecBuilder.forClient()
                .validateHeaders(false)
                .encoderEnforceMaxConcurrentStreams(false),
            new Control());
  }

  /** What the server has set, once it has. */
  public Http2Settings settings() {
    Await.until("the server's settings", () -> settings != null);
    return settings;
  }

  public List<GoAway> goAways() {
    return goAways;
  }

  public boolean isClosed() {
    return !channel.isActive();
  }

  public Channel channel() {
    return channel;
  }

  /** Sends a request without a body. */
  public Stream get(String path, String... fields) {
    return open().head("GET", path, true, fields);
  }

  /** A stream on which nothing has been sent. */
  public Stream open() {
    Stream stream = new Stream();
    stream.channel =
        new Http2StreamChannelBootstrap(channel)
            .option(ChannelOption.AUTO_READ, true)
            .handler(stream.handler())
            .open()
            .syncUninterruptibly()
            .getNow();
    streams.add(stream);
    return stream;
  }

  @Override
  public void close() {
    drop();
    channel.closeFuture().syncUninterruptibly();
  }

  /** As a client that vanishes. */
  public void drop() {
    channel
        .eventLoop()
        .execute(
            () -> {
              channel.unsafe().close(channel.voidPromise());
              // What was not read would keep them.
              streams.forEach(each -> each.channel.close());
            });
  }

  private final class Control extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof Http2SettingsFrame frame && settings == null) {
        settings = frame.settings();
      } else if (msg instanceof Http2GoAwayFrame frame) {
        goAways.add(new GoAway(frame.lastStreamId(), frame.errorCode()));
      }
      ReferenceCountUtil.release(msg);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** One request and what came of it. */
  public static final class Stream {
    private Http2StreamChannel channel;
    private final List<Http2Headers> heads = new CopyOnWriteArrayList<>();
    private final StringBuffer body = new StringBuffer();
    private volatile boolean ended;
    private volatile Http2Error reset;

    private ChannelInboundHandlerAdapter handler() {
      return new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
          if (msg instanceof Http2HeadersFrame frame) {
            heads.add(frame.headers());
            ended |= frame.isEndStream();
          } else if (msg instanceof Http2DataFrame frame) {
            body.append(frame.content().toString(StandardCharsets.UTF_8));
            ended |= frame.isEndStream();
          }
          ReferenceCountUtil.release(msg);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
          if (event instanceof Http2ResetFrame frame) {
            reset = Http2Error.valueOf(frame.errorCode());
          }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
          ctx.close();
        }
      };
    }

    public Stream head(String method, String path, boolean end, String... fields) {
      Http2Headers headers =
          new DefaultHttp2Headers(false)
              .method(method)
              .scheme("https")
              .authority("example.test")
              .path(path);
      for (String field : fields) {
        int colon = field.indexOf(':', 1);
        headers.set(field.substring(0, colon), field.substring(colon + 1).trim());
      }
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, end));
      return this;
    }

    public Stream data(String text, boolean end) {
      return data(text.getBytes(StandardCharsets.UTF_8), end);
    }

    public Stream data(byte[] bytes, boolean end) {
      channel.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), end));
      return this;
    }

    public Stream trailers(String name, String value) {
      channel.writeAndFlush(
          new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).set(name, value), true));
      return this;
    }

    public void cancel() {
      channel.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
    }

    /** Reads nothing more, or goes on. */
    public Stream reading(boolean on) {
      channel.config().setAutoRead(on);
      return this;
    }

    /** Waits for the end of the response. */
    public Stream await() {
      Await.until("the end of an answer", () -> ended || reset != null || !channel.isActive());
      return this;
    }

    /** Waits for the head of the final response. */
    public int awaitStatus() {
      Await.until("the head of an answer", () -> status() >= 200 || reset != null);
      return status();
    }

    /** Of the newest head; 0: none has come. */
    public int status() {
      for (int i = heads.size() - 1; i >= 0; i--) {
        if (heads.get(i).status() != null) {
          return Integer.parseInt(heads.get(i).status().toString());
        }
      }
      return 0;
    }

    /** Informational, final, trailers. */
    public List<Http2Headers> heads() {
      return heads;
    }

    public String header(String name) {
      CharSequence found = null;
      for (Http2Headers head : heads) {
        found = head.get(name) == null ? found : head.get(name);
      }
      return found == null ? null : found.toString();
    }

    public String body() {
      return body.toString();
    }

    /** Whether the response came whole. */
    public boolean isEnded() {
      return ended;
    }

    public boolean isOpen() {
      return channel.isActive();
    }

    /** Why the server reset it; null: it has not. */
    public Http2Error reset() {
      return reset;
    }
  }
}
