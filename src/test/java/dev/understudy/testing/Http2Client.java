package dev.understudy.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** An HTTP/2 client over TLS, chosen by ALPN; one stream for each request, whose responses wait. */
public final class Http2Client implements TestClient {
  private static final MultiThreadIoEventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(
          1,
          Thread.ofPlatform().daemon().name("http2-client").factory(),
          NioIoHandler.newFactory());
  private static final SslContext TLS = tls();

  private final Channel connection;
  private final Deque<Http2Exchange> unanswered = new ArrayDeque<>();
  private Http2Exchange newest;

  public Http2Client(int port) {
    connection =
        new Bootstrap()
            .group(LOOPS)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    // Rows send what no good client would.
                    channel
                        .pipeline()
                        .addLast(
                            TLS.newHandler(channel.alloc()),
                            Http2FrameCodecBuilder.forClient().validateHeaders(false).build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .syncUninterruptibly()
            .channel();
    connection.pipeline().get(SslHandler.class).handshakeFuture().syncUninterruptibly();
  }

  private static SslContext tls() {
    try {
      return SslContextBuilder.forClient()
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .ciphers(List.of(Certificates.BULK_CIPHER, "TLS_AES_128_GCM_SHA256"))
          .applicationProtocolConfig(
              new ApplicationProtocolConfig(
                  Protocol.ALPN,
                  SelectorFailureBehavior.NO_ADVERTISE,
                  SelectedListenerFailureBehavior.ACCEPT,
                  ApplicationProtocolNames.HTTP_2))
          .build();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Http2Client request(String method, String target, String... fields) {
    return head(headers(method, target, fields), true);
  }

  @Override
  public Http2Client request(String method, String target, byte[] body, String... fields) {
    begin(method, target, body.length, fields);
    newest.data(body, true);
    return this;
  }

  @Override
  public Http2Client begin(String method, String target, long length, String... fields) {
    Http2Headers headers = headers(method, target, fields);
    if (length >= 0) {
      headers.setLong("content-length", length);
    }
    return head(headers, false);
  }

  /** Sends that head, whatever it says. */
  public Http2Client head(Http2Headers headers, boolean last) {
    newest =
        new Http2Exchange(
            new Http2StreamChannelBootstrap(connection)
                .handler(new ChannelInboundHandlerAdapter())
                .open()
                .syncUninterruptibly()
                .getNow());
    unanswered.add(newest);
    newest.head(headers, last);
    return this;
  }

  /** A request's head; {@code Host} becomes the authority. */
  public static Http2Headers headers(String method, String target, String... fields) {
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method(method)
            .scheme("https")
            .authority("example.test")
            .path(target);
    for (String field : fields) {
      int colon = field.indexOf(':');
      String name = field.substring(0, colon).toLowerCase(Locale.ROOT);
      String value = field.substring(colon + 1).trim();
      if (name.equals("host")) {
        headers.authority(value);
      } else {
        headers.add(name, value);
      }
    }
    return headers;
  }

  @Override
  public Http2Client body(byte[] piece) {
    // Who was answered already is not listened to any more; what became of it, the response tells.
    newest.data(piece, false).awaitUninterruptibly();
    return this;
  }

  @Override
  public Http2Client end(String... trailers) {
    Http2Headers last = new DefaultHttp2Headers(false);
    for (String trailer : trailers) {
      int colon = trailer.indexOf(':');
      last.add(trailer.substring(0, colon), trailer.substring(colon + 1).trim());
    }
    if (last.isEmpty()) {
      newest.data(new byte[0], true);
    } else {
      newest.head(last, true);
    }
    return this;
  }

  @Override
  public Response response(String method) {
    Response response = unanswered.element().response();
    if (response.status() < 100 || response.status() >= 200) {
      unanswered.remove();
    }
    return response;
  }

  @Override
  public void awaitBody(int bytes) {
    unanswered.element().awaitBody(bytes);
  }

  @Override
  public void skip(long bytes) {
    unanswered.element().skip(bytes);
  }

  /** Whether the server has closed the connection. */
  public boolean isEnded() {
    return !connection.isOpen();
  }

  @Override
  public void abort() {
    unanswered.forEach(Http2Exchange::reset);
    unanswered.clear();
  }

  @Override
  public void close() {
    abort();
    connection.close().awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
