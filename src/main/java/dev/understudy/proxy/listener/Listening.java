package dev.understudy.proxy.listener;

import io.netty.channel.Channel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** The sockets on which clients are taken, the management port's not among them. */
final class Listening {
  private final List<AcceptQueue> sockets = new CopyOnWriteArrayList<>();

  /** Only called on that socket's event loop. */
  void add(Channel bound) {
    sockets.add(new AcceptQueue(bound));
  }

  /**
   * From now on connections are refused; those that were taken stay. Reactor Netty's servers take a
   * closed socket for one that they have closed themselves, and then cut nobody off.
   *
   * @return done when all are closed, even if with an error
   */
  CompletionStage<Void> close() {
    return CompletableFuture.allOf(
        sockets.stream().map(AcceptQueue::close).toArray(CompletableFuture[]::new));
  }
}
