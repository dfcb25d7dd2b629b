package dev.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.FolderOwner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read again, whatever happened to the files between. */
@Tag(Extent.FULL)
class JournalTest {
  private static final int SEGMENT = 4_096;
  private static final String HISTORY = Sample.HISTORY;

  @TempDir private Path directory;
  private Path file;
  private Path previous;

  @BeforeEach
  void name() {
    file = directory.resolve("state.json.events");
    previous = directory.resolve("state.json.events.1");
  }

  private Journal journal() {
    return new Journal(file, SEGMENT);
  }

  private void write(List<StoredEvent> events) throws IOException {
    try (Journal journal = journal()) {
      append(journal, events);
    }
  }

  private static void append(Journal journal, List<StoredEvent> events) throws IOException {
    for (int done = 0; done < events.size(); ) {
      done += journal.append(lines(events.subList(done, events.size())));
    }
  }

  private static List<JournalLine> lines(List<StoredEvent> events) {
    return Sample.lines(events.stream());
  }

  private List<Long> read() {
    return Sample.ids(journal().read().events());
  }

  @Test
  void a_journal_that_does_not_exist_is_empty() {
    assertThat(journal().read()).isEqualTo(JournalContent.NONE);
  }

  @Test
  void events_are_read_as_they_were_written() throws IOException {
    write(Sample.events(1, 5));

    JournalContent content = journal().read();

    assertThat(content.events()).isEqualTo(Sample.events(1, 5));
    assertThat(content.lineage()).isEqualTo(new Lineage(Map.of(HISTORY, 5L)));
    assertThat(content.endKnown()).isTrue();
    assertThat(content.damaged()).isZero();
    assertThat(content.torn()).isFalse();
  }

  @Test
  void a_journal_of_root_belongs_to_the_owner_of_the_folder_as_the_service_is_another_user()
      throws IOException {
    UserPrincipal service = FolderOwner.another(directory);

    write(Sample.events(1, 5));

    assertThat(FolderOwner.of(file)).isEqualTo(service);
  }

  @Test
  void each_line_is_json_with_the_event_in_it() throws IOException {
    write(Sample.events(1, 1));

    assertThat(EventDocument.JSON.readTree(Files.readString(file)).path("event"))
        .isEqualTo(Sample.event(1).document());
  }

