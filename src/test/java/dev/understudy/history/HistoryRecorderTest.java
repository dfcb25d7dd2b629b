package dev.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.file.FileTenure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events over several runs of the process. */
@Isolated("reads what is logged")
class HistoryRecorderTest {
  private static final PoolId OTHER = new PoolId("other");
  private static final HistoryStatus COMPLETE = new HistoryStatus(true, 0, 0);

  @TempDir private Path directory;
  private volatile Instant now = Sample.START;

  private Path file() {
    return directory.resolve("state.json.events");
  }

  /** One run of the process. */
  private final class Run implements AutoCloseable {
    final HistoryRecorder history =
        HistoryRecorder.besideStateFile(directory.resolve("state.json"), () -> now);
    final EventHistory events = new EventHistory(() -> now, history.lastId());

    boolean ended;

    Run() {
      events.subscribe(history::happened);
      events.add(
          new ReplicaEvent.Started(
              "1", "g.yaml", history.lastRun().end(), history.lastRun().alive(), "started"));
    }

    Run pass(long seconds) {
      now = now.plusSeconds(seconds);
      return this;
    }

    Run add(Event event) {
      events.add(event);
      return this;
    }

    List<String> types() {
      return history.newest(null, 1_000, null, 0).stream().map(StoredEvent::type).toList();
    }

    List<Long> ids() {
      return HistoryRecorderTest.ids(history);
    }

    void stop() {
      ended = true;
      events.add(new ReplicaEvent.Stopped("stopped"));
      history.close();
    }

    /** Ends without a stop. */
    @Override
    public void close() {
      ended = true;
      history.close();
    }
  }

  private static List<Long> ids(HistoryRecorder history) {
    return Sample.ids(history.newest(null, 10, null, 0));
  }

  private HistoryRecorder recorder(String state) {
    return HistoryRecorder.besideStateFile(directory.resolve(state), () -> now);
  }

  private HistoryRecorder recorder(FileTenure files) {
    return HistoryRecorder.besideStateFile(directory.resolve("s"), () -> now, files);
  }

  private EventLog.Entry entry(long id) {
    return new EventLog.Entry(id, now, pinned(OTHER));
  }

  private static Event pinned(PoolId pool) {
    return new Event.Pinned(pool, null, null, "no longer pinned");
  }

  private final List<Run> runs = new ArrayList<>();

  /** The run that is under way, or else a new one. */
  private Run run() {
    if (runs.isEmpty() || runs.getLast().ended) {
      runs.add(new Run());
    }
    return runs.getLast();
  }

  private void happens(String step) throws IOException {
    String[] words = step.split(" ", 3);
    switch (words[0]) {
      case "start" -> run();
      case "event" -> run().add(pinned(OTHER));
      case "serve" -> run().add(Sample.switched(null, words[1], 1));
      case "keep" -> run().add(kept(words[1]));
      case "pass" -> now = now.plusSeconds(Long.parseLong(words[1]));
      case "clock" -> now = Sample.at(Long.parseLong(words[1]));
      case "modified" -> Files.setLastModifiedTime(file(), FileTime.from(at(words[1])));
      case "stop" -> run().stop();
      case "crash" -> run().close();
      case "delete" -> Files.delete(file());
      case "damage" -> damage(Integer.parseInt(words[1]));
      case "written" ->
          Await.until("it is on the disk", () -> lines() == Integer.parseInt(words[1]));
      case "lose" -> {
        Files.move(file(), directory.resolve("state.json.events.1"));
        Files.createFile(file());
      }
      case "ended" -> assertThat(run().history.lastRun().end() + "").isEqualTo(words[1]);
      case "alive" -> assertThat(run().history.lastRun().alive()).isEqualTo(at(words[1]));
      case "timeline" ->
          assertThat(timeline(at(words[1]))).isEqualTo(List.of(words[2].split(" / ")));
      case "types" -> assertThat(run().types()).containsExactly(step.substring(6).split(" "));
      case "ids" -> assertThat(run().ids()).isEqualTo(numbers(step.substring(4)));
      case "complete" -> assertThat(runs.getLast().history.status()).isEqualTo(COMPLETE);
      case "missed" -> assertThat(missed(words[1])).as(step).isEqualTo(numbers(words[2]));
      default -> throw new IllegalArgumentException(step);
    }
  }

