package dev.understudy.proxy.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.handover.Inheritance;
import dev.understudy.handover.InheritedSockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The management port of a process, with and without a predecessor. */
class ManagementSocketTest {
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
  private final AtomicInteger accepted = new AtomicInteger();

  @AfterEach
  void end() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void without_a_predecessor_it_answers_once_bound() throws Exception {
    ManagementSocket socket = new ManagementSocket(Inheritance.none());
    DisposableServer server = bind(socket, 0);
    try (Socket client = connect(server)) {
      assertAnswers(client);
    } finally {
      server.disposeNow();
    }
  }

  @Test
  void an_inherited_one_answers_once_the_predecessor_has_let_go_and_not_before() throws Exception {
    EpollServerSocketChannel bound = bound();
    ManagementSocket socket = new ManagementSocket(InheritedSockets.of("management", bound));
    DisposableServer server = bind(socket, bound.localAddress().getPort());
    try (Socket client = connect(server)) {
      // All that has come by now is handled.
      for (int i = 0; i < 2; i++) {
        loops.forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
      }
      assertThat(accepted).hasValue(0);

      socket.accept();

      assertAnswers(client);
    } finally {
      server.disposeNow();
    }
  }

  /** What a predecessor has bound, and accepts from no more. */
  private EpollServerSocketChannel bound() {
    return (EpollServerSocketChannel)
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .childHandler((ChannelHandler) new ChannelInboundHandlerAdapter())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  private DisposableServer bind(ManagementSocket socket, int port) {
    InetSocketAddress wanted = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return socket
        .customize(
            HttpServer.create()
                .runOn(preferNative -> loops)
                .bindAddress(() -> wanted)
                .doOnConnection(connection -> accepted.incrementAndGet())
                .handle((request, response) -> response.sendString(Mono.just("here"))),
            wanted)
        .bindNow();
  }

  private static Socket connect(DisposableServer server) throws Exception {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
    client.setSoTimeout(30_000);
    return client;
  }

  private void assertAnswers(Socket client) throws Exception {
    client.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
    assertThat(client.getInputStream().read()).isEqualTo('H');
    assertThat(accepted).hasValue(1);
  }
}
