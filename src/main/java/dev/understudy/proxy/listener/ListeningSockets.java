package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** The listening sockets for clients, without the management port's. */
final class ListeningSockets {
  private final List<AcceptQueue> sockets = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  /**
   * Adds a socket until it is closed, which is at once if the others were: a file that changes
   * during a stop opens no port. Call only on the socket's event loop.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing can be done about a close that fails
  AcceptQueue add(Channel bound) {
    AcceptQueue queue = new AcceptQueue(bound);
    sockets.add(queue);
    bound.closeFuture().addListener(done -> sockets.remove(queue));
    if (closed) {
      var unused = bound.close();
    }
    return queue;
  }

  /**
   * Closes all sockets: new connections are refused, accepted ones stay. Reactor Netty's servers
   * treat a closed socket as one that they have closed themselves, and then cut no connection.
   *
   * @return completed when all sockets are closed, even after an error
   */
  CompletionStage<Void> close() {
    closed = true;
    return CompletableFuture.allOf(
        sockets.stream().map(AcceptQueue::close).toArray(CompletableFuture[]::new));
  }
}
