package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.quorum.ScriptedRegister.Call;
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
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** How a replica writes what it tells the others. Renewals are every 2 s, without jitter. */
class VoterWriterTest {
  private static final RandomGenerator MIDDLE = () -> 1L << 63;
  private static final RegisterKey ME = RegisterKey.voter("me");

  private int wanted;
  private final FakeLoop loop = new FakeLoop();
  private final ScriptedRegister register = new ScriptedRegister();
  private final List<String> heard = new ArrayList<>();
  private final RegisterCache cache = new RegisterCache(register, loop, MIDDLE, new FromFeed());
  private final VoterWriter own =
      new VoterWriter(
          register,
          loop,
          cache,
          new QuorumSettings("me", "run-2", "pod-1", Duration.ofSeconds(2), OnLoss.LOCAL),
          MIDDLE,
          () -> voter("run-2", "pod-1", wanted),
          new FromVoter());

  @Test
  void the_first_write_creates_the_entry() {
    begin(10);
    assertThat(write().expected()).isZero();
    assertThat(write().key()).isEqualTo(ME);
    own.start();
    loop.settle();
    assertThat(register.writes).as("begun once").hasSize(1);
  }

  @Test
  void it_is_renewed_every_two_seconds_each_upon_the_one_before() {
    begun();
    loop.advance(1_999);
    assertThat(register.writes).hasSize(1);
    loop.advance(1);
    assertThat(register.writes).hasSize(2);
    assertThat(write().expected()).isEqualTo(11);
    written(15);
    loop.advance(2_000);
    assertThat(write().expected()).isEqualTo(15);
  }

  @Test
  void a_renewal_counts_from_when_it_was_sent_once_it_came_back() {
    begin(10);
    long sent = loop.nanoTime();
    loop.advance(200);
    write().succeed(11L);
    loop.settle();
    assertThat(heard).isEmpty();
    told(11);
    assertThat(heard).containsExactly("renewed " + sent);
  }

  @Test
  void a_renewal_whose_echo_was_quicker_than_its_response_counts_too() {
    begin(10);
    long sent = loop.nanoTime();
    told(11);
    assertThat(heard).isEmpty();
    written(11);
    assertThat(heard).containsExactly("renewed " + sent);
  }

  @Test
  void changes_are_written_within_three_milliseconds_and_together() {
    begun();
    wanted = 1;
    own.changed();
    loop.advance(2);
    wanted = 2;
    own.changed();
    assertThat(register.writes).hasSize(1);
    loop.advance(1);
    assertThat(register.writes).hasSize(2);
    assertThat(said()).isEqualTo(2);
    loop.advance(100);
    assertThat(register.writes).as("one write in flight").hasSize(2);
  }

  @Test
  void a_change_that_was_taken_back_is_not_written() {
    begun();
    wanted = 1;
    own.changed();
    wanted = 0;
    loop.advance(100);
    assertThat(register.writes).hasSize(1);
  }

  @Test
  void a_change_during_a_write_follows_it() {
    begun();
    wanted = 1;
    own.changed();
    loop.advance(3);
    wanted = 2;
    own.changed();
    loop.advance(500);
    assertThat(register.writes).hasSize(2);
    written(12);
    loop.advance(3);
    assertThat(register.writes).hasSize(3);
    assertThat(said()).isEqualTo(2);
    assertThat(write().expected()).isEqualTo(12);
  }

  @Test
  void a_change_puts_the_next_renewal_off() {
    begun();
    loop.advance(1_500);
    wanted = 1;
    own.changed();
    loop.advance(3);
    written(12);
    told(12);
    loop.advance(1_999);
    assertThat(register.writes).hasSize(2);
    loop.advance(1);
    assertThat(register.writes).hasSize(3);
  }

  @Test
  void nothing_is_written_before_the_first_list() {
    own.changed();
    loop.advance(10_000);
    assertThat(register.writes).isEmpty();
  }

  @Test
  void a_failure_is_tried_again_soon_with_what_is_wanted_then() {
    begun();
    loop.advance(2_000);
    write().fail(Reason.UNCERTAIN);
    loop.settle();
    wanted = 1;
    own.changed();
    loop.advance(49);
    assertThat(register.writes).hasSize(2);
    loop.advance(1);
    assertThat(register.writes).hasSize(3);
    assertThat(said()).isEqualTo(1);
    write().fail(Reason.REFUSED);
    loop.advance(499);
    assertThat(register.writes).hasSize(3);
    loop.advance(1);
    assertThat(register.writes).hasSize(4);
    assertThat(heard).filteredOn(word -> word.equals("failed")).hasSize(2);
  }

