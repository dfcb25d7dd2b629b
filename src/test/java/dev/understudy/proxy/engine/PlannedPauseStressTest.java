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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The role moves on purpose again and again while many clients send requests. */
@Tag(Extent.FULL)
class PlannedPauseStressTest {
  private static final int CLIENTS = 16;
  private static final long ROUNDS = Extent.rounds(300);

  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

  /** The server that all event loops have released; empty while requests may reach both. */
  private volatile String released = "";

  @Test
  void no_request_reaches_a_server_that_was_released_and_none_is_lost() throws Exception {
    Recorder seen = new Recorder();
    try (TestServer a = new TestServer("a", call -> respond("a", call));
        TestServer b = new TestServer("b", call -> respond("b", call))) {
      TestPools pools =
          TestPools.pool()
              .master("a", a.port())
              .backup("b", b.port())
              .hold(Duration.ofSeconds(20), 1024, 4096)
              .start();
      try (Lane lane = Engined.front(pools, seen)) {
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(Thread.ofVirtual().start(() -> client(lane.port(), over)));
        }
        for (int round = 0; round < ROUNDS; round++) {
          move(pools, seen, round % 2 == 0 ? "a" : "b", round % 2 == 0 ? "b" : "a");
        }
        over.set(true);
        for (Thread client : clients) {
          client.join();
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen.paused).hasSize((int) ROUNDS);
  }

  private void move(TestPools pools, Recorder seen, String from, String to) {
    int outcomes = seen.outcomes.size();
    Await.until("requests are served", () -> seen.outcomes.size() > outcomes);
    int before = seen.paused.size();
    pools.pause(to, false);
    Await.until("every event loop has seen it", () -> seen.paused.size() > before);
    Await.until(
        "nothing runs at " + from, () -> pools.server(from).traffic().requests().get() == 0);
    released = from;
    Await.until("all clients are held", () -> seen.held.get() == CLIENTS);
    released = "";
    pools.move();
  }

  private void respond(String name, TestServer.Call call) throws Exception {
    if (released.equals(name)) {
      wrong.add(name + " got " + call.line() + " after it was released");
    }
    call.reply(200, name);
  }

  private void client(int port, AtomicBoolean over) {
    RawClient client = new RawClient(port);
    while (!over.get()) {
      client.request("POST", "/", new byte[10]);
      Response response = client.response();
      if (response.status() != 200 || response.reset()) {
        wrong.add("a client got " + response.head());
        return;
      }
    }
    client.close();
  }
}
