package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.ScriptedRegister.Watching;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.testing.FakeLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The register's content as a replica knows it, by a list, a watch and single reads. */
class RegisterCacheTest {
  private static final RandomGenerator MIDDLE = () -> 1L << 63;
  private static final RegisterKey A = RegisterKey.pool("a");
  private static final RegisterKey B = RegisterKey.pool("b");

  private final FakeLoop loop = new FakeLoop();
  private final ScriptedRegister register = new ScriptedRegister();
  private final List<String> heard = new ArrayList<>();
  private final RegisterCache cache = new RegisterCache(register, loop, MIDDLE, new Hearing());

  @Test
  void nothing_is_known_before_the_first_list() {
    cache.resync();
    loop.settle();
    assertThat(cache.isListed()).isFalse();
    assertThat(register.watches).isEmpty();
    listed(5, entry(A, 3));
    assertThat(cache.isListed()).isTrue();
    assertThat(cache.reportedRevision()).isEqualTo(5);
    assertThat(heard).containsExactly("a@3", "progress");
    assertThat(register.watch().from).isEqualTo(5);
  }

  @Test
  void a_list_that_fails_is_tried_again() {
    cache.resync();
    register.lists.getLast().fail(Reason.UNCERTAIN);
    loop.advance(49);
    assertThat(register.lists).hasSize(1);
    loop.advance(1);
    assertThat(register.lists).hasSize(2);
    register.lists.getLast().fail(Reason.REFUSED);
    loop.advance(500);
    assertThat(register.lists).hasSize(3);
    assertThat(heard).containsExactly("failed", "failed");
  }

  @Test
  void retry_after_is_honoured() {
    cache.resync();
    register
        .lists
        .getLast()
        .fail(new RegisterException(Reason.UNCERTAIN, "429", Duration.ofSeconds(3), null));
    loop.advance(2_999);
    assertThat(register.lists).hasSize(1);
    loop.advance(1);
    assertThat(register.lists).hasSize(2);
  }

  @Test
  void there_is_one_list_at_a_time() {
    cache.resync();
    cache.resync();
    loop.advance(5_000);
    assertThat(register.lists).hasSize(1);
  }

  @Test
  void a_list_replaces_everything() {
    begin(5, entry(A, 3), entry(B, 4));
    cache.resync();
    listed(9, entry(B, 8));
    assertThat(heard).containsExactly("b@8", "a gone", "progress");
    assertThat(cache.entry(A)).isNull();
    assertThat(register.watches.getFirst().closed).isTrue();
    assertThat(register.watch().from).isEqualTo(9);
  }

  @Test
  void entries_that_a_list_finds_unchanged_are_not_reported_again() {
    begin(5, entry(A, 3));
    cache.resync();
    listed(9, entry(A, 3));
    assertThat(heard).containsExactly("progress");
  }

  @Test
  void a_list_of_a_store_that_was_set_back_replaces_everything_too() {
    begin(50, entry(A, 40), entry(B, 45));
    cache.resync();
    listed(7, entry(A, 6));
    assertThat(heard).containsExactly("a@6", "b gone", "progress");
    assertThat(cache.reportedRevision()).isEqualTo(7);
    register.watch().listener.changed(entry(B, 8));
    loop.settle();
    assertThat(cache.entry(B)).isEqualTo(entry(B, 8));
  }

  @Test
  void changes_are_reported_in_order_and_each_moves_progress_on() {
    begin(5, entry(A, 3));
    Watching watch = register.watch();
    watch.listener.changed(entry(B, 6));
    watch.listener.changed(entry(A, 7));
    watch.listener.deleted(B, 8);
    watch.listener.progress(12);
    loop.settle();
    assertThat(heard)
        .containsExactly("b@6", "progress", "a@7", "progress", "b gone", "progress", "progress");
    assertThat(cache.reportedRevision()).isEqualTo(12);
  }

