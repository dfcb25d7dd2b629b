package dev.understudy.bench.growth;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.CharsetUtil;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients that have had their first response and stay, without another word. */
final class Guests implements AutoCloseable {
  /** A request, and how its response begins. */
  enum Manner {
    HTTP("", "HTTP/1.1 200"),
    WEBSOCKET(
        """
        Connection: Upgrade\r
        Upgrade: websocket\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        """,
        "HTTP/1.1 101");

    private final String request;
    private final String response;

    Manner(String fields, String response) {
      this.request = "GET /1k HTTP/1.1\r\nHost: bench.example\r\n" + fields + "\r\n";
      this.response = response;
    }
  }

  /** One source address has some 28,000 ports; and a proxy may limit what one may open. */
  private static final int PER_ADDRESS = 500;

  /** First responses awaited at once: the backlog of a listening socket is short. */
  private static final int AT_ONCE = 50;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Semaphore awaited = new Semaphore(AT_ONCE);
  private final AtomicInteger staying = new AtomicInteger();

  private Guests() {}

  /** Opens so many and returns when each has its first response, or was refused. */
  static Guests invite(Manner manner, int port, int count) throws InterruptedException {
    Guests guests = new Guests();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(guests.group)
            .channel(EpollSocketChannel.class)
            .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
            .remoteAddress("127.0.0.1", port)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    guests.channels.add(channel);
                    channel.pipeline().addLast(guests.new Guest(manner));
                  }
                });
    for (int i = 0; i < count; i++) {
      guests.acquire(1);
      bootstrap.clone().localAddress("127.0.1." + (1 + i / PER_ADDRESS), 0).connect();
    }
    guests.acquire(AT_ONCE);
    guests.awaited.release(AT_ONCE);
    return guests;
  }

  private void acquire(int permits) throws InterruptedException {
    if (!awaited.tryAcquire(permits, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      close();
      throw new IllegalStateException("a client got no response for " + PATIENCE);
    }
  }

  /** Those that are connected now. */
  int staying() {
    return staying.get();
  }

  @Override
  public void close() {
    channels.close().awaitUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** One of them. */
  private final class Guest extends ByteToMessageDecoder {
    private final Manner manner;
    private boolean answered;
    private boolean stays;

    Guest(Manner manner) {
      this.manner = manner;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.writeAndFlush(Unpooled.copiedBuffer(manner.request, CharsetUtil.US_ASCII));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      int length = manner.response.length();
      if (answered) {
        in.skipBytes(in.readableBytes());
      } else if (in.readableBytes() >= length) {
        String begin = in.readCharSequence(length, CharsetUtil.US_ASCII).toString();
        stays = begin.equals(manner.response);
        if (stays) {
          staying.incrementAndGet();
        }
        answer();
      }
    }

    private void answer() {
      answered = true;
      awaited.release();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
      if (stays) {
        staying.decrementAndGet();
      }
      if (!answered) {
        answer();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
