package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

class AcceptedAtOnceTest {
  /** Tells after each look for connections how many it brought. */
  private static final class Counter extends ChannelInboundHandlerAdapter {
    final BlockingQueue<Integer> brought = new LinkedBlockingQueue<>();
    private int now;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      now++;
      ctx.fireChannelRead(msg);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      brought.add(now);
      now = 0;
      ctx.fireChannelReadComplete();
    }
  }

  @Test
  void connections_that_came_while_the_loop_was_busy_are_accepted_together_up_to_a_limit()
      throws Exception {
    DisposableServer server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .option(ChannelOption.RECVBUF_ALLOCATOR, AcceptedAtOnce.allocator())
            .bindNow();
    List<Socket> clients = new ArrayList<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    try {
      Channel listening = server.channel();
      Counter counter = new Counter();
      listening.pipeline().addFirst(counter);
      var working =
          listening
              .eventLoop()
              .submit(
                  () -> {
                    begun.countDown();
                    busy.await();
                    return true;
                  });
      begun.await();
      for (int i = 0; i < AcceptedAtOnce.MAX + 3; i++) {
        Socket client = new Socket();
        clients.add(client);
        client.connect((InetSocketAddress) listening.localAddress());
      }
      busy.countDown();
      working.sync();
      assertThat(counter.brought.poll(20, TimeUnit.SECONDS)).isEqualTo(AcceptedAtOnce.MAX);
      assertThat(counter.brought.poll(20, TimeUnit.SECONDS)).isEqualTo(3);
    } finally {
      busy.countDown();
      for (Socket client : clients) {
        client.close();
      }
      server.disposeNow();
    }
  }
}
