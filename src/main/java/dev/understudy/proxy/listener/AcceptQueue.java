package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The accept queue of one listening socket: connections that the kernel has made and the process
 * has not accepted. Closing the socket resets them together with any requests they carry, so the
 * socket is closed only once they are accepted. Only a connection made within microseconds of the
 * close is lost.
 */
// A failed close leaves the channel closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class AcceptQueue {
  /**
   * The most rounds before the socket is closed. Each round accepts up to {@link
   * AcceptedAtOnce#MAX} connections, in total more than the kernel queues (somaxconn, 4096).
   */
  private static final int MAX_ROUNDS = 300;

  private final Channel socket;

  /**
   * The number of accepted connections. Used on the socket's event loop only, as is {@link
   * #rounds}.
   */
  private long accepted;

  private int rounds;

  /**
   * Counts the connections that the socket accepts from now on. Call only on the socket's event
   * loop.
   */
  AcceptQueue(Channel socket) {
    this.socket = socket;
    socket.pipeline().addFirst(new Counter());
  }

  /**
   * Closes the socket after its queue is accepted. Completes when it is closed, even after an
   * error.
   */
  CompletableFuture<Void> close() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    socket.closeFuture().addListener(done -> closed.complete(null));
    try {
      socket.eventLoop().execute(this::acceptRest);
    } catch (RejectedExecutionException stopped) {
      closed.complete(null);
    }
    return closed;
  }

  /**
   * Accepts for another round, then closes. A scheduled task, unlike an executed one, runs after
   * the event loop's next input.
   */
  private void acceptRest() {
    long before = accepted;
    var unused =
        socket
            .eventLoop()
            .schedule(
                () -> {
                  if (accepted > before && ++rounds < MAX_ROUNDS) {
                    acceptRest();
                  } else {
                    socket.close();
                  }
                },
                0,
                TimeUnit.NANOSECONDS);
  }

  private final class Counter extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      accepted++;
      ctx.fireChannelRead(msg);
    }
  }
}
