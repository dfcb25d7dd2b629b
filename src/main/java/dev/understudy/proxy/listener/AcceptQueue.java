package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The connections that the kernel has made for one listening socket and that nobody has accepted
 * yet. To close the socket resets them, requests that they carry and all: so it is closed once they
 * are accepted. What is left is a connection that is made within microseconds of the close.
 */
// A close that fails has closed.
@SuppressWarnings("FutureReturnValueIgnored")
final class AcceptQueue {
  /**
   * Each accepts up to {@link AcceptedAtOnce#MAX}: more than the kernel keeps (somaxconn, 4096).
   */
  private static final int MAX_ROUNDS = 300;

  private final Channel socket;

  /** Touched on the socket's event loop only, as {@link #rounds} is. */
  private long accepted;

  private int rounds;

  /** Counts what the socket accepts from now on. Only called on its event loop. */
  AcceptQueue(Channel socket) {
    this.socket = socket;
    socket.pipeline().addFirst(new Counter());
  }

  /** Closes the socket; done when it is closed, even if with an error. */
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

  /** What is scheduled, other than what is executed, comes after the loop's next input. */
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
