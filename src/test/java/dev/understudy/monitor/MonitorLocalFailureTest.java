package dev.understudy.monitor;

import dev.understudy.health.LocalFailure;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What a failure of this machine does to servers: nothing. And how it is told. */
class MonitorLocalFailureTest {
  static final List<Story> STORIES =
      Story.of(
          """
          servers stay as they are while no probe can be made
            begin sense; count probes of sen2 anew; sen2 and sen1 become NO_MEANS; wait 60 s
            serving = sen2; pool.epoch = 1; sen1.status = UP
            outcomes = "OK, LOCAL_FAILURE"; sen2.lastProbe.outcome = OK
            # One each 250 ms.
            probes.sen2 in 200..241
          a dead server is found as soon as there are means again
            begin sense; sen2 becomes NO_MEANS; wait 10 s
            sen2 becomes KILLED; until sen1 serves; took in 0..499
          a server that was never probed is not judged
            sen2 becomes NO_MEANS; apply sense; wait 60 s; sen2.status = UNKNOWN; ready = false
            sen2 becomes HEALTHY; wait 300 ms; sen2.status = UP; ready = true
          an episode is an event at its begin and after a while without a failure
            begin sense; alarms = ""; 1000 times for want of DESCRIPTORS
            all.ResourceExhausted.resource = DESCRIPTORS; last.ResourceExhausted.over = false
            last.ResourceExhausted.message ~ "too many open files"
            last.ResourceExhausted.message ~ "do not count against servers"
            alarms.kind = LOCAL_FAILURE; alarms.message ~ "too many open files"
            alarms.message ~ failures
            the quiet passes; alarms = ""; all.ResourceExhausted.over = "false, true"
            last.ResourceExhausted.failures = 1000
          each resource has an episode of its own
            begin sense; 1 times for want of DESCRIPTORS; 1 times for want of PORTS; wait 3 s
            all.ResourceExhausted.resource ~ DESCRIPTORS; all.ResourceExhausted.resource ~ PORTS
            count.ResourceExhausted = 2; alarms.size = 2
          no local port for one server, while the other is reached, is its failure
            begin sense; sen2 becomes NO_PORT; until sen1 serves; took in 500..4000
            last.Switched.reason = CONNECTION_FAILED; sen2.lastProbe.outcome = UNREACHABLE
            sen2.lastProbe.detail ~ "while other servers are reached"
            wait 10 s; count.ResourceExhausted = 0; alarms = ""
            sen2 becomes HEALTHY; until sen2 serves
          so it is from the start
            sen2 becomes NO_PORT; apply sense; wait 3 s; sen2.status = DOWN; serving = sen1
            ready = true
          where the machine's ports are used up, no server can be reached, and all stay
            begin sense; sen2 and sen1 become NO_PORT; wait 60 s
            serving = sen2; pool.epoch = 1; sen1.status = UP; outcomes = "OK, LOCAL_FAILURE"
            all.ResourceExhausted.resource = PORTS; count.HealthChanged = 2
            # A while later one of both can be.
            sen1 becomes HEALTHY; until sen1 serves; took in 500..4000
          where there is no other server, it stays the machine's
            begin master-only; sen2 becomes NO_PORT; wait 60 s
            serving = sen2; sen2.status = UP; all.ResourceExhausted.resource = PORTS
          clients without a local port bring down no server that probes reach
            begin sense; trouble of sen2: NO_PORT; wait 250 ms; trouble of sen2: NO_PORT
            wait 3 s; trouble of sen2: NO_PORT; wait 250 ms; trouble of sen2: NO_PORT
            wait 3 s; sen2.status = UP; reasons = INITIAL; count.ResourceExhausted = 0
          """);

  @AutoClose
  private final Stage stage =
      new Stage()
          .verb("(\\d+) times for want of (\\S+)", on -> fail(on.group(1), on.group(2)))
          .verb("the quiet passes", on -> theQuietPasses());

  private void fail(String times, String resource) {
    for (int i = 0; i < Integer.parseInt(times); i++) {
      stage.monitor().localFailure(LocalFailure.valueOf(resource));
      stage.bench.advance(20);
    }
  }

  private void theQuietPasses() {
    stage.bench.advance(LocalFailures.QUIET.toMillis() + 200);
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void servers_are_not_to_blame(Story story) {
    stage.play(story);
  }
}
