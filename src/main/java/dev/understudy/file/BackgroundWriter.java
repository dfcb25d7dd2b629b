package dev.understudy.file;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Writes a file on a daemon thread of its own. All requests during a write are covered by one more
 * write; one that fails is repeated after 5 s. The first failure in a row is logged, and its end.
 */
public final class BackgroundWriter {
  private static final long RETRY_SECONDS = 5;
  private static final long CLOSE_SECONDS = 5;

  /** Brings the file up to date; called on the writer's thread. */
  public interface Write {
    /** Writes what the file lacks. */
    void run() throws IOException;
  }

  private final Path file;
  private final String content;
  private final Logger log;
  private final Write write;
  private final FileTenure tenure;
  private final AtomicBoolean requested = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor executor;

  /** The next try of a write that failed; on the writer's thread. */
  private @Nullable Future<?> retry;

  /** Why the last write failed; null if it did not. */
  private volatile @Nullable String failure;

  private volatile Runnable take = () -> {};
  private volatile Runnable release = () -> {};

  /**
   * Creates a writer, which writes nothing yet.
   *
   * @param content what is kept in memory only while the file cannot be written, for the log
   * @param tenure whether this process writes; what is requested meanwhile is written when it does
   */
  public BackgroundWriter(
      String thread, Path file, String content, Logger log, FileTenure tenure, Write write) {
    this.tenure = tenure;
    this.file = file;
    this.content = content;
    this.log = log;
    this.write = write;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().name(thread).daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
    tenure.add(this);
  }

  /** Has the file written soon. Never blocks; has no effect once closed. */
  public void request() {
    if (requested.compareAndSet(false, true) && tenure.isOurs()) {
      executor.execute(this::writeIfRequested);
    }
  }

  /**
   * Writes at once, then tells {@code then} there why the file is not up to date, for people; null
   * if it is.
   */
  public void attempt(Consumer<@Nullable String> then) {
    requested.set(true);
    executor.execute(() -> then.accept(writeIfRequested()));
  }

  /** Runs {@code task} on the writer's thread after each pause of that length. */
  public void repeat(long pauseSeconds, Runnable task) {
    var unused =
        executor.scheduleWithFixedDelay(task, pauseSeconds, pauseSeconds, TimeUnit.SECONDS);
  }

  /**
   * Has {@code task} run on the writer's thread each time this process begins to write the file.
   */
  public void whenTaken(Runnable task) {
    take = task;
  }

  /** Has {@code task} run on the writer's thread each time another process may write the file. */
  public void whenReleased(Runnable task) {
    release = task;
  }

  /** Writes at once; called on the writer's thread. */
  public void writeNow() {
    requested.set(true);
    writeIfRequested();
  }

  /** Whether this process writes the file. */
  public boolean isOurs() {
    return tenure.isOurs();
  }

  /** Whether the last write failed. */
  public boolean isFailing() {
    return failure != null;
  }

  /** Why the last write failed, for people; null if it did not. */
  public @Nullable String failure() {
    return failure;
  }

  /** Writes what was requested, then runs {@code last}; waits for both for 5 s at most. */
  public void close(Runnable last) {
    executor.execute(this::writeIfRequested);
    executor.execute(last);
    executor.shutdown();
    try {
      if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        log.warn("{} could not be written in time", file);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a write that is under way, 5 s at most. */
  void awaitWrite() {
    await(() -> {});
  }

  /** The file is another process's from now on; waits likewise. */
  void release() {
    await(release);
  }

  private void await(Runnable task) {
    try {
      executor.submit(task).get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException | CancellationException e) {
      log.warn("{} could not be written in time", file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The file is this process's from now on; writes what was requested before. */
  void resume() {
    executor.execute(take);
    executor.execute(this::writeIfRequested);
  }

  /** Returns why the file is not up to date, for people; null if it is. */
  private @Nullable String writeIfRequested() {
    if (!tenure.isOurs()) {
      return "another process is taking it over";
    }
    if (requested.getAndSet(false)) {
      try {
        write.run();
        if (isFailing()) {
          failure = null;
          log.info("{} can be written again", file);
        }
      } catch (IOException | RuntimeException e) {
        failed(e);
      }
    }
    return failure;
  }

  private void failed(Exception e) {
    String why = why(e);
    if (!isFailing()) {
      log.warn("{} cannot be written, {} is kept in memory only: {}", file, content, why);
    }
    failure = why;
    if (retry != null) {
      retry.cancel(false);
    }
    requested.set(true);
    retry = executor.schedule(this::writeIfRequested, RETRY_SECONDS, TimeUnit.SECONDS);
  }

  /** The reason of a failure, without the path, which the message around it names. */
  public static String why(Exception e) {
    return switch (e) {
      case NoSuchFileException none -> "its directory does not exist";
      case IOException failure -> BoundedFile.reason(failure);
      default -> e.toString();
    };
  }
}
