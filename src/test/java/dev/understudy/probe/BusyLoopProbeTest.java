package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Probes whose own thread is busy elsewhere for longer than their time-out. */
class BusyLoopProbeTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int PROBES = 20;

  private final HttpCheck check = ProbeHarness.http(ProbeHarness.status("200"));

  @Test
  void good_servers_are_found_good_though_the_thread_comes_after_the_time_out() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    try (TestServer quick = new TestServer("quick");
        TestServer slow =
            new TestServer(
                "slow",
                call -> {
                  asked.incrementAndGet();
                  blocked.await();
                  call.reply(200, "slow");
                });
        ProbeHarness harness = new ProbeHarness()) {
      for (int i = 0; i < PROBES; i++) {
        harness.start(check, slow.port(), TIMEOUT);
      }
      // The thread is blocked by whoever takes the result of this probe.
      harness.prober.probe(
          ProbeHarness.request(
              check,
              TestSettings.address(false, "127.0.0.1", quick.port()),
              UpstreamTls.DEFAULT,
              ProbeHarness.AMPLE),
          result -> {
            blocked.countDown();
            Await.open("the thread may go on", release);
          });
      blocked.await();
      long begun = System.nanoTime();
      Await.until("all time-outs are over", () -> System.nanoTime() - begun > 1_300_000_000L);
      release.countDown();
      for (int i = 0; i < PROBES; i++) {
        Observation.Probe probe = harness.next();
        assertThat(probe.outcome()).as(probe.detail()).isEqualTo(ProbeOutcome.OK);
      }
      assertThat(asked.get()).isPositive();
    }
  }
}
