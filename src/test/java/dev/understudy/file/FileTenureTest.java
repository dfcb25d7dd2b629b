package dev.understudy.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The files of a replica while one process hands over to the next. */
class FileTenureTest {
  private static final class Written {
    final FileTenure tenure;
    final AtomicInteger writes = new AtomicInteger();
    final BackgroundWriter writer;

    Written(FileTenure tenure) {
      this.tenure = tenure;
      this.writer = writer(tenure, writes::incrementAndGet);
    }
  }

  private final Written before = new Written(FileTenure.ours());
  private final Written next = new Written(FileTenure.ofAnother());

  private static BackgroundWriter writer(FileTenure tenure, BackgroundWriter.Write write) {
    return new BackgroundWriter(
        "test-writer",
        Path.of("file"),
        "content",
        LoggerFactory.getLogger(FileTenureTest.class),
        tenure,
        write);
  }

  @AfterEach
  void close() {
    before.writer.close(() -> {});
    next.writer.close(() -> {});
  }

  private static void requestOf(Written process) {
    process.writer.request();
    process.writer.awaitWrite();
  }

  @Test
  void only_the_process_that_has_the_files_writes() {
    requestOf(before);
    requestOf(next);
    assertThat(before.writes).hasValue(1);
    assertThat(next.writes).hasValue(0);
  }

  @Test
  void neither_writes_during_a_handover() {
    before.tenure.end();
    requestOf(before);
    requestOf(next);
    assertThat(before.writes).hasValue(0);
    assertThat(next.writes).hasValue(0);
    assertThat(before.tenure.isOurs()).isFalse();
    assertThat(next.tenure.isOurs()).isFalse();
  }

  @Test
  void what_was_requested_meanwhile_is_written_once_by_the_next_process_when_it_begins() {
    before.tenure.end();
    requestOf(next);
    requestOf(next);
    next.tenure.begin();
    next.writer.awaitWrite();
    assertThat(next.writes).hasValue(1);
    requestOf(next);
    assertThat(next.writes).as("as usual from then on").hasValue(2);
  }

  @Test
  void what_nobody_has_requested_is_not_written() {
    next.tenure.begin();
    next.writer.awaitWrite();
    assertThat(next.writes).hasValue(0);
  }

  @Test
  void a_process_whose_successor_has_failed_writes_what_was_requested_meanwhile() {
    before.tenure.end();
    requestOf(before);
    before.tenure.begin();
    before.writer.awaitWrite();
    assertThat(before.writes).hasValue(1);
  }

  @Test
  void a_process_that_has_handed_over_writes_nothing_when_it_ends() {
    before.tenure.end();
    before.writer.request();
    before.writer.close(() -> {});
    assertThat(before.writes).hasValue(0);
  }

  @Test
  void a_write_that_was_asked_for_at_once_is_no_exception() {
    before.tenure.end();
    before.writer.writeNow();
    assertThat(before.writes).hasValue(0);
  }

  @Test
  void the_end_waits_for_a_write_that_is_under_way() throws Exception {
    FileTenure tenure = FileTenure.ours();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    AtomicInteger finished = new AtomicInteger();
    BackgroundWriter writer =
        writer(
            tenure,
            () -> {
              begun.countDown();
              try {
                finish.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              finished.incrementAndGet();
            });
    writer.request();
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
    AtomicInteger seen = new AtomicInteger(-1);
    Thread ending =
        new Thread(
            () -> {
              tenure.end();
              seen.set(finished.get());
            });
    ending.start();
    Await.until("it waits", () -> ending.getState() == Thread.State.TIMED_WAITING);
    finish.countDown();
    ending.join();
    assertThat(seen).hasValue(1);
    writer.close(() -> {});
  }
}