  @Test
  void an_older_change_after_a_single_read_is_not_taken() {
    begin(5, entry(A, 3));
    cache.learn(entry(A, 8));
    register.watch().listener.changed(entry(A, 6));
    loop.settle();
    assertThat(cache.entry(A)).isEqualTo(entry(A, 8));
    assertThat(heard).containsExactly("a@8", "progress");
    register.watch().listener.changed(entry(A, 8));
    loop.settle();
    assertThat(heard).as("the same again").containsExactly("a@8", "progress", "progress");
  }

  @Test
  void an_older_deletion_after_a_single_read_is_not_taken() {
    begin(5, entry(A, 3));
    cache.learn(entry(A, 8));
    register.watch().listener.deleted(A, 7);
    loop.settle();
    assertThat(cache.entry(A)).as("it was created anew").isEqualTo(entry(A, 8));
  }

  @Test
  void an_older_single_read_is_not_taken() {
    begin(5, entry(A, 3));
    register.watch().listener.changed(entry(A, 6));
    loop.settle();
    cache.learn(entry(A, 4));
    assertThat(cache.entry(A)).isEqualTo(entry(A, 6));
  }

  @Test
  void a_single_read_from_before_a_deletion_does_not_bring_it_back() {
    begin(5, entry(A, 3));
    register.watch().listener.deleted(A, 9);
    loop.settle();
    cache.learn(entry(A, 8));
    assertThat(cache.entry(A)).isNull();
    cache.learn(entry(A, 10));
    assertThat(cache.entry(A)).as("created anew").isEqualTo(entry(A, 10));
  }

  @Test
  void a_deletion_of_what_is_not_known_is_remembered() {
    begin(5);
    register.watch().listener.deleted(A, 9);
    loop.settle();
    cache.learn(entry(A, 8));
    assertThat(cache.entry(A)).isNull();
    assertThat(heard).containsExactly("progress");
  }

  @Test
  void a_read_that_finds_nothing_removes_what_was_known_then_only() {
    begin(5, entry(A, 3));
    cache.learnAbsent(A, 2);
    assertThat(cache.entry(A)).isNotNull();
    cache.learnAbsent(B, 3);
    cache.learnAbsent(A, 3);
    assertThat(cache.entry(A)).isNull();
    assertThat(heard).containsExactly("a gone");
    register.watch().listener.changed(entry(A, 3));
    loop.settle();
    assertThat(cache.entry(A)).as("a late event").isNull();
  }

  @Test
  void changes_seen_during_a_list_survive_an_older_list() {
    begin(5, entry(A, 3));
    cache.resync();
    cache.learn(entry(A, 8));
    cache.learn(entry(B, 9));
    listed(7, entry(A, 6));
    assertThat(cache.entry(A)).isEqualTo(entry(A, 8));
    assertThat(cache.entry(B)).isEqualTo(entry(B, 9));
    assertThat(heard).containsExactly("a@8", "b@9", "progress");
  }

  @Test
  void changes_seen_during_a_list_do_not_survive_a_newer_one() {
    begin(5, entry(A, 3));
    cache.resync();
    cache.learn(entry(A, 8));
    cache.learn(entry(B, 9));
    listed(12, entry(A, 11));
    assertThat(cache.entry(A)).isEqualTo(entry(A, 11));
    assertThat(cache.entry(B)).isNull();
  }

