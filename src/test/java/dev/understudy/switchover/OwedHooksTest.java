package dev.understudy.switchover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each change of the serving server leaves owed. */
class OwedHooksTest {
  private static final Instant NOW = Instant.parse("2026-11-24T14:02:00Z");
  private static final Instant BEFORE = NOW.minusSeconds(60);
  private static final Hooks BOTH = new Hooks(true, true);

  private static @Nullable ServerId server(@Nullable String name) {
    return name == null ? null : new ServerId(name);
  }

  /** From {@code a, b > c}: demote of a and b, promote of c. */
  private static OwedHooks owed(String text) {
    String[] parts = text.split(">", -1);
    Map<ServerId, Instant> demote = new LinkedHashMap<>();
    for (String name : parts[0].strip().split(" ", -1)) {
      if (!name.isEmpty()) {
        demote.put(new ServerId(name), BEFORE);
      }
    }
    String promote = parts.length == 1 ? "" : parts[1].strip();
    return new OwedHooks(null, demote, promote.isEmpty() ? null : new ServerId(promote), false);
  }

  private static String text(OwedHooks owed) {
    String demote =
        owed.demote().keySet().stream()
            .sorted()
            .map(ServerId::value)
            .collect(Collectors.joining(" "));
    return demote + " > " + (owed.promote() == null ? "" : owed.promote());
  }

  @Rows(
      """
      // row                                      | owed    | from | to | told  | after
      a failover                                 | >       | a    | b  | true  | a > b
      the first choice of a new pool             | >       |      | a  | false | >
      nobody takes over                          | >       | a    |    | true  | a >
      another takes over from nobody             | a >     |      | b  | true  | a > b
      the same recovers                          | a >     |      | a  | true  | > a
      the second failover, the first not fenced  | a > b   | b    | c  | true  | a b > c
      one that is not fenced serves again        | a >     | b    | a  | true  | b > a
      the first, which had to be promoted        | a > b   |      | c  | true  | a b > c
      it is promoted, and serves                 | a > b   |      | b  | false | a >
      nobody can be promoted any more            | a > b   |      |    | true  | a b >
      """)
  void the_table_holds(
      String row,
      String before,
      @Nullable String from,
      @Nullable String to,
      boolean told,
      String after) {
    OwedHooks next = owed(before).moved(server(from), server(to), told, BOTH, NOW);
    assertThat(text(next)).isEqualTo(after.equals(">") ? " > " : text(owed(after)));
  }

  @ParameterizedTest
  @CsvSource({"true, true, a > b", "true, false, a >", "false, true, > b", "false, false, >"})
  void a_hook_that_the_pool_does_not_have_is_not_owed(
      boolean demote, boolean promote, String after) {
    OwedHooks next =
        OwedHooks.NONE.moved(server("a"), server("b"), true, new Hooks(demote, promote), NOW);
    assertThat(text(next)).isEqualTo(text(owed(after)));
  }

  @Test
  void a_server_is_owed_its_fence_since_it_was_left() {
    OwedHooks first = OwedHooks.NONE.moved(server("a"), server("b"), true, BOTH, BEFORE);
    OwedHooks second = first.moved(server("b"), server("c"), true, BOTH, NOW);
    assertThat(second.demote())
        .containsOnly(Map.entry(new ServerId("a"), BEFORE), Map.entry(new ServerId("b"), NOW));
    assertThat(second.from()).isEqualTo(server("b"));
  }

  @Test
  void only_so_many_are_to_be_fenced_and_those_that_were_left_first_are_forgotten() {
    OwedHooks owed = OwedHooks.NONE;
    for (int i = 0; i < 1_000; i++) {
      Instant then = BEFORE.plusMillis(i);
      owed = owed.moved(server("pod-" + i), server("pod-" + (i + 1)), true, BOTH, then);
    }
    assertThat(owed.demote()).hasSize(OwedHooks.MOST).containsKey(new ServerId("pod-999"));
    assertThat(owed.demote().values()).doesNotContain(BEFORE.plusMillis(999 - OwedHooks.MOST));
    assertThat(owed.promote()).isEqualTo(new ServerId("pod-1000"));
  }

  @Test
  void nothing_is_left_once_all_is_done() {
    OwedHooks owed = OwedHooks.NONE.moved(server("a"), server("b"), true, BOTH, NOW);
    assertThat(owed.done(true, new ServerId("c"))).isEqualTo(owed);
    assertThat(owed.done(true, new ServerId("b")).done(false, new ServerId("a")))
        .isEqualTo(OwedHooks.NONE);
  }

  @Test
  void a_planned_switch_leaves_only_what_it_did_not_do() {
    assertThat(text(owed("a b > c").planned(new ServerId("b")))).isEqualTo("a > ");
  }
}
