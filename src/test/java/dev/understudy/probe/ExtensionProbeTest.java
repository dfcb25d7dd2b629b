package dev.understudy.probe;

import static dev.understudy.probe.ProbeHarness.AMPLE;
import static dev.understudy.probe.ProbeHarness.SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.api.HealthCheck;
import dev.understudy.api.HealthCheck.Result;
import dev.understudy.api.HealthCheck.Target;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.ExtensionCheck;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a health check of an extension does becomes the outcome of its probe, and of no other. */
class ExtensionProbeTest {
  /** Nothing listens, and nothing is asked. */
  private static final int PORT = 1;

  /** The threads of one of two checks. */
  private static final int SHARE = 256;

  private static final Map<String, String> ARGUMENTS = Map.of("password", "hunter2");

  private final Queue<LocalFailure> failures = new ConcurrentLinkedQueue<>();

  private static ExtensionCheck check(String name) {
    return new ExtensionCheck(name, ARGUMENTS, CheckConnection.DEFAULT);
  }

  private ProbeHarness harness(HealthCheck check) {
    return new ProbeHarness(
        Map.of("Orders", check, "Good", target -> Result.good("")), failures::add);
  }

  private static void requireOthersGood(ProbeHarness harness) {
    assertThat(harness.probe(check("Good"), PORT, AMPLE).outcome()).isEqualTo(ProbeOutcome.OK);
  }

  private static HealthCheck throwing(Throwable failure) {
    return target -> {
      if (failure instanceof Exception exception) {
        throw exception;
      }
      throw (Error) failure;
    };
  }

  static Stream<Arguments> calls() {
    return Stream.of(
        Arguments.of((HealthCheck) t -> Result.good("lag 1 s"), ProbeOutcome.OK, "lag 1 s"),
        Arguments.of((HealthCheck) t -> Result.good(""), ProbeOutcome.OK, ""),
        Arguments.of((HealthCheck) t -> Result.bad("lag 9 s"), ProbeOutcome.BAD_STATUS, "lag 9 s"),
        Arguments.of((HealthCheck) t -> Result.bad("a\nb"), ProbeOutcome.BAD_STATUS, "a\\nb"),
        Arguments.of(
            (HealthCheck) t -> null, ProbeOutcome.BAD_RESPONSE, "check Orders returned null"),
        Arguments.of(
            throwing(new ConnectException("Connection refused")),
            ProbeOutcome.CONNECT_FAILED,
            "connection refused"),
        Arguments.of(
            throwing(new NoRouteToHostException("No route to host")),
            ProbeOutcome.UNREACHABLE,
            "no route to host"),
        Arguments.of(
            throwing(new IOException("half a line")),
            ProbeOutcome.BAD_RESPONSE,
            "check Orders threw IOException: half a line"),
        Arguments.of(
            throwing(new IllegalStateException()),
            ProbeOutcome.BAD_RESPONSE,
            "check Orders threw IllegalStateException"),
        Arguments.of(
            throwing(new NoClassDefFoundError("com/example/Missing")),
            ProbeOutcome.BAD_RESPONSE,
            "check Orders threw NoClassDefFoundError: com/example/Missing"),
        Arguments.of(
            throwing(new MalignantException()), ProbeOutcome.BAD_RESPONSE, "check Orders failed"),
        Arguments.of(
            throwing(new IOException("Too many open files")),
            ProbeOutcome.LOCAL_FAILURE,
            "failure of this machine: too many open files"));
  }

