package dev.understudy.testing;

import dev.understudy.proxy.ClientConnection;
import dev.understudy.proxy.ClientHeaders;
import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.Engine;
import dev.understudy.proxy.Exchange;
import dev.understudy.proxy.PendingBytes;
import dev.understudy.proxy.ProxyRequest;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * The leanest HTTP/1.1 server in front of the engine: its own client side straight on the channel.
 */
public final class NettyFront implements Lane {
  private final MultiThreadIoEventLoopGroup loops;
  private final Channel listening;
  private final Engine engine;

  public NettyFront(Setup setup) {
    engine =
        new Engine(
            setup.snapshots(),
            setup.reports(),
            setup.listener(),
            setup.trusted(),
            setup.tls(),
            setup.tunnels());
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> type =
        Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    loops = new MultiThreadIoEventLoopGroup(2, io);
    listening =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new HttpServerCodec(), new Connection(setup));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  @Override
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public void close() {
    engine.close();
    listening.close().syncUninterruptibly();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Connection extends ChannelInboundHandlerAdapter implements Downstream {
    private final Setup setup;
    private final ArrayDeque<Object> later = new ArrayDeque<>();
    private ChannelHandlerContext ctx;
    private ClientConnection client;
    private Exchange exchange;
    private HttpRequest request;
    private boolean requestEnded;
    private boolean keepAlive;
    private boolean draining;

    Connection(Setup setup) {
      this.setup = setup;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      ctx = context;
      SocketChannel channel = (SocketChannel) ctx.channel();
      client =
          new ClientConnection(channel.remoteAddress(), channel.localAddress().getPort(), false);
      ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object msg) {
      if (draining) {
        ReferenceCountUtil.release(msg);
      } else if (exchange != null && requestEnded) {
        later.add(msg);
      } else {
        take(msg);
      }
    }

    private void take(Object msg) {
      if (msg instanceof HttpRequest next) {
        begin(next);
      }
      if (msg instanceof HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        requestEnded |= last;
        if (exchange != null && content.content().isReadable()) {
          exchange.requestBody(content.content());
        } else {
          content.release();
        }
        if (last && exchange != null && hasBody(request)) {
          exchange.requestEnd(((LastHttpContent) content).trailingHeaders());
        }
      }
    }

    private static boolean hasBody(HttpRequest request) {
      return HttpUtil.isTransferEncodingChunked(request)
          || HttpUtil.getContentLength(request, 0L) > 0;
    }

    private void begin(HttpRequest next) {
      request = next;
      requestEnded = false;
      keepAlive = HttpUtil.isKeepAlive(next);
      boolean webSocket =
          next.headers().containsValue(HttpHeaderNames.CONNECTION, "upgrade", true)
              && next.headers().containsValue(HttpHeaderNames.UPGRADE, "websocket", true);
      exchange =
          engine.exchange(
              new ProxyRequest(
                  "test",
                  setup.pool(),
                  setup.prefer(),
                  next.method(),
                  next.uri(),
                  next.protocolVersion(),
                  next.headers(),
                  hasBody(next),
                  webSocket,
                  client),
              this,
              ctx.channel().eventLoop());
      exchange.start();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      // One read is outstanding while an answer is awaited: that is how an abort is seen.
      if (draining || exchange == null || requestEnded && later.isEmpty()) {
        ctx.read();
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (exchange != null) {
        exchange.writabilityChanged();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      Exchange gone = exchange;
      exchange = null;
      if (gone != null) {
        gone.clientGone();
      }
      later.forEach(ReferenceCountUtil::release);
      later.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      ctx.close();
    }

    @Override
    public void informational(HttpResponse response) {
      ctx.write(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              response.status(),
              Unpooled.EMPTY_BUFFER,
              response.headers(),
              response.headers().copy().clear()));
    }

    @Override
    public void head(HttpResponse head) {
      boolean reusable = keepAlive && requestEnded;
      keepAlive = ClientHeaders.frame(head, request.method(), request.protocolVersion(), reusable);
      ctx.write(head, ctx.voidPromise());
    }

    @Override
    public void body(ByteBuf data) {
      ctx.write(data, ctx.voidPromise());
    }

    @Override
    public void flush() {
      ctx.flush();
    }

    @Override
    public void end(HttpHeaders trailers) {
      exchange = null;
      boolean again = keepAlive && requestEnded;
      var written =
          ctx.writeAndFlush(
              trailers.isEmpty()
                  ? LastHttpContent.EMPTY_LAST_CONTENT
                  : new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER, trailers));
      if (!again && requestEnded) {
        written.addListener(ChannelFutureListener.CLOSE);
      } else if (!again) {
        draining = true;
        written.addListener(done -> ((SocketChannel) ctx.channel()).shutdownOutput());
        ctx.channel().eventLoop().schedule(() -> ctx.close(), 1, TimeUnit.SECONDS);
        ctx.read();
      } else {
        ctx.channel().eventLoop().execute(this::next);
      }
    }

    private void next() {
      while (!later.isEmpty() && (exchange == null || !requestEnded)) {
        take(later.poll());
      }
      if (exchange == null || requestEnded && later.isEmpty()) {
        ctx.read();
      }
    }

    @Override
    public boolean isWritable() {
      return ctx.channel().isWritable();
    }

    @Override
    public void requestRead() {
      ctx.read();
    }

    @Override
    public void abort() {
      exchange = null;
      ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      ctx.close();
    }

    @Override
    public Channel upgrade(HttpResponse switching) {
      exchange = null;
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              switching.status(),
              Unpooled.EMPTY_BUFFER,
              switching.headers(),
              switching.headers().copy().clear()));
      Channel channel = ctx.channel();
      channel.pipeline().addLast(new PendingBytes());
      channel.pipeline().remove(this);
      channel.pipeline().remove(HttpServerCodec.class);
      later.forEach(ReferenceCountUtil::release);
      later.clear();
      return channel;
    }
  }
}
