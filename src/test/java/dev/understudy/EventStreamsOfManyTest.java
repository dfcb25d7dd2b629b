package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Requests of many clients, with the least {@code understudy.client.memory} that there can be. */
class EventStreamsOfManyTest {
  private static final int STREAMS = 100;

  /** More than the sockets keep, most of which the server cannot send before the client reads. */
  private static final int LARGE = 20_000_000;

  /** More than the client's socket keeps, and less than would take long. */
  private static final int READ = 500_000;

  /** Longer than a client may stand still that holds too much. */
  private static final Duration STALLED = Duration.ofMillis(1500);

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) {
    proxy = new TestProxy(folder, TestProxy.ALL, "understudy.client.memory=1MB");
  }

  private static void respond(TestServer.Call call, CountDownLatch end) throws Exception {
    if (call.line().contains("stream")) {
      call.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
      end.await();
    } else {
      call.write("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
      call.write("x".repeat(LARGE));
    }
  }

  @EachLane
  void event_streams_of_a_hundred_clients_reset_no_slow_download_of_another(String lane)
      throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    proxy.server.script(call -> respond(call, end));
    List<RawClient> streams = new ArrayList<>();
    try (RawClient slow = RawClient.slow(proxy.port(), false)) {
      slow.request("GET", lane + "large", "Host: a");
      slow.readUntil("\r\n\r\n");
      for (int i = 1; i <= STREAMS; i++) {
        RawClient stream = new RawClient(proxy.port(), "127.0.1." + i);
        streams.add(stream.request("GET", lane + "stream", "Host: a"));
        assertThat(stream.readUntil("\r\n\r\n")).containsAnyOf(" 200 ", " 503 ");
      }
      long since = System.nanoTime();
      Await.until(
          "the download has stood still", () -> System.nanoTime() - since > STALLED.toNanos());
      // A reset would have dropped what the proxy keeps.
      slow.in().skipNBytes(READ);
    } finally {
      end.countDown();
      streams.forEach(RawClient::close);
    }
  }
}
