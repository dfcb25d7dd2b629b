package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.MASTER;

import dev.understudy.health.Observation.Trouble;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MonitorFailoverTest {
  static final List<Story> STORIES =
      Story.of(
          """
          the master serves first and the event says so
            begin sense; serving = sen2; pool.epoch = 1; pool.reason = INITIAL
            count.Switched = 1; last.Switched.from = null; last.Switched.took = null
          first probes start at once
            apply sense; starts-of-sen2 = 0; starts-of-sen1 = 0
          a killed master under traffic is left within a quarter of a second
            begin sense; sen2 becomes KILLED; trouble of sen2: CONNECT_FAILED
            until sen1 serves; took in 0..249; pool.epoch = 2
            last.Switched.from = sen2; last.Switched.to = sen1
            last.Switched.reason = CONNECTION_FAILED; last.Switched.took.toMillis in 0..249
            last.Switched.evidence ~ connection refused
            last.Switched.message ~ sense; last.Switched.message ~ server sen1 serves instead of server sen2
            last.Switched.message ~ refused
          a master killed behind a relay is left as quickly
            begin sense; wait 500 ms; sen2 becomes KILLED_BEHIND_RELAY; trouble of sen2: BROKEN
            until sen1 serves; took in 0..99; last.Switched.reason = HEALTH_CHECK_FAILED
          a killed master without traffic is found by its next probe
            begin sense; sen2 becomes KILLED; until sen1 serves; took in 0..2000
          a master that freezes under traffic is left after a second and three quarters
            begin sense; wait 500 ms; sen2 becomes FROZEN
            # The data plane saw a request wait for fast-interval without a byte.
            a request begins; wait 250 ms; trouble of sen2: SILENT
            until sen1 serves; took = 1500; reasons = "INITIAL, HEALTH_CHECK_FAILED"
            last.Switched.took.toMillis = 1750
          a frozen master is suspected by a probe that waits too
            begin sense; sen2 becomes FROZEN
            # A probe starts at 2 s; that it waits is seen at 2.25 s, the third times out at 3.5 s.
            until sen1 serves; time = 3500
            starts-of-sen2 ~ "2000, 2250, 2500, 2750"
          a black holed master is left as soon
            begin sense; sen2 becomes BLACK_HOLED; trouble of sen2: CONNECT_TIMED_OUT
            until sen1 serves; took in 0..2000
          a slow status page of a silent server costs probes and nothing more
            sen2 becomes SLOW; begin sense; wait 60 s; serving = sen2; pool.epoch = 1
            probes.sen2 in 1..89
          a server that sends bytes elsewhere is not suspected because a probe waits
            sen2 becomes SLOW; begin sense; count probes of sen2 anew
            sen2 sends bytes for a minute; probes.sen2 = 30
          the role goes back when the master returns
            begin sense; sen2 becomes KILLED; until sen1 serves
            keep now as then; sen2.leftServing = $then; sen1.leftServing = null
            sen2 becomes HEALTHY; until sen2 serves
            reasons = "INITIAL, CONNECTION_FAILED, FAILBACK"; pool.epoch = 3
            keep now as then; sen2.leftServing = null; sen1.leftServing = $then
          a delayed failback happens by itself when its time has come
            begin delayed; sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2.status = UP; until sen2 serves; took in 29998..30001
          a flapping master gets the role back ever later
            begin sense; sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2.status = UP; until sen2 serves; took in 0..999
            sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2.status = UP; until sen2 serves; took in 19000..20000
            sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2.status = UP; until sen2 serves; took in 21000..99999
            last.Switched.evidence ~ damped
          when no server is left a master with bad responses keeps the role
            begin sense; sen1 becomes KILLED; sen2 becomes ILL; wait 10 s
            sen2.status = DOWN; serving = sen2
            sen2 becomes KILLED; until nobody serves; last.Switched.reason = NO_SERVER
            sen1 becomes HEALTHY; until sen1 serves; reasons ~ "NO_SERVER, RECOVERED"
          events come in order each with its reason
            begin sense; sen2 becomes ILL; until sen1 serves; events.size = 5
            newest-two ~ "HealthChanged[pool=sense, server=sen2, from=UP, to=DOWN,"
            newest-two ~ "], Switched["; last.HealthChanged.evidence ~ status 503
          a server judged down has another incarnation and reports on the old one are dropped
            begin sense; remember sen2 as old; keep old.incarnation as before
            keep sen2.traffic as traffic; sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2 serves
            sen2.incarnation != $before; sen2.traffic = $traffic
            count probes of sen2 anew; trouble of old: BROKEN; wait 100 ms; probes.sen2 = 0
            trouble of sen2: BROKEN; wait 160 ms; probes.sen2 = 1
          live traffic alone never makes a server down and a flood of reports costs few probes
            begin sense; count probes of sen2 anew; trouble of sen2 of all kinds for 10 s
            sen2.status = UP; probes.sen2 in 0..401
          the newest probe shows within a moment
            begin sense; sen2 becomes ILL; wait 1200 ms; sen2.status = UP
            sen2.lastProbe.outcome = BAD_STATUS; sen2.lastProbe.took.toMillis = 5
            sen2.lastProbe.detail = status 503
          a prober that fails counts as a bad probe
            begin sense; sen2 becomes BROKEN_PROBER; until sen1 serves
            last.Switched.evidence ~ could not be started
          only the first of two results of a probe counts
            begin sense; sen2 becomes DOUBLE; wait 20 s; serving = sen2
            sen2.lastProbe.outcome = OK
          """);

  @AutoClose
  private final Stage stage =
      new Stage()
          .verb("sen2 sends bytes for a minute", on -> sendBytes())
          .verb("trouble of sen2 of all kinds for 10 s", on -> trouble())
          .fact("starts-of-sen2", () -> bench().prober.starts(MASTER))
          .fact("starts-of-sen1", () -> bench().prober.starts(SensePool.BACKUP))
          .fact("events", () -> bench().events())
          .fact("newest-two", () -> bench().events().subList(3, 5));

  private Bench bench() {
    return stage.bench;
  }

  private void sendBytes() {
    for (int i = 0; i < 600; i++) {
      bench().advance(100);
      bench().server(MASTER).traffic().byteReceived(bench().scheduler.nanoTime());
    }
  }

  private void trouble() {
    for (int i = 0; i < 1_000; i++) {
      for (Trouble trouble : Trouble.values()) {
        stage.play("trouble of sen2: " + trouble);
      }
      bench().advance(10);
    }
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_server_that_fails_is_left(Story story) {
    stage.play(story);
  }
}