  @Test
  void a_later_process_appends() throws IOException {
    write(Sample.events(1, 3));
    write(Sample.events(4, 6));

    assertThat(read()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void two_segments_of_bounded_size_hold_the_newest_events() throws IOException {
    write(Sample.events(1, 200));

    assertThat(Files.size(file)).isBetween(1L, (long) SEGMENT);
    assertThat(Files.size(previous)).isBetween(SEGMENT / 2L, (long) SEGMENT);
    try (var files = Files.list(directory)) {
      assertThat(files).containsExactlyInAnyOrder(file, previous);
    }
    List<Long> ids = read();
    assertThat(ids).last().isEqualTo(200L);
    assertThat(ids).hasSizeGreaterThan(10).hasSize((int) (201 - ids.getFirst()));
  }

  @Test
  void an_event_larger_than_a_segment_has_one_for_itself() throws IOException {
    StoredEvent large =
        Sample.event(2, new dev.understudy.event.ReplicaEvent.Stopped("x".repeat(SEGMENT - 100)));
    write(List.of(Sample.event(1), large, Sample.event(3)));

    assertThat(read()).containsExactly(2L, 3L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_crash_between_two_steps_of_a_compaction_loses_and_repeats_nothing(boolean moved)
      throws IOException {
    write(Sample.events(1, 3));
    if (moved) {
      Files.move(file, previous);
    } else {
      Files.copy(file, previous);
    }
    assertThat(read()).containsExactly(1L, 2L, 3L);
    write(Sample.events(4, 4));
    assertThat(read()).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void a_flood_of_one_kind_leaves_the_events_of_the_others() throws IOException {
    List<StoredEvent> events = new ArrayList<>();
    events.add(Sample.event(1, Sample.switched("a", "b", 1)));
    events.addAll(Sample.events(2, 3));
    for (long id = 4; id < 200; id++) {
      events.add(Sample.event(id, Sample.flap(Sample.SHOP)));
    }
    write(events);

    assertThat(read()).startsWith(1L, 2L, 3L).last().isEqualTo(199L);
    assertThat(Files.size(previous)).isLessThanOrEqualTo(SEGMENT);
  }

  /** What happens to a file of five events, and what is left of it. */
  private record Damage(
      String what, UnaryOperator<byte[]> done, List<Long> left, int damaged, boolean torn) {
    @Override
    public String toString() {
      return what;
    }
  }

  /** Left are events by their numbers; then it says how many lines are damaged, and one torn. */
  private static Damage damage(String what, String left, UnaryOperator<byte[]> done) {
    String[] parts = left.split(", ");
    List<Long> ids =
        Stream.of(parts[0].split(" ")).filter(each -> !each.isEmpty()).map(Long::valueOf).toList();
    boolean torn = parts[parts.length - 1].equals("torn");
    int damaged = parts.length == 1 || torn ? 0 : Integer.parseInt(parts[1].split(" ")[0]);
    return new Damage(what, done, ids, damaged, torn);
  }

  private static int line(byte[] file, int number) {
    int at = 0;
    for (int line = 1; line < number; at++) {
      line += file[at] == '\n' ? 1 : 0;
    }
    return at;
  }

  private static byte[] set(byte[] file, int at, int value) {
    byte[] changed = file.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static byte[] flip(byte[] file, int at) {
    return set(file, at, file[at] ^ 1);
  }

  private static byte[] clear(byte[] file) {
    byte[] changed = file.clone();
    Arrays.fill(changed, line(file, 2), line(file, 4), (byte) 0);
    return changed;
  }

  private static String part(byte[] file, int from, int to) {
    return new String(file, from, to - from, StandardCharsets.UTF_8);
  }

  private static byte[] cut(byte[] file, int length) {
    return Arrays.copyOf(file, length);
  }

  private static byte[] insert(byte[] file, int at, String text) {
    byte[] more = text.getBytes(StandardCharsets.UTF_8);
    byte[] longer = new byte[file.length + more.length];
    System.arraycopy(file, 0, longer, 0, at);
    System.arraycopy(more, 0, longer, at, more.length);
    System.arraycopy(file, at, longer, at + more.length, file.length - at);
    return longer;
  }

  static List<Damage> damages() {
    String foreign = "not a line of ours\n";
    String huge = "x".repeat(Journal.MOST_SEGMENTS * SEGMENT + JournalLine.MAX_BYTES) + "\n";
    return List.of(
        damage("nothing", "1 2 3 4 5", f -> f),
        damage("all is gone", "", f -> new byte[0]),
        damage("the last byte, the LF, is missing", "1 2 3 4, torn", f -> cut(f, f.length - 1)),
        damage("half of the last line", "1 2 3 4, torn", f -> cut(f, line(f, 5) + 40)),
        damage("one byte of the last line", "1 2 3 4, torn", f -> cut(f, line(f, 5) + 1)),
        damage("half of the only line", ", torn", f -> cut(f, 40)),
        damage("NULs at the end", "1 2 3 4, torn", f -> cut(cut(f, line(f, 5)), f.length)),
        damage("a bit of the third message", "1 2 4 5, 1 damaged", f -> flip(f, line(f, 4) - 10)),
        damage("a digit of a checksum", "1 2 4 5, 1 damaged", f -> set(f, line(f, 3) + 12, 'x')),
        damage("the third line's first byte", "1 2 4 5, 1 damaged", f -> set(f, line(f, 3), 0)),
        damage("the third line's LF", "1 2 5, 1 damaged", f -> set(f, line(f, 4) - 1, ' ')),
        damage("an LF within a line", "1 2 4 5, 2 damaged", f -> set(f, line(f, 3) + 50, '\n')),
        damage("the first line", "2 3 4 5, 1 damaged", f -> set(f, 3, 'x')),
        damage("the last line", "1 2 3 4, 1 damaged", f -> set(f, f.length - 10, 0)),
        damage("NULs from the second line to the fourth", "1 5, 1 damaged", JournalTest::clear),
        damage("empty lines", "1 2 3 4 5", f -> insert(f, line(f, 3), "\n\n")),
        damage(
            "foreign lines",
            "1 2 3 4 5, 2 damaged",
            f -> insert(insert(f, line(f, 3), foreign), 0, foreign)),
        damage(
            "a torn line, and lines after it",
            "1 2 3 4 5, 1 damaged",
            f -> insert(f, line(f, 3), part(f, 0, 60) + "\n")),
        damage("no UTF-8", "1 2 4 5, 1 damaged", f -> set(f, line(f, 4) - 10, 0xff)),
        damage(
            "a line that is there twice",
            "1 2 3 4 5",
            f -> insert(f, line(f, 3), part(f, line(f, 2), line(f, 3)))),
        damage("a line larger than ours", "3 4 5, 1 damaged", f -> insert(f, line(f, 3), huge)));
  }

  /** The next line stands alone, so that one damage never costs a second event. */
  @ParameterizedTest
  @MethodSource("damages")
  void what_is_intact_is_read_with_what_is_written_then_and_the_rest_is_counted(Damage damage)
      throws IOException {
    write(Sample.events(1, 5));
    Files.write(file, damage.done().apply(Files.readAllBytes(file)));
    JournalContent content = journal().read();
    assertThat(Sample.ids(content.events())).isEqualTo(damage.left());
    assertThat(content.damaged()).isEqualTo(damage.damaged());
    assertThat(content.torn()).isEqualTo(damage.torn());
    assertThat(content.endKnown()).isEqualTo(damage.left().contains(5L));

    write(Sample.events(6, 7));
    content = journal().read();
    List<Long> expected = new ArrayList<>(damage.left());
    expected.addAll(List.of(6L, 7L));
    assertThat(Sample.ids(content.events())).endsWith(6L, 7L).isSubsetOf(expected);
    assertThat(content.torn()).isFalse();
    assertThat(content.damaged()).isLessThanOrEqualTo(damage.damaged());
  }

  /** Every length that a crash in the middle of a write can leave. */
  @Test
  void a_file_cut_at_any_byte_keeps_every_whole_line() throws IOException {
    write(Sample.events(1, 3));
    byte[] whole = Files.readAllBytes(file);
    for (int length : Extent.sample(IntStream.rangeClosed(0, whole.length).boxed().toList())) {
      Files.write(file, cut(whole, length));
      int lines = 0;
      for (int i = 0; i < length; i++) {
        lines += whole[i] == '\n' ? 1 : 0;
      }

      JournalContent content = journal().read();

      assertThat(content.events()).as("cut at %d", length).hasSize(lines);
      assertThat(content.damaged()).as("cut at %d", length).isZero();
    }
  }

  @Test
  void each_single_bit_that_flips_costs_one_line_or_two_at_most() throws IOException {
    write(Sample.events(1, 3));
    byte[] whole = Files.readAllBytes(file);
    List<Integer> second = IntStream.range(line(whole, 2), line(whole, 3)).boxed().toList();
    for (int at : Extent.sample(second)) {
      Files.write(file, set(whole, at, whole[at] ^ 4));

      JournalContent content = journal().read();

      assertThat(content.events())
          .as("byte %d", at)
          .hasSizeBetween(1, 2)
          .doesNotContain(Sample.event(2));
      assertThat(content.damaged()).as("byte %d", at).isPositive();
    }
  }

  @Test
  void a_segment_that_cannot_be_read_is_logged_and_the_other_is_read() throws IOException {
    write(Sample.events(1, 3));
    Files.createDirectory(previous);

    JournalContent content = journal().read();

    assertThat(Sample.ids(content.events())).containsExactly(1L, 2L, 3L);
    assertThat(content.problems())
        .containsExactly(previous.toAbsolutePath() + " cannot be read: it is a directory");
  }

  static List<Arguments> obstacles() {
    return List.of(
        Arguments.of("missing/state.json.events", null),
        Arguments.of("state.json.events", "state.json.events"));
  }

  @ParameterizedTest
  @MethodSource("obstacles")
  void a_journal_that_cannot_be_written_fails_and_works_once_it_can(String name, String directoryAt)
      throws IOException {
    Path path = directory.resolve(name);
    if (directoryAt != null) {
      Files.createDirectory(directory.resolve(directoryAt));
    }
    try (Journal journal = new Journal(path, SEGMENT)) {
      assertThatThrownBy(() -> journal.append(lines(Sample.events(1, 1))))
          .isInstanceOf(IOException.class);
      if (directoryAt != null) {
        Files.delete(directory.resolve(directoryAt));
      }
      Files.createDirectories(path.getParent());

      assertThat(journal.append(lines(Sample.events(1, 1)))).isOne();
    }
    assertThat(new Journal(path, SEGMENT).read().events()).hasSize(1);
  }

  @Test
  void a_segment_that_cannot_be_compacted_grows_on_up_to_a_hard_limit() throws IOException {
    try (Journal journal = journal()) {
      Files.createDirectory(previous);
      Files.createFile(previous.resolve("something"));

      append(journal, Sample.events(1, 40));
      assertThat(Files.size(file)).isGreaterThan(SEGMENT);
      assertThatThrownBy(() -> append(journal, Sample.events(41, 400)))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("it is full and cannot be compacted into " + previous);
      assertThat(Files.size(file)).isBetween(3L * SEGMENT, (long) Journal.MOST_SEGMENTS * SEGMENT);
      long last = journal.lastId();
      assertThat(Sample.ids(journal().read().events())).hasSize((int) last).last().isEqualTo(last);

      Files.delete(previous.resolve("something"));
      Files.delete(previous);
      append(journal, Sample.events(last + 1, last + 2));
      assertThat(Files.size(file)).isLessThan(SEGMENT);
      assertThat(Files.size(previous)).isLessThanOrEqualTo(SEGMENT);
      List<Long> kept = read();
      assertThat(kept).last().isEqualTo(last + 2);
      assertThat(kept).hasSizeGreaterThan(10).hasSize((int) (last + 3 - kept.getFirst()));
      append(journal, Sample.events(last + 3, last + 100));
      assertThat(Files.size(file)).isLessThanOrEqualTo(SEGMENT);
    }
  }

  @Test
  void a_second_writer_fails_while_the_first_one_has_the_file() throws IOException {
    try (Journal first = journal();
        Journal second = journal()) {
      append(first, Sample.events(1, 1));
      assertThatThrownBy(() -> append(second, Sample.events(2, 2)))
          .hasMessage("another process writes it");
    }
    write(Sample.events(2, 2));
    assertThat(read()).containsExactly(1L, 2L);
  }

  @Test
  void a_foreign_file_without_lines_is_not_cut() throws IOException {
    Files.writeString(file, "x".repeat(2 * JournalLine.MAX_BYTES));

    write(Sample.events(1, 1));

    assertThat(Files.size(previous)).isGreaterThanOrEqualTo(2L * JournalLine.MAX_BYTES);
    assertThat(read()).containsExactly(1L);
  }

  @Test
  void the_sign_of_life_is_the_time_of_the_file_and_changes_nothing_else() throws IOException {
    try (Journal journal = journal()) {
      journal.touch();
      assertThat(file).doesNotExist();
      append(journal, Sample.events(1, 2));
      Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
      journal.touch();
    }
    assertThat(journal().read().alive()).isAfter(Instant.EPOCH);
    assertThat(read()).containsExactly(1L, 2L);
  }

  /** Closing any other descriptor of the file would end the lock. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void the_lock_is_held_on_after_the_sign_of_life() throws IOException {
    try (Journal journal = journal()) {
      append(journal, Sample.events(1, 1));
      journal.touch();
      append(journal, Sample.events(2, 2));

      assertThat(Files.readAllLines(Path.of("/proc/locks")))
          .anyMatch(line -> line.contains(":" + inode() + " "));
    }
  }

  private long inode() {
    try {
      return (long) Files.getAttribute(file, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does to the open file what others may do. */
  private void meddle(String how) throws IOException {
    switch (how) {
      case "removed" -> Files.delete(file);
      case "replaced" -> {
        Files.move(file, file.resolveSibling("away"));
        Files.createFile(file);
      }
      case "emptied" -> Files.write(file, new byte[0]);
      case "cut" -> Files.write(file, cut(Files.readAllBytes(file), 50));
      default -> throw new IllegalArgumentException(how);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"removed", "replaced", "emptied", "cut"})
  void a_segment_that_others_took_away_is_begun_anew(String meddling) throws IOException {
    try (Journal journal = journal()) {
      append(journal, Sample.events(1, 2));
      assertThat(journal.lastId()).isEqualTo(2);
      meddle(meddling);
      assertThat(journal.lastId()).isZero();
      append(journal, Sample.events(1, 3));
      assertThat(journal.lastId()).isEqualTo(3);
    }
    assertThat(read()).containsExactly(1L, 2L, 3L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"removed", "replaced", "emptied", "cut"})
  void what_the_previous_segment_holds_is_not_written_again(String meddling) throws IOException {
    try (Journal journal = journal()) {
      append(journal, Sample.events(1, 20));
      meddle(meddling);
      long last = journal.lastId();
      assertThat(last).isBetween(1L, 19L);
      append(journal, Sample.events(last + 1, 20));
    }
    assertThat(read()).hasSize(20);
  }

  @Test
  void nothing_is_written_again_if_only_lines_of_others_were_added() throws IOException {
    try (Journal journal = journal()) {
      append(journal, Sample.events(1, 2));
      Files.writeString(file, "not ours\nnot whole", StandardOpenOption.APPEND);
      assertThat(journal.lastId()).isEqualTo(2);
      append(journal, Sample.events(3, 3));
    }
    assertThat(read()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void a_segment_that_vanished_while_it_was_closed_is_noticed_too() throws IOException {
    try (Journal journal = journal()) {
      append(journal, Sample.events(1, 2));
      journal.close();
      Files.delete(file);
      assertThat(journal.lastId()).isZero();
    }
  }
}
