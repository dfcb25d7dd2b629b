package dev.understudy.agreement.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.understudy.agreement.register.RegisterException.Reason;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every register must do, whatever stores it. Each test is an installation of its own. */
public abstract class RegisterContract {
  /** Times are kept to the microsecond. */
  private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

  private static final RegisterKey POOL = RegisterKey.pool("sense");
  private static final RegisterKey OTHER_POOL = RegisterKey.pool("orders.v2");
  private static final RegisterKey VOTER = RegisterKey.voter("proxy-5d4f-x2k");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private String installation;
  private Register register;

  /** A register of that installation, in the store that all registers of this test share. */
  protected abstract Register open(String installation) throws Exception;

  @BeforeEach
  void openOne() throws Exception {
    installation = unique();
    register = another(installation);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  /** The register under test. */
  protected final Register register() {
    return register;
  }

  /** Another register, closed after the test. */
  protected final Register another(String name) throws Exception {
    Register made = open(name);
    opened.add(made);
    return made;
  }

  protected static String unique() {
    return "u" + UUID.randomUUID().toString().substring(0, 12);
  }

  protected static RegisterDocument held(String holder, long transitions) {
    return new RegisterDocument(holder, transitions, NOW, NOW, Map.of());
  }

  protected static RegisterDocument with(Map<String, String> attributes) {
    return new RegisterDocument("master", 1, NOW, NOW, attributes);
  }

  @Test
  void an_empty_installation_has_nothing_at_a_revision() {
    RegisterListing listing = await(register.list());
    assertThat(listing.entries()).isEmpty();
    assertThat(listing.revision()).isPositive();
    assertThat(await(register.get(POOL))).isEmpty();
    await(register.delete(VOTER, 1));
  }

  @Test
  void a_created_entry_is_found_and_not_created_again() {
    long revision = await(register.compareAndSet(POOL, held("master", 1), 0));
    assertThat(revision).isPositive();
    failsWith(Reason.CONFLICT, register.compareAndSet(POOL, held("backup", 2), 0));
    assertThat(await(register.get(POOL)))
        .contains(new RegisterEntry(POOL, revision, held("master", 1)));
  }

  @Test
  void a_write_at_the_right_revision_replaces_the_document_and_one_at_an_older_is_a_conflict() {
    long first = await(register.compareAndSet(POOL, with(Map.of("a", "1", "b", "2")), 0));
    long second = await(register.compareAndSet(POOL, with(Map.of("b", "3")), first));
    assertThat(second).isGreaterThan(first);
    assertThat(await(register.get(POOL)))
        .contains(new RegisterEntry(POOL, second, with(Map.of("b", "3"))));
    failsWith(Reason.CONFLICT, register.compareAndSet(POOL, held("third", 3), first));
    assertThat(await(register.get(POOL)).orElseThrow().revision()).isEqualTo(second);
  }

  @Test
  void what_was_deleted_is_in_conflict_with_its_old_revision_even_when_created_anew() {
    long first = await(register.compareAndSet(POOL, held("master", 1), 0));
    await(register.delete(POOL, first));
    failsWith(Reason.CONFLICT, register.compareAndSet(POOL, held("backup", 2), first));
    assertThat(await(register.get(POOL))).isEmpty();
    assertThat(await(register.list()).entries()).isEmpty();
    long second = await(register.compareAndSet(POOL, held("master", 1), 0));
    assertThat(second).isGreaterThan(first);
    failsWith(Reason.CONFLICT, register.compareAndSet(POOL, held("backup", 2), first));
  }

  @Test
  void a_delete_at_an_older_revision_is_a_conflict() {
    long first = await(register.compareAndSet(VOTER, held("a", 0), 0));
    await(register.compareAndSet(VOTER, held("a", 1), first));
    failsWith(Reason.CONFLICT, register.delete(VOTER, first));
    assertThat(await(register.get(VOTER))).isPresent();
  }

  @Test
  void a_list_has_all_entries_with_their_revisions_and_one_at_least_as_great() {
    long pool = await(register.compareAndSet(POOL, held("master", 1), 0));
    long other = await(register.compareAndSet(OTHER_POOL, held("backup", 7), 0));
    long voter = await(register.compareAndSet(VOTER, held("proxy-5d4f-x2k", 0), 0));
    RegisterListing listing = await(register.list());
    assertThat(listing.entries())
        .containsExactlyInAnyOrder(
            new RegisterEntry(POOL, pool, held("master", 1)),
            new RegisterEntry(OTHER_POOL, other, held("backup", 7)),
            new RegisterEntry(VOTER, voter, held("proxy-5d4f-x2k", 0)));
    assertThat(listing.revision()).isGreaterThanOrEqualTo(voter);
  }

  @Test
  void a_pool_and_a_voter_of_the_same_name_are_two_entries() {
    await(register.compareAndSet(RegisterKey.pool("x"), held("master", 1), 0));
    await(register.compareAndSet(RegisterKey.voter("x"), held("x", 0), 0));
    assertThat(await(register.list()).entries()).hasSize(2);
    assertThat(await(register.get(RegisterKey.pool("x"))).orElseThrow().document().holder())
        .isEqualTo("master");
  }

  @Test
  void a_watch_reports_all_changes_after_the_listing_in_order_and_none_before() {
    long before = await(register.compareAndSet(POOL, held("master", 1), 0));
    HeardChanges heard = new HeardChanges();
    RegisterListing listing = await(register.list());
    long early = await(register.compareAndSet(POOL, held("backup", 2), before));
    register.watch(listing.revision(), heard);
    long voter = await(register.compareAndSet(VOTER, held("a", 0), 0));
    long late = await(register.compareAndSet(POOL, held("master", 3), early));
    heard.awaitChanges(3);
    assertThat(heard.changes())
        .containsExactly(
            new HeardChanges.Change(POOL, early, held("backup", 2)),
            new HeardChanges.Change(VOTER, voter, held("a", 0)),
            new HeardChanges.Change(POOL, late, held("master", 3)));
  }

  @Test
  void a_watch_reports_deletions_and_one_from_there_reports_only_later_changes() {
    HeardChanges heard = new HeardChanges();
    long revision = await(register.compareAndSet(POOL, held("master", 1), 0));
    Register.Watch watch = register.watch(await(register.list()).revision(), heard);
    await(register.delete(POOL, revision));
    heard.awaitChanges(1);
    HeardChanges.Change deletion = heard.changes().get(0);
    assertThat(deletion.key()).isEqualTo(POOL);
    assertThat(deletion.document()).isNull();
    assertThat(deletion.revision()).isGreaterThan(revision);
    watch.close();
    HeardChanges later = new HeardChanges();
    register.watch(deletion.revision(), later);
    long anew = await(register.compareAndSet(POOL, held("master", 2), 0));
    later.awaitChanges(1);
    assertThat(later.changes())
        .containsExactly(new HeardChanges.Change(POOL, anew, held("master", 2)));
  }

  @Test
  void a_watch_from_an_old_revision_reports_all_changes_since() {
    HeardChanges heard = new HeardChanges();
    long from = await(register.list()).revision();
    long revision = 0;
    for (int i = 0; i < 50; i++) {
      revision = await(register.compareAndSet(POOL, held("master", i), revision));
    }
    register.watch(from, heard);
    heard.awaitChanges(50);
    assertThat(heard.changes().stream().map(change -> change.document().transitions()))
        .isEqualTo(LongStream.range(0, 50).boxed().toList());
    assertThat(heard.changes().stream().map(HeardChanges.Change::revision))
        .isSorted()
        .doesNotHaveDuplicates()
        .last()
        .isEqualTo(revision);
  }

  @Test
  void a_closed_watch_reports_nothing_more() {
    HeardChanges closed = new HeardChanges();
    HeardChanges open = new HeardChanges();
    long from = await(register.list()).revision();
    register.watch(from, closed).close();
    register.watch(from, open);
    await(register.compareAndSet(POOL, held("master", 1), 0));
    open.awaitChanges(1);
    assertThat(closed.changes()).isEmpty();
    assertThat(closed.end()).isNull();
  }

  @Test
  void two_registers_see_each_other() throws Exception {
    Register second = another(installation);
    HeardChanges heard = new HeardChanges();
    second.watch(await(second.list()).revision(), heard);
    long revision = await(register.compareAndSet(POOL, held("master", 1), 0));
    assertThat(await(second.get(POOL)))
        .contains(new RegisterEntry(POOL, revision, held("master", 1)));
    heard.awaitChanges(1);
    long next = await(second.compareAndSet(POOL, held("backup", 2), revision));
    assertThat(await(register.list()).entries())
        .containsExactly(new RegisterEntry(POOL, next, held("backup", 2)));
  }

  @Test
  void another_installation_is_neither_listed_nor_watched() throws Exception {
    Register stranger = another(unique());
    Register longer = another(installation + "-b");
    HeardChanges heard = new HeardChanges();
    register.watch(await(register.list()).revision(), heard);
    await(stranger.compareAndSet(POOL, held("x", 1), 0));
    await(longer.compareAndSet(POOL, held("y", 1), 0));
    long own = await(register.compareAndSet(POOL, held("master", 1), 0));
    heard.awaitChanges(1);
    assertThat(heard.changes())
        .containsExactly(new HeardChanges.Change(POOL, own, held("master", 1)));
    assertThat(await(register.list()).entries()).hasSize(1);
    assertThat(await(register.get(OTHER_POOL))).isEmpty();
  }

  static Stream<RegisterDocument> documents() {
    return Stream.of(
        new RegisterDocument("", 0, NOW, NOW, Map.of()),
        new RegisterDocument(
            "master",
            2_147_483_647,
            Instant.parse("2024-02-29T23:59:59.000001Z"),
            Instant.parse("2025-01-01T00:00:00Z"),
            Map.of()),
        with(
            Map.of(
                "empty", "",
                "unicode", "Größe → 漢字 🎭 \u2028\u0085",
                "lines", "first\nsecond\r\n\tthird\n",
                "quotes", "{\"a\": \"b\\\"c\"} 'd' \\",
                "controls", "\u0001\u001f\u007f",
                "markup", "<a href=\"&amp;\">")));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void a_document_comes_back_as_written(RegisterDocument document) {
    assertComesBack(document);
  }

  @Test
  void attributes_of_a_hundred_kilobytes_come_back_as_written_and_are_watched() {
    HeardChanges heard = new HeardChanges();
    register.watch(await(register.list()).revision(), heard);
    RegisterDocument large = with(Map.of("votes", "0123456789".repeat(10_000)));
    assertComesBack(large);
    heard.awaitChanges(1);
    assertThat(heard.changes().get(0).document()).isEqualTo(large);
  }

  @Test
  void the_longest_names_are_stored() {
    RegisterKey key = RegisterKey.pool("p" + "0123456789".repeat(6) + ".z");
    await(register.compareAndSet(key, with(Map.of("a".repeat(40), "1")), 0));
    assertThat(await(register.list()).entries().get(0).key()).isEqualTo(key);
  }

  @Test
  void exactly_one_of_a_hundred_writes_at_the_same_revision_wins() throws Exception {
    List<Register> writers = List.of(register, another(installation), another(installation));
    long revision = 0;
    for (int round = 1; round <= 5; round++) {
      revision = oneWinner(writers, revision, round);
    }
    assertThat(await(register.get(POOL)).orElseThrow().revision()).isEqualTo(revision);
  }

  private static long oneWinner(List<Register> writers, long expected, int round) {
    List<CompletableFuture<Long>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Register writer = writers.get(i % writers.size());
      calls.add(writer.compareAndSet(POOL, held("writer-" + i, round), expected));
    }
    List<Long> won = new ArrayList<>();
    List<Reason> lost = new ArrayList<>();
    for (CompletableFuture<Long> call : calls) {
      try {
        won.add(call.orTimeout(20, TimeUnit.SECONDS).join());
      } catch (CompletionException e) {
        lost.add(((RegisterException) e.getCause()).reason());
      }
    }
    assertThat(won).hasSize(1);
    assertThat(lost).hasSize(99).containsOnly(Reason.CONFLICT);
    return won.get(0);
  }

  @Test
  void calls_after_the_end_fail_as_uncertain() {
    register.close();
    failsWith(Reason.UNCERTAIN, register.list());
    HeardChanges heard = new HeardChanges();
    register.watch(1, heard);
    heard.awaitEnd();
    assertThat(heard.end().reason()).isEqualTo(Reason.UNCERTAIN);
  }

  @Test
  void the_description_is_one_line() {
    assertThat(register.description()).isNotBlank().doesNotContain("\n");
  }

  @Test
  void an_announcement_disturbs_nothing() {
    await(register.compareAndSet(POOL, held("master", 1), 0));
    register.announce(POOL, "Switched", "sense: master -> backup\n".repeat(200), true);
    assertThat(await(register.list()).entries()).hasSize(1);
  }

  private void assertComesBack(RegisterDocument document) {
    long revision = await(register.compareAndSet(POOL, document, 0));
    RegisterEntry entry = new RegisterEntry(POOL, revision, document);
    assertThat(await(register.get(POOL))).contains(entry);
    assertThat(await(register.list()).entries()).containsExactly(entry);
  }

  protected static <T> T await(CompletableFuture<T> call) {
    try {
      return call.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("failed: " + e.getCause().getMessage(), e.getCause());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What it fails with, for the reason given. */
  protected static RegisterException failsWith(Reason reason, CompletableFuture<?> call) {
    try {
      return fail("succeeded with " + call.get(20, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(RegisterException.class);
      RegisterException failure = (RegisterException) e.getCause();
      assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
      assertThat(failure.getMessage()).isNotBlank().doesNotContain("\n");
      return failure;
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
