package dev.understudy.handover;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The listening sockets that a process was handed. Thread-safe. */
public final class Inheritance {
  private record Held(OfferedSocket socket, FileDescriptor descriptor) {}

  private final List<Held> held = new ArrayList<>();
  private final boolean expected;

  private Inheritance(boolean expected) {
    this.expected = expected;
  }

  /** No sockets: the process has no predecessor. */
  public static Inheritance none() {
    return new Inheritance(false);
  }

  static Inheritance ofPredecessor() {
    return new Inheritance(true);
  }

  /** Whether another process accepts connections until this one is ready to. */
  public boolean isOfPredecessor() {
    return expected;
  }

  synchronized void add(OfferedSocket socket, FileDescriptor descriptor) {
    held.add(new Held(socket, descriptor));
  }

  /**
   * Takes the sockets of an address, which are the caller's from now on.
   *
   * @param name the listener's; decides where any free port is wanted
   * @return descriptors; empty if there is none
   */
  public synchronized List<Integer> take(String name, InetSocketAddress wanted) {
    List<Integer> found = new ArrayList<>();
    for (Iterator<Held> each = held.iterator(); each.hasNext(); ) {
      Held one = each.next();
      if (fits(one.socket(), name, wanted)) {
        found.add(one.descriptor().intValue());
        each.remove();
      }
    }
    return List.copyOf(found);
  }

  private static boolean fits(OfferedSocket socket, String name, InetSocketAddress wanted) {
    boolean sameHost =
        wanted.getAddress().isAnyLocalAddress()
            ? new InetSocketAddress(socket.address(), 0).getAddress().isAnyLocalAddress()
            : socket.address().equals(wanted.getAddress().getHostAddress());
    return sameHost
        && (wanted.getPort() == 0 ? socket.name().equals(name) : socket.port() == wanted.getPort());
  }

  /** Whether the predecessor has that port, at another address than those that were taken. */
  public synchronized boolean hasPort(int port) {
    return held.stream().anyMatch(each -> each.socket().port() == port);
  }

  /** Closes what nobody has taken: listeners that are no longer wanted. */
  public synchronized void closeRest() {
    for (Held each : held) {
      try {
        each.descriptor().close();
      } catch (IOException e) {
        // A descriptor is closed even if that reports an error.
      }
    }
    held.clear();
  }
}