  private static final class MalignantException extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("no message either");
    }
  }

  @ParameterizedTest
  @MethodSource("calls")
  void each_end_of_a_call_is_an_outcome_with_its_reason(
      HealthCheck check, ProbeOutcome outcome, String detail) {
    try (ProbeHarness harness = harness(check)) {
      Observation.Probe probe = harness.probe(check("Orders"), PORT, AMPLE);
      assertThat(probe.outcome()).isEqualTo(outcome);
      assertThat(probe.detail()).isEqualTo(detail);
      assertThat(probe.started()).isEqualTo(ProbeHarness.STARTED);
      requireOthersGood(harness);
    }
    assertThat(failures).hasSize(outcome == ProbeOutcome.LOCAL_FAILURE ? 1 : 0);
  }

  @Test
  void a_check_gets_the_address_the_arguments_and_the_time_on_a_thread_of_its_own() {
    Queue<Object> seen = new ConcurrentLinkedQueue<>();
    HealthCheck asking =
        target -> {
          seen.add(target);
          seen.add(Thread.currentThread().getName());
          return Result.good("");
        };
    try (ProbeHarness harness = harness(asking)) {
      CheckConnection other = new CheckConnection(OptionalInt.of(8008), true, false);
      harness.probe(new ExtensionCheck("Orders", ARGUMENTS, other), PORT, AMPLE);
    }
    assertThat(seen)
        .containsExactly(
            new Target(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 8008),
                "127.0.0.1",
                true,
                ARGUMENTS,
                AMPLE),
            "understudy-extension-Orders");
    assertThat(seen.toString()).doesNotContain("hunter2");
    assertThat(check("Orders").toString()).doesNotContain("hunter2");
  }

  @Test
  void a_check_that_blocks_is_interrupted_when_its_time_is_over_and_called_again() {
    AtomicInteger interrupted = new AtomicInteger();
    HealthCheck blocking =
        target -> {
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.incrementAndGet();
          }
          return Result.good("");
        };
    try (ProbeHarness harness = harness(blocking)) {
      for (int i = 1; i <= 2; i++) {
        int calls = i;
        // An interrupted call has its thread until it has ended.
        Await.until(
            "it is called",
            () -> {
              Observation.Probe probe = harness.probe(check("Orders"), PORT, SHORT);
              assertThat(probe.outcome()).isEqualTo(ProbeOutcome.TIMED_OUT);
              return probe.detail().equals("check Orders has not ended within 1 s");
            });
        Await.until("it is interrupted", () -> interrupted.get() == calls);
        requireOthersGood(harness);
      }
    }
  }

  @Test
  void a_check_that_never_ends_holds_one_thread_for_its_server_and_no_other_servers() {
    AtomicInteger running = new AtomicInteger();
    CountDownLatch end = new CountDownLatch(1);
    HealthCheck endless =
        target -> {
          if (target.address().getPort() != PORT) {
            return Result.good("");
          }
          running.incrementAndGet();
          while (true) {
            try {
              end.await();
              running.decrementAndGet();
              return Result.good("");
            } catch (InterruptedException e) {
              // Ignored, which is what is tested.
              continue;
            }
          }
        };
    try (ProbeHarness harness = harness(endless)) {
      harness.probe(check("Orders"), PORT, Duration.ofMillis(100));
      for (int i = 0; i < 3; i++) {
        Observation.Probe again = harness.probe(check("Orders"), PORT, AMPLE);
        assertThat(again.outcome()).isEqualTo(ProbeOutcome.TIMED_OUT);
        assertThat(again.detail()).isEqualTo("check Orders has not ended an earlier call");
      }
      assertThat(running).hasValue(1);
      assertThat(harness.probe(check("Orders"), PORT + 1, AMPLE).outcome())
          .isEqualTo(ProbeOutcome.OK);
      end.countDown();
      Await.until(
          "it is called again",
          () -> harness.probe(check("Orders"), PORT, AMPLE).outcome() == ProbeOutcome.OK);
    }
  }

  @Test
  void a_check_that_hangs_has_its_share_of_threads_and_each_server_its_own_verdict() {
    CountDownLatch end = new CountDownLatch(1);
    try (ProbeHarness harness = harness(waiting(end, new AtomicInteger()))) {
      startEach(harness, SHARE);
      Observation.Probe again = harness.probe(check("Orders"), PORT, SHORT);
      assertThat(again.outcome()).isEqualTo(ProbeOutcome.TIMED_OUT);
      assertThat(again.detail()).isEqualTo("check Orders has not ended an earlier call");
      assertThat(failures).isEmpty();
      Observation.Probe refused = harness.probe(check("Orders"), PORT + SHARE, AMPLE);
      assertThat(refused.outcome()).isEqualTo(ProbeOutcome.LOCAL_FAILURE);
      assertThat(refused.detail()).isEqualTo("check Orders has not ended 256 calls");
      assertThat(failures).containsExactly(LocalFailure.THREADS);
      requireOthersGood(harness);
      end.countDown();
      for (int i = 0; i < SHARE; i++) {
        assertThat(harness.next().outcome()).isEqualTo(ProbeOutcome.OK);
      }
      Await.until(
          "it is called again",
          () -> harness.probe(check("Orders"), PORT, AMPLE).outcome() == ProbeOutcome.OK);
    }
  }

  @Test
  void a_server_has_no_second_thread_once_half_of_the_share_is_used() {
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger made = new AtomicInteger();
    try (ProbeHarness harness = harness(waiting(end, made))) {
      startEach(harness, SHARE / 2 - 1);
      harness.start(check("Orders"), PORT, AMPLE);
      Await.until("a second call to the server is made", () -> made.get() == SHARE / 2);
      harness.start(check("Orders"), PORT, AMPLE);
      requireOthersGood(harness);
      end.countDown();
      List<ProbeOutcome> outcomes = new ArrayList<>();
      for (int i = 0; i <= SHARE / 2; i++) {
        outcomes.add(harness.next().outcome());
      }
      assertThat(outcomes).containsOnlyOnce(ProbeOutcome.VOIDED);
      assertThat(outcomes.stream().filter(ProbeOutcome::good)).hasSize(SHARE / 2);
      assertThat(made).hasValue(SHARE / 2);
    }
    assertThat(failures).isEmpty();
  }

  /** One that ends when the test wants, and counts its calls. */
  private static HealthCheck waiting(CountDownLatch end, AtomicInteger made) {
    return target -> {
      made.incrementAndGet();
      end.await();
      return Result.good("");
    };
  }

  /** Starts a probe of that many servers. */
  private static void startEach(ProbeHarness harness, int servers) {
    for (int i = 0; i < servers; i++) {
      harness.start(check("Orders"), PORT + i, AMPLE);
    }
  }

  @Test
  void nothing_is_reported_once_the_prober_is_closed() {
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch called = new CountDownLatch(1);
    HealthCheck waiting =
        target -> {
          called.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            ended.incrementAndGet();
          }
          return Result.good("");
        };
    ProbeHarness harness = harness(waiting);
    harness.start(check("Orders"), PORT, AMPLE);
    Await.until("it is called", () -> called.getCount() == 0);
    harness.close();
    Await.until("it is interrupted", () -> ended.get() == 1);
    assertThat(harness.reported).isEmpty();
  }

  @Test
  void a_check_that_no_extension_has_says_so() {
    try (ProbeHarness harness = harness(target -> Result.good(""))) {
      Observation.Probe probe = harness.probe(check("Other"), PORT, AMPLE);
      assertThat(probe.outcome()).isEqualTo(ProbeOutcome.BAD_RESPONSE);
      assertThat(probe.detail()).isEqualTo("check Other is in no extension");
    }
  }
}
