package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestServer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The servers' own journals as witnesses of which requests they got, and how often. */
class RequestJournalTest {
  /** Whether the master's status page says that it is well. */
  private static final AtomicBoolean well = new AtomicBoolean(true);

  @AutoClose private static TestServer master;
  @AutoClose private static TestServer backup;
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    master = new TestServer("master", RequestJournalTest::serve);
    backup =
        new TestServer("backup", call -> call.reply(200, isProbe(call) ? "version 1" : "backup"));
    proxy =
        new TestProxy(
            folder,
            """
            pools:
              shop:
                servers:
                  one: { url: "http://127.0.0.1:%d", role: master }
                  two: { url: "http://127.0.0.1:%d", role: backup }
                health: { path: /status, expect: { body: version }, interval: 100ms, fast-interval: 50ms, down-interval: 50ms }
            routes:
              - { id: shop, uri: "pool://shop", predicates: ["Path=/**"] }
            """
                .formatted(master.port(), backup.port()));
  }

  private static boolean isProbe(TestServer.Call call) {
    return call.line().contains(" /status ");
  }

  private static void serve(TestServer.Call call) throws Exception {
    if (isProbe(call)) {
      call.reply(well.get() ? 200 : 500, "version 1");
    } else {
      call.reply(200, "master");
    }
  }

  private static Response send(String method) {
    try (RawClient client = new RawClient(proxy.port())) {
      return method.equals("POST")
          ? client.request(method, "/orders", new byte[5]).response()
          : client.get("/orders");
    }
  }

  /** The methods of its requests, but probes. */
  private static List<String> journal(TestServer server) {
    return server.calls().stream()
        .filter(call -> !isProbe(call))
        .map(call -> call.line().split(" ")[0])
        .toList();
  }

  @Test
  void a_master_whose_status_page_fails_gets_no_requests_until_it_is_well() {
    Await.until("the master serves", () -> send("GET").body().equals("master"));
    well.set(false);
    Await.until("the backup serves", () -> send("GET").body().equals("backup"));
    List<String> before = journal(master);
    assertThat(send("POST").body()).isEqualTo("backup");
    assertThat(send("GET").body()).isEqualTo("backup");
    assertThat(journal(master)).isEqualTo(before);
    assertThat(journal(backup)).endsWith("POST", "GET");
    well.set(true);
    Await.until("the master serves", () -> send("GET").body().equals("master"));
  }
}
