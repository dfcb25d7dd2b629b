package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Circuit breakers, which open after 20 failed calls for 10 s. */
class MonitorCircuitTest {
  static final List<Story> STORIES =
      Story.of(
          """
          a server whose breaker opens is left and comes back after its time
            begin guarded; 20 calls to sen2 fail; serving = sen1
            sen2.circuitOpen = true; sen2.usable = false; sen2.status = UP
            until sen2 serves; took = 10000; sen2.circuitOpen = false
            reasons = "INITIAL, CIRCUIT_OPEN, FAILBACK"
            all.CircuitChanged.open = "true, false"
            all.CircuitChanged.message ~ "sen2 opened: 20 of 20 calls failed"
          a breaker that opens again stays open twice as long
            begin guarded; 20 calls to sen2 fail; until sen2 serves
            20 calls to sen2 fail; serving = sen1
            wait 19999 ms; sen2.circuitOpen = true; wait 1 ms; sen2.circuitOpen = false
          a breaker of a server that is down closes when its probes are good
            begin guarded; 20 calls to sen2 fail; sen2 becomes KILLED
            wait 20 s; sen2.circuitOpen = true
            sen2 becomes HEALTHY; until sen2 serves; sen2.circuitOpen = false
          breakers alone never leave a pool without a server
            begin guarded; 20 calls to sen2 fail; 20 calls to sen1 fail
            pool.serving.usable = true; pool.serving.circuitOpen = false
            last.CircuitChanged.message ~ stays in use
          in a balance pool an open breaker takes its server out
            begin guarded-balance; 20 calls to sen2 fail; sen2.usable = false; sen1.usable = true
            wait 10 s; sen2.usable = true
          calls to an older incarnation do not count
            begin guarded; remember sen2 as old; sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2 serves
            100 calls to old fail; sen2.circuitOpen = false
            20 calls to sen2 fail; sen2.circuitOpen = true
          without passive settings nothing is counted and a reload that removes them closes
            begin sense; 20 calls to sen2 fail; sen2.circuitOpen = false
            apply guarded; 20 calls to sen2 fail; sen2.circuitOpen = true
            apply sense; sen2.circuitOpen = false; all.CircuitChanged.open = "true, false"
          a reload that keeps the passive settings keeps an open breaker open
            begin guarded; 20 calls to sen2 fail; apply guarded-manual; sen2.circuitOpen = true
            wait 10 s; sen2.circuitOpen = false
          another address begins with a closed breaker
            master.example resolves to 192.0.2.2; begin guarded-named
            20 calls to sen2 fail; serving = sen1
            master.example resolves to 192.0.2.9; wait 1010 ms
            sen2.circuitOpen = false; serving = sen2
            20 calls to sen2 fail; serving = sen1
          """);

  private static final Pool GUARDED = with(sense(), PassiveSettings.DEFAULT);

  @AutoClose
  private final Stage stage =
      new Stage()
          .pool("guarded", GUARDED)
          .pool("guarded-balance", with(GUARDED, PoolMode.BALANCE))
          .pool("guarded-manual", with(GUARDED, Policy.MANUAL))
          .pool("guarded-named", with(GUARDED, master("master.example"), backup("192.0.2.1")));

  @ParameterizedTest
  @FieldSource("STORIES")
  void breakers_open_and_close(Story story) {
    stage.play(story);
  }
}
