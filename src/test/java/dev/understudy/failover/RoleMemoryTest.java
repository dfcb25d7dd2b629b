package dev.understudy.failover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.DataHistory;
import dev.understudy.database.DataHistory.Timeline;
import dev.understudy.database.ObservedClaim;
import dev.understudy.database.ObservedClaim.Origin;
import dev.understudy.failover.Cast.Look;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is kept of claims to a role changes with what is seen, and not with what is not. */
class RoleMemoryTest {
  private static Pool pool(DatabaseRole role) {
    return Cast.database(role, "a", "b", "c");
  }

  /**
   * What is seen of a server: {@code UP}, {@code UP3} in timeline 3, {@code UP3<2} after timeline 2
   * was seen, {@code STALE}, {@code DENIES}, {@code SILENT}, {@code SILENT3} or {@code ?}.
   */
  private static Candidate seen(String word) {
    String letters = word.replaceAll("[0-9<]", "");
    String[] numbers = word.replaceAll("[^0-9<]", "").split("<", -1);
    Look look =
        switch (letters) {
          case "UP", "STALE" -> Look.UP;
          case "?" -> Look.UNKNOWN;
          default -> Look.DOWN;
        };
    RoleClaim claim =
        new ObservedClaim(
            Origin.FOUND,
            letters.equals("DENIES"),
            timeline(numbers[0]),
            numbers.length < 2 ? null : timeline(numbers[1]),
            null,
            null);
    return Cast.candidate(look).with(claim, letters.equals("STALE"));
  }

  private static @Nullable DataHistory timeline(String number) {
    return number.isEmpty() ? null : new Timeline(Long.parseLong(number));
  }

  private static @Nullable String stored(String number) {
    return number.isEmpty() ? null : new Timeline(Long.parseLong(number)).stored();
  }

  private static @Nullable ServerId id(String name) {
    return name.equals("-") ? null : new ServerId(name);
  }

  /** Holder, its timeline and the stale ones, such as {@code b2 ac}; {@code -} for none. */
  private static RoleMemory memory(String text) {
    String[] parts = text.split(" ", -1);
    Set<ServerId> stale = new TreeSet<>();
    parts[1].replace("-", "").chars().forEach(c -> stale.add(new ServerId("" + (char) c)));
    return new RoleMemory(id(parts[0].substring(0, 1)), stored(parts[0].substring(1)), stale);
  }

  private static String text(RoleMemory memory) {
    String history = memory.history();
    return (memory.holder() == null ? "-" : memory.holder().value())
        + (history == null ? "" : history.replaceAll("\\D", ""))
        + " "
        + (memory.stale().isEmpty()
            ? "-"
            : memory.stale().stream().sorted().map(ServerId::value).collect(Collectors.joining()));
  }