  @Test
  void retry_after_is_honoured_also_by_changes() {
    begun();
    loop.advance(2_000);
    write().fail(new RegisterException(Reason.REFUSED, "429", Duration.ofSeconds(3), null));
    loop.settle();
    wanted = 1;
    own.changed();
    loop.advance(2_999);
    assertThat(register.writes).hasSize(2);
    loop.advance(1);
    assertThat(register.writes).hasSize(3);
  }

  @Test
  void a_write_that_was_carried_out_though_it_seemed_to_fail_is_found_by_the_conflict() {
    begun();
    loop.advance(2_000);
    write().fail(Reason.UNCERTAIN);
    loop.advance(50);
    assertThat(write().expected()).isEqualTo(11);
    write().fail(Reason.CONFLICT);
    loop.settle();
    found(entry(14, "run-2", "pod-1"));
    loop.advance(500);
    assertThat(write().expected()).isEqualTo(14);
    written(15);
    told(15);
    assertThat(heard).doesNotContain("nameTaken");
  }

  /** As with a store that takes longer than a call may. */
  @Test
  void a_write_that_landed_late_counts_from_when_it_was_sent_again_and_again() {
    begun();
    long landed = 11;
    for (int i = 0; i < 3; i++) {
      long sent = nextWrite();
      write().fail(Reason.UNCERTAIN);
      nextWrite();
      write().fail(Reason.CONFLICT);
      loop.settle();
      heard.clear();
      landed += 3;
      found(entry(landed, "run-2", "pod-1"));
      assertThat(heard).as("not before it is back on the watch").isEmpty();
      told(landed);
      assertThat(heard).containsExactly("renewed " + sent);
    }
  }

  @Test
  void an_entry_of_this_run_that_was_not_written_upon_the_last_own_one_counts_for_nothing() {
    begun();
    register.watch().listener.deleted(ME, 12);
    loop.settle();
    write().fail(Reason.UNCERTAIN);
    loop.advance(500);
    write().fail(Reason.CONFLICT);
    loop.settle();
    heard.clear();
    found(entry(14, "run-2", "pod-1"));
    told(14);
    assertThat(heard).isEmpty();
  }

  @Test
  void a_conflict_whose_read_fails_is_tried_again() {
    begun();
    loop.advance(2_000);
    write().fail(Reason.CONFLICT);
    loop.settle();
    register.gets.getLast().fail(Reason.UNCERTAIN);
    loop.advance(2_200);
    assertThat(register.writes).hasSize(3);
  }

  @Test
  void without_an_echo_it_is_read_after_300_ms_and_all_is_listed_only_if_the_watch_is_behind() {
    begin(10);
    written(11);
    loop.advance(299);
    assertThat(register.gets).isEmpty();
    loop.advance(1);
    assertThat(register.gets).hasSize(1);
    told(11);
    found(entry(11, "run-2", "pod-1"));
    assertThat(register.lists).as("the echo came meanwhile").hasSize(1);
  }

  @Test
  void a_watch_that_died_in_silence_leads_to_a_list() {
    begin(10);
    written(11);
    loop.advance(300);
    found(entry(11, "run-2", "pod-1"));
    assertThat(register.lists).hasSize(2);
    assertThat(register.watches.getFirst().closed).isTrue();
    listed(20, entry(11, "run-2", "pod-1"));
    assertThat(heard).hasSize(1).allMatch(word -> word.startsWith("renewed"));
  }

  @Test
  void an_echo_in_time_leads_to_no_read() {
    begun();
    loop.advance(1_999);
    assertThat(register.gets).isEmpty();
  }

  @Test
  void without_a_response_to_the_read_it_goes_on() {
    begin(10);
    written(11);
    loop.advance(300);
    register.gets.getLast().fail(Reason.UNCERTAIN);
    loop.advance(2_000);
    assertThat(register.writes).hasSizeGreaterThan(1);
    assertThat(register.lists).hasSize(1);
  }

  @Test
  void an_entry_that_others_deleted_is_created_anew_at_once() {
    begun();
    register.watch().listener.deleted(ME, 12);
    loop.settle();
    assertThat(register.writes).hasSize(2);
    assertThat(write().expected()).isZero();
  }

  @Test
  void an_entry_that_is_deleted_during_a_write_is_created_anew() {
    begun();
    loop.advance(2_000);
    register.watch().listener.deleted(ME, 12);
    loop.settle();
    assertThat(register.writes).hasSize(2);
    write().fail(Reason.CONFLICT);
    loop.settle();
    register.gets.getLast().succeed(Optional.empty());
    loop.advance(500);
    assertThat(register.writes).hasSize(3);
    assertThat(write().expected()).isZero();
  }

