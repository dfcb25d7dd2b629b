package dev.understudy.bench.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The server behind the proxies, and the clients in front of them, in this process. */
final class Load implements AutoCloseable {
  private static final int BACKLOG = 4096;
  private static final int PIECE = 256 * 1024;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
  private final Pattern pattern;
  private final Channel server;
  private final LongAdder done = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private volatile boolean running;

  Load(Pattern pattern) {
    this.pattern = pattern;
    server =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, received())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Server());
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  private static AdaptiveRecvByteBufAllocator received() {
    return new AdaptiveRecvByteBufAllocator(64, 2048, PIECE);
  }

  int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** What was done so far: bytes, messages or connections. */
  long done() {
    return done.sum();
  }

  /** Connections that failed. */
  long failed() {
    return failed.sum();
  }

  void start(int port) {
    running = true;
    for (int i = 0; i < pattern.clients(); i++) {
      connect(port);
    }
  }

  /** Lets clients end what they do. */
  void stop() throws InterruptedException {
    running = false;
    TimeUnit.MILLISECONDS.sleep(300);
  }

  private void connect(int port) {
    new Bootstrap()
        .group(loops)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.RECVBUF_ALLOCATOR, received())
        .handler(new Client(port))
        .connect("127.0.0.1", port)
        .addListener(
            (ChannelFutureListener)
                connected -> {
                  if (!connected.isSuccess()) {
                    failed.increment();
                    again(port, connected.channel());
                  }
                });
  }

  private void again(int port, Channel channel) {
    if (running) {
      channel.eventLoop().execute(() -> connect(port));
    }
  }

  private static ByteBuf zeros(int bytes) {
    return Unpooled.directBuffer(bytes).writeZero(bytes);
  }

  /** Sends pieces while the channel takes them. */
  private void flood(ChannelHandlerContext ctx) {
    while (running && ctx.channel().isActive() && ctx.channel().isWritable()) {
      ctx.writeAndFlush(Piece.SHARED.retainedDuplicate(), ctx.voidPromise());
    }
  }

  /** The piece that all floods send. */
  private static final class Piece {
    static final ByteBuf SHARED = Unpooled.unreleasableBuffer(zeros(PIECE));
  }

  private final class Server extends ChannelInboundHandlerAdapter {
    private int received;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf data = (ByteBuf) message;
      switch (pattern) {
        case DOWNLOAD -> {
          data.release();
          flood(ctx);
        }
        case UPLOAD -> {
          done.add(data.readableBytes());
          data.release();
        }
        case MESSAGES -> ctx.writeAndFlush(data, ctx.voidPromise());
        case CONNECTIONS -> {
          received += data.readableBytes();
          var written = ctx.writeAndFlush(data);
          if (received >= Pattern.MESSAGE_BYTES) {
            written.addListener(ChannelFutureListener.CLOSE);
          }
        }
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (pattern == Pattern.DOWNLOAD) {
        flood(ctx);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private final class Client extends ChannelInboundHandlerAdapter {
    private final int port;
    private int received;

    Client(int port) {
      this.port = port;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (pattern == Pattern.UPLOAD) {
        flood(ctx);
      } else {
        send(ctx);
      }
    }

    private void send(ChannelHandlerContext ctx) {
      ByteBuf message = ctx.alloc().directBuffer(Pattern.MESSAGE_BYTES);
      ctx.writeAndFlush(message.writeZero(Pattern.MESSAGE_BYTES), ctx.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      int bytes = ((ByteBuf) message).readableBytes();
      ((ByteBuf) message).release();
      if (pattern == Pattern.DOWNLOAD) {
        done.add(bytes);
        if (!running) {
          ctx.close();
        }
        return;
      }
      received += bytes;
      if (pattern == Pattern.MESSAGES && received >= Pattern.MESSAGE_BYTES) {
        received -= Pattern.MESSAGE_BYTES;
        done.increment();
        if (running) {
          send(ctx);
        } else {
          ctx.close();
        }
      }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      if (pattern == Pattern.UPLOAD) {
        if (running) {
          flood(ctx);
        } else {
          ctx.close();
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (pattern == Pattern.CONNECTIONS) {
        if (received == Pattern.MESSAGE_BYTES) {
          done.increment();
        } else {
          failed.increment();
        }
        again(port, ctx.channel());
      } else if (running) {
        failed.increment();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  @Override
  public void close() {
    running = false;
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
