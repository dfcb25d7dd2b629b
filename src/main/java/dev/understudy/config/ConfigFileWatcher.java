package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the dynamic file and reports changes of its content.
 *
 * <ul>
 *   <li>Any event of the file's directory wakes the watcher: a ConfigMap changes by a swap of the
 *       link {@code ..data} beside the file, an editor replaces the file by a rename.
 *   <li>Only the content decides whether the file has changed. The watcher also reads it every
 *       {@code poll}, so a missed event, or a link to another directory, only delays a change.
 *   <li>New content counts once a second read, {@code quiet} later, finds the same, so that a file
 *       being written is not taken in part. A file that never settles is taken after twenty such
 *       reads.
 *   <li>The listener is called on the watcher's own daemon thread, one call at a time; its
 *       exceptions and errors are logged. The same content is reported again only after the file
 *       had vanished.
 * </ul>
 */
public final class ConfigFileWatcher implements AutoCloseable {
  /** Receives the changes. */
  public interface Listener {
    /** The content of the file, or of a file that it names, has changed. */
    void changed(Path file, byte[] content);

    /** The file can no longer be read; reported once. The last content should stay in force. */
    void vanished(Path file, IOException reason);
  }

  /** The interval between reads and the time for which new content must stay the same. */
  public record Timing(Duration poll, Duration quiet) {
    /** Reads every 5 s; accepts content that stays the same for 200 ms. */
    public static final Timing DEFAULT = new Timing(Duration.ofSeconds(5), Duration.ofMillis(200));

    public Timing {
      if (poll.toMillis() < 1 || quiet.isNegative()) {
        throw new IllegalArgumentException("poll of less than 1 ms, or negative quiet");
      }
    }
  }

  private static final Logger log = LoggerFactory.getLogger(ConfigFileWatcher.class);

  /** The maximum number of further reads of a file that keeps changing. */
  private static final int RESTLESS = 20;

  private final Path file;
  private final Path directory;
  private final Timing timing;
  private final Listener listener;
  private final Thread thread;
  private final @Nullable WatchService events;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile NamedFiles namedFiles;
  private @Nullable WatchKey key;
  private Fingerprint known;
  private boolean vanished;

  private ConfigFileWatcher(
      Path file,
      byte @Nullable [] content,
      NamedFiles namedFiles,
      Timing timing,
      Listener listener) {
    this.file = file;
    this.directory = ConfigLoader.directory(file);
    this.timing = timing;
    this.listener = listener;
    this.namedFiles = namedFiles;
    this.known = Fingerprint.of(content, namedFiles);
    this.events = newWatchService();
    this.thread = new Thread(this::run, "understudy-config-watcher");
    thread.setDaemon(true);
  }

  /**
   * Starts watching.
   *
   * @param content the content in force, so that a file changed since is reported at once; null to
   *     report any content
   * @param namedFiles see {@link LoadResult#namedFiles()}; a file changed since it was read for the
   *     content in force is reported at once, too
   */
  public static ConfigFileWatcher start(
      Path file,
      byte @Nullable [] content,
      NamedFiles namedFiles,
      Timing timing,
      Listener listener) {
    ConfigFileWatcher watcher = new ConfigFileWatcher(file, content, namedFiles, timing, listener);
    watcher.thread.start();
    return watcher;
  }

  /**
   * Sets the files that the dynamic file names, as they were read; may be called by the listener,
   * which is called again if one has changed since.
   */
  public void watchNamed(NamedFiles files) {
    namedFiles = files;
  }

  /** Ends the thread, after a running call of the listener; waits at most 5 s. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (events != null) {
        events.close();
      }
    } catch (IOException e) {
      log.debug("failed to close the watch of {}", directory, e);
    }
    if (!thread.equals(Thread.currentThread())) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  boolean isRunning() {
    return thread.isAlive();
  }

  private void run() {
    try {
      while (closing.getCount() > 0) {
        register();
        look();
        await();
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      log.trace("no longer watching {}", file, e);
    }
  }

  /**
   * Registers the directory, again if it was replaced. Until it exists, polling detects changes.
   */
  private void register() {
    if (events == null || (key != null && key.isValid())) {
      return;
    }
    try {
      key =
          directory.register(
              events,
              StandardWatchEventKinds.ENTRY_CREATE,
              StandardWatchEventKinds.ENTRY_MODIFY,
              StandardWatchEventKinds.ENTRY_DELETE);
    } catch (IOException e) {
      key = null;
    }
  }

  private void await() throws InterruptedException {
    if (events == null) {
      pause(timing.poll());
      return;
    }
    WatchKey signalled = events.poll(timing.poll().toMillis(), TimeUnit.MILLISECONDS);
    if (signalled != null) {
      signalled.pollEvents();
      signalled.reset();
    }
  }

  private void pause(Duration time) throws InterruptedException {
    closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() throws InterruptedException {
    Reading reading = read();
    if (isChanged(reading)) {
      reading = settled(reading);
    }
    if (closing.getCount() == 0 || !isChanged(reading)) {
      return;
    }
    byte[] content = reading.content();
    IOException failure = reading.failure();
    if (content == null) {
      vanished = true;
      IOException reason = failure == null ? new IOException("unreadable") : failure;
      deliver(() -> listener.vanished(file, reason));
    } else {
      vanished = false;
      namedFiles = reading.fingerprint().named();
      deliver(() -> listener.changed(file, content));
      known = Fingerprint.of(content, namedFiles);
    }
  }

  private boolean isChanged(Reading reading) {
    return reading.content() == null ? !vanished : vanished || !reading.fingerprint().equals(known);
  }

  /** Reads until two successive reads are equal; returns the last one if the file never settles. */
  private Reading settled(Reading first) throws InterruptedException {
    Reading last = first;
    for (int i = 0; i < RESTLESS; i++) {
      pause(timing.quiet());
      Reading next = read();
      if (next.fingerprint().equals(last.fingerprint())) {
        return next;
      }
      last = next;
    }
    return last;
  }

  private Reading read() {
    try {
      byte[] content = BoundedFile.read(file, DynamicFileLimits.FILE_BYTES);
      return new Reading(content, null, Fingerprint.of(content, namedFiles.now()));
    } catch (IOException e) {
      return new Reading(null, e, Fingerprint.of(null, namedFiles.now()));
    }
  }

  /** Identifies the content of the file, and of the files that it names, without keeping it. */
  private record Fingerprint(String digest, NamedFiles named) {
    static Fingerprint of(byte @Nullable [] content, NamedFiles named) {
      return new Fingerprint(NamedFiles.digest(content), named);
    }
  }

  /** The result of one read: the content, or the reason why there is none. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Reading(
      byte @Nullable [] content, @Nullable IOException failure, Fingerprint fingerprint) {}

  private void deliver(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      log.error("A change of {} could not be handled", file, e);
    }
  }

  private static @Nullable WatchService newWatchService() {
    try {
      return FileSystems.getDefault().newWatchService();
    } catch (IOException | UnsupportedOperationException e) {
      log.warn("File events are not available; polling instead: {}", e.toString());
      return null;
    }
  }
}