  @Test
  void changes_seen_before_a_list_do_not_survive_it() {
    begin(50, entry(A, 40));
    cache.learn(entry(A, 60));
    cache.resync();
    listed(7, entry(A, 6));
    assertThat(cache.entry(A)).as("the store was set back").isEqualTo(entry(A, 6));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void a_watch_that_ends_leads_to_a_list_since_the_store_may_have_been_restored(Reason reason) {
    begin(5);
    register.watch().listener.progress(8);
    register.watch().listener.ended(new RegisterException(reason, "broken"));
    loop.advance(49);
    assertThat(register.lists).hasSize(1);
    loop.advance(1);
    assertThat(register.lists).hasSize(2);
    assertThat(register.watches).hasSize(1);
    listed(7);
    assertThat(register.watch().from).isEqualTo(7);
  }

  @Test
  void watches_that_end_again_and_again_are_begun_more_and_more_slowly() {
    begin(5);
    for (int i = 1; i <= 4; i++) {
      register.watch().listener.ended(new RegisterException(Reason.UNCERTAIN, "broken"));
      loop.advance(List.of(50, 500, 1_000, 2_000).get(i - 1) - 1);
      assertThat(register.lists).hasSize(i);
      loop.advance(1);
      assertThat(register.lists).hasSize(i + 1);
      listed(5);
    }
  }

  @Test
  void late_events_of_a_closed_watch_are_ignored() {
    begin(5, entry(A, 3));
    Watching before = register.watch();
    before.listener.changed(entry(B, 6));
    cache.resync();
    loop.settle();
    before.listener.changed(entry(A, 7));
    before.listener.deleted(A, 8);
    before.listener.progress(80);
    before.listener.ended(new RegisterException(Reason.GONE, "late"));
    loop.advance(10_000);
    assertThat(heard).isEmpty();
    assertThat(register.lists).as("the one that is under way").hasSize(2);
    listed(9, entry(A, 3));
    before.listener.progress(80);
    loop.settle();
    assertThat(cache.reportedRevision()).isEqualTo(9);
  }

  @Test
  void a_list_that_is_asked_for_while_a_watch_waits_comes_at_once_and_once() {
    begin(5);
    register.watch().listener.ended(new RegisterException(Reason.UNCERTAIN, "broken"));
    loop.settle();
    cache.resync();
    listed(9);
    loop.advance(10_000);
    assertThat(register.watches).hasSize(2);
    assertThat(register.lists).hasSize(2);
  }

  @Test
  void progress_never_goes_back_by_a_watch() {
    begin(50);
    register.watch().listener.progress(40);
    loop.settle();
    assertThat(cache.reportedRevision()).isEqualTo(50);
  }

  @Test
  void after_a_store_was_set_back_nothing_counts_as_reported_until_it_is_listed() {
    begin(50);
    cache.setBack();
    assertThat(cache.reportedRevision()).isZero();
    assertThat(register.watches.getFirst().closed).isTrue();
    listed(9);
    assertThat(cache.reportedRevision()).isEqualTo(9);
    assertThat(register.watch().from).isEqualTo(9);
  }

  @Test
  void a_list_that_was_under_way_when_the_store_was_set_back_is_made_again() {
    begin(50, entry(A, 40));
    cache.resync();
    cache.setBack();
    register.lists.getLast().succeed(new RegisterListing(List.of(entry(A, 45)), 60));
    loop.settle();
    assertThat(register.lists).hasSize(3);
    listed(9, entry(A, 6));
    assertThat(cache.entry(A)).isEqualTo(entry(A, 6));
    assertThat(cache.reportedRevision()).isEqualTo(9);
  }

  private void begin(long revision, RegisterEntry... entries) {
    cache.resync();
    listed(revision, entries);
    heard.clear();
  }

  private void listed(long revision, RegisterEntry... entries) {
    register.lists.getLast().succeed(new RegisterListing(List.of(entries), revision));
    loop.settle();
  }

  private static RegisterEntry entry(RegisterKey key, long revision) {
    return new RegisterEntry(
        key, revision, new RegisterDocument("x", revision, NOW, NOW, Map.of()));
  }

  private final class Hearing implements RegisterCache.Listener {
    @Override
    public void changed(RegisterEntry entry) {
      heard.add(entry.key().name() + "@" + entry.revision());
    }

    @Override
    public void deleted(RegisterKey key) {
      heard.add(key.name() + " gone");
    }

    @Override
    public void progress() {
      heard.add("progress");
    }

    @Override
    public void failed(String why) {
      heard.add("failed");
    }
  }
}
