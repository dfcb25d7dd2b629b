package dev.understudy.history;

import dev.understudy.event.EventLog;
import dev.understudy.event.FairEventBuffer;
import dev.understudy.event.Subscribers;
import dev.understudy.file.FileTenure;
import dev.understudy.pool.PoolId;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records events in memory and, with a file, beyond the end of the process. {@link #happened} never
 * waits for the disk.
 *
 * <p>In memory are the newest {@value #MAX_EVENTS} events, of at most {@value #MAX_CHARS}
 * characters in all, {@linkplain FairEventBuffer shared} among kinds and pools. A file that cannot
 * be read or written is reported in the log and costs nothing but the history.
 */
public final class HistoryRecorder implements History, AutoCloseable {
  static final int MAX_EVENTS = 10_000;
  static final int MAX_CHARS = 4 * 1024 * 1024;

  /** The fewest characters that an event counts as, which bounds the number of events. */
  private static final int MIN_WEIGHT = MAX_CHARS / MAX_EVENTS;

  private static final Logger log = LoggerFactory.getLogger(HistoryRecorder.class);
  private static final int BATCH = 500;

  /** Events for a reader whose last event is not in this history. */
  private static final int FOR_STRANGERS = 1_000;

  private final Object lock = new Object();
  private final FairEventBuffer<StoredEvent> recent =
      new FairEventBuffer<>(MAX_CHARS, event -> Math.max(MIN_WEIGHT, event.json().length()));
  private final Timelines timelines = new Timelines();
  private final Subscribers<StoredEvent> subscribers =
      new Subscribers<>(log, "event", StoredEvent::id);
  private final String name;
  private final Lineage lineage;
  private final long lastId;
  private final int damaged;
  private final LastRun lastRun;

  /** The greatest number given out; guarded by the lock. */
  private long newestId;

  private final @Nullable JournalWriter writer;

  private HistoryRecorder(
      @Nullable Journal journal, JournalContent content, InstantSource clock, FileTenure tenure) {
    Instant now = clock.instant();
    lineage = content.lineage();
    name = newName(now);
    // Of a file that cannot be read any number may have been given out; none was as large as this.
    boolean readable = content.problems().isEmpty() || content.endKnown();
    lastId = readable ? content.lastId() : Math.max(content.lastId(), now.toEpochMilli());
    newestId = content.lastId();
    damaged = content.damaged();
    lastRun = LastRun.of(content, now);
    for (StoredEvent event : content.events()) {
      recent.add(event);
      timelines.add(event);
    }
    writer = journal == null ? null : new JournalWriter(journal, lastId, tenure, this::oldestAfter);
  }

  /** Digits; random ones too, since replicas may start in the same millisecond. */
  private static String newName(Instant now) {
    int random = ThreadLocalRandom.current().nextInt(1_000_000);
    return String.format(Locale.ROOT, "%d%06d", Math.max(0, now.toEpochMilli()), random);
  }

  /** Creates a history of this run only. */
  public static HistoryRecorder inMemory(InstantSource clock) {
    return new HistoryRecorder(null, JournalContent.NONE, clock, FileTenure.ours());
  }

  /**
   * Creates a history that is kept in two files beside {@code stateFile}: {@code .events} and
   * {@code .events.1} are appended to its name. Reads them. Each has at most 2 MB, or 8 MB if it
   * could not be compacted when it was full.
   */
  public static HistoryRecorder besideStateFile(Path stateFile, InstantSource clock) {
    return besideStateFile(stateFile, clock, FileTenure.ours());
  }

  /**
   * The same, written as long as this process has the files.
   *
   * @see #besideStateFile(Path, InstantSource)
   */
  public static HistoryRecorder besideStateFile(
      Path stateFile, InstantSource clock, FileTenure tenure) {
    Path file = stateFile.resolveSibling(stateFile.getFileName() + ".events");
    return inFile(new Journal(file, Journal.SEGMENT_BYTES), clock, tenure);
  }

  static HistoryRecorder inFile(Journal journal, InstantSource clock) {
    return inFile(journal, clock, FileTenure.ours());
  }

  private static HistoryRecorder inFile(Journal journal, InstantSource clock, FileTenure tenure) {
    JournalContent content = journal.read();
    content.problems().forEach(problem -> log.warn("The history is incomplete: {}", problem));
    if (content.damaged() > 0) {
      log.warn(
          "The history is incomplete: {} has {}, skipped",
          journal.path(),
          content.damaged() == 1 ? "1 damaged line" : content.damaged() + " damaged lines");
    }
    return new HistoryRecorder(journal, content, clock, tenure);
  }

  /** The id of the last event of earlier runs; 0 if there is none. */
  public long lastId() {
    return lastId;
  }

  public LastRun lastRun() {
    return lastRun;
  }

  public HistoryStatus status() {
    return writer == null
        ? new HistoryStatus(true, 0, 0)
        : new HistoryStatus(!writer.isFailing(), writer.lost(), damaged);
  }

  /** Records an event; for {@link EventLog#subscribe}. */
  public void happened(EventLog.Entry entry) {
    StoredEvent event = StoredEvent.of(entry);
    synchronized (lock) {
      recent.add(event);
      timelines.add(event);
      newestId = event.id();
    }
    if (writer != null) {
      writer.added();
    }
    subscribers.accept(event);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<StoredEvent> newest(
      @Nullable PoolId pool, int limit, @Nullable Instant since, long after) {
    synchronized (lock) {
      return recent.newest(limit, wanted(pool, since).and(event -> event.id() > after));
    }
  }

  @Override
  public List<StoredEvent> shares(@Nullable PoolId pool, int limit, @Nullable Instant since) {
    synchronized (lock) {
      return recent.shares(limit, wanted(pool, since));
    }
  }

  private static Predicate<StoredEvent> wanted(@Nullable PoolId pool, @Nullable Instant since) {
    return event ->
        (pool == null || pool.equals(event.pool()))
            && (since == null || !event.at().isBefore(since));
  }

  @Override
  public List<StoredEvent> missed(@Nullable PoolId pool, String lastSeen) {
    EventId id = EventId.parse(lastSeen, name);
    synchronized (lock) {
      OptionalLong position = id == null ? OptionalLong.empty() : position(id);
      return position.isPresent()
          ? newest(pool, MAX_EVENTS, null, position.getAsLong())
          : shares(pool, FOR_STRANGERS, null);
    }
  }

  private OptionalLong position(EventId id) {
    if (!id.history().equals(name)) {
      return lineage.position(id);
    }
    return id.number() > newestId ? OptionalLong.empty() : OptionalLong.of(id.number());
  }

  private List<JournalLine> oldestAfter(long id) {
    List<StoredEvent> events;
    synchronized (lock) {
      events = recent.after(id, BATCH);
    }
    return events.stream().map(this::line).toList();
  }

  /** Events of earlier runs stay with their histories if they are written again. */
  private JournalLine line(StoredEvent event) {
    String earlier = lineage.historyOf(event.id());
    return new JournalLine(earlier == null ? name : earlier, event);
  }

  @Override
  public Runnable subscribe(Consumer<StoredEvent> listener) {
    return subscribers.add(listener);
  }

  @Override
  public List<ServingPeriod> timeline(PoolId pool, Instant from, Instant to) {
    Timeline timeline;
    synchronized (lock) {
      timeline = timelines.of(pool);
    }
    return timeline.between(from, to);
  }

  /** Writes what is not on the disk yet, for 5 s at most. */
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
