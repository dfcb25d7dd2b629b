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
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the dynamic file has other content, and hands it over.
 *
 * <ul>
 *   <li>Events of the file's directory wake it, whatever they name: a ConfigMap changes by a swap
 *       of the link {@code ..data} beside the file, an editor by a rename.
 *   <li>Events only wake it: content decides. It also looks each {@code poll} unasked, so that a
 *       lost event, or a link to elsewhere, costs time and nothing else.
 *   <li>What is new counts once it reads the same {@code quiet} later, so that a file being written
 *       is not taken by halves; one that never settles is taken after twenty times that.
 *   <li>The listener is called on the watcher's own daemon thread, one call at a time; what it
 *       throws is logged. Content that was handed over comes again only after the file had
 *       vanished.
 * </ul>
 */
public final class ConfigFileWatcher implements AutoCloseable {
  /** What is done about it. */
  public interface Listener {
    /** The file's content, or that of a file it takes secrets from, is another. */
    void changed(Path file, byte[] content);

    /** The file cannot be read any more; said once. What it said last should stay in force. */
    void vanished(Path file, IOException reason);
  }

  /** How often it looks and how long it waits. */
  public record Timing(Duration poll, Duration quiet) {
    /** Looks every 5 s; takes what lasts for 200 ms. */
    public static final Timing DEFAULT = new Timing(Duration.ofSeconds(5), Duration.ofMillis(200));

    public Timing {
      if (poll.toMillis() < 1 || quiet.isNegative()) {
        throw new IllegalArgumentException("poll of less than 1 ms, or negative quiet");
      }
    }
  }

  private static final Logger log = LoggerFactory.getLogger(ConfigFileWatcher.class);

  /** Reads again this often at most. */
  private static final int RESTLESS = 20;

  private final Path file;
  private final Path directory;
  private final Timing timing;
  private final Listener listener;
  private final Thread thread;
  private final @Nullable WatchService events;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Set<Path> secretFiles = Set.of();
  private @Nullable WatchKey key;
  private Fingerprint known;
  private boolean vanished;

  private ConfigFileWatcher(
      Path file,
      byte @Nullable [] content,
      Set<Path> secretFiles,
      Timing timing,
      Listener listener) {
    this.file = file;
    Path parent = file.toAbsolutePath().getParent();
    this.directory = parent == null ? Path.of("/") : parent;
    this.timing = timing;
    this.listener = listener;
    this.secretFiles = Set.copyOf(secretFiles);
    this.known = Fingerprint.of(content, secretFiles);
    this.events = newWatchService();
    this.thread = new Thread(this::run, "understudy-config-watcher");
    thread.setDaemon(true);
  }

  /**
   * Starts watching.
   *
   * @param content what is in force: a file that has changed since it was read is handed over at
   *     once. Null: hand over whatever is there
   * @param secretFiles see {@link LoadResult#secretFiles()}
   */
  public static ConfigFileWatcher start(
      Path file,
      byte @Nullable [] content,
      Set<Path> secretFiles,
      Timing timing,
      Listener listener) {
    ConfigFileWatcher watcher = new ConfigFileWatcher(file, content, secretFiles, timing, listener);
    watcher.thread.start();
    return watcher;
  }

  /** The files that secrets now come from; may be called by the listener. */
  public void watchSecrets(Set<Path> files) {
    secretFiles = Set.copyOf(files);
  }

  /** Ends the thread; a call of the listener that is running ends first, within 5 s. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (events != null) {
        events.close();
      }
    } catch (IOException e) {
      log.debug("closing the watch of {}", directory, e);
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

  /** A directory that was replaced needs a new registration; until it is there, polling serves. */
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
    if (isNews(reading)) {
      reading = settled(reading);
    }
    if (closing.getCount() == 0 || !isNews(reading)) {
      return;
    }
    byte[] content = reading.content();
    IOException failure = reading.failure();
    if (content == null) {
      vanished = true;
      IOException reason = failure == null ? new IOException("unreadable") : failure;
      tell(() -> listener.vanished(file, reason));
    } else {
      vanished = false;
      known = reading.fingerprint();
      Set<Path> before = secretFiles;
      tell(() -> listener.changed(file, content));
      if (!secretFiles.equals(before)) {
        known = Fingerprint.of(content, secretFiles);
      }
    }
  }

  private boolean isNews(Reading reading) {
    return reading.content() == null ? !vanished : vanished || !reading.fingerprint().equals(known);
  }

  /** What is read twice alike; where it never settles, what was read last. */
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
      byte[] content = BoundedFile.read(file, Limits.FILE_BYTES);
      return new Reading(content, null, Fingerprint.of(content, secretFiles));
    } catch (IOException e) {
      return new Reading(null, e, Fingerprint.of(null, secretFiles));
    }
  }

  /** What one look found: a content, or why there is none. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Reading(
      byte @Nullable [] content, @Nullable IOException failure, Fingerprint fingerprint) {}

  private void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      log.error("a change of {} could not be dealt with", file, e);
    }
  }

  private static @Nullable WatchService newWatchService() {
    try {
      return FileSystems.getDefault().newWatchService();
    } catch (IOException | UnsupportedOperationException e) {
      log.warn("no file events here, polling instead: {}", e.toString());
      return null;
    }
  }
}
