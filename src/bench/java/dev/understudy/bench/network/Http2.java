package dev.understudy.bench.network;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** A client's connection over HTTP/2 and TLS. */
final class Http2 implements AutoCloseable {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(
          1,
          Thread.ofPlatform().daemon().name("http2-client").factory(),
          EpollIoHandler.newFactory());
  private static final SslContext TLS = tls();

  private final Channel connection;
  private final List<Stream> streams = new ArrayList<>();

  private Http2(Channel connection) {
    this.connection = connection;
  }

  /**
   * Connects; the handshake of TLS is done.
   *
   * @param window of each stream in bytes; the connection's holds back nobody
   */
  static Http2 connect(int port, int window) {
    Channel connection =
        new Bootstrap()
            .group(LOOPS)
            .channel(EpollSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            TLS.newHandler(channel.alloc()),
                            Http2FrameCodecBuilder.forClient()
                                .initialSettings(
                                    Http2Settings.defaultSettings().initialWindowSize(window))
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .syncUninterruptibly()
            .channel();
    connection.pipeline().get(SslHandler.class).handshakeFuture().syncUninterruptibly();
    connection.writeAndFlush(new DefaultHttp2WindowUpdateFrame(Servers.WINDOW));
    return new Http2(connection);
  }

  private static SslContext tls() {
    try {
      return SslContextBuilder.forClient()
          .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  ApplicationProtocolConfig.Protocol.ALPN,
                  ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                  ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2))
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends a request without a body. */
  Stream get(String path) {
    return send("GET", path, true);
  }

  /** Sends a request whose response is not read. */
  Stream getUnread(String path) {
    Stream stream = open();
    stream.channel.config().setAutoRead(false);
    return stream.send("GET", path, true);
  }

  /** Sends a request with a large body. */
  Stream post(String path) {
    Stream stream = send("POST", path, false);
    HttpServer.bulk(piece -> stream.channel.writeAndFlush(new DefaultHttp2DataFrame(piece)));
    stream.channel.writeAndFlush(new DefaultHttp2DataFrame(true));
    return stream;
  }

  private Stream send(String method, String path, boolean last) {
    return open().send(method, path, last);
  }

  private Stream open() {
    Stream made = new Stream();
    made.channel =
        new Http2StreamChannelBootstrap(connection)
            .handler(made)
            .open()
            .syncUninterruptibly()
            .getNow();
    streams.add(made);
    return made;
  }

  @Override
  public void close() {
    // What is unread of a stream goes with the stream alone.
    streams.forEach(stream -> stream.channel.close().awaitUninterruptibly(5, TimeUnit.SECONDS));
    connection.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /** A request and its response. */
  static final class Stream extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Long> first = new CompletableFuture<>();
    private final CompletableFuture<Integer> all = new CompletableFuture<>();
    private Http2StreamChannel channel;
    private int received;

    private Stream send(String method, String path, boolean last) {
      Http2Headers headers =
          new DefaultHttp2Headers()
              .method(method)
              .scheme("https")
              .authority("bench.example")
              .path(path);
      if (!last) {
        headers.setInt("content-length", Sizes.LARGE);
      }
      channel.writeAndFlush(new DefaultHttp2HeadersFrame(headers, last));
      return this;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      boolean last = false;
      if (frame instanceof Http2HeadersFrame head) {
        last = head.isEndStream();
        if (!"200".contentEquals(head.headers().status())) {
          all.completeExceptionally(new IOException("status " + head.headers().status()));
        }
      } else if (frame instanceof Http2DataFrame data) {
        ByteBuf content = data.content();
        if (content.isReadable()) {
          first.complete(System.nanoTime());
        }
        received += content.readableBytes();
        last = data.isEndStream();
      }
      ReferenceCountUtil.release(frame);
      if (last) {
        all.complete(received);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof Http2ResetFrame reset) {
        all.completeExceptionally(new IOException("reset " + reset.errorCode()));
      }
      ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      all.completeExceptionally(new IOException("the end came before"));
    }

    /** Awaits the whole response: the length of its body. */
    int response() throws IOException, InterruptedException {
      return await(all);
    }

    /** Awaits the first byte of the body. */
    void awaitFirst() throws IOException, InterruptedException {
      await(first);
    }

    /** Reads until the end, never more bytes each second than that. */
    void readAt(double perSecond) throws IOException, InterruptedException {
      long start = System.nanoTime();
      while (!all.isDone()) {
        long due = start + (long) (received / perSecond * 1e9);
        TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
        channel.read();
        TimeUnit.MICROSECONDS.sleep(500);
        if (System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(Plain.PATIENCE_MILLIS)) {
          throw new IOException("stalled");
        }
      }
      response();
    }

    private static <T> T await(CompletableFuture<T> what) throws IOException, InterruptedException {
      try {
        return what.get(Plain.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      } catch (TimeoutException e) {
        throw new IOException("stalled", e);
      }
    }
  }
}
