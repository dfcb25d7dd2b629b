package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether the port of server.port is opened. */
@Isolated("looks at all threads")
class MainListenerTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "server.port=0, true",
    "server.port=-1, false",
    "spring.config.location=classpath:/application.yaml, false",
  })
  void a_file_with_an_http_listener_needs_no_main_one(String setting, boolean open)
      throws Exception {
    Set<Thread> before = keepAlives();
    try (ListeningProxy proxy =
        new ListeningProxy(folder, "web: { port: 0 }", ListeningProxy.ROUTES, setting)) {
      assertThat(proxy.mainPort() > 0).isEqualTo(open);
      assertThat(ListeningProxy.status(proxy.port("web"), "/x")).isEqualTo(200);
      proxy.stop();
      Await.until("its keep-alive thread has ended", () -> before.containsAll(keepAlives()));
    }
  }

  /** Those of proxies that other tests keep running belong to this process too. */
  private static Set<Thread> keepAlives() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("server") && !thread.isDaemon())
        .collect(Collectors.toSet());
  }
}