  @Rows(
      """
      // row                                            | before | served | seen (a b c)           | serves | after
      nobody has ever served                           | - -    | -      | UP1 UP2 DENIES         | -      | - -
      the first one serves                             | - -    | -      | UP1 DENIES DENIES      | a      | a1 -
      one served before anything was kept              | - -    | a      | SILENT DENIES DENIES   | a      | a -
      its claim is seen                                | a -    | a      | UP1 DENIES DENIES      | a      | a1 -
      a promoted one serves, the old one does not respond | a1 - | a     | SILENT1 UP2 DENIES     | b      | b2 a
      a promoted one serves, the old one denies        | a1 -   | a      | DENIES1 UP2 DENIES     | b      | b2 -
      it does not respond, and nobody serves           | a1 -   | a      | SILENT1 DENIES DENIES  | -      | a1 -
      a standby is promoted then                       | a1 -   | -      | SILENT1 UP2 DENIES     | b      | b2 a
      the old one is back                              | b2 a   | b      | STALE1 UP2 DENIES      | b      | b2 a
      another claim turns out to be stale              | b2 a   | b      | STALE1 UP2 STALE1      | b      | b2 ac
      a stale one does not respond                     | b2 ac  | b      | SILENT UP2 STALE1      | b      | b2 ac
      a stale one is not probed yet                    | b2 ac  | b      | ? UP2 STALE1           | b      | b2 ac
      a stale one denies the role                      | b2 ac  | b      | DENIES UP2 STALE1      | b      | b2 c
      a stale one has gone on from the serving one     | b2 ac  | b      | UP3 UP2 STALE1         | b      | b2 c
      the serving one does not respond                 | b2 a   | b      | STALE1 SILENT2 DENIES  | -      | b2 a
      an operator switches to the stale one            | b2 a   | b      | STALE1 UP2 DENIES      | a      | a1 -
      a new timeline                                   | b2 -   | b      | DENIES UP3 DENIES      | b      | b3 -
      an older timeline, as another replica knows it   | b2 -   | b      | DENIES UP1 DENIES      | b      | b2 -
      an older timeline that is new                    | b2 -   | b      | DENIES UP1<2 DENIES    | b      | b1 -
      what was seen last of a server that is DOWN      | b2 -   | b      | DENIES SILENT3 DENIES  | b      | b2 -
      """)
  void what_is_kept(
      String row, String before, String served, String seen, String serves, String after) {
    RoleMemory known = memory(before);
    ServerId last = id(served);
    RoleState roleState = new RoleState(last, last == null ? 0 : 3, null, 0, null, known);
    assertThat(text(RoleMemory.next(pool(DatabaseRole.PRIMARY), view(seen), roleState, id(serves))))
        .isEqualTo(after);
  }

  private static Map<ServerId, Candidate> view(String seen) {
    String[] words = seen.split(" ", -1);
    return Map.of(id("a"), seen(words[0]), id("b"), seen(words[1]), id("c"), seen(words[2]));
  }

  @Test
  void nothing_is_kept_of_a_role_that_no_check_proves() {
    RoleState roleState = new RoleState(new ServerId("b"), 3, null, 0, null, memory("b2 a"));
    assertThat(RoleMemory.next(pool(DatabaseRole.ANY), view("STALE1 UP2 UP"), roleState, null))
        .isEqualTo(RoleMemory.NONE);
  }

  @Test
  void servers_of_other_replicas_files_are_kept_within_an_epoch_up_to_a_bound() {
    Set<ServerId> many = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      many.add(new ServerId("gone" + i));
    }
    RoleMemory known = new RoleMemory(new ServerId("b"), null, many);
    RoleState roleState = new RoleState(new ServerId("b"), 3, null, 0, null, known);
    Pool pool = pool(DatabaseRole.PRIMARY);
    Map<ServerId, Candidate> view = view("UP1 UP2 UP");
    assertThat(RoleMemory.next(pool, view, roleState, new ServerId("b")).stale()).hasSize(16);
    assertThat(RoleMemory.next(pool, view, roleState, new ServerId("a")).stale()).isEmpty();
  }

  @Test
  void what_a_later_version_kept_of_a_history_stays_until_another_is_seen() {
    RoleState before =
        Cast.serving(new ServerId("a")).with(new RoleMemory(id("a"), "later 3", Set.of()));
    assertThat(
            RoleMemory.next(pool(DatabaseRole.PRIMARY), view("SILENT UP UP"), before, id("a"))
                .history())
        .isEqualTo("later 3");
    assertThat(
            RoleMemory.next(pool(DatabaseRole.PRIMARY), view("UP2 UP UP"), before, id("a"))
                .history())
        .isEqualTo("timeline 2");
  }

  @Test
  void what_is_too_long_for_a_history_is_not_kept() {
    assertThat(new RoleMemory(id("a"), "x".repeat(200), Set.of()).history()).isNotNull();
    assertThat(new RoleMemory(id("a"), "x".repeat(201), Set.of()).history()).isNull();
  }
}
