package dev.understudy.probe;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/** Resolves names, respecting their TTL but never older than 5 s. */
public interface AddressResolver {
  /**
   * Resolves {@code host}; never blocks. {@code done} is called exactly once, on an I/O thread,
   * with the addresses in the order the name server gave, or an empty list if that failed.
   */
  void resolve(String host, Consumer<List<InetAddress>> done);
}
