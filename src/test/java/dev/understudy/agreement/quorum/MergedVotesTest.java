package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.BACKUP_SERVER;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_SERVER;
import static dev.understudy.agreement.quorum.Scene.MOVED_MASTER;
import static dev.understudy.agreement.quorum.Scene.NOW;
import static dev.understudy.agreement.quorum.Scene.POOL;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static dev.understudy.agreement.quorum.Scene.ballot;
import static dev.understudy.agreement.quorum.Scene.held;
import static dev.understudy.agreement.quorum.Scene.name;
import static dev.understudy.agreement.quorum.Scene.pool;
import static dev.understudy.agreement.quorum.Scene.voter;
import static dev.understudy.agreement.quorum.Scene.voters;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.OperatorStates;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.Choice;
import dev.understudy.failover.FailbackFitness;
import dev.understudy.failover.Failover;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All votes as one view. The letters are those of {@link Scene}, one for each replica. */
@Tag(Extent.FULL)
class MergedVotesTest {
  private static final Server[] SERVERS = {MASTER_SERVER, BACKUP_SERVER};
  private static final String LETTERS = "UO?SRACKLN-.";

  // Of the server that serves, of another one, or of one before the first epoch. All electorates
  // are counted below.
  @Rows(
      """
      // of    | row                                                      | votes | counts as
      serving | one replica decides alone                                | U    | UP
      serving | one replica with another file                            | -    | gone
      serving | one replica whose file lacks the pool                    | .    | UP
      serving | a tie of two keeps                                       | US   | UP
      serving | both of two, of which one got a response                 | SA   | DOWN answered
      serving | both of two refused                                      | RR   | DOWN refused silent
      serving | an open breaker and a bad probe of two: not more open    | OS   | DOWN answered
      serving | a minority of three moves nobody                         | UUS  | UP
      serving | an abstaining third leaves no majority                   | U.S  | UP
      serving | two of three                                             | USS  | DOWN silent
      serving | two open and one bad of three                            | OOS  | UP open
      serving | one open, one bad, one abstaining: not more open         | OS.  | DOWN answered
      serving | two without the pool do not say that it is gone          | ..S  | UP
      serving | a tie of four keeps                                      | UUSS | UP
      serving | a tie of four with two lacking keeps                     | UU-- | UP
      serving | three of four                                            | USSS | DOWN silent
      serving | three bad of four, of which two silent                   | USSA | DOWN answered
      serving | three lacking of four                                    | ---U | gone
      serving | half open, half bad of four: not more open               | OOSS | DOWN answered
      serving | three not known yet of four keep                         | ???S | UP
      serving | its agent drains it                                      | DD   | DOWN silent, set to drain (agent)
      serving | its agent has it in maintenance                          | UMM  | DOWN silent, set to maintenance (agent)
      serving | drained twice, in another way each: the first            | CDU  | DOWN silent, set to drain (cluster)
      serving | doubts keep it, as silence would                         | KKS  | UP
      serving | one doubt keeps nobody from leaving it                   | KSS  | DOWN silent
      serving | late for one of two: the other one decides               | SL   | DOWN silent
      serving | late for two of three: the one that sees decides         | SLN  | DOWN silent
      serving | late for one of three: a tie of the others keeps         | USL  | UP
      serving | late for one of three: both others                       | SSL  | DOWN silent
      serving | late for one of two, and well                            | UL   | UP
      serving | late for one, DOWN when it looked last                   | UN   | UP
      serving | late for all: what is stays                              | LL   | UP late
      serving | late for all, and DOWN when they looked last             | NNN  | UP late
      serving | late, and an open breaker                                | OL   | UP open
      serving | late, and drained by its agent                           | DL   | DOWN silent, set to drain (agent)
      serving | a file that lacks it does not speak for a late one       | -L   | UP late
      serving | two files that lack it do not, against one that sees it  | --LLU | UP
      serving | a file that lacks it, and one that sees                  | -SL  | DOWN answered
      serving | files that lack it are counted among all                 | --L  | gone
      serving | late, and a first probe under way                        | ?L   | UP
      other   | one replica decides alone                                | U    | UP
      other   | late for one of two: the other one decides               | UL   | UP
      other   | late for one, DOWN when it looked last                   | UN   | UP
      other   | late for two of three: the one that sees decides         | ULN  | UP
      other   | late for two of three, and bad                           | SLL  | DOWN silent
      other   | late for one of three: a tie of the others               | USL  | UP late
      other   | late for one of three, DOWN before: a tie of the others  | USN  | DOWN answered
      other   | late for all: UP when most looked last                   | LLN  | UP late
      other   | late for all: UP when half of them looked last           | LN   | DOWN answered
      other   | late for two, lacking in one file                        | LL-  | UP late
      other   | late for one of two, a first probe under way             | ?L   | UNKNOWN
      other   | a stale claim is told by one that is late, too           | TLLL | UP, stale
      other   | open where it is in time                                 | OL   | UP open
      other   | in doubt where it is in time                             | KL   | UP in doubt
      first   | late for one of two: the other one decides               | UL   | UP
      first   | late for one, and one file lacks it                      | UL-  | DOWN answered
      other   | a doubt makes no majority for what others find DOWN      | KSS  | DOWN silent
      other   | what one finds UP and another only doubts is in doubt    | UKS  | UP in doubt
      other   | all doubt                                                | KKK  | UP in doubt
      other   | a majority finds it UP                                   | UUK  | UP
      other   | UP and open, and a doubt                                 | UOK  | UP open
      other   | open, and doubts                                         | OKK  | UP in doubt
      other   | a doubt, open and bad                                    | KOS  | UP open in doubt
      other   | a doubt and a first probe                                | K?S  | UNKNOWN
      other   | one replica that has not probed it yet                   | ?    | UNKNOWN
      other   | one replica with another file                            | -    | DOWN answered
      other   | a tie of two does not make it usable                     | US   | DOWN answered
      other   | a first probe under way may make it UP                   | U?   | UNKNOWN
      other   | a first probe under way cannot make it UP                | S?   | DOWN answered
      other   | UP and open of two                                       | UO   | UP open
      other   | two of three                                             | UUS  | UP
      other   | two of three UP, one open                                | UUO  | UP
      other   | one of three                                             | USS  | DOWN silent
      other   | one UP, one UNKNOWN, one bad                             | U?S  | UNKNOWN
      other   | two of four are no majority                              | UUSS | DOWN answered
      other   | two UP and one open of four                              | UUOS | UP open
      other   | two UP and one UNKNOWN of four                           | UU?S | UNKNOWN
      other   | three of four                                            | UUUS | UP
      other   | three refused of four                                    | URRR | DOWN refused silent
      first   | all that have it agree                                   | UUU  | UP
      first   | a majority is enough                                     | UUS  | UP
      first   | one file lacks it                                        | UU-  | DOWN answered
      first   | one file lacks the pool                                  | UU.  | UP
      """)
  void votes_are_merged(String of, String row, String votes, String expected) {
    PoolRecord record =
        switch (of) {
          case "serving" -> held(MASTER_IDENTITY, 3);
          case "other" -> held(BACKUP_IDENTITY, 3);
          default -> PoolRecord.NONE;
        };
    assertThat(shown(of(votes, record, MASTER_SERVER))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void every_electorate_is_counted_as_the_table_says(int replicas) {
    List<String> electorates = all(replicas);
    for (String votes : replicas == 4 ? Extent.sample(electorates) : electorates) {
      Tally tally = new Tally(votes);
      assertThat(shown(servingBy(votes))).as("serving, %s", votes).isEqualTo(tally.serving());
      assertThat(shown(otherBy(votes, held(BACKUP_IDENTITY, 3))))
          .as("other, %s", votes)
          .isEqualTo(tally.other());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void a_minority_or_a_tie_never_moves_the_role(int replicas) {
    for (String votes : all(replicas)) {
      long bad = votes.chars().filter(letter -> "OSRAC-".indexOf(letter) >= 0).count();
      long late = votes.chars().filter(letter -> "LN".indexOf(letter) >= 0).count();
      if (bad * 2 <= replicas - late) {
        assertThat(moves(votes)).as(votes).isFalse();
      }
    }
  }

  /** Whether the master is left, if all find the backup well. */
  private static boolean moves(String votes) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < votes.length(); i++) {
      voters.add(voter(name(i), votes.charAt(i) + "U", MASTER_SERVER, BACKUP_SERVER));
    }
    PoolRecord record = held(MASTER_IDENTITY, 3);
    MergedVotes merge = MergedVotes.of(POOL, record, voters, Map.of(), NOW);
    return Failover.choose(POOL, merge.candidates(), record.roleState(null), NOW)
        instanceof Choice.Switch;
  }

  // Which replicas have the master's name at another address in their file.
  @ParameterizedTest(name = "{0} serves, {1} of three have moved the master")
  @CsvSource({"backup, 1, DOWN answered", "master, 2, gone"})
  void a_server_of_the_same_name_elsewhere_is_another_one(
      String serves, int moved, String expected) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      voters.add(voter(name(i), "U", i < moved ? MOVED_MASTER : MASTER_SERVER));
    }
    boolean master = serves.equals("master");
    Pool pool = master ? POOL : pool(SENSE, MOVED_MASTER, BACKUP_SERVER);
    PoolRecord record = held(master ? MASTER_IDENTITY : BACKUP_IDENTITY, 3);
    assertThat(shown(candidates(pool, record, voters).get(MASTER))).isEqualTo(expected);
  }

