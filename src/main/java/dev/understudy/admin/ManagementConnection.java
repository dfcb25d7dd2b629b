package dev.understudy.admin;

import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableChannel;
import reactor.netty.http.server.HttpServerRequest;

/** The connection of a client of the management port. */
final class ManagementConnection {
  private ManagementConnection() {}

  /**
   * Disposes the connection, and ends quietly: an orderly end would wait behind the data that a
   * slow reader leaves unread, and an error would be logged for each client.
   */
  static <T> Mono<T> cutOff(ServerHttpRequest request) {
    return Mono.fromRunnable(
        () -> {
          HttpServerRequest connection = ServerHttpRequestDecorator.getNativeRequest(request);
          connection.withConnection(DisposableChannel::dispose);
        });
  }
}