  @Test
  void leaving_deletes_the_entry_and_writes_it_no_more() {
    begun();
    own.leave();
    loop.settle();
    assertThat(register.deletions).hasSize(1);
    assertThat(register.deletions.getFirst().expected()).isEqualTo(11);
    register.deletions.getFirst().succeed(null);
    register.watch().listener.deleted(ME, 12);
    wanted = 1;
    own.changed();
    own.leave();
    loop.advance(20_000);
    assertThat(register.writes).hasSize(1);
    assertThat(register.deletions).hasSize(1);
  }

  @Test
  void leaving_during_a_write_deletes_what_it_wrote() {
    begun();
    loop.advance(2_000);
    own.leave();
    loop.settle();
    assertThat(register.deletions).isEmpty();
    written(12);
    assertThat(register.deletions).hasSize(1);
    assertThat(register.deletions.getFirst().expected()).isEqualTo(12);
    loop.advance(20_000);
    assertThat(register.writes).hasSize(2);
  }

  @Test
  void leaving_during_a_write_of_which_nothing_is_known_deletes_what_is_found() {
    begun();
    loop.advance(2_000);
    own.leave();
    write().fail(Reason.UNCERTAIN);
    loop.settle();
    found(entry(13, "run-2", "pod-1"));
    assertThat(register.deletions).hasSize(1);
    assertThat(register.deletions.getFirst().expected()).isEqualTo(13);
  }

  @Test
  void leaving_after_a_write_that_seemed_to_fail_deletes_what_is_found() {
    begun();
    loop.advance(2_000);
    write().fail(Reason.UNCERTAIN);
    loop.settle();
    own.leave();
    register.deletions.getLast().fail(Reason.CONFLICT);
    loop.settle();
    found(entry(13, "run-2", "pod-1"));
    assertThat(register.deletions).hasSize(2);
    assertThat(register.deletions.getLast().expected()).isEqualTo(13);
  }

  @Test
  void leaving_deletes_no_other_entry() {
    begun();
    own.leave();
    register.deletions.getLast().fail(Reason.CONFLICT);
    loop.settle();
    found(entry(13, "run-3", "pod-3"));
    loop.advance(20_000);
    assertThat(register.deletions).hasSize(1);
    assertThat(heard).doesNotContain("nameTaken");
  }

  @Test
  void leaving_before_the_first_write_writes_nothing() {
    own.leave();
    begin(10);
    loop.advance(20_000);
    assertThat(register.writes).isEmpty();
    assertThat(register.deletions).isEmpty();
  }

  @Test
  void a_past_of_its_own_pod_is_taken_over_at_once() {
    begin(10, entry(7, "run-1", "pod-1"));
    assertThat(register.writes).hasSize(1);
    assertThat(write().expected()).isEqualTo(7);
  }

  @Test
  void a_past_whose_pod_is_unknown_is_taken_over_after_silence() {
    begin(10, entry(7, "run-1", ""));
    own.changed();
    loop.advance(5_999);
    assertThat(register.writes).isEmpty();
    loop.advance(1);
    loop.settle();
    foundIfAsked(entry(7, "run-1", ""));
    assertThat(register.writes).hasSize(1);
    assertThat(write().expected()).isEqualTo(7);
    assertThat(heard).doesNotContain("nameTaken");
  }

  @Test
  void a_name_that_another_process_goes_on_to_use_is_not_taken() {
    begin(10, entry(7, "run-1", ""));
    loop.advance(1_000);
    register.watch().listener.changed(entry(11, "run-1", ""));
    loop.advance(5_000);
    foundIfAsked(entry(11, "run-1", ""));
    assertThat(heard).containsExactly("nameTaken");
    loop.advance(20_000);
    assertThat(register.writes).isEmpty();
  }

  @Test
  void a_name_whose_process_left_meanwhile_is_taken() {
    begin(10, entry(7, "run-1", ""));
    loop.advance(1_000);
    register.watch().listener.deleted(ME, 11);
    loop.advance(5_000);
    register.gets.forEach(get -> get.succeed(Optional.empty()));
    loop.settle();
    assertThat(register.writes).hasSize(1);
    assertThat(write().expected()).isZero();
  }

  @Test
  void a_pause_while_it_waits_takes_no_name_that_is_in_use() {
    begin(10, entry(7, "run-1", ""));
    loop.pause(10_000);
    foundIfAsked(entry(15, "run-1", ""));
    register.writes.forEach(write -> write.fail(Reason.CONFLICT));
    loop.settle();
    assertThat(register.writes.stream().filter(write -> write.expected() == 15)).isEmpty();
  }

