package dev.understudy.bench.growth;

import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Operators who take backups out and in again: each command is an event. */
final class Operators {
  private static final int OK = 200;

  /** What a busy machine's monitor says: the command may still be carried out. */
  private static final int UNAVAILABLE = 503;

  private Operators() {}

  /** Gives so many commands, shared evenly by one operator for each pool. */
  static void command(int managementPort, List<String> pools, int count)
      throws IOException, InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(pools.size())) {
      for (String pool : pools) {
        running.add(
            threads.submit(
                () -> {
                  command(managementPort, pool, count / pools.size());
                  return true;
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private static void command(int managementPort, String pool, int count) throws IOException {
    String path = "/api/pools/" + pool + "/servers/s1/state";
    try (HttpConnection connection = new HttpConnection(managementPort)) {
      for (int i = 0; i < count; i++) {
        HttpConnection.Answer answer =
            connection.send(
                "PUT",
                path,
                i % 2 == 0 ? "{\"state\":\"drain\"}" : "{\"state\":\"ready\"}",
                "Content-Type: application/json",
                "Authorization: Bearer " + GrowingUnderstudy.TOKEN);
        if (answer.status() != OK && answer.status() != UNAVAILABLE) {
          throw new IOException("PUT " + path + ": " + answer);
        }
      }
    }
  }
}
