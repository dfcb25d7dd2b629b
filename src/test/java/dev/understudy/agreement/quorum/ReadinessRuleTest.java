package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.BACKUP_SERVER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_SERVER;
import static dev.understudy.agreement.quorum.Scene.ballot;
import static dev.understudy.agreement.quorum.Scene.held;
import static dev.understudy.agreement.quorum.Scene.name;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.understudy.agreement.quorum.Voter.Stage;
import dev.understudy.pool.PoolId;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who leaves its traffic to a replica that sees more, and that never all do. */
@Tag(Extent.FULL)
class ReadinessRuleTest {
  private static final PoolId[] POOLS = {new PoolId("p"), new PoolId("q")};

  /** By their letters: identities are hashes, too dear to be computed for each of many worlds. */
  private static final Map<String, Ballot> BALLOTS = new ConcurrentHashMap<>();

  // Each word is a replica: for each of the pools p and q a letter for the master and one for the
  // backup; lower case: not ready. The first word is this replica.
  @Rows(
      """
      // row                                               | holders | voters         | leaves to
      one alone stays                                     | mm      | SSSS           | -
      all see the same                                    | mm      | UUUU UUUU      | -
      cut off from one holder                             | mm      | SUUU UUUU UUUU | b
      the others stay                                     | mm      | UUUU SUUU UUUU | -
      cut off from the backup only                        | mm      | USUU UUUU UUUU | -
      cut off from a backup that serves                   | bm      | USUU UUUU UUUU | b
      each sees what the other does not                   | mm      | SUUU UUSU      | -
      fewer, but other ones                               | mm      | SUUU UUSU UUUU | c
      who sees more is not ready                          | mm      | SUUU uuuu      | -
      a majority finds the holder bad: the backup counts  | mm      | SUUU SUUU UUUU | -
      a majority finds it bad, no backup here             | mm      | SSUU SUUU UUUU | b
      its breaker is open here only                       | mm      | OUUU UUUU UUUU | -
      not probed yet here                                 | mm      | ?UUU UUUU UUUU | -
      nobody serves, a server is UP elsewhere             | --      | SSUU USUU      | b
      nobody serves, none is UP anywhere                  | --      | SSSS SSSS      | -
      nobody serves, one does not know which is stale     | --      | TSUU USUU      | -
      it lacks the holder                                 | mm      | -UUU UUUU UUUU | b
      another lacks the pool                              | mm      | UUUU ..UU      | -
      it lacks the pool itself                            | mm      | ..UU UUUU      | b
      a tie of two on the holder: it is not bad           | mm      | SUUU UUUU      | b
      late checks of a holder are no bad news             | mm      | NUUU UUUU UUUU | -
      late, while the one that sees finds the holder bad  | mm      | LLUU SUUU      | b
      """)
  void sees_more(String row, String holders, String votes, String expected) {
    List<Voter> voters = voters(votes.split(" ", -1));
    String other = ReadinessRule.seesMore(voters.getFirst(), voters, records(holders));
    assertThat(other == null ? "-" : other).isEqualTo(expected);
  }

  @Test
  void an_electorate_without_anybody_lets_it_stay() {
    Voter self = voters("SSSS").getFirst();
    assertThat(ReadinessRule.seesMore(self, List.of(), records("mm"))).isNull();
  }

  /** Up to three replicas, two pools, two servers each, UP or silent. */
  @Test
  void never_all_leave_when_each_applies_the_rule_at_once() {
    for (int replicas = 1; replicas <= 3; replicas++) {
      for (int world : worlds(replicas)) {
        List<Voter> voters = world(replicas, world);
        for (String holders : List.of("mm", "mb", "m-", "--")) {
          Map<PoolId, PoolRecord> records = records(holders);
          int stays = 0;
          for (Voter voter : voters) {
            stays += ReadinessRule.seesMore(voter, voters, records) == null ? 1 : 0;
          }
          if (stays == 0) {
            fail("world %x of %d, %s".formatted(world, replicas, holders));
          }
        }
      }
    }
  }

