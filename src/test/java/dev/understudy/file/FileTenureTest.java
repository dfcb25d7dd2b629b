package dev.understudy.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Rows;
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

  /** Steps of the two processes, and how often each has written after them. */
  @Rows(
      """
      # only the process that has the files writes
      before requests, next requests | 1 | 0
      # neither writes during a handover
      before ends, before requests, next requests | 0 | 0
      # what was requested meanwhile is written once by the next process when it begins, and as usual from then on
      before ends, next requests, next requests, next begins | 0 | 1
      before ends, next requests, next requests, next begins, next requests | 0 | 2
      # what nobody has requested is not written
      next begins | 0 | 0
      # a process whose successor has failed writes what was requested meanwhile
      before ends, before requests, before begins | 1 | 0
      # a process that has handed over writes nothing when it ends
      before ends, before asks, before closes | 0 | 0
      # a write that was asked for at once is no exception
      before ends, before writes | 0 | 0
      """)
  void one_process_at_most_writes(String steps, int before, int next) {
    for (String step : steps.split(", ")) {
      step(step.startsWith("before") ? this.before : this.next, step.replaceFirst(".* ", ""));
    }
    assertThat(this.before.writes).hasValue(before);
    assertThat(this.next.writes).hasValue(next);
  }

  private static void step(Written process, String verb) {
    switch (verb) {
      case "requests", "asks" -> process.writer.request();
      case "ends" -> process.tenure.end();
      case "begins" -> process.tenure.begin();
      case "writes" -> process.writer.writeNow();
      case "closes" -> process.writer.close(() -> {});
      default -> throw new IllegalArgumentException(verb);
    }
    if (verb.equals("requests") || verb.equals("begins")) {
      process.writer.awaitWrite();
    }
  }

  @Test
  void nobody_has_the_files_during_a_handover() {
    before.tenure.end();
    assertThat(before.tenure.isOurs()).isFalse();
    assertThat(next.tenure.isOurs()).isFalse();
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
