package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.Limit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Clients that do not read have a share of {@code understudy.client.memory}, and no more. */
class ClientMemoryOnSocketsTest {
  private static final int LARGE = 300_000;

  /** Requests, of more than the memory together. */
  private static final int AT_ONCE = 400;

  private static final int REQUEST_OF_HTTP_1 = ClientMemory.CONNECTION + ClientMemory.REQUEST;

  /** SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.5.2). */
  private static final int INITIAL_WINDOW_SIZE = 4;

  @AutoClose private static TestProxy proxy;
  private int before;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = TestProxy.secure(folder, "understudy.client.memory=3MB");
  }

  @BeforeEach
  void count() {
    before = proxy.limited(Limit.CLIENT_MEMORY);
  }

  @AfterEach
  void nothing_is_held_any_more() {
    proxy.rest();
    Await.until("nothing waits", () -> proxy.gauge("understudy.client.memory.bytes") == 0);
  }

  /** Responds with much, or with little to whoever asks for it. */
  private static void large(TestServer.Call call) throws IOException {
    call.reply(200, call.line().contains("little") ? "little" : "x".repeat(LARGE));
  }

  private static void assertOthersAreServed(String target) {
    try (RawClient other = new RawClient(proxy.port(), "127.0.0.2", true)) {
      assertThat(other.request("GET", target + "?little", "Host: a").response().body())
          .isEqualTo("little");
    }
  }

  @EachLane
  void streams_of_one_client_are_reset_and_others_are_served(String target) throws IOException {
    proxy.server.script(ClientMemoryOnSocketsTest::large);
    List<RawHttp2> greedy = new ArrayList<>();
    // So many that what is read of each response exceeds the share, however little that is.
    for (int i = 0; i < 8; i++) {
      RawHttp2 client = RawHttp2.connect(proxy.port()).settings(INITIAL_WINDOW_SIZE, 0);
      greedy.add(client);
      for (int stream = 1; stream < 16; stream += 2) {
        client.get(stream, target);
      }
    }
    Await.until("one is reset", () -> proxy.limited(Limit.CLIENT_MEMORY) > before);
    assertOthersAreServed(target);
    assertThat(proxy.gauge("understudy.client.memory.bytes")).isLessThan(3 << 20);
    greedy.forEach(RawHttp2::close);
  }

  @EachLane
  void one_stream_that_is_not_read_stays(String target) throws IOException {
    proxy.server.script(ClientMemoryOnSocketsTest::large);
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings(INITIAL_WINDOW_SIZE, 0)) {
      client.get(1, target);
      client.read(RawHttp2.HEADERS, 1);
      assertOthersAreServed(target);
      client.window(0, LARGE).window(1, LARGE);
      int read = 0;
      for (RawHttp2.Frame frame = client.read(RawHttp2.DATA, 1);
          !frame.is(RawHttp2.END_STREAM);
          frame = client.read(RawHttp2.DATA, 1)) {
        read += frame.payload().length;
      }
      assertThat(read).isLessThanOrEqualTo(LARGE);
      assertThat(proxy.limited(Limit.CLIENT_MEMORY)).isEqualTo(before);
    }
  }

  @EachLane
  void what_a_server_does_not_take_of_a_body_counts(String target) throws Exception {
    try (RawClient client = new RawClient(proxy.port(), true)) {
      // More than the sockets' own buffers.
      uploadCounts(() -> client.begin("POST", target, 50_000_000).body(new byte[50_000_000]));
    }
  }

  @EachLane
  void a_body_that_is_kept_for_a_replay_counts(String target) throws Exception {
    try (RawClient client = new RawClient(proxy.port(), true)) {
      uploadCounts(() -> client.request("PUT", target, new byte[30_000]));
    }
  }

  @EachLane
  void a_body_over_http_2_that_is_kept_for_a_replay_counts(String target) throws Exception {
    try (RawHttp2 client = RawHttp2.connect(proxy.port()).settings()) {
      uploadCounts(
          () ->
              client
                  .head(
                      1,
                      false,
                      ":method: PUT",
                      ":scheme: https",
                      ":authority: localhost",
                      ":path: " + target)
                  .frame(RawHttp2.DATA, 0, 1, new byte[15_000])
                  .frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[15_000]));
    }
  }

  /** Has a client send a body, of which its server takes nothing before it is counted. */
  private static void uploadCounts(Upload upload) throws Exception {
    CountDownLatch counted = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          await(counted);
          call.reset();
        });
    Thread client = Thread.ofVirtual().start(() -> run(upload));
    // One request costs 10 KB by itself.
    Await.until("it counts", () -> proxy.gauge("understudy.client.memory.bytes") > 30_000);
    counted.countDown();
    client.join();
  }

  private interface Upload {
    void send() throws IOException;
  }

  private static void run(Upload upload) {
    try {
      upload.send();
    } catch (IOException | UncheckedIOException e) {
      // The server has reset the connection before it took the body.
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @EachLane
  void requests_of_http_1_beyond_the_memory_get_503(String target) {
    CountDownLatch end = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          if (!call.line().contains("little")) {
            await(end);
          }
          call.reply(200, "little");
        });
    List<RawClient> greedy = new ArrayList<>();
    try {
      String refused = "";
      while (greedy.size() < 400 && !refused.contains("503")) {
        int known = greedy.size();
        RawClient one = new RawClient(proxy.port(), true);
        greedy.add(one);
        one.request("GET", target);
        Await.until(
            "it waits, or is refused",
            () ->
                proxy.server.calls().size() > known || proxy.limited(Limit.CLIENT_MEMORY) > before);
        refused = proxy.limited(Limit.CLIENT_MEMORY) > before ? one.readUntil("\r\n") : "";
      }
      assertThat(refused).contains("503");
      assertOthersAreServed(target);
    } finally {
      end.countDown();
      greedy.forEach(each -> Thread.ofVirtual().start(each::close));
    }
  }

  @EachLane
  void requests_that_come_at_once_do_not_pass_the_memory_before_they_are_counted(String target) {
    CountDownLatch end = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          await(end);
          call.reply(200, "late");
        });
    List<RawClient> greedy = new ArrayList<>();
    try {
      for (int i = 0; i < AT_ONCE; i++) {
        greedy.add(new RawClient(proxy.port(), true));
      }
      greedy.forEach(each -> each.request("GET", target));
      Await.until(
          "those beyond the memory are refused",
          () ->
              proxy.limited(Limit.CLIENT_MEMORY) - before
                  >= AT_ONCE - (3 << 20) / REQUEST_OF_HTTP_1);
    } finally {
      end.countDown();
      greedy.forEach(each -> Thread.ofVirtual().start(each::close));
    }
  }

  @EachLane
  void connections_of_http_1_are_ended_and_others_are_served(String target) {
    proxy.server.script(
        call -> {
          if (call.line().contains("little")) {
            call.reply(200, "little");
          } else {
            call.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            for (int i = 0; i < 1000; i++) {
              call.write("x".repeat(100_000));
            }
          }
        });
    List<RawClient> greedy = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      greedy.add(
          new RawClient(proxy.port(), true)
              .send("GET %s HTTP/1.1\r\nHost: a\r\n\r\n".formatted(target)));
    }
    Await.until("one is ended", () -> proxy.limited(Limit.CLIENT_MEMORY) > before);
    assertOthersAreServed(target);
    // Each in a thread of its own: the close of TLS may wait for the proxy.
    greedy.forEach(each -> Thread.ofVirtual().start(each::close));
  }
}
