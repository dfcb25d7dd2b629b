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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All votes as one view. The letters are those of {@link Scene}, one for each replica. */
class MergedVotesTest {
  private static final String LETTERS = "UO?SRAC-.";

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                                    | votes | counts as
          one replica decides alone                                | U     | UP
          one replica that finds it silent                         | S     | DOWN silent
          one replica whose connections are refused                | R     | DOWN refused silent
          one replica that got a response                          | A     | DOWN answered
          one replica whose breaker is open                        | O     | UP open
          one replica that has not probed it yet                   | ?     | UP
          one replica with another file                            | -     | gone
          one replica whose file lacks the pool                    | .     | UP
          a tie of two keeps                                       | US    | UP
          a tie with one that does not know yet keeps              | ?S    | UP
          a tie with another file keeps                            | -U    | UP
          both of two                                              | SR    | DOWN silent
          both of two, of which one got a response                 | SA    | DOWN answered
          both of two refused                                      | RR    | DOWN refused silent
          an open breaker and a bad probe of two: not more open    | OS    | DOWN answered
          two open breakers                                        | OO    | UP open
          a lacking file and a bad probe of two                    | -S    | DOWN answered
          a lacking file and an open breaker of two: not more open | -O    | DOWN answered
          a minority of three moves nobody                         | UUS   | UP
          an abstaining third leaves no majority                   | U.S   | UP
          two of three                                             | USS   | DOWN silent
          two of three, both of which got a response               | UAA   | DOWN answered
          two of three, one silent and one refused                 | USR   | DOWN silent
          two of three refused                                     | URR   | DOWN refused silent
          two open of three                                        | UOO   | UP open
          two open and one bad of three                            | OOS   | UP open
          one open and two bad of three                            | OSS   | DOWN silent
          one open, one bad, one abstaining: not more open         | OS.   | DOWN answered
          one open, one lacking, one fine                          | O-U   | DOWN answered
          two lacking of three                                     | --U   | gone
          one lacking, one bad, one fine                           | -SU   | DOWN answered
          two without the pool do not say that it is gone          | ..S   | UP
          a tie of four keeps                                      | UUSS  | UP
          a tie of four with two lacking keeps                     | UU--  | UP
          three of four                                            | USSS  | DOWN silent
          three bad of four, of which two silent                   | USSA  | DOWN answered
          three lacking of four                                    | ---U  | gone
          half open, half bad of four: not more open               | OOSS  | DOWN answered
          three not known yet of four keep                         | ???S  | UP
          its cluster drains it for both of two                    | CC    | DOWN silent, set to drain (cluster)
          its cluster drains it for one of two: a tie              | CU    | UP
          drained for one, silent for the other: not most          | CS    | DOWN silent
          drained for two of three                                 | CUC   | DOWN silent, set to drain (cluster)
          drained for two of three, refused for the third          | CRC   | DOWN silent, set to drain (cluster)
          its agent drains it                                      | DD    | DOWN silent, set to drain (agent)
          its agent has it in maintenance                          | UMM   | DOWN silent, set to maintenance (agent)
          drained twice, in another way each: the first            | CDU   | DOWN silent, set to drain (cluster)
          """)
  void serving(String row, String votes, String expected) {
    assertThat(shown(servingBy(votes))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                                    | votes | counts as
          one replica decides alone                                | U     | UP
          one replica whose breaker is open                        | O     | UP open
          one replica that has not probed it yet                   | ?     | UNKNOWN
          one replica that finds it silent                         | S     | DOWN silent
          one replica with another file                            | -     | DOWN answered
          one replica whose file lacks the pool                    | .     | DOWN answered
          a tie of two does not make it usable                     | US    | DOWN answered
          a first probe under way may make it UP                   | U?    | UNKNOWN
          a first probe under way cannot make it UP                 | S?    | DOWN answered
          UP and open of two                                       | UO    | UP open
          open and UNKNOWN of two                                  | O?    | UNKNOWN
          UP at one, unknown to the other's file                   | U-    | DOWN answered
          UP at one, the other without the pool                    | U.    | DOWN answered
          two of three                                             | UUS   | UP
          two of three, the third with another file                | UU-   | UP
          two of three, one of them open                           | UOS   | UP open
          two of three UP, one open                                | UUO   | UP
          one of three                                             | USS   | DOWN silent
          one UP, one UNKNOWN, one bad                             | U?S   | UNKNOWN
          one UP, two abstaining                                   | U..   | DOWN answered
          two of four are no majority                              | UUSS  | DOWN answered
          two UP and one open of four                              | UUOS  | UP open
          two UP and one UNKNOWN of four                           | UU?S  | UNKNOWN
          three of four                                            | UUUS  | UP
          three refused of four                                    | URRR  | DOWN refused silent
          its cluster drains it for both of two                    | CC    | DOWN silent, set to drain (cluster)
          drained for one of two                                   | CU    | DOWN answered, set to drain (cluster)
          drained for one of three                                 | CUU   | UP
          """)
  void other(String row, String votes, String expected) {
    assertThat(shown(otherBy(votes, held(BACKUP_IDENTITY, 3)))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                             | votes | counts as
          before the first epoch all that have it agree     | UUU   | UP
          before the first epoch a majority is enough       | UUS   | UP
          before the first epoch one file lacks it          | UU-   | DOWN answered
          before the first epoch one file lacks the pool    | UU.   | UP
          """)
  void before_the_first_epoch(String row, String votes, String expected) {
    assertThat(shown(otherBy(votes, PoolRecord.NONE))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void every_electorate_is_counted_as_the_table_says(int replicas) {
    for (String votes : all(replicas)) {
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
      if (bad * 2 <= replicas) {
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

  @Test
  void a_server_of_the_same_name_elsewhere_gets_no_vote_from_those_that_do_not_know_it() {
    List<Voter> voters =
        List.of(
            voter("a", "U", MOVED_MASTER),
            voter("b", "U", MASTER_SERVER),
            voter("c", "U", MASTER_SERVER));
    Pool moved = pool(SENSE, MOVED_MASTER, BACKUP_SERVER);
    Candidate candidate =
        MergedVotes.of(moved, held(BACKUP_IDENTITY, 3), voters, Map.of(), NOW)
            .candidates()
            .get(MASTER);
    assertThat(shown(candidate)).isEqualTo("DOWN answered");
  }

  @Test
  void the_serving_server_is_gone_when_its_name_is_elsewhere_for_a_majority() {
    List<Voter> voters =
        List.of(
            voter("a", "U", MOVED_MASTER),
            voter("b", "U", MOVED_MASTER),
            voter("c", "U", MASTER_SERVER));
    Map<?, Candidate> candidates =
        MergedVotes.of(POOL, held(MASTER_IDENTITY, 3), voters, Map.of(), NOW).candidates();
    assertThat(candidates.containsKey(MASTER)).isFalse();
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

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                                  | votes | epochs | fit
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
          """)
  void fit_for_failback(String row, String votes, String epochs, FailbackFitness expected) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < votes.length(); i++) {
      Ballot ballot = ballot(votes.substring(i, i + 1), epochs.charAt(i) - '0', MASTER_SERVER);
      voters.add(voter(name(i), true, ballot));
    }
    Candidate candidate =
        MergedVotes.of(POOL, held(BACKUP_IDENTITY, 3), voters, Map.of(), NOW)
            .candidates()
            .get(MASTER);
    assertThat(candidate.fitness()).isEqualTo(expected);
  }

  @Test
  void nothing_is_fit_before_the_first_epoch() {
    List<Voter> voters = List.of(voter("a", true, ballot("U", 0, MASTER_SERVER)));
    assertThat(
            MergedVotes.of(POOL, PoolRecord.NONE, voters, Map.of(), NOW)
                .candidates()
                .get(MASTER)
                .fitness())
        .isEqualTo(FailbackFitness.NOT_FIT);
  }

  // One letter for the master, one for the backup; lower case: that replica is not ready.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                                   | votes    | counted | usable
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

  @Test
  void operators_states_are_the_records_whatever_a_replica_sees() {
    PoolRecord record =
        held(MASTER_IDENTITY, 3).with(OperatorStates.NONE.with(BACKUP, OperatorState.DRAIN, null));
    Map<?, Candidate> candidates =
        MergedVotes.of(
                POOL,
                record,
                List.of(voter("a", "UU", MASTER_SERVER, BACKUP_SERVER)),
                Scene.seen("UU"),
                NOW)
            .candidates();
    assertThat(candidates.get(BACKUP).operatorState()).isEqualTo(OperatorState.DRAIN);
    assertThat(candidates.get(MASTER).operatorState()).isEqualTo(OperatorState.READY);
  }

  @Test
  void an_operators_state_goes_before_the_clusters() {
    PoolRecord record =
        held(MASTER_IDENTITY, 3)
            .with(OperatorStates.NONE.with(MASTER, OperatorState.MAINTENANCE, null));
    assertThat(shown(of("CC", record, MASTER_SERVER))).isEqualTo("DOWN silent, set to maintenance");
  }

  @Test
  void the_beginning_of_a_status_is_counted_by_the_own_clock() {
    Instant since = NOW.minusSeconds(40);
    Map<?, Candidate> candidates =
        MergedVotes.of(
                POOL,
                held(MASTER_IDENTITY, 3),
                List.of(voter("a", "UU", MASTER_SERVER, BACKUP_SERVER)),
                Map.of(MASTER, Scene.candidate('U', since)),
                NOW)
            .candidates();
    assertThat(candidates.get(MASTER).statusSince()).isEqualTo(since);
    assertThat(candidates.get(BACKUP).statusSince()).as("not seen here").isEqualTo(NOW);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                        | votes   | evidence
          those that find it bad are named             | USR     | evidence S; 2 of 3 replicas: b, c
          those that find it UP, if it stays           | UUS     | UP; 2 of 3 replicas: a, b
          those with an open breaker                   | OOU     | evidence O; 2 of 3 replicas: a, b
          only five are named                          | SSSSSSS | evidence S; 7 of 7 replicas: a, b, c, d, e, …
          exactly five                                 | SSSSS   | evidence S; 5 of 5 replicas: a, b, c, d, e
          exactly six                                  | SSSSSS  | evidence S; 6 of 6 replicas: a, b, c, d, e, …
          """)
  void evidence(String row, String votes, String expected) {
    assertThat(servingBy(votes).evidence()).isEqualTo(expected);
  }

  @Test
  void without_voters_the_serving_server_stays_and_no_other_is_usable() {
    assertThat(shown(servingBy(""))).isEqualTo("UP");
    assertThat(shown(otherBy("", held(BACKUP_IDENTITY, 3)))).isEqualTo("DOWN answered");
  }

  private static @Nullable Candidate servingBy(String votes) {
    return of(votes, held(MASTER_IDENTITY, 3), MASTER_SERVER);
  }

  private static @Nullable Candidate otherBy(String votes, PoolRecord record) {
    return of(votes, record, MASTER_SERVER);
  }

  private static @Nullable Candidate of(String votes, PoolRecord record, Server server) {
    return MergedVotes.of(POOL, record, voters(votes, server), Map.of(), NOW)
        .candidates()
        .get(server.id());
  }

  private static String shown(@Nullable Candidate candidate) {
    if (candidate == null) {
      return "gone";
    }
    String open = candidate.circuitOpen() ? " open" : "";
    if (candidate.status() != HealthStatus.DOWN) {
      return candidate.status() + open;
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
      if (majority("-")) {
        return "gone";
      }
      if (!majority("OSRAC-")) {
        return "UP";
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
      if (of("?") > 0 && majority("UO?")) {
        return "UNKNOWN";
      }
      return down();
    }

    private String down() {
      return (of("R") * 2 > of("SRAC") ? "DOWN refused" : "DOWN")
          + (majority("SRC") ? " silent" : " answered")
          + (of("C") * 2 > of("SRAC") ? ", set to drain (cluster)" : "");
    }

    private boolean majority(String letters) {
      return of(letters) * 2 > votes.length();
    }

    private long of(String letters) {
      return votes.chars().filter(letter -> letters.indexOf(letter) >= 0).count();
    }
  }
}
