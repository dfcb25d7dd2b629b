package dev.understudy.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service manager learns what it must know, by its own protocol. */
@Isolated("reads what is logged")
class ServiceNotifierTest {
  @TempDir private Path folder;
  private final AtomicBoolean leads = new AtomicBoolean(true);
  private final AtomicBoolean ready = new AtomicBoolean(true);
  private final Map<String, String> environment = new HashMap<>();
  private final Executor alive = Runnable::run;
  private FakeServiceManager manager;
  private ServiceNotifier notifier;

  @BeforeEach
  void listen() {
    manager = FakeServiceManager.listen(folder.resolve("notify"));
    environment.put("NOTIFY_SOCKET", folder.resolve("notify").toString());
  }

  @AfterEach
  void close() {
    notifier.close();
    manager.close();
  }

  private void start(Executor... loops) {
    start(leads::get, ready::get, List.of(loops));
  }

  /** With other answers to what leads and what is ready. */
  private void start(BooleanSupplier leading, BooleanSupplier isReady, Iterable<Executor> loops) {
    notifier = new ServiceNotifier(environment, leading, isReady, () -> "3 of 4 served", loops);
    notifier.start();
  }

  private long beats() {
    return manager.lines().stream().filter("WATCHDOG=1"::equals).count();
  }

  @Test
  void readiness_is_notified_once_it_is_there_and_not_before() {
    ready.set(false);
    start();
    manager.await("STATUS=Waiting for the first probes");
    assertThat(manager.lines()).doesNotContain("READY=1");

    ready.set(true);
    manager.await("STATUS=3 of 4 served");
    assertThat(manager.lines())
        .containsExactly("STATUS=Waiting for the first probes", "READY=1", "STATUS=3 of 4 served");
  }

  @Test
  void a_failure_is_logged_once_and_ends_neither_the_wait_for_readiness_nor_the_watchdog() {
    environment.put("WATCHDOG_USEC", "20000");
    AtomicBoolean broken = new AtomicBoolean(true);
    Iterable<Executor> loops =
        () -> {
          fail(broken);
          return List.of(alive).iterator();
        };
    AtomicInteger asked = new AtomicInteger();
    try (LogCapture log = LogCapture.of(ServiceNotifier.class)) {
      start(
          leads::get,
          () -> {
            asked.incrementAndGet();
            fail(broken);
            return true;
          },
          loops);
      Await.until("it was asked twice", () -> asked.get() >= 2);
      broken.set(false);

      manager.await("READY=1");
      Await.until("three beats", () -> beats() >= 3);
      assertThat(log.events())
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsOnlyOnce("A notification of the service manager failed");
    }
  }

  private static void fail(AtomicBoolean broken) {
    if (broken.get()) {
      throw new AssertionError("broken");
    }
  }

  @Test
  void a_stop_is_notified_and_without_a_watchdog_none_is_fed() {
    start(alive);
    manager.await("READY=1");
    notifier.stopping();
    manager.await("STATUS=Draining");
    assertThat(manager.lines()).containsSubsequence("READY=1", "STOPPING=1", "STATUS=Draining");
    assertThat(beats()).isZero();
  }

  @Test
  void a_stop_before_readiness_is_never_followed_by_readiness() {
    ready.set(false);
    start();
    manager.await("STATUS=Waiting for the first probes");
    notifier.stopping();
    ready.set(true);
    manager.await("STATUS=Stopping before it was ready");
    notifier.close();
    assertThat(manager.lines()).contains("STOPPING=1").doesNotContain("READY=1");
  }

  @Test
  void watchdog_is_fed_while_every_event_loop_responds() {
    environment.put("WATCHDOG_USEC", "20000");
    start(alive, alive);
    Await.until("three beats", () -> beats() >= 3);
  }

  @Test
  void watchdog_starves_when_an_event_loop_hangs_and_is_fed_by_a_stop() {
    environment.put("WATCHDOG_USEC", "20000");
    AtomicBoolean asked = new AtomicBoolean();
    start(alive, task -> asked.set(true));
    Await.until("the loop was asked", asked::get);
    manager.await("READY=1");
    assertThat(beats()).isLessThanOrEqualTo(1);

    notifier.stopping();
    Await.until("three beats", () -> beats() >= 3);
  }

  /** The manager warns of what other processes than the main one say. */
  @Test
  void a_next_process_says_nothing_until_it_leads_even_if_it_stops() {
    environment.put("WATCHDOG_USEC", "20000");
    AtomicInteger asked = new AtomicInteger();
    start(() -> asked.incrementAndGet() < 0, ready::get, List.of(alive));
    Await.until("it would have said something", () -> asked.get() >= 2);
    notifier.stopping();
    notifier.close();
    environment.remove("WATCHDOG_USEC");
    start();
    manager.await("STATUS=3 of 4 served");
    assertThat(manager.lines()).containsExactly("READY=1", "STATUS=3 of 4 served");
  }

  @Test
  void a_next_process_feeds_the_watchdog_as_soon_as_it_leads() {
    environment.put("WATCHDOG_USEC", "3600000000");
    ready.set(false);
    leads.set(false);
    start(alive);
    leads.set(true);
    manager.await("WATCHDOG=1");
  }

  @Test
  void a_process_that_is_replaced_names_the_next_one_and_says_nothing_more() {
    environment.put("WATCHDOG_USEC", "20000");
    start(alive);
    manager.await("READY=1");
    notifier.replaced(4711);
    notifier.stopping();
    notifier.close();
    environment.remove("WATCHDOG_USEC");
    start();
    Await.until("both were ready", () -> manager.lines().lastIndexOf("READY=1") > 0);
    assertThat(manager.lines()).containsSequence("MAINPID=4711", "READY=1");
  }

  @Test
  void abstract_names_work() {
    try (FakeServiceManager other =
        FakeServiceManager.listenAbstract("understudy-test-" + ProcessHandle.current().pid())) {
      environment.put("NOTIFY_SOCKET", "@understudy-test-" + ProcessHandle.current().pid());
      start();
      other.await("READY=1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/nowhere/nobody, 'The service manager cannot be notified: /nowhere/nobody: no such file'",
    "vsock:2:1234, 'vsock:2:1234: expected an absolute path, or @ and an abstract name'"
  })
  void a_manager_that_cannot_be_told_is_reported_in_one_line(String address, String said) {
    environment.put("NOTIFY_SOCKET", address);
    try (LogCapture log = LogCapture.of(ServiceNotifier.class)) {
      start();
      assertThat(log.events())
          .singleElement()
          .extracting(ILoggingEvent::getFormattedMessage)
          .asString()
          .contains(said);
    }
  }
}
