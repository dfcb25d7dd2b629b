package dev.understudy.switchover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchFacts.Hooks;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.switchover.SwitchFacts.Target;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SwitchDecisionTest {
  private static final Instant NOW = Instant.parse("2026-11-24T09:00:00Z");
  private static final ServerId OLD = new ServerId("db-1");
  private static final ServerId NEW = new ServerId("db-2");
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final String WAIT = "wait";
  private static final Set<String> WORDS =
      Set.of(
          "at", "after", "hold", "driver", "force", "cut", "moved", "target", "hooks", "call",
          "detail", "tcp", "silent", "accept");

  /**
   * Facts of replica {@code a}, beside which {@code b} lives: a phase and words such as {@code
   * driver=b}. Both have released the old server when it is fenced. The time {@code after} is since
   * PAUSING, and since the present phase began. With {@code alone} it has no name and no other.
   */
  private static final class Given {
    private final SwitchPhase phase;
    private String self = "a";
    private final Map<String, Release> replicas =
        new TreeMap<>(Map.of("a", Release.NONE, "b", Release.NONE));
    private final Set<String> leaving = new TreeSet<>();
    private final Map<String, String> words = new HashMap<>();

    Given(String text) {
      String[] all = text.split(" ", -1);
      phase = SwitchPhase.valueOf(all[0]);
      if (phase.isFenced()) {
        replicas.replaceAll((name, before) -> Release.RELEASED);
      }
      for (String word : List.of(all).subList(1, all.length)) {
        String[] parts = (word + "=").split("=", -1);
        switch (parts[0]) {
          case "released" -> replicas.replaceAll((name, before) -> Release.RELEASED);
          case "alone" -> {
            self = "";
            replicas.clear();
            replicas.put(self, Release.valueOf(parts[1]));
          }
          case "gone" -> {
            replicas.remove(parts[1]);
            leaving.add(parts[1]);
          }
          case "leaving" -> leaving.add(parts[1]);
          case "a", "b", "c" -> replicas.put(parts[0], Release.valueOf(parts[1]));
          default -> {
            assertThat(parts[0]).isIn(WORDS);
            words.put(parts[0], parts[1]);
          }
        }
      }
    }

    private String word(String name, String otherwise) {
      return words.getOrDefault(name, otherwise);
    }

    private Duration millis(String name, String otherwise) {
      return Duration.ofMillis(Long.parseLong(word(name, otherwise)));
    }

    private Hooks hooks() {
      String hooks = word("hooks", "");
      boolean both = hooks.equals("both");
      return new Hooks(both || hooks.equals("demote"), both || hooks.equals("promote"));
    }

    private @Nullable Instant at() {
      String at = words.get("at");
      return at == null ? null : NOW.plusSeconds(Long.parseLong(at));
    }

    private String driver() {
      return word("driver", self);
    }

    private SwitchFacts facts() {
      Duration after = millis("after", "0");
      String call = words.get("call");
      Set<String> deciding = new TreeSet<>(replicas.keySet());
      deciding.removeAll(leaving);
      return new SwitchFacts(
          NOW,
          after,
          after,
          self,
          replicas,
          deciding,
          !words.containsKey("moved"),
          words.containsKey("silent"),
          Target.valueOf(word("target", "USABLE")),
          hooks(),
          call == null ? null : Call.valueOf(call),
          word("detail", ""),
          millis("hold", "60000"),
          words.containsKey("tcp"));
    }

    private SwitchRequest request() {
      return new SwitchRequest(NEW, PAUSE, words.containsKey("force"), at(), null);
    }

    PlannedSwitch planned() {
      return new PlannedSwitch(
          "7-x",
          OLD,
          words.containsKey("accept") ? request().acceptingLoss() : request(),
          8,
          driver(),
          phase == SwitchPhase.SCHEDULED
              ? Set.of()
              : self.isEmpty() ? Set.of("") : Set.of("a", "b"),
          words.containsKey("cut"),
          List.of(new PlannedSwitch.Stage(phase, NOW, "so far")));
    }

    SwitchStep step() {
      return SwitchDecision.step(planned(), facts());
    }

    /** The step in one line. */
    String result() {
      return switch (step()) {
        case SwitchStep.Wait wait ->
            wait.lookAgain() == null ? WAIT : WAIT + " " + wait.lookAgain().toMillis();
        case SwitchStep.Write write ->
            write.next().phase()
                + (write.next().cut() ? " cut" : "")
                + (write.next().driver().equals(driver()) ? "" : " driver " + write.next().driver())
                + (write.inTurn() ? " in turn" : "");
        case SwitchStep.Call made ->
            (made.promote() ? "promote " : "demote ")
                + made.server()
                + " epoch "
                + made.epoch()
                + " within "
                + made.within().toMillis();
      };
    }
  }

  @Rows(
      """
      a scheduled switch waits for its time                                            | SCHEDULED at=60                                            | wait 60000
      a scheduled switch begins by the clock of the replica that was asked             | SCHEDULED at=0 driver=b                                    | wait
      a scheduled switch begins by any clock if the replica that was asked is gone     | SCHEDULED at=0 driver=b gone=b                             | PAUSING driver a in turn
      a scheduled switch begins at its time                                            | SCHEDULED at=0                                             | PAUSING in turn
      a scheduled switch may begin a minute late                                       | SCHEDULED at=-60                                           | PAUSING in turn
      a scheduled switch that was missed by more than a minute is given up             | SCHEDULED at=-61                                           | GIVEN_UP in turn
      a scheduled switch is missed by the clock of the replica that was asked          | SCHEDULED at=-61 driver=b                                  | wait
      a scheduled switch is missed by any clock if the replica that was asked is gone  | SCHEDULED at=-61 driver=b gone=b                           | GIVEN_UP driver a in turn
      a scheduled switch to a server that is not usable then is given up               | SCHEDULED at=0 target=RESPONDS                             | GIVEN_UP in turn
      a scheduled switch from a server that serves no more is given up before its time | SCHEDULED at=60 moved                                      | GIVEN_UP in turn
      a scheduled switch begins by any clock if the replica that was asked is stopping | SCHEDULED at=0 driver=b leaving=b                         | PAUSING driver a in turn
      a replica that is stopping is waited for until it says that its clients are gone | PAUSING after=1000 a=RELEASED b=NONE leaving=b             | wait 4000
      a replica that is stopping is no obstacle once it says so                        | PAUSING released leaving=b                                 | MOVED in turn
      a pause waits for the replicas for half its time                                 | PAUSING after=1000 a=RELEASED                              | wait 4000
      a pause waits for nine tenths of hold.time at most                               | PAUSING after=1000 hold=2000                               | wait 800
      a pause ends with MOVED once all replicas have released the server               | PAUSING released                                           | MOVED in turn
      a replica that joined is waited for                                              | PAUSING released c=NONE                                    | wait 5000
      a replica that vanished is waited for, as it may still send                      | PAUSING released gone=b                                    | wait 5000
      a released server is fenced if there is a hook for that                          | PAUSING released hooks=both                                | FENCING in turn
      a released server need not be fenced without a hook for that                     | PAUSING released hooks=promote                             | PROMOTING in turn
      a pause whose time is over is given up                                           | PAUSING after=5000                                         | GIVEN_UP in turn
      a pause whose time is over cuts the rest with force                              | PAUSING after=5000 force                                   | PAUSING cut in turn
      a pause whose time is over cuts TCP connections                                  | PAUSING after=5000 tcp                                     | PAUSING cut in turn
      what was cut has a quarter of the pause to end                                   | PAUSING after=5000 force cut                               | wait 2500
      what was cut and does not end is given up                                        | PAUSING after=7500 force cut                               | GIVEN_UP cut in turn
      a full hold gives the switch up                                                  | PAUSING b=FULL                                             | GIVEN_UP in turn
      a failover during the pause gives the switch up                                  | PAUSING released moved                                     | GIVEN_UP in turn
      a target that fails during the pause gives the switch up                         | PAUSING released target=UNUSABLE                           | GIVEN_UP in turn
      a scheduled switch to a server that is too far behind then is given up           | SCHEDULED at=0 hooks=both target=TOO_FAR_BEHIND            | GIVEN_UP in turn
      unless the operator has accepted the loss                                        | SCHEDULED at=0 hooks=both target=TOO_FAR_BEHIND accept=yes | PAUSING in turn
      a server catches up while clients are held                                       | PAUSING released hooks=both target=TOO_FAR_BEHIND          | FENCING in turn
      without a hook none that is not usable gets the role                             | SCHEDULED at=0 target=TOO_FAR_BEHIND accept=yes            | GIVEN_UP in turn
      a target that is to be promoted need not be usable yet                           | PAUSING released hooks=both target=RESPONDS                | FENCING in turn
      a target that is to be promoted must respond                                     | PAUSING released hooks=both target=UNUSABLE                | GIVEN_UP in turn
      a target whose first probe is in flight is awaited once the server is released   | PAUSING released target=UNKNOWN                            | PROMOTING in turn
      a target that is drained during the pause gives the switch up                    | PAUSING released hooks=both target=WITHDRAWN               | GIVEN_UP in turn
      a target that is drained is waited for until its time                            | SCHEDULED at=60 target=WITHDRAWN                           | wait 60000
      a target that is drained when its time has come gives the switch up              | SCHEDULED at=0 hooks=both target=WITHDRAWN                 | GIVEN_UP in turn
      a target that is drained before demote is called is rolled back                  | FENCING hooks=both target=WITHDRAWN                        | ROLLING_BACK
      a target that is drained while demote runs waits for its end                     | FENCING after=1000 hooks=both call=RUNNING target=WITHDRAWN | wait 9000
      a target that is drained is not promoted once the old server is fenced           | FENCING hooks=both call=DONE target=WITHDRAWN              | ROLLING_BACK
      a target that is drained changes nothing if demote was refused                   | FENCING hooks=both call=REFUSED target=WITHDRAWN           | GIVEN_UP
      a target that is drained is rolled back though a replica sends again             | FENCING hooks=both b=NONE target=WITHDRAWN                 | ROLLING_BACK
      a target that is drained before promote is called is rolled back                 | PROMOTING hooks=both target=WITHDRAWN                      | ROLLING_BACK
      a target that is drained while promote runs waits for its end                    | PROMOTING after=1000 hooks=both call=RUNNING target=WITHDRAWN | wait 9000
      a target that is drained once it is promoted is rolled back                      | PROMOTING hooks=both call=DONE target=WITHDRAWN            | ROLLING_BACK
      a target that is drained without hooks is rolled back                            | PROMOTING target=WITHDRAWN                                 | ROLLING_BACK
      a target that does not respond while it is promoted is awaited                   | PROMOTING after=2000 hooks=both call=DONE target=UNUSABLE  | wait 8000
      a target that is drained does not matter to what is rolled back                  | ROLLING_BACK hooks=both target=WITHDRAWN                   | promote db-1 epoch 9 within 10000
      fencing calls demote                                                             | FENCING after=1000 hooks=both                              | demote db-1 epoch 8 within 9000
      fencing awaits demote                                                            | FENCING after=1000 hooks=both call=RUNNING                 | wait 9000
      a fenced server gives way to promotion                                           | FENCING hooks=both call=DONE                               | PROMOTING
      a fenced server gives way to a usable one that needs no promotion                | FENCING hooks=demote call=DONE                             | MOVED
      a fenced server gives way to one whose check is awaited                          | FENCING hooks=demote call=DONE target=RESPONDS             | PROMOTING
      demote is not called while a replica sends to the old server again               | FENCING after=1000 hooks=both b=NONE                       | wait 9000
      demote is not called while the replica itself sends to the old server again      | FENCING after=1000 hooks=both a=NONE                       | wait 9000
      a process that decides alone releases the server before it calls demote          | FENCING after=1000 hooks=both alone=NONE                   | wait 9000
      a process that decides alone calls demote once it has released the server        | FENCING after=1000 hooks=both alone=RELEASED               | demote db-1 epoch 8 within 9000
      a process that decides alone promotes nobody while it sends to the old server    | PROMOTING after=1000 hooks=both alone=NONE                 | wait 9000
      a process that decides alone moves the role once it has released the server      | PAUSING alone=RELEASED                                     | MOVED in turn
      demote is called though a replica may be out of touch, as it promised to hold    | FENCING after=1000 hooks=both b=PROMISED                   | demote db-1 epoch 8 within 9000
      a fenced server to which a replica sends again gives way to nobody               | FENCING after=1000 hooks=demote call=DONE b=NONE           | wait 9000
      a fenced server to which a replica sends until the end of the pause is rolled back | FENCING after=10000 hooks=demote call=DONE b=NONE        | ROLLING_BACK
      a hook that a replica runs at the old server when it is fenced is awaited        | FENCING after=1000 hooks=demote call=DONE b=CALLING        | wait 9000
      a demote that was refused gives the switch up though a replica sends again       | FENCING hooks=both call=REFUSED b=NONE                     | GIVEN_UP
      a refused demote gives the switch up                                             | FENCING hooks=both call=REFUSED                            | GIVEN_UP
      a demote that may have had an effect is rolled back                              | FENCING hooks=both call=UNCERTAIN                          | ROLLING_BACK
      an uncertain demote at a host of which nothing is heard leaves the choice        | FENCING hooks=both call=UNCERTAIN silent                   | FAILED
      a demote that does not end at a host of which nothing is heard leaves the choice | FENCING after=10000 hooks=both call=RUNNING silent         | FAILED
      a demote at a host of which nothing is heard is awaited                          | FENCING after=1000 hooks=both call=RUNNING silent          | wait 9000
      a refused demote gives the switch up though nothing is heard of the host         | FENCING hooks=both call=REFUSED silent                     | GIVEN_UP
      a promoted server serves though nothing is heard of the old host                 | PROMOTING hooks=both call=DONE silent                      | MOVED
      a fenced server is promoted again though nothing is heard of it, as its fence may be why | ROLLING_BACK hooks=both silent                     | promote db-1 epoch 9 within 10000
      a demote that does not end within the pause is rolled back                       | FENCING after=10000 hooks=both call=RUNNING                | ROLLING_BACK
      a server that serves no more when it is fenced is rolled back                    | FENCING hooks=both moved                                   | ROLLING_BACK
      promoting calls promote                                                          | PROMOTING after=2000 hooks=both                            | promote db-2 epoch 8 within 8000
      a promoted server whose check is good serves                                     | PROMOTING hooks=both call=DONE                             | MOVED
      a promoted server whose check is not good yet is awaited                         | PROMOTING after=2000 hooks=both call=DONE target=RESPONDS  | wait 8000
      a promoted server whose check is not good by the end of the pause is rolled back | PROMOTING after=10000 hooks=both call=DONE target=RESPONDS | ROLLING_BACK
      a promoted server that is usable after the end of the pause is rolled back       | PROMOTING after=10000 hooks=both call=DONE                 | ROLLING_BACK
      a fenced server is given its role back after the end of the pause                | FENCING after=10000 hooks=both call=DONE                   | ROLLING_BACK
      promote is not called while a replica sends to the old server again              | PROMOTING after=2000 hooks=both b=NONE                     | wait 8000
      a promoted server does not serve while a replica sends to the old one again      | PROMOTING after=2000 hooks=both call=DONE b=NONE           | wait 8000
      a promoted server serves though a replica may be out of touch                    | PROMOTING hooks=both call=DONE b=PROMISED                  | MOVED
      a promote that was refused is rolled back though a replica sends again           | PROMOTING hooks=both call=REFUSED b=NONE                   | ROLLING_BACK
      a pause is not over for a replica that may be out of touch                       | PAUSING after=1000 a=RELEASED b=PROMISED                   | wait 4000
      a refused promote is rolled back                                                 | PROMOTING hooks=both call=REFUSED                          | ROLLING_BACK
      a promote that may have had an effect is rolled back                             | PROMOTING hooks=both call=UNCERTAIN                        | ROLLING_BACK
      a role that moved by hand while the new server is promoted is rolled back        | PROMOTING hooks=both call=DONE moved                       | ROLLING_BACK
      rolling back promotes the old server, in a later epoch                           | ROLLING_BACK hooks=both                                    | promote db-1 epoch 9 within 10000
      a server that was promoted again serves                                          | ROLLING_BACK hooks=both call=DONE                          | ROLLED_BACK
      without a hook the old server serves again                                       | ROLLING_BACK hooks=demote                                  | ROLLED_BACK
      nobody serves if the old server cannot be promoted                               | ROLLING_BACK hooks=both call=REFUSED                       | FAILED
      nobody serves if the old server is not promoted in time                          | ROLLING_BACK after=10000 hooks=both call=RUNNING           | FAILED
      another replica's calls are awaited until it is late                             | FENCING driver=b after=1000 hooks=both                     | wait 11000
      another replica that is late is replaced                                         | FENCING driver=b after=12000 hooks=both                    | FENCING driver a in turn
      another replica that is stopping is replaced                                     | PROMOTING driver=b leaving=b hooks=both                    | PROMOTING driver a in turn
      another replica that is gone is replaced                                         | PROMOTING driver=b gone=b hooks=both                       | PROMOTING driver a in turn
      a switch that is over has no step                                                | MOVED                                                      | wait
      a switch that was given up has no step                                           | GIVEN_UP                                                   | wait
      a switch that was rolled back has no step                                        | ROLLED_BACK                                                | wait
      a switch that failed has no step                                                 | FAILED                                                     | wait
      """)
  void the_first_row_that_fits_decides(String sentence, String given, String expected) {
    assertThat(new Given(given).result()).as(sentence).isEqualTo(expected);
  }

  @Test
  void every_phase_stays_with_its_reason() {
    PlannedSwitch fencing =
        ((SwitchStep.Write) new Given("PAUSING released hooks=both").step()).next();

    assertThat(fencing.stages())
        .containsExactly(
            new PlannedSwitch.Stage(SwitchPhase.PAUSING, NOW, "so far"),
            new PlannedSwitch.Stage(
                SwitchPhase.FENCING, NOW, "nothing is sent to server db-1 any more"));
    assertThat(fencing.phase()).isEqualTo(SwitchPhase.FENCING);
  }

  @Rows(
      """
      FENCING after=10000 hooks=demote call=DONE b=NONE | requests are still running on server db-1 at b
      PAUSING after=5000 released b=NONE                | requests are still running on server db-1 at b
      PAUSING after=5000 alone=NONE                     | requests are still running on server db-1
      PAUSING after=5000 released b=CALLING             | a hook is still running at one of its servers at b
      PAUSING after=5000 released b=SILENT              | it is not known what still runs on server db-1 at b, of which nothing is heard
      PAUSING after=5000 released b=PROMISED            | it is not known what still runs on server db-1 at b, of which nothing is heard
      PAUSING after=5000 released gone=b                | it is not known what still runs on server db-1 at b, of which nothing is heard
      FENCING after=10000 hooks=demote call=DONE b=SILENT | it is not known what still runs on server db-1 at b, of which nothing is heard
      PAUSING after=5000 b=CALLING c=SILENT | requests are still running on server db-1 at a; a hook is still running at one of its servers at b; it is not known what still runs on server db-1 at c, of which nothing is heard
      """)
  void who_may_still_send_to_the_old_server_is_part_of_the_reason(String given, String why) {
    assertThat(((SwitchStep.Write) new Given(given).step()).next().why()).isEqualTo(why);
  }

  @Test
  void what_a_hook_said_is_part_of_the_reason() {
    for (String given :
        List.of(
            "FENCING call=REFUSED",
            "FENCING call=UNCERTAIN",
            "PROMOTING call=REFUSED",
            "ROLLING_BACK call=REFUSED")) {
      SwitchStep step = new Given(given + " hooks=both detail=later").step();
      assertThat(((SwitchStep.Write) step).next().why()).as(given).endsWith(": later");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_switch_can_be_given_up_until_the_old_server_is_fenced(SwitchPhase phase) {
    Given given = new Given(phase + " hooks=both");
    boolean early = phase == SwitchPhase.SCHEDULED || phase == SwitchPhase.PAUSING;
    assertThat(given.planned().givenUp(given.facts(), "for a reason") != null).isEqualTo(early);
  }
}
