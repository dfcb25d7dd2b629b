package dev.understudy.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
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
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Clients' connections over HTTP/2: in TLS, chosen by ALPN, where they trust everybody; or clear.
 */
public final class Http2Connector {
  static final Http2Connector OF_TESTS =
      new Http2Connector(List.of(Certificates.BULK_CIPHER, "TLS_AES_128_GCM_SHA256"));

  /** Without TLS, by prior knowledge. */
  static final Http2Connector CLEAR = new Http2Connector();

  private static final MultiThreadIoEventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(
          1,
          Thread.ofPlatform().daemon().name("http2-client").factory(),
          NioIoHandler.newFactory());

  /** Null: without TLS. */
  private final SslContext tls;

  private Http2Connector() {
    tls = null;
  }

  public Http2Connector(List<String> ciphers) {
    try {
      tls =
          SslContextBuilder.forClient()
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .ciphers(ciphers)
              .endpointIdentificationAlgorithm(null)
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      Protocol.ALPN,
                      SelectorFailureBehavior.NO_ADVERTISE,
                      SelectedListenerFailureBehavior.ACCEPT,
                      ApplicationProtocolNames.HTTP_2))
              .build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Connects to a port of this machine; the handshake of TLS is done.
   *
   * @param more handlers of what concerns the whole connection
   */
  public Channel connect(int port, Http2FrameCodecBuilder codec, ChannelHandler... more) {
    Channel connection =
        new Bootstrap()
            .group(LOOPS)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel
                        .pipeline()
                        .addLast(
                            codec.build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()))
                        .addLast(more);
                  }
                })
            .connect(InetAddress.getLoopbackAddress(), port)
            .syncUninterruptibly()
            .channel();
    if (tls != null) {
      connection.pipeline().get(SslHandler.class).handshakeFuture().syncUninterruptibly();
    }
    return connection;
  }
}
