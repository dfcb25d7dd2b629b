package dev.understudy.conformance.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Redis master and its replica. Clients write while the master fails and the replica is promoted;
 * a write counts once the replica has it.
 */
class RedisPairIT {
  private static final int CLIENTS = 4;
  private static final int SOME = 200;

  @TempDir private Path folder;
  private RedisServer one;
  private RedisServer two;
  private ProxyProcess proxy;
  private Writers writers;
  private int listener;

  /** Whether a write waits for the replica; there is none after the promotion. */
  private volatile boolean replicated = true;

  @BeforeEach
  void start() throws Exception {
    one = RedisServer.start(folder, Ports.free());
    two = RedisServer.start(folder, Ports.free(), "--replicaof", "127.0.0.1", "" + one.port());
    Await.until(
        "the replica follows", () -> two.call("INFO", "replication").contains("link_status:up"));
    listener = Ports.free();
    proxy = startProxy();
    writers = new Writers(CLIENTS, this::session);
    writers.awaitMore(SOME);
  }

  private ProxyProcess startProxy() throws Exception {
    return ProxyProcess.start(
        folder,
        Files.writeString(folder.resolve("gateway.yaml"), config()),
        "--understudy.state-file=" + folder.resolve("state.json"));
  }

  private String config() {
    return """
    pools:
      cache:
        servers:
          one: { url: "tcp://127.0.0.1:%d" }
          two: { url: "tcp://127.0.0.1:%d", role: backup }
        health: { type: redis, role: primary, interval: 500ms }
        hold: { time: 30s }
    listeners:
      redis: { port: %d, address: 127.0.0.1, pool: cache }
    """
        .formatted(one.port(), two.port(), listener);
  }

  private Writers.Session session() throws IOException {
    RedisClient client = new RedisClient(listener);
    return new Writers.Session() {
      @Override
      public void write(long number) throws IOException {
        boolean wait = replicated;
        client.call("SET", "n" + number, "x");
        if (wait && client.call("WAIT", "1", "5000").equals("0")) {
          throw new IOException("not replicated");
        }
      }

      @Override
      public void close() throws IOException {
        client.close();
      }
    };
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {writers, proxy, one, two}) {
      if (each != null) {
        each.close();
      }
    }
  }

  private boolean serves(String server) {
    return JsonMapper.shared()
        .readTree(proxy.manage("/api/pools/cache"))
        .at("/serving")
        .asString("")
        .equals(server);
  }

  private boolean isUp(String server) {
    return isIn(server, "UP");
  }

  private boolean isIn(String server, String status) {
    return JsonMapper.shared()
        .readTree(proxy.manage("/api/pools/cache"))
        .at("/servers")
        .valueStream()
        .anyMatch(
            each ->
                each.at("/name").asString("").equals(server)
                    && each.at("/status").asString("").equals(status));
  }

  private void promote() throws IOException {
    replicated = false;
    assertThat(two.call("REPLICAOF", "NO", "ONE")).isEqualTo("OK");
  }

  private boolean has(RedisServer server, long number) throws IOException {
    return server.call("EXISTS", "n" + number).equals("1");
  }

  private void awaitTwoPrimaries() {
    Await.until(
        "two primaries are shown",
        () ->
            proxy.manage("/api/events?pool=cache").contains("two-primaries")
                && proxy
                    .manage("/actuator/prometheus")
                    .contains("understudy_two_primaries{pool=\"cache\"} 1"));
  }

  private void assertNothingLost() throws Exception {
    writers.close();
    List<Long> acknowledged = writers.written().stream().map(Writers.Written::number).toList();
    try (RedisClient client = two.connect()) {
      for (long number : acknowledged) {
        assertThat(client.call("EXISTS", "n" + number)).as("number %d", number).isEqualTo("1");
      }
    }
    System.out.printf(
        "acknowledged %d, failed %d, longest gap %d ms%n",
        acknowledged.size(), writers.failures(), writers.longestGapMillis());
  }

  @Test
  void a_killed_master_loses_no_acknowledged_write_and_gets_none_when_it_returns()
      throws Exception {
    one.kill();
    promote();
    Await.until("the replica serves", () -> serves("two"));
    writers.awaitMore(SOME);

    one.start();
    Await.until("the old master is UP", () -> isUp("one"));
    awaitTwoPrimaries();
    writers.awaitMore(10 * SOME);
    assertThat(serves("two")).isTrue();
    assertThat(one.call("DBSIZE")).isEqualTo("0");
    assertNothingLost();
  }

  @Test
  @Tag(Extent.SLOW)
  void a_frozen_master_gets_no_write_when_it_thaws() throws Exception {
    one.freeze();
    Await.until("the master is left", () -> !serves("one"));
    promote();
    Await.until("the replica serves", () -> serves("two"));
    long switched = writers.newest();
    writers.awaitMore(SOME);

    one.thaw();
    awaitTwoPrimaries();
    writers.awaitMore(10 * SOME);
    assertThat(serves("two")).isTrue();
    for (Writers.Written each : writers.written()) {
      if (each.number() > switched) {
        assertThat(has(one, each.number())).as("number %d", each.number()).isFalse();
      }
    }
    assertNothingLost();
  }

  @Test
  void a_stale_master_does_not_serve_after_a_restart_of_the_proxy_while_nobody_does()
      throws Exception {
    one.freeze();
    Await.until("the master is left", () -> !serves("one"));
    promote();
    Await.until("the replica serves", () -> serves("two"));
    writers.awaitMore(SOME);
    one.thaw();
    awaitTwoPrimaries();
    two.freeze();
    Await.until("nobody serves", () -> !serves("two"));

    proxy.close();
    proxy = startProxy();
    Await.until("both are judged", () -> isUp("one") && isIn("two", "DOWN"));
    assertThat(serves("one")).isFalse();
    two.thaw();
    Await.until("the promoted one serves", () -> serves("two"));
    writers.awaitMore(SOME);
    assertNothingLost();
  }
}
