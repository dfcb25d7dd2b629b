package dev.understudy.admin;

import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The console's files for servers of tests, as the management port serves them. */
public final class ConsoleFixture {
  private ConsoleFixture() {}

  public static RouterFunction<ServerResponse> router() {
    RouterFunctions.Builder router = RouterFunctions.route();
    new Console().files().forEach(router::GET);
    return router.build();
  }
}