  private static Event kept(String server) {
    return new Event.Kept(Sample.SHOP, Sample.server(server), 1, "from the state file", "kept");
  }

  private static @Nullable Instant at(String second) {
    return second.equals("null") ? null : Sample.at(Long.parseLong(second));
  }

  /** Who served from then on, {@code ?} if that is not known, and from which second to which. */
  private List<String> timeline(Instant from) {
    return run().history.timeline(Sample.SHOP, from, now).stream()
        .map(each -> (each.known() ? each.serving() : "?") + " " + seconds(each))
        .toList();
  }

  private static String seconds(ServingPeriod period) {
    return Duration.between(Sample.START, period.from()).toSeconds()
        + "-"
        + Duration.between(Sample.START, period.to()).toSeconds();
  }

  private long lines() {
    try {
      return Files.readAllLines(file()).size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> numbers(String text) {
    return text.equals("none") ? List.of() : Stream.of(text.split(" ")).map(Long::valueOf).toList();
  }

  /** What a reader missed that saw last the event {@code 0-2}, number 2 of the first run. */
  private List<Long> missed(String lastSeen) {
    PoolId pool = lastSeen.startsWith("other:") ? OTHER : null;
    String[] parts = lastSeen.replace("other:", "").split("-");
    String id =
        parts.length == 1
            ? parts[0]
            : runs.get(Integer.parseInt(parts[0])).history.name() + "-" + parts[1];
    return Sample.ids(run().history.missed(pool, id));
  }

  /** An event has the number 1 if it is the start of the first run, which each run begins with. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          events survive a restart and numbers go on | event, stop, types started pinned stopped started, ids 1 2 3 4
          how the last run ended is known and when it was alive | start, ended null, alive null, pass 10, stop, pass 10, ended STOPPED, alive 10, crash, modified 25, pass 10, ended CRASHED, alive 25
          a file that is older than its events is as old as they are | start, pass 30, event, crash, modified 1, pass 10, alive 30
          a file from the future is of now | start, pass 30, event, crash, modified 1000000, alive 30
          a clock that is behind at a restart erases no timeline | start, pass 60, serve a, pass 10, crash, clock 30, start, pass 5, keep a, pass 10, alive 30, timeline 0 a 29-30 / ? 30-35 / a 35-45
          the timeline reaches back over restarts | serve a, pass 10, stop, pass 10, start, pass 5, keep a, pass 10, timeline 5 a 5-10 / ? 10-25 / a 25-35
          each run has a name of its own | start, stop, start, crash, start, stop, start, crash
          damage before the last line says nothing of how the last run ended | event, stop, damage 1, ended STOPPED, stop, ended STOPPED, stop, ended STOPPED
          damage of the last line hides how the last run ended from one start only | event, stop, damage 3, ended CRASHED, stop, ended STOPPED
          a segment that was never written hides how the last run ended | start, stop, lose, ended CRASHED
          a reader that comes back within a run gets what it missed | event, missed 0-1 2, missed 1 2, missed 0-2 none
          a reader that comes back after a restart gets what it missed | event, stop, event, missed 0-2 3 4 5, missed 0-3 4 5, missed other:0-2 5
          after crashes a reader misses nothing and gets nothing twice | event, crash, event, crash, event, crash, start, missed 0-1 2 3 4 5 6 7, missed 1-4 5 6 7, missed 2-6 7, missed 3-7 none
          numbers that a crash took are given again in another history | event, crash, event, crash, event, crash, missed 0-9 3 4 5 6 7
          over orderly restarts a reader misses nothing and gets nothing twice | event, stop, event, stop, event, stop, start, missed 0-2 3 4 5 6 7 8 9 10, missed 1-6 7 8 9 10, missed 2-9 10
          a number of the first run can be read from the second | event, stop, event, stop, event, stop, missed 1-2 3 4 5 6 7 8 9 10
          a reader finds its place although the file was written anew | event, stop, start, written 4, delete, event, stop, start, missed 0-2 3 4 5 6 7, missed 1-5 6 7
          a file that others removed is written anew from memory | event, stop, event, written 5, delete, event, stop, complete, ended STOPPED, ids 1 2 3 4 5 6 7 8
          """)
  void runs_follow_each_other(String what, String steps) throws IOException {
    for (String step : steps.split(", ")) {
      try {
        happens(step);
      } catch (AssertionError e) {
        throw new AssertionError("\"" + step + "\" of: " + what + ": " + e.getMessage(), e);
      }
    }
    run().close();
    assertThat(runs.stream().map(each -> each.history.name()))
        .as(what)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.matches("[0-9a-z]{1,32}"));
  }

  @Test
  void in_memory_there_is_this_run_only() {
    HistoryRecorder history = HistoryRecorder.inMemory(() -> now);
    history.happened(entry(1));

    assertThat(ids(history)).containsExactly(1L);
    assertThat(history.lastId()).isZero();
    assertThat(history.lastRun()).isEqualTo(LastRun.UNKNOWN);
    assertThat(history.status()).isEqualTo(COMPLETE);
    history.close();
  }

  @Test
  void a_read_selects_by_pool_number_and_time() {
    try (Run run = new Run()) {
      for (int i = 0; i < 3; i++) {
        run.add(pinned(Sample.SHOP)).pass(10).add(pinned(OTHER)).pass(10);
      }
      HistoryRecorder history = run.history;
      assertThat(Sample.ids(history.newest(OTHER, 2, null, 0))).containsExactly(5L, 7L);
      assertThat(Sample.ids(history.newest(null, 10, Sample.at(40), 0))).containsExactly(6L, 7L);
      assertThat(Sample.ids(history.newest(null, 10, null, 5))).containsExactly(6L, 7L);
      assertThat(Sample.ids(history.newest(OTHER, 10, Sample.at(30), 6))).containsExactly(7L);
      assertThat(history.newest(null, 0, null, 0)).isEmpty();
    }
  }

  @Test
  void a_flood_of_changes_of_health_leaves_switches_and_operators_acts_also_over_a_restart() {
    try (Run first = new Run()) {
      first.add(
          new ServerEvent.OperatorStateChanged(
              OTHER,
              new ServerId("b"),
              OperatorState.READY,
              OperatorState.DRAIN,
              new Operator("alice", "disk swap"),
              "drained"));
      first.add(Sample.switched("a", "b", 1));
      for (int i = 0; i < HistoryRecorder.MAX_EVENTS + 1_000; i++) {
        first.add(Sample.flap(i % 2 == 0 ? Sample.SHOP : OTHER));
      }
      assertThat(beforeTheFlood(first)).containsExactly(1L, 2L, 3L);
    }
    try (Run second = new Run()) {
      assertThat(beforeTheFlood(second)).containsExactly(1L, 2L, 3L);
      assertThat(second.history.shares(OTHER, 10, null).getFirst().json())
          .contains("\"operatorReason\":\"disk swap\"");
    }
  }

  private static List<Long> beforeTheFlood(Run run) {
    return Sample.ids(run.history.shares(null, 100, null)).stream().filter(id -> id <= 3).toList();
  }

  @Test
  void ids_of_a_run_that_could_write_nothing_are_not_given_again() throws IOException {
    new Run().stop();
    Run second;
    try (JournalFile locked = JournalFile.open(file())) {
      second = new Run().add(pinned(OTHER));
      second.stop();
      assertThat(locked.length()).isEqualTo(Files.size(file()));
    }
    String lastSeen = second.history.name() + "-4";

    try (Run third = new Run().add(pinned(OTHER))) {
      assertThat(third.history.name()).isNotEqualTo(second.history.name());
      assertThat(third.ids()).containsExactly(1L, 2L, 3L, 4L);
      assertThat(missed(third, lastSeen)).contains(3L, 4L);
    }
  }

  /** Damages the line of that number, from 1. */
  private void damage(int line) throws IOException {
    List<String> lines = new ArrayList<>(Files.readAllLines(file()));
    lines.set(line - 1, lines.get(line - 1).replaceFirst("crc32c\":\".", "crc32c\":\"x"));
    Files.write(file(), lines);
  }

  private static List<Long> missed(Run run, String lastSeen) {
    return Sample.ids(run.history.missed(null, lastSeen));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1234-1", "99", "-1", "", "x", "1-2-3", "A-1", "99999999999999999999"})
  void a_reader_whose_id_is_not_of_this_history_begins_anew(String id) {
    try (Run run = new Run().add(pinned(OTHER))) {
      assertThat(missed(run, id)).containsExactly(1L, 2L);
    }
  }

  @Test
  void a_reader_that_comes_back_late_still_gets_all_that_memory_has() {
    try (Run run = new Run()) {
      for (int i = 0; i < 3_000; i++) {
        run.add(pinned(OTHER));
      }
      assertThat(missed(run, run.history.name() + "-1")).hasSize(3_000);
      assertThat(missed(run, "another-1")).hasSize(1_000).last().isEqualTo(3_001L);
    }
  }

  @Test
  void damage_is_counted_and_logged_once() throws IOException {
    new Run().add(pinned(OTHER)).stop();
    byte[] damaged = Files.readAllBytes(file());
    damaged[20]++;
    Files.write(file(), damaged);

    try (LogCapture log = LogCapture.of(HistoryRecorder.class);
        Run run = new Run()) {
      assertThat(run.types()).containsExactly("pinned", "stopped", "started");
      assertThat(run.history.status()).isEqualTo(new HistoryStatus(true, 0, 1));
      assertThat(log.events())
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsExactly(
              "The history is incomplete: "
                  + file().toAbsolutePath()
                  + " has 1 damaged line, skipped");
    }
  }

  @Test
  void numbers_are_never_given_twice_after_a_file_that_cannot_be_read() throws IOException {
    new Run().add(pinned(OTHER)).stop();
    Path previous = directory.resolve("state.json.events.1");
    Files.move(file(), previous);
    Files.createDirectory(file());
    try (Run run = new Run()) {
      assertThat(run.history.lastId()).isEqualTo(now.toEpochMilli());
      assertThat(run.types()).containsExactly("started", "pinned", "stopped", "started");
    }
    Files.delete(file());
    Files.move(previous, file());
    Files.createDirectory(previous);
    try (Run run = new Run()) {
      // The end is known, so that older events cannot have had greater numbers.
      assertThat(run.history.lastId()).isEqualTo(3);
    }
  }

  @Test
  void a_directory_that_is_missing_costs_nothing_but_the_file() {
    try (LogCapture log = LogCapture.of(JournalWriter.class);
        HistoryRecorder history = recorder("missing/s")) {
      history.happened(entry(1));

      Await.until("it is told", () -> !history.status().writable());
      assertThat(history.newest(null, 10, null, 0)).hasSize(1);
      Await.until("it is logged", () -> !log.events().isEmpty());
      assertThat(log.events().getFirst().getFormattedMessage())
          .endsWith(
              "s.events cannot be written, the history is kept in memory only: its directory does"
                  + " not exist");
    }
  }

  @Test
  void what_could_not_be_written_is_written_at_the_end() throws IOException {
    Path folder = directory.resolve("later");
    try (HistoryRecorder history = recorder("later/s")) {
      history.happened(entry(1));
      Await.until("it is told", () -> !history.status().writable());
      Files.createDirectory(folder);
    }
    try (HistoryRecorder next = recorder("later/s")) {
      assertThat(ids(next)).containsExactly(1L);
    }
  }

  @Test
  void a_process_that_hands_over_leaves_the_file_to_the_next_one() {
    FileTenure files = FileTenure.ours();
    try (HistoryRecorder history = recorder(files)) {
      history.happened(entry(1));
      files.end();
      FileTenure handed = FileTenure.ofAnother();
      try (HistoryRecorder next = recorder(handed)) {
        next.happened(entry(2));
        handed.begin();
      }
      history.happened(entry(2));
    }
    try (HistoryRecorder third = recorder("s")) {
      assertThat(ids(third)).containsExactly(1L, 2L);
    }
  }

  @Test
  void a_process_whose_handover_failed_writes_on() {
    FileTenure files = FileTenure.ours();
    try (HistoryRecorder history = recorder(files)) {
      history.happened(entry(1));
      files.end();
      history.happened(entry(2));
      files.begin();
    }
    try (HistoryRecorder next = recorder("s")) {
      assertThat(ids(next)).containsExactly(1L, 2L);
    }
  }

  @Test
  void what_a_removed_file_held_and_memory_no_longer_has_is_counted_once() throws IOException {
    Journal journal = new Journal(directory.resolve("j"), 1 << 20);
    List<StoredEvent> memory = new CopyOnWriteArrayList<>(Sample.events(1, 3));
    AtomicLong asked = new AtomicLong();
    JournalWriter writer =
        new JournalWriter(
            journal,
            0,
            FileTenure.ours(),
            id -> {
              List<JournalLine> rest =
                  Sample.lines(memory.stream().filter(event -> event.id() > id));
              asked.set(id);
              return rest;
            });
    writer.added();
    // Asked for more, it has written all, and looks at the file no more.
    Await.until("all is on the disk", () -> asked.get() == 3);
    for (int removal = 1; removal <= 2; removal++) {
      Files.delete(journal.path());
      memory.removeIf(event -> event.id() < 3);
      long next = 3 + removal;
      memory.add(Sample.event(next));
      writer.added();
      Await.until("it is written anew", () -> asked.get() == next);
    }
    writer.close();

    assertThat(writer.lost()).isEqualTo(2);
    assertThat(Sample.ids(read(journal))).containsExactly(3L, 4L, 5L);
  }

  private static List<StoredEvent> read(Journal journal) {
    return new Journal(journal.path(), 1 << 20).read().events();
  }

  @Test
  void events_that_left_memory_unwritten_are_counted() throws IOException {
    Journal journal = new Journal(directory.resolve("j"), 1 << 20);
    List<StoredEvent> left = Sample.events(4, 6);
    CountDownLatch asked = new CountDownLatch(2);
    JournalWriter writer =
        new JournalWriter(
            journal,
            1,
            FileTenure.ours(),
            id -> {
              asked.countDown();
              return Sample.lines(left.stream().filter(event -> event.id() > id));
            });
    writer.added();
    Await.open("all is written", asked);
    writer.close();

    assertThat(writer.lost()).isEqualTo(2);
    assertThat(journal.read().events()).isEqualTo(left);
  }

  @Test
  void subscribers_see_each_event_once_in_order_and_one_that_throws_disturbs_nobody() {
    try (Run run = new Run()) {
      List<Long> seen = new ArrayList<>();
      run.history.subscribe(
          event -> {
            throw new AssertionError("as the test wants");
          });
      Runnable end = run.history.subscribe(event -> seen.add(event.id()));
      run.add(pinned(OTHER)).add(pinned(OTHER));
      end.run();
      run.add(pinned(OTHER));
      assertThat(seen).containsExactly(2L, 3L);
    }
  }
}
