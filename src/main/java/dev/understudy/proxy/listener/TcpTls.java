package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;

/** Creates the TLS contexts of listeners that relay TCP and end TLS. */
@FunctionalInterface
public interface TcpTls {
  /**
   * Returns the supplier of a listener's present context; it follows the listener's files, and must
   * not block.
   *
   * @throws IllegalArgumentException if the certificates cannot be used; the message says why
   */
  Supplier<SslContext> contexts(Listener listener);
}