  /**
   * From every state of readiness but the one in which all are unready. All worlds are played, so
   * one order stands for all.
   */
  @Test
  void never_all_are_unready_when_one_after_another_applies_it_in_any_order() {
    Map<PoolId, PoolRecord> records = records("mm");
    for (int world : worlds(3)) {
      List<Voter> atFirst = world(3, world);
      for (int ready = 1; ready < 8; ready++) {
        List<Voter> voters = new ArrayList<>(atFirst);
        for (int i = 0; i < 3; i++) {
          voters.set(i, withReady(voters.get(i), (ready >> i & 1) == 1));
        }
        for (int i = 0; i < 3; i++) {
          boolean stays = ReadinessRule.seesMore(voters.get(i), voters, records) == null;
          voters.set(i, withReady(voters.get(i), stays));
          if (voters.stream().noneMatch(Voter::ready)) {
            fail("world %x, ready at first %x".formatted(world, ready));
          }
        }
      }
    }
  }

  @Test
  void a_replica_that_sees_most_becomes_ready_again_whatever_the_others_are() {
    Map<PoolId, PoolRecord> records = records("mm");
    for (int world : worlds(3)) {
      List<Voter> voters = world(3, world);
      for (Voter voter : voters) {
        String better = ReadinessRule.seesMore(voter, voters, records);
        if (better == null) {
          List<Voter> others =
              voters.stream().map(other -> withReady(other, !other.equals(voter))).toList();
          if (ReadinessRule.seesMore(withReady(voter, false), others, records) != null) {
            fail("world %x".formatted(world));
          }
        }
      }
    }
  }

  /**
   * All worlds of so many replicas; in the gate every tenth, of no pattern, where they are many.
   */
  private static List<Integer> worlds(int replicas) {
    List<Integer> all =
        IntStream.range(0, 1 << (4 * replicas))
            .boxed()
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.shuffle(all, new Random(1));
    return replicas == 3 ? Extent.sample(all) : all;
  }

  private static List<Voter> world(int replicas, int bits) {
    String[] words = new String[replicas];
    for (int i = 0; i < replicas; i++) {
      StringBuilder letters = new StringBuilder();
      for (int j = 0; j < 4; j++) {
        letters.append((bits >> (4 * i + j) & 1) == 1 ? 'U' : 'S');
      }
      words[i] = letters.toString();
    }
    return voters(words);
  }

  private static List<Voter> voters(String... words) {
    List<Voter> voters = new ArrayList<>();
    for (String word : words) {
      String letters = word.toUpperCase(Locale.ROOT);
      Map<PoolId, Ballot> ballots = new HashMap<>();
      put(ballots, POOLS[0], letters.substring(0, 2));
      put(ballots, POOLS[1], letters.substring(2));
      voters.add(
          new Voter(
              name(voters.size()),
              "run",
              "",
              Stage.DECIDING,
              letters.equals(word),
              ballots,
              Set.of()));
    }
    return voters;
  }

  private static void put(Map<PoolId, Ballot> ballots, PoolId pool, String letters) {
    Ballot ballot =
        BALLOTS.computeIfAbsent(letters, each -> ballot(each, 0, MASTER_SERVER, BACKUP_SERVER));
    if (ballot != null) {
      ballots.put(pool, ballot);
    }
  }

  private static Voter withReady(Voter voter, boolean ready) {
    return new Voter(voter.replica(), "run", "", Stage.DECIDING, ready, voter.ballots(), Set.of());
  }

  private static Map<PoolId, PoolRecord> records(String holders) {
    Map<PoolId, PoolRecord> records = new HashMap<>();
    for (int i = 0; i < 2; i++) {
      PoolRecord record =
          switch (holders.charAt(i)) {
            case 'm' -> held(MASTER_IDENTITY, 3);
            case 'b' -> held(BACKUP_IDENTITY, 3);
            default -> held(null, 3);
          };
      records.put(POOLS[i], record);
    }
    return records;
  }
}