  @Test
  void a_process_that_took_the_name_over_and_goes_on_ends_this_one() {
    begun();
    loop.pause(10_000);
    write().fail(Reason.CONFLICT);
    loop.settle();
    found(entry(20, "run-3", "pod-3"));
    loop.advance(5_999);
    assertThat(register.writes).hasSize(2);
    loop.advance(1);
    foundIfAsked(entry(26, "run-3", "pod-3"));
    assertThat(heard).contains("nameTaken");
    loop.advance(20_000);
    assertThat(register.writes).hasSize(2);
  }

  @Test
  void a_backup_of_the_store_from_before_this_process_does_not_end_it() {
    begun();
    loop.advance(2_000);
    write().fail(Reason.CONFLICT);
    loop.settle();
    found(entry(5, "run-1", ""));
    loop.advance(6_000);
    foundIfAsked(entry(5, "run-1", ""));
    assertThat(heard).doesNotContain("nameTaken");
    assertThat(write().expected()).isEqualTo(5);
  }

  @Test
  void a_store_that_was_set_back_is_listed_and_echoes_count_only_from_there_on() {
    begun();
    told(100);
    heard.clear();
    loop.advance(2_000);
    write().fail(Reason.CONFLICT);
    loop.settle();
    found(entry(4, "run-2", "pod-1"));
    assertThat(register.lists).hasSize(2);
    loop.advance(500);
    assertThat(write().expected()).isEqualTo(4);
    written(6);
    assertThat(heard).filteredOn(word -> word.startsWith("renewed")).isEmpty();
    listed(6, entry(6, "run-2", "pod-1"));
    assertThat(heard).filteredOn(word -> word.startsWith("renewed")).hasSize(1);
    assertThat(register.watch().from).isEqualTo(6);
  }

  @Test
  void a_write_into_a_store_that_was_set_back_counts_once_it_was_listed() {
    begun();
    loop.advance(2_000);
    written(200);
    loop.advance(2_000);
    heard.clear();
    written(6);
    assertThat(heard).isEmpty();
    listed(6, entry(6, "run-2", "pod-1"));
    assertThat(heard).hasSize(1).allMatch(word -> word.startsWith("renewed"));
  }

  /** Listed at that revision; the first write is under way. */
  private void begin(long revision, RegisterEntry... entries) {
    cache.resync();
    listed(revision, entries);
  }

  /** The first write has revision 11, and has come back. */
  private void begun() {
    begin(10);
    written(11);
    register.watch().listener.changed(entry(11, "run-2", "pod-1"));
    loop.settle();
    heard.clear();
  }

  private void listed(long revision, RegisterEntry... entries) {
    register.lists.getLast().succeed(new RegisterListing(List.of(entries), revision));
    loop.settle();
  }

  /** Lets time pass until something is written; returns when. */
  private long nextWrite() {
    int before = register.writes.size();
    while (register.writes.size() == before) {
      loop.advance(1);
    }
    return loop.nanoTime();
  }

  private Call<Long> write() {
    return register.writes.getLast();
  }

  private int said() {
    return Integer.parseInt(VoterCodec.read("me", write().document()).pod().substring(6));
  }

  private void written(long revision) {
    write().succeed(revision);
    loop.settle();
  }

  private void told(long revision) {
    register.watch().listener.progress(revision);
    loop.settle();
  }

  private void found(RegisterEntry entry) {
    register.gets.getLast().succeed(Optional.of(entry));
    loop.settle();
  }

  private void foundIfAsked(RegisterEntry entry) {
    register.gets.forEach(get -> get.succeed(Optional.of(entry)));
    loop.settle();
  }

  private static RegisterEntry entry(long revision, String incarnation, String pod) {
    RegisterDocument document = VoterCodec.write(voter(incarnation, pod, 0), NOW, NOW);
    return new RegisterEntry(ME, revision, document);
  }

  private static Voter voter(String incarnation, String pod, int said) {
    boolean own = incarnation.equals("run-2") && said > 0;
    return new Voter("me", incarnation, own ? pod + "#" + said : pod, true, true, Map.of());
  }

  private final class FromFeed implements RegisterCache.Listener {
    @Override
    public void changed(RegisterEntry entry) {}

    @Override
    public void deleted(RegisterKey key) {
      own.deleted();
    }

    @Override
    public void progress() {
      own.start();
      own.progress();
    }

    @Override
    public void failed(String why) {}
  }

  private final class FromVoter implements VoterWriter.Listener {
    @Override
    public void renewed(long sent) {
      heard.add("renewed " + sent);
    }

    @Override
    public void failed(String why) {
      heard.add("failed");
    }

    @Override
    public void nameTaken() {
      heard.add("nameTaken");
    }
  }
}
