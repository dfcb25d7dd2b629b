package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Tests on one application, which is started once for all such classes, and which each test finds
 * as it was at first. One thread runs these classes one after the other, beside all other classes;
 * with a lock, those that wait for it would keep threads from other work.
 */
@Execution(ExecutionMode.SAME_THREAD)
@ExtendWith(OnSharedServer.Start.class)
abstract class OnSharedServer {
  static AdminServer server;

  /** What a page of diagnostics must not show is among them. */
  static final String[] SETTINGS = {
    "understudy.admin.token=" + AdminServer.TOKEN,
    "understudy.admin.hosts=Admin.Example.com,*.svc.example",
    "spring.data.password=hunter44",
    "spring.application.json={\"tenant\":\"hunter55\"}",
    "management.otlp.metrics.export.headers.x-tenant=hunter66",
    "management.some.url=http://me:hunter77@collector:4318/v1?k=hunter88",
    "logging.level.some=info",
    "unknown.setting=x"
  };

  static final class Start implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      server =
          context
              .getRoot()
              .getStore(ExtensionContext.Namespace.GLOBAL)
              .computeIfAbsent(
                  AdminServer.class, key -> new AdminServer(SETTINGS), AdminServer.class);
    }
  }

  @BeforeEach
  void reset() {
    server.reset();
    Await.until("no stream is open", () -> openStreams() == 0);
  }

  /** With a problem document whose detail contains that. */
  static void assertRefused(HttpResponse<String> response, int status, String detail) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(AdminServer.json(response).path("detail").asString()).contains(detail);
  }

  private static int openStreams() {
    return server.context().getBean(OverviewFeed.class).slots().active()
        + server.context().getBean(EventStreams.class).slots().active();
  }
}
