package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.ServerId;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Pauses of this process, of which servers are not to blame. */
class MonitorPauseTest {
  static final List<Story> STORIES =
      Story.of(
          """
          probes in flight over a pause of this process are void and repeated
            begin sense; keep sen2.statusSince as since
            sen2 and sen1 become FROZEN; wait 1900 ms; count probes of sen2 anew
            # Both were fine; it was we who stood still.
            sen2 and sen1 become HEALTHY; stand still for 20 s; wait 10 ms; probes.sen2 in 1..100
            wait 5 s; serving = sen2; pool.epoch = 1
            sen2.statusSince = $since; sen2.lastProbe.outcome = OK
          a pause during the first probe does not decide
            sen2 becomes FROZEN; apply sense
            sen2 becomes HEALTHY; stand still for 5 s; sen2.status = UNKNOWN
            wait 10 ms; sen2.status = UP
          a first probe that times out while we start does not decide
            sen2 and sen1 become FROZEN; apply sense; wait 4500 ms
            sen2 and sen1 become HEALTHY; wait 300 ms; sen2.status = UP; serving = sen2
            all.HealthChanged.to = "UP, UP"; pool.epoch = 1
          a first probe that began before any succeeded may be our fault and a later one not
            sen2 becomes FROZEN; apply sense
            wait 1249 ms; sen1.status = UP; sen2.status = UNKNOWN
            wait 1 ms; sen2.status = DOWN
          servers that all are frozen while we start are found DOWN when the start must be over
            sen2 and sen1 become FROZEN; apply sense
            wait 4999 ms; sen2.status = UNKNOWN; ready = false
            wait 1 ms; sen2.status = DOWN; ready = true
            # One each second.
            count probes of sen2 anew; wait 10 s; probes.sen2 in 9..11
          silence over a pause is no suspicion
            begin sense; a request begins; stand still for 600 ms; wait 10 ms
            count probes of sen2 anew; trouble of sen2: SILENT; wait 100 ms; probes.sen2 = 0
          a probe that waits over a pause raises no suspicion by what it waited until then
            begin sense; sen2 becomes SLOW; until time = 2000
            # Its answer comes 50 ms after the pause.
            stand still for 350 ms; wait 1600 ms; starts-of-sen2 = "0, 2000"
          a probe that waits after a pause raises it as soon as one that began then
            begin sense; sen2 becomes FROZEN; until time = 2000
            stand still for 350 ms; wait 650 ms; starts-of-sen2 = "0, 2000, 2600, 2850"
          all probes that one pause spoils are reported as void
            begin sense; sen2 becomes FROZEN; count probes of sen2 anew; until probes.sen2 = 4
            sen2 becomes HEALTHY; stand still for 5 s; wait 2 s
            outcomes = "OK, VOIDED"; voided = 4
          a prober that ends nothing is asked for no more of that server, whose checks are late
            begin sense; sen2 becomes LOST; count probes of sen2 anew; wait 300 s; probes.sen2 = 5
            sen2.status = UP; pool.epoch = 1; sen2.checks.late = true; sen1.checks.late = false
          checks are late after a long pause until two were in time
            begin sense; stand still for 20 s; wait 1900 ms; sen2.checks.late = true
            wait 1900 ms; sen2.checks.late = true; wait 300 ms; sen2.checks.late = false
            sen2.status = UP; pool.epoch = 1
          a process that is late during its start counts no time-out of a first probe
            sen2 becomes FROZEN; apply sense; stand still 60 times for 200 ms
            sen1.status = UP; sen2.status = UNKNOWN
            sen2 becomes HEALTHY; wait 2 s; sen2.status = UP
          a process that is late for ever judges a frozen server after all
            sen2 becomes FROZEN; apply sense; stand still 90 times for 200 ms
            sen2.status = DOWN; ready = true
          a process that keeps pausing still finds a dead master
            begin sense; sen2 becomes KILLED; stand still 200 times for 400 ms
            sen2.status = DOWN; serving = sen1
          """);

  @AutoClose
  private final Stage stage =
      new Stage()
          .verb(
              "stand still (\\d+) times for (\\d+) ms", on -> standStill(on.group(1), on.group(2)))
          .fact("starts-of-sen2", () -> starts(MASTER))
          .fact("voided", this::voided);

  private void standStill(String times, String millis) {
    for (int i = 0; i < Integer.parseInt(times); i++) {
      stage.bench.scheduler.pause(Long.parseLong(millis));
    }
  }

  private List<Long> starts(ServerId server) {
    return stage.bench.prober.starts(server);
  }

  private int voided() {
    return Collections.frequency(stage.bench.outcomes, ProbeOutcome.VOIDED);
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_pause_is_no_failure_of_a_server(Story story) {
    stage.play(story);
  }
}
