package dev.understudy.testing;

import io.netty.channel.epoll.Epoll;
import java.util.List;

/** How sockets are spoken to; the two differ in when they see a half-close or a reset. */
public enum Transport {
  NIO,
  EPOLL;

  /** What test classes name as their source of rows: {@link #tested()}. */
  public static final String TESTED = "dev.understudy.testing.Transport#tested";

  /** Those that this machine has. */
  public static List<Transport> available() {
    return Epoll.isAvailable() ? List.of(NIO, EPOLL) : List.of(NIO);
  }

  /** In the gate the one that serves here. */
  public static List<Transport> tested() {
    return Extent.sample(available().reversed());
  }
}
