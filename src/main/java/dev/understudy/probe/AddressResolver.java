package dev.understudy.probe;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Consumer;

/** Resolves names. Results are cached for as long as their TTL says, 5 s at most. */
public interface AddressResolver {
  /**
   * Resolves {@code host}; never blocks.
   *
   * @param done called exactly once unless the resolver is closed, on an I/O thread, with the
   *     addresses in the order of the name server's response, or an empty list on failure
   */
  void resolve(String host, Consumer<List<InetAddress>> done);
}
