package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Lane;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many clients, bad servers and a choice that never rests: what must hold all the same. */
@Tag(Extent.FULL)
class EngineStressTest {
  private static final int CLIENTS = 16;
  private static final int REQUESTS = Extent.rounds(300);

  private final Map<String, AtomicInteger> executed = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger good = new AtomicInteger();

  @Test
  void nothing_is_lost_doubled_mixed_up_or_left_behind() throws Exception {
    Recorder seen = new Recorder();
    try (TestServer a = new TestServer("a", call -> misbehave(call));
        TestServer b = new TestServer("b", call -> misbehave(call))) {
      TestPools pools =
          TestPools.pool()
              .limited("a", a.port(), 8)
              .backup("b", b.port())
              .hold(Duration.ofSeconds(20), 1024, 4096)
              .start();
      try (Lane lane = Engined.front(pools, seen)) {
        AtomicBoolean over = new AtomicBoolean();
        Thread chaos = Thread.ofVirtual().start(() -> chaos(pools, a, over));
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          int client = i;
          clients.add(Thread.ofVirtual().start(() -> client(client, lane.port())));
        }
        for (Thread client : clients) {
          client.join();
        }
        over.set(true);
        chaos.join();
        Await.until("every request has an outcome", () -> seen.outcomes.size() == begun.get());
        Await.until("nobody waits", () -> seen.held.get() == 0);
        Await.until(
            "no request is counted as running",
            () ->
                pools.state().servers().stream()
                    .allMatch(server -> server.traffic().requests().get() == 0));
      }
      assertThat(wrong).isEmpty();
      assertThat(executed.entrySet())
          .filteredOn(entry -> entry.getKey().startsWith("POST"))
          .allSatisfy(entry -> assertThat(entry.getValue()).hasValue(1));
      assertThat(seen.outcomes).hasSize(begun.get());
      assertThat(good.get()).isGreaterThan(begun.get() / 2);
    }
  }

  private void client(int number, int port) {
    Random random = new Random(number);
    RawClient client = new RawClient(port);
    for (int i = 0; i < REQUESTS; i++) {
      String method = List.of("GET", "PUT", "POST").get(random.nextInt(3));
      String id = method + "-" + number + "-" + i;
      byte[] body =
          "x".repeat(random.nextInt(8000)).getBytes(java.nio.charset.StandardCharsets.UTF_8);
      begun.incrementAndGet();
      client.request(method, "/" + id, body);
      Response response = client.response();
      if (response.status() == 200 && !response.reset()) {
        good.incrementAndGet();
        if (!response.body().equals(id + ":" + body.length)) {
          wrong.add(id + " got " + response.body());
        }
      } else if (!response.reset() && response.status() != 502 && response.status() != 503) {
        wrong.add(id + " got " + response.head());
      }
      if (response.reset() || "close".equals(response.header("connection"))) {
        client.close();
        client = new RawClient(port);
      }
    }
    client.close();
  }

  private void misbehave(TestServer.Call call) throws Exception {
    String id = call.line().split(" ")[1].substring(1);
    int length = call.body().length;
    executed.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
    String response = id + ":" + length;
    switch (Math.floorMod(id.hashCode() + executed.get(id).get(), 12)) {
      case 0 -> call.reset();
      case 1 -> call.close();
      case 2 -> {
        call.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        call.reset();
      }
      case 3 -> {
        call.write("HTTP/1.1 200 OK\r\n\r\n" + response);
        call.close();
      }
      case 4 -> {
        call.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        call.write(Integer.toHexString(response.length()) + "\r\n" + response + "\r\n");
        call.write("0\r\n\r\n");
      }
      case 5 -> {
        call.reply(200, response);
        call.close();
      }
      case 6 -> {
        call.reply(200, response);
        call.write("stray");
      }
      default -> call.reply(200, response);
    }
  }

  private static void chaos(TestPools pools, TestServer a, AtomicBoolean over) {
    Random random = new Random(7);
    while (!over.get()) {
      a.kill();
      LockSupport.parkNanos(random.nextInt(20_000_000));
      pools.failover("a", random.nextBoolean() ? "b" : null);
      LockSupport.parkNanos(random.nextInt(60_000_000));
      a.restart();
      pools.up("a");
      pools.serve("a");
      LockSupport.parkNanos(random.nextInt(100_000_000));
    }
    pools.up("a");
    pools.serve("a");
  }
}
