package dev.understudy.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP/2 server, by prior knowledge or by ALPN, whose frames are what a test wants. */
public final class Http2Server implements AutoCloseable {
  /** What a test does with a request, on a thread of its own, once its head is here. */
  @FunctionalInterface
  public interface Script {
    void respond(Call call) throws Exception;
  }

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel listening;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Script script;
  private volatile boolean silent;

  public Http2Server(Script script) {
    this(script, null, Http2Settings.defaultSettings());
  }

  /**
   * One with those settings.
   *
   * @param tls null for prior knowledge
   */
  public Http2Server(Script script, SslContext tls, Http2Settings settings) {
    this.script = script;
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connected(channel);
                    if (tls == null) {
                      speak(channel, settings);
                    } else {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                      channel.pipeline().addLast(new Negotiation(settings));
                    }
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  private final class Negotiation extends ApplicationProtocolNegotiationHandler {
    private final Http2Settings settings;

    Negotiation(Http2Settings settings) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.settings = settings;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        speak(ctx.channel(), settings);
      } else {
        ctx.close();
      }
    }
  }

  private void connected(Channel channel) {
    connections.incrementAndGet();
    open.add(channel);
    channel.closeFuture().addListener(done -> open.remove(channel));
  }

  /** Sends nothing on later connections, not even SETTINGS, until a request's head is here. */
  public void beSilent() {
    silent = true;
  }

  /** Ends the silence, also of the connections that are open. */
  public void speak() {
    silent = false;
    open.forEach(Channel::flush);
  }

  /** Holds back what is written until the server speaks, or a request's head is here. */
  private final class Silence extends ChannelOutboundHandlerAdapter {
    private boolean over;

    @Override
    public void flush(ChannelHandlerContext ctx) {
      over |= !silent;
      if (over) {
        ctx.flush();
      }
    }

    void end(Channel channel) {
      over = true;
      channel.flush();
    }
  }

  private void speak(Channel channel, Http2Settings settings) {
    int number = connections.get();
    Silence silence = new Silence();
    channel
        .pipeline()
        .addLast(
            silence,
            Http2FrameCodecBuilder.forServer()
                .initialSettings(settings)
                .validateHeaders(false)
                .build(),
            new Http2MultiplexHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel stream) {
                    silence.end(channel);
                    stream.pipeline().addLast(new Stream(number));
                  }
                }),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object msg) {
                ReferenceCountUtil.release(msg);
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                ctx.close();
              }
            });
  }

  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  public void script(Script next) {
    script = next;
  }

  /** Requests whose head came in, in order. */
  public List<Call> calls() {
    return calls;
  }

  /** Connections accepted so far. */
  public int connections() {
    return connections.get();
  }

  public int openConnections() {
    return open.size();
  }

  /** Ends all connections without a GOAWAY. */
  public void cutConnections() {
    for (Channel each : open) {
      each.eventLoop().execute(() -> each.unsafe().close(each.voidPromise()));
    }
  }

  /** Sends the closure alert of TLS on all connections, and leaves them open. */
  public void endTls() {
    open.forEach(each -> each.pipeline().get(SslHandler.class).closeOutbound());
  }

  /** Ends all connections by a GOAWAY, after their streams. */
  public void leave() {
    open.forEach(Channel::close);
  }

  @Override
  public void close() {
    listening.close().syncUninterruptibly();
    cutConnections();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Stream extends ChannelInboundHandlerAdapter {
    private final int connection;
    private Call call;

    Stream(int connection) {
      this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      if (msg instanceof Http2HeadersFrame frame && call == null) {
        call = new Call((Http2StreamChannel) ctx.channel(), connection, frame.headers());
        Call made = call;
        if (frame.isEndStream()) {
          made.ended(new DefaultHttp2Headers());
        }
        calls.add(made);
        Thread.ofVirtual().start(() -> run(made));
      } else if (msg instanceof Http2HeadersFrame frame) {
        call.ended(frame.headers());
      } else if (msg instanceof Http2DataFrame frame) {
        call.data(frame);
      }
      ReferenceCountUtil.release(msg);
    }

    private void run(Call made) {
      try {
        script.respond(made);
      } catch (Exception e) {
        made.reset(Http2Error.INTERNAL_ERROR);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset && call != null) {
        call.resetCode.complete(reset.errorCode());
      }
      ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** One request and its stream. */
  public static final class Call {
    private final Http2StreamChannel stream;
    private final int connection;
    private final Http2Headers head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final CompletableFuture<Http2Headers> trailers = new CompletableFuture<>();
    private final CompletableFuture<Long> resetCode = new CompletableFuture<>();

    private Call(Http2StreamChannel stream, int connection, Http2Headers head) {
      this.stream = stream;
      this.connection = connection;
      this.head = head;
    }

    private void data(Http2DataFrame frame) {
      synchronized (body) {
        byte[] bytes = new byte[frame.content().readableBytes()];
        frame.content().getBytes(frame.content().readerIndex(), bytes);
        body.writeBytes(bytes);
      }
      if (frame.isEndStream()) {
        ended(new DefaultHttp2Headers());
      }
    }

    private void ended(Http2Headers last) {
      trailers.complete(last);
    }

    /** The number of its connection, from 1. */
    public int connection() {
      return connection;
    }

    public Http2Headers head() {
      return head;
    }

    /** A field's value as text; null if there is none. */
    public String header(String name) {
      CharSequence value = head.get(name);
      return value == null ? null : value.toString();
    }

    /** What came of the body so far. */
    public String soFar() {
      synchronized (body) {
        return body.toString(StandardCharsets.UTF_8);
      }
    }

    /** The body, awaited to its end. */
    public String text() throws Exception {
      trailers();
      return soFar();
    }

    /** The request's trailers, awaited. */
    public Http2Headers trailers() throws Exception {
      return trailers.get(20, TimeUnit.SECONDS);
    }

    /** The code with which the stream is reset, awaited. */
    public long resetCode() throws Exception {
      return resetCode.get(20, TimeUnit.SECONDS);
    }

    public void reply(int status, String text) throws Exception {
      text();
      head(status, false);
      data(text, true);
    }

    /** Sends a head; fields are {@code name: value}. */
    public void head(int status, boolean last, String... fields) {
      send(fields(fields).status(Integer.toString(status)), last);
    }

    /** Sends a head without fields, and that as its status. */
    public void status(String status) {
      send(new DefaultHttp2Headers(false).status(status), true);
    }

    public void trailers(String... fields) {
      send(fields(fields), true);
    }

    static Http2Headers fields(String... fields) {
      Http2Headers headers = new DefaultHttp2Headers(false);
      for (String field : fields) {
        int colon = field.indexOf(':');
        headers.add(field.substring(0, colon), field.substring(colon + 1).trim());
      }
      return headers;
    }

    private void send(Http2Headers headers, boolean last) {
      stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, last));
    }

    public void data(String text, boolean last) {
      data(text.getBytes(StandardCharsets.UTF_8), last);
    }

    public void data(byte[] bytes, boolean last) {
      stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(bytes), last));
    }

    /** Bytes sent and not yet taken by flow control, as far as the server counts them. */
    public boolean isWritable() {
      return stream.isWritable();
    }

    /** Bytes that the client's window of this stream has left. */
    public int window() throws Exception {
      var http2 = stream.parent().pipeline().get(Http2FrameCodec.class).connection();
      return stream
          .eventLoop()
          .submit(
              () -> http2.remote().flowController().windowSize(http2.stream(stream.stream().id())))
          .get(20, TimeUnit.SECONDS);
    }

    /** Resets the stream; returns once that has left. */
    public void reset(Http2Error code) {
      stream.writeAndFlush(new DefaultHttp2ResetFrame(code)).awaitUninterruptibly();
    }

    /** Sends a GOAWAY that excludes this stream and those after it. */
    public void refuseByGoAway() {
      goAway(stream.stream().id() - 2);
    }

    /** Sends a GOAWAY that excludes the streams after this one; returns once it has left. */
    public void goAway() {
      goAway(stream.stream().id()).syncUninterruptibly();
    }

    private ChannelFuture goAway(int lastStream) {
      ByteBuf frame = Unpooled.buffer(17).writeMedium(8).writeByte(7).writeByte(0).writeInt(0);
      frame.writeInt(lastStream).writeInt(0);
      return stream.parent().pipeline().context(Http2FrameCodec.class).writeAndFlush(frame);
    }

    /** Sets HEADER_TABLE_SIZE so often, to another value each time. */
    public void headerTableSizes(int times) {
      ByteBuf frames = Unpooled.buffer(15 * times);
      for (int i = 0; i < times; i++) {
        frames.writeMedium(6).writeByte(4).writeByte(0).writeInt(0);
        frames.writeShort(1).writeInt(i % 2 * 4096);
      }
      stream.parent().pipeline().context(Http2FrameCodec.class).writeAndFlush(frames);
    }

    /** Ends the connection without a word. */
    public void cut() {
      Channel parent = stream.parent();
      parent.eventLoop().execute(() -> parent.unsafe().close(parent.voidPromise()));
    }

    /** Ends the connection by a TCP reset. */
    public void breakOff() {
      stream.parent().config().setOption(ChannelOption.SO_LINGER, 0);
      cut();
    }
  }
}
