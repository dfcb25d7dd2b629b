package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.ScriptedServer;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A replica that is slow, or a command that is. */
class ManagementApiTest {
  private static final String OK =
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

  @Test
  void a_response_that_takes_long_is_told_once_and_read_all_the_same() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    CountDownLatch late = new CountDownLatch(1);
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              late.await();
              connection.send(OK);
            })) {
      URI base = URI.create("http://127.0.0.1:" + server.port());
      ManagementApi api =
          new ManagementApi(
              base,
              null,
              null,
              new ManagementApi.Notice(
                  1,
                  sentence -> {
                    told.add(sentence);
                    late.countDown();
                  }));
      assertThat(CompletableFuture.supplyAsync(() -> api.get("/x").status()).get()).isEqualTo(200);
      assertThat(told)
          .containsExactly("no response from " + base + " for 0 s; waiting for up to 60 s");
    }
  }
}
