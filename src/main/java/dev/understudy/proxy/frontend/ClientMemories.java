package dev.understudy.proxy.frontend;

import dev.understudy.proxy.eventloop.LoopTicker;
import dev.understudy.proxy.eventloop.PerEventLoop;
import dev.understudy.proxy.eventloop.SlotList;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** Looks at what the client connections of each event loop hold. */
final class ClientMemories {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final ClientMemoryBudget budget;
  private final PerEventLoop<OnLoop> loops = new PerEventLoop<>(OnLoop::new);

  /** Enters a connection when its event loop has registered it, and leaves its pipeline. */
  @ChannelHandler.Sharable
  private final class Entry extends ChannelHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      loops.on(ctx.channel().eventLoop()).enter(ctx.channel());
      ctx.pipeline().remove(this);
    }
  }

  private final Entry entry = new Entry();

  ClientMemories(ClientMemoryBudget budget) {
    this.budget = budget;
  }

  /** Follows an accepted connection until it ends. */
  void follow(Channel connection) {
    connection.pipeline().addLast(entry);
  }

  private final class OnLoop {
    private final SlotList<ClientMemory> connections = new SlotList<>();
    private final UnreportedRequests unreported = new UnreportedRequests(budget);
    private final LoopTicker ticker;

    OnLoop(EventLoop loop) {
      this.ticker = new LoopTicker(loop, TICK_NANOS, this::tick);
      budget.loopAdded();
    }

    void enter(Channel connection) {
      ClientMemory made = new ClientMemory(budget, unreported, connection);
      connections.add(made);
      connection
          .closeFuture()
          .addListener(
              closed -> {
                connections.remove(made);
                made.ended();
              });
      ticker.start();
    }

    private boolean tick(boolean valid, long nanoTime) {
      unreported.report();
      connections.forEach(each -> each.look(nanoTime));
      return !connections.isEmpty();
    }
  }
}
