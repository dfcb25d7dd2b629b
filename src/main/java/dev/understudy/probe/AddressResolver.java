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
   * @return withdraws the query: nothing is waited for any more, and {@code done} not called
   */
  Runnable resolve(String host, Consumer<List<InetAddress>> done);

  /**
   * Asks for SRV records (RFC 2782); never blocks, and caches nothing. One that knows names of
   * hosts only finds none.
   *
   * @param name in full; search domains are not tried
   * @param done called exactly once unless the resolver is closed, on an I/O thread, with the
   *     records in any order, or an empty list on failure
   * @return withdraws the query
   */
  default Runnable services(String name, Consumer<List<ServiceRecord>> done) {
    done.accept(List.of());
    return () -> {};
  }
}