  @Test
  void the_holders_name_at_another_address_does_not_stand_for_the_holder() {
    List<Voter> voters = List.of(voter("a", "UU", MOVED_MASTER, BACKUP_SERVER));
    Pool moved = pool(SENSE, MOVED_MASTER, BACKUP_SERVER);
    PoolRecord record = held(MASTER_IDENTITY, 3);
    MergedVotes merge = MergedVotes.of(moved, record, voters, Map.of(), NOW);
    assertThat(Failover.choose(moved, merge.candidates(), record.roleState(null), NOW))
        .isInstanceOfSatisfying(
            Choice.Switch.class, change -> assertThat(change.to()).isEqualTo(BACKUP));
  }

  @Rows(
      """
      // row                                                  | votes | epochs | fit
      a majority in this epoch                               | UUU   | 330    | FIT
      all in this epoch                                      | UUU   | 333    | FIT
      one of three in this epoch                             | UUU   | 300    | NOT_FIT
      a majority, of which one in an older epoch             | UUU   | 320    | NOT_FIT
      a majority, of which one in a newer epoch              | UUU   | 340    | NOT_FIT
      a tie                                                  | UU    | 30     | NOT_FIT
      both of two                                            | UU    | 33     | FIT
      a majority, but one file lacks it                      | UU-   | 330    | NOT_FIT
      a majority, and one file lacks the pool                | UU.   | 330    | FIT
      fit, but found bad since by one of them                | USU   | 330    | NOT_FIT
      fit, but its breaker has opened at one of them         | UOU   | 330    | NOT_FIT
      fit for the only one whose checks are in time          | ULL   | 300    | NOT_FIT
      fit for one of two, the other one is late              | UL    | 30     | NOT_FIT
      fit for a majority, one of three is late               | UUL   | 330    | FIT
      """)
  void fit_for_failback(String row, String votes, String epochs, FailbackFitness expected) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < votes.length(); i++) {
      Ballot ballot = ballot(votes.substring(i, i + 1), epochs.charAt(i) - '0', MASTER_SERVER);
      voters.add(voter(name(i), true, ballot));
    }
    Candidate candidate = candidates(POOL, held(BACKUP_IDENTITY, 3), voters).get(MASTER);
    assertThat(candidate.fitness()).isEqualTo(expected);
  }

  @Test
  void nothing_is_fit_before_the_first_epoch() {
    List<Voter> voters = List.of(voter("a", true, ballot("U", 0, MASTER_SERVER)));
    assertThat(candidates(POOL, PoolRecord.NONE, voters).get(MASTER).fitness())
        .isEqualTo(FailbackFitness.NOT_FIT);
  }

  // One letter for the master, one for the backup; lower case: that replica is not ready.
  @Rows(
      """
      // row                                                   | votes    | counted | usable
      all are counted while somebody is usable                | UU uS    | 2       | sen2
      cut off from the backup, master dead: the other decides | SU sS    | 1       | sen1
      both ready: a tie, nobody                               | SU SS    | 2       | -
      both not ready: a tie, nobody                           | sU sS    | 2       | -
      one of three not ready, a tie of the ready ones         | SU SS sU | 3       | sen1
      two of three not ready                                  | SU sS sS | 1       | sen1
      the ready one sees nobody either                        | SS sU    | 1       | -
      nobody is lost by it                                    | SS sS    | 1       | -
      the ready one does not know that the backup is stale    | SU sT    | 1       | -
      nor do two who are ready                                | SU SU sT sT | 2    | -
      all who are ready find it stale, one who is not does not | ST sU   | 1       | -
      all votes together take a stale one by no minority      | SU ST sT | 2       | -
      the ready one had no time to look: what serves stays    | LL sS    | 1       | sen2
      """)
  void voters_that_are_not_ready(String row, String votes, int counted, String usable) {
    List<Voter> voters = new ArrayList<>();
    for (String letters : votes.split(" ", -1)) {
      boolean ready = Character.isUpperCase(letters.charAt(0));
      String upper = letters.toUpperCase(java.util.Locale.ROOT);
      voters.add(voter(name(voters.size()), ready, ballot(upper, 0, MASTER_SERVER, BACKUP_SERVER)));
    }
    MergedVotes merge = MergedVotes.of(POOL, held(MASTER_IDENTITY, 3), voters, Map.of(), NOW);
    assertThat(merge.electorate()).hasSize(counted);
    String found =
        Failover.usable(POOL, merge.candidates()).stream()
            .map(Object::toString)
            .reduce((first, second) -> first)
            .orElse("-");
    assertThat(found).isEqualTo(usable);
  }

  // A letter for each replica's finding on the backup, "F" for too far behind; lower case: that
  // replica is not ready. What this replica, the first one, sees itself.
  @Rows(
      """
      // row                                            | votes | own   | merged
      nobody finds it too far behind                   | AAA   | level | not
      one of three is enough: it knows more than others | AAF   | level | for c
      so it is for who sees it, with its own words     | FAA   | far   | 17 MB behind server sen1
      two others find it                               | AFF   | level | for b, c
      one that is not ready knows no less              | AAf   | level | for c
      one that had no time is no voice                 | NNA   | level | not
      who sees it keeps it so, whatever others vote    | NAA   | far   | 17 MB behind server sen1
      """)
  void a_server_is_too_far_behind_if_anybody_finds_so(
      String row, String votes, String own, String expected) {
    List<Voter> voters = new ArrayList<>();
    for (char letter : votes.toCharArray()) {
      String found = "S" + Character.toUpperCase(letter);
      boolean ready = Character.isUpperCase(letter);
      voters.add(voter(name(voters.size()), ready, ballot(found, 0, MASTER_SERVER, BACKUP_SERVER)));
    }
    Candidate seen = Scene.candidate('A', NOW);
    Map<ServerId, Candidate> here =
        Map.of(BACKUP, own.equals("far") ? seen.tooFarBehind("17 MB behind server sen1") : seen);
    Candidate merged =
        MergedVotes.of(POOL, held(MASTER_IDENTITY, 3), voters, here, NOW).candidates().get(BACKUP);
    assertThat(merged.status()).isEqualTo(HealthStatus.DOWN);
    assertThat(merged.behind())
        .isEqualTo(
            expected.startsWith("for")
                ? "too far behind " + expected
                : expected.equals("not") ? null : expected);
  }

  // For each replica a letter for the master and one for the backup. What serves next as this
  // version decides, and as 1.0.0-rc.1 does, which takes LATE for UNKNOWN; "." what serves stays.
  @Rows(
      """
      // row                                                    | serves | votes    | here | rc.1
      two, one late: the other one decides, for both           | sen2   | SU LL    | sen1 | .
      two, one late since before the master failed             | sen2   | SU LN    | sen1 | .
      three, two late: the one that sees decides               | sen2   | SU LL NL | sen1 | .
      three, one late: the others are a majority               | sen2   | SU SU LL | sen1 | sen1
      three, one late: the others differ                       | sen2   | SU UU LL | .    | .
      three, two late, and who sees finds all well             | sen2   | UU NL NN | .    | .
      all late: what is stays                                  | sen2   | LL NL    | .    | .
      all late, and the backup well                            | sen2   | NU NU    | .    | .
      the backup late for all: for want of better              | sen2   | SL SL    | sen1 | .
      the backup late for all, DOWN before                     | sen2   | SN SL    | -    | .
      the backup late for one, DOWN for who sees               | sen2   | SS SL    | -    | -
      the backup late for one, UP for who sees                 | sen2   | SU SN    | sen1 | .
      the master is back for who sees: not fit for a majority  | sen1   | FU LU    | .    | .
      the master is back for two of three                      | sen1   | FU FU LU | sen2 | sen2
      nobody serves, one is late                               | nobody | US LS    | sen2 | .
      nobody serves, all were well when they looked last       | nobody | LS LS    | sen2 | .
      nobody serves, and who sees does not find it well        | nobody | SS LS LS | .    | .
      """)
  void voters_that_are_late(String row, String serves, String votes, String here, String before) {
    String[] each = votes.split(" ", -1);
    assertThat(next(each, serves)).as("here").isEqualTo(here);
    assertThat(next(asBefore(each), serves)).as("rc.1").isEqualTo(before);
  }

  /** Versions differ in how much they decide, never in whom they prefer. */
  @Test
  void one_set_of_votes_moves_the_role_once_whichever_version_decides() {
    List<String> looks = new ArrayList<>();
    "US?LN".chars().forEach(m -> "US?LN".chars().forEach(b -> looks.add("%c%c".formatted(m, b))));
    for (int first = 0; first < looks.size(); first++) {
      for (int second = first; second < looks.size(); second++) {
        moveOnce(looks.get(first), looks.get(second));
        for (int third = second; third < looks.size(); third++) {
          moveOnce(looks.get(first), looks.get(second), looks.get(third));
        }
      }
    }
  }

  private static void moveOnce(String... votes) {
    for (String serves : List.of("sen2", "sen1", "nobody")) {
      String here = next(votes, serves);
      String before = next(asBefore(votes), serves);
      assertThat(before).as("%s, %s", serves, List.of(votes)).isIn(".", here);
      if (!here.equals(".")) {
        String then = here.equals("-") ? "nobody" : here;
        assertThat(next(votes, then)).as("%s, %s", then, List.of(votes)).isEqualTo(".");
        assertThat(next(asBefore(votes), then)).as("%s, %s", then, List.of(votes)).isEqualTo(".");
      }
    }
  }

  /** As a version reads these votes that knows no LATE. */
  private static String[] asBefore(String[] votes) {
    return Stream.of(votes).map(each -> each.replaceAll("[LN]", "?")).toArray(String[]::new);
  }

  /** Who serves next: F stands for UP and fit; "." nothing changes, "-" nobody. */
  private static String next(String[] votes, String serves) {
    List<Voter> voters = new ArrayList<>();
    for (String letters : votes) {
      Ballot ballot = ballot(letters.replace('F', 'U'), letters.contains("F") ? 3 : 0, SERVERS);
      voters.add(voter(name(voters.size()), true, ballot));
    }
    PoolRecord record =
        held(
            switch (serves) {
              case "sen2" -> MASTER_IDENTITY;
              case "sen1" -> BACKUP_IDENTITY;
              default -> null;
            },
            3);
    Map<ServerId, Candidate> merged =
        MergedVotes.of(POOL, record, voters, Map.of(), NOW).candidates();
    if (Failover.choose(POOL, merged, record.roleState(null), NOW)
        instanceof Choice.Switch change) {
      return change.to() == null ? "-" : change.to().value();
    }
    return ".";
  }

  @Test
  void operators_states_are_the_records_and_the_beginning_of_a_status_is_of_the_own_clock() {
    Instant since = NOW.minusSeconds(40);
    PoolRecord record =
        held(MASTER_IDENTITY, 3)
            .with(OperatorStates.NONE.with(BACKUP, OperatorState.DRAIN, null, null));
    List<Voter> voters = List.of(voter("a", "UU", MASTER_SERVER, BACKUP_SERVER));
    Map<ServerId, Candidate> seen = Map.of(MASTER, Scene.candidate('U', since));
    Map<ServerId, Candidate> merged = MergedVotes.of(POOL, record, voters, seen, NOW).candidates();
    assertThat(merged.get(BACKUP).operatorState()).isEqualTo(OperatorState.DRAIN);
    assertThat(merged.get(MASTER).operatorState()).isEqualTo(OperatorState.READY);
    assertThat(merged.get(MASTER).statusSince()).isEqualTo(since);
    assertThat(merged.get(BACKUP).statusSince()).as("not seen here").isEqualTo(NOW);
  }

  @Test
  void an_operators_state_goes_before_the_clusters() {
    PoolRecord record =
        held(MASTER_IDENTITY, 3)
            .with(OperatorStates.NONE.with(MASTER, OperatorState.MAINTENANCE, null, null));
    assertThat(shown(of("CC", record, MASTER_SERVER))).isEqualTo("DOWN silent, set to maintenance");
  }

  @Rows(
      """
      // row                                        | votes   | evidence
      those that find it bad are named             | USR     | evidence S; 2 of 3 replicas: b, c
      those that find it UP, if it stays           | UUS     | UP; 2 of 3 replicas: a, b
      those with an open breaker                   | OOU     | evidence O; 2 of 3 replicas: a, b
      only five are named                          | SSSSSSS | evidence S; 7 of 7 replicas: a, b, c, d, e, and 2 more
      exactly five                                 | SSSSS   | evidence S; 5 of 5 replicas: a, b, c, d, e
      nobody tells of it                           | ...     | no votes of 3 replicas
      a tie of which only one tells                | S.      | no majority of 2 replicas: 1 DOWN
      bad for one, not in the file of the other    | -S      | evidence S; 1 of 2 replicas: b; not in the file of 1
      bad, and not in all files                    | SS-     | evidence S; 2 of 3 replicas: a, b; not in the file of 1
      exactly six                                  | SSSSSS  | evidence S; 6 of 6 replicas: a, b, c, d, e, and 1 more
      those with late checks are named, too        | SLN     | evidence S; 1 of 3 replicas: a; late checks: b, c
      all have late checks                         | LN      | no majority of 2 replicas: 2 late
      """)
  void evidence(String row, String votes, String expected) {
    assertThat(servingBy(votes).evidence()).isEqualTo(expected);
  }

  @Rows(
      """
      // row                                         | votes | evidence
      it is new, and not in all files               | U-.   | no majority of 3 replicas: 1 UP, 1 not in the file
      no vote is bad, but too few are good          | U..   | no majority of 3 replicas: 1 UP
      no vote is bad, but one is still to come      | U?..  | no majority of 4 replicas: 1 UP, 1 UNKNOWN
      nobody had time to look for long              | LL    | UP when last checked; late checks: a, b
      """)
  void evidence_about_a_server_that_few_tell_of(String row, String votes, String expected) {
    assertThat(otherBy(votes, PoolRecord.NONE).evidence()).isEqualTo(expected);
  }

  @Test
  void without_voters_the_serving_server_stays_and_no_other_is_usable() {
    assertThat(shown(servingBy(""))).isEqualTo("UP");
    assertThat(shown(otherBy("", held(BACKUP_IDENTITY, 3)))).isEqualTo("DOWN answered");
  }

  private static Map<ServerId, Candidate> candidates(
      Pool pool, PoolRecord record, List<Voter> voters) {
    return MergedVotes.of(pool, record, voters, Map.of(), NOW).candidates();
  }

  private static @Nullable Candidate servingBy(String votes) {
    return of(votes, held(MASTER_IDENTITY, 3), MASTER_SERVER);
  }

  private static @Nullable Candidate otherBy(String votes, PoolRecord record) {
    return of(votes, record, MASTER_SERVER);
  }

  private static @Nullable Candidate of(String votes, PoolRecord record, Server server) {
    return candidates(POOL, record, voters(votes, server)).get(server.id());
  }

  private static String shown(@Nullable Candidate candidate) {
    if (candidate == null) {
      return "gone";
    }
    String open = candidate.circuitOpen() ? " open" : "";
    if (candidate.status() != HealthStatus.DOWN) {
      boolean doubted = candidate.fitness() == FailbackFitness.DOUBTED;
      return candidate.status()
          + (candidate.late() ? " late" : "")
          + open
          + (doubted ? " in doubt" : "")
          + (candidate.stale() ? ", stale" : "");
    }
    return "DOWN"
        + open
        + (candidate.connectionFailed() ? " refused" : "")
        + (candidate.lastProbeHadResponse() ? " answered" : " silent")
        + (candidate.operatorState() == OperatorState.READY ? "" : ", " + candidate.stateInWords());
  }

  private static List<String> all(int length) {
    List<String> all = new ArrayList<>(List.of(""));
    for (int i = 0; i < length; i++) {
      List<String> longer = new ArrayList<>();
      for (String begin : all) {
        LETTERS.chars().forEach(letter -> longer.add(begin + (char) letter));
      }
      all = longer;
    }
    return all;
  }

  /** The table of {@link MergedVotes} in other words. */
  private record Tally(String votes) {
    String serving() {
      if (of("-") * 2 > votes.length()) {
        return "gone";
      }
      if (of("OSRAC") == 0 || !majority("OSRAC-")) {
        return of("LN") > 0 && of("UO?SRACK") == 0 ? "UP late" : "UP";
      }
      if (of("O") > of("SRAC-")) {
        return "UP open";
      }
      return down();
    }

    String other() {
      if (majority("U")) {
        return "UP";
      }
      if (majority("UO")) {
        return "UP open";
      }
      if (majority("UOK")) {
        return majority("UK") ? "UP in doubt" : "UP open in doubt";
      }
      if (of("?") > 0 && majority("UOK?")) {
        return "UNKNOWN";
      }
      boolean was = of("UOKL") * 2 > votes.length();
      return was && of("L") > 0 && !majority("SRAC") ? "UP late" : down();
    }

    private String down() {
      return (of("R") * 2 > of("SRAC") ? "DOWN refused" : "DOWN")
          + (majority("SRC") ? " silent" : " answered")
          + (of("C") * 2 > of("SRAC") ? ", set to drain (cluster)" : "");
    }

    private boolean majority(String letters) {
      return of(letters) * 2 > votes.length() - of("LN");
    }

    private long of(String letters) {
      return votes.chars().filter(letter -> letters.indexOf(letter) >= 0).count();
    }
  }
}
