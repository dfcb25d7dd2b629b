package dev.understudy.handover;

import io.netty.channel.epoll.EpollServerSocketChannel;

/** Sockets as a predecessor hands them over. */
public final class InheritedSockets {
  private InheritedSockets() {}

  /** Hands a bound socket over, whose descriptor is the taker's from then on. */
  public static Inheritance of(String name, EpollServerSocketChannel bound) {
    Inheritance inherited = Inheritance.ofPredecessor();
    inherited.add(
        new OfferedSocket(
            name,
            bound.localAddress().getAddress().getHostAddress(),
            bound.localAddress().getPort()),
        bound.fd());
    // Its event loop would close the number as it ends, which may be another socket's by then.
    bound.deregister().syncUninterruptibly();
    return inherited;
  }
}
