package dev.understudy.handover;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What both sides of a handover need of Unix sockets. */
final class UnixSockets {
  private UnixSockets() {}

  /** Whether they can be used: on Linux, where Netty's native transport loads. */
  static boolean areAvailable() {
    return Epoll.isAvailable();
  }

  /** A thread of its own for the connections of a handover. */
  static EventLoopGroup thread() {
    return new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("understudy-handover", true), EpollIoHandler.newFactory());
  }

  static void end(EventLoopGroup thread) {
    var unused = thread.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** This process's user. */
  static int uid() {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new HandoverException("this process's user is not known: " + e.getMessage());
    }
  }
}
