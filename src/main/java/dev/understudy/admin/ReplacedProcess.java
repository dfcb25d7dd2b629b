package dev.understudy.admin;

import java.net.InetSocketAddress;
import reactor.netty.http.server.HttpServer;

/** What the management port has to do with the handover from one process to the next. */
public interface ReplacedProcess {
  /**
   * Has the management port's server use the socket of the process before, if there is one.
   *
   * @param wanted the address that it would bind
   */
  HttpServer managementSocket(HttpServer server, InetSocketAddress wanted);

  /** Has {@code task} run when a next process serves instead of this one. */
  void whenReplaced(Runnable task);
}
