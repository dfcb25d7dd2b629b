package dev.understudy.bench.starved;

import dev.understudy.bench.peer.Site;
import dev.understudy.bench.wire.Head;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The servers of all pools, a master and a backup each, at loopback addresses of their own; outside
 * of the proxies' processes.
 */
final class Servers implements AutoCloseable {
  /** The bodies of responses. */
  static final String MASTER = "master";

  static final String BACKUP = "backup";

  private static final int BACKLOG = 4096;
  private static final byte[] CHECK = "GET /status ".getBytes(StandardCharsets.US_ASCII);

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final LongAdder checks = new LongAdder();
  private final List<Server> masters = new ArrayList<>();
  private final List<Server> backups = new ArrayList<>();

  private Servers() {}

  /** Starts those of so many pools. */
  static Servers start(int pools, int port) throws InterruptedException {
    Servers servers = new Servers();
    for (int pool = 0; pool < pools; pool++) {
      servers.masters.add(servers.new Server(Site.address(pool, 0), port, MASTER));
      servers.backups.add(servers.new Server(Site.address(pool, 1), port, BACKUP));
    }
    return servers;
  }

  /** Has those fail that the scene says. */
  void strike(Scene scene) throws InterruptedException {
    List<Server> failing = new ArrayList<>(masters.subList(0, scene.masters()));
    failing.addAll(backups.subList(0, scene.backups()));
    for (Server server : failing) {
      if (scene.fault() == Scene.Fault.FREEZE) {
        server.frozen = true;
      } else {
        server.end();
      }
    }
  }

  /** Checks that have arrived so far, at servers that are frozen as well. */
  long checks() {
    return checks.sum();
  }

  @Override
  public void close() throws InterruptedException {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  private static ByteBuf response(String body) {
    String text =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(body.length(), body);
    return Unpooled.unreleasableBuffer(
        Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** One of them. */
  private final class Server {
    private final ChannelGroup connections =
        new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Channel listening;
    private volatile boolean frozen;

    Server(String address, int port, String name) throws InterruptedException {
      ByteBuf page = response(name);
      ByteBuf status = response("version: bench");
      listening =
          new ServerBootstrap()
              .group(loops)
              .channel(EpollServerSocketChannel.class)
              .option(ChannelOption.SO_BACKLOG, BACKLOG)
              .childHandler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                      connections.add(channel);
                      channel.pipeline().addLast(new Connection(Server.this, page, status));
                    }
                  })
              .bind(address, port)
              .sync()
              .channel();
    }

    void end() throws InterruptedException {
      listening.close().sync();
      connections.close().sync();
    }
  }

  /** A connection to one. */
  private final class Connection extends ByteToMessageDecoder {
    private final Head head = new Head();
    private final Server server;
    private final ByteBuf page;
    private final ByteBuf status;

    Connection(Server server, ByteBuf page, ByteBuf status) {
      this.server = server;
      this.page = page;
      this.status = status;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      if (!head.read(in)) {
        return;
      }
      boolean check = head.begins(in, CHECK);
      if (check) {
        checks.increment();
      }
      if (!server.frozen) {
        context.writeAndFlush((check ? status : page).duplicate(), context.voidPromise());
        if (head.closes(in)) {
          context.close();
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
