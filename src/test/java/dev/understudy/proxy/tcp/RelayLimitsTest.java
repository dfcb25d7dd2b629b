package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.reset;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.HealthSettings;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Bounds of relayed connections: bytes that wait, time without bytes, the stop. */
@Order(Extent.FIRST)
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class RelayLimitsTest extends Relayed {
  /** More than all buffers between two sockets of this machine hold. */
  private static final int LARGE = 64 << 20;

  @Tag(Extent.SLOW)
  @Test
  void a_client_that_reads_nothing_stops_the_server_and_gets_all_bytes_in_the_end()
      throws Exception {
    open(alone());
    byte[] all = new byte[LARGE];
    new Random(3).nextBytes(all);
    Thread sender = Thread.startVirtualThread(() -> sendAndClose(server, all));
    // What was taken from the server stops to grow, far below what it would send.
    long[] before = {-1};
    Await.until(
        "the server is stopped",
        () -> {
          long now = rig.pools.server("a").traffic().bytesOut().sum();
          boolean stopped = now > 0 && now == before[0];
          before[0] = now;
          Thread.sleep(1500);
          return stopped;
        });
    assertThat(before[0]).isLessThan(LARGE / 2);
    assertThat(sender.isAlive()).isTrue();
    assertThat(client.getInputStream().readAllBytes()).isEqualTo(all);
    sender.join();
  }

  private static void sendAndClose(Socket to, byte[] all) {
    try {
      to.getOutputStream().write(all);
      to.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Scenario.Each(
"""
a connection without a byte is reset after the tunnel time-out
  open alone idle 1; c passes x; both reset; end IDLE
a half-open connection is reset after the tunnel time-out
  open alone idle 1; c shuts; s ends |FIN; c ends |RST; end IDLE
a server that falls silent after a client's bytes is reported
  open alone; c passes query; reported SILENT
""")
  void silence(Scenario scenario) {
    play(scenario);
  }

  private static HealthSettings fast() {
    HealthSettings d = HealthSettings.DEFAULT;
    Duration fast = Duration.ofMillis(60);
    return TestSettings.health(
        d.check(), Duration.ofMillis(120), fast, fast, d.timeout(), d.fall(), d.rise());
  }

  @Test
  void silence_is_reported_for_an_interval_only_whatever_else_goes_on() throws IOException {
    open(alone().health(fast()));
    passes(client, server, "listen");
    long from = System.nanoTime();
    // Connections that begin, on both event loops, keep their clocks going.
    while (System.nanoTime() - from < TimeUnit.MILLISECONDS.toNanos(600)) {
      try (Socket next = rig.connect();
          Socket accepted = accept(a)) {
        reset(next);
        assertThat(rest(accepted)).isEqualTo("|RST");
      }
    }
    // After 60, 120, 180 and 240 ms at most.
    assertThat(rig.seen.troubles)
        .filteredOn(each -> each == Trouble.SILENT)
        .hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void a_server_that_nobody_asked_may_be_silent() throws Exception {
    open(alone());
    passes(client, server, "query");
    passes(server, client, "result");
    int before = rig.seen.troubles.size();
    Thread.sleep(1000);
    assertThat(rig.seen.troubles).hasSize(before);
  }

  @Test
  void a_stop_lets_connections_end_and_resets_the_rest_after_the_grace_time() throws Exception {
    start(alone());
    Socket ends = connect();
    Socket endsThere = accept(a);
    Socket stays = connect();
    Socket staysThere = accept(a);
    Await.until("both are open", () -> rig.pools.server("a").traffic().tunnels().get() == 2);
    rig.stopListening();
    CompletionStage<?> drained = rig.relays.drainAll(Duration.ofSeconds(1));
    passes(ends, endsThere, "last");
    ends.close();
    assertThat(rest(endsThere)).isEqualTo("|FIN");
    endsThere.close();
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.CLOSED);
    assertThat(rest(stays)).isEqualTo("|RST");
    assertThat(rest(staysThere)).isEqualTo("|RST");
    ((CompletableFuture<?>) drained).get();
    Await.until("both ends are told", () -> rig.seen.connections.size() == 2);
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.STOPPING);
  }
}
