package dev.understudy.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MonitorRestartTest {
  static final List<Story> STORIES =
      Story.of(
          """
          serving epoch pin and operator states survive a restart
            begin sense; switch to sen1; set sen2 to DRAIN
            restart; apply sense; serving = sen1; pool.epoch = 2; pool.pinned = sen1
            pool.reason = OPERATOR; sen2.operatorState = DRAIN; wait 60 s; serving = sen1
            set sen2 to READY; switch to auto; serving = sen2; pool.epoch = 3
          an operator state outlives its server until the configuration is accepted for good
            begin sense; set sen2 to DRAIN; restart; apply nothing
            restart; apply sense; sen2.operatorState = DRAIN
          an operator state goes with its server once the configuration is accepted for good
            begin sense; set sen2 to DRAIN; restart; apply nothing; accept the configuration
            restart; apply sense; sen2.operatorState = READY
          an operators ready over an agent survives a restart, until the agent says another state
            begin asked; agent says maint; set sen2 to READY; restart; apply asked; serving = sen2
            agent says maint; wait 5 s; sen2.operatorState = READY; sen2.agent.overridden = true
            agent says ready; agent says maint; sen2.operatorState = MAINTENANCE; serving = sen1
            restart; apply asked; agent says maint; sen2.operatorState = MAINTENANCE
          a recorded server that is usable is kept
            begin manual; sen2 becomes KILLED; until sen1 serves
            restart; begin manual; serving = sen1; count.Switched = 0
          a recorded server that died meanwhile is left
            begin sense; restart; sen2 becomes FROZEN; apply sense; until sen1 serves
            pool.epoch = 2; reasons = HEALTH_CHECK_FAILED
          a recorded server that refuses before the others respond costs one epoch
            begin sense; restart; sen2 becomes KILLED; begin sense; serving = sen1
            pool.epoch = 2; reasons = CONNECTION_FAILED
          a recorded server that refuses is left for none once all others have failed
            begin sense; restart; sen2 becomes KILLED; sen1 becomes ILL; begin sense
            serving = null; pool.epoch = 2; reasons = NO_SERVER
          the damping of a flapping master survives a restart
            begin sense; sen2 becomes KILLED; until sen1 serves
            sen2 becomes HEALTHY; until sen2 serves; sen2 becomes KILLED; until sen1 serves
            restart after 10 s; apply sense; until sen2 serves; took in 9001..99999
            last.Switched.evidence ~ damped
          """);

  private final Path directory;
  @AutoClose private final Stage stage;

  MonitorRestartTest(@TempDir Path directory) {
    this.directory = directory;
    stage =
        new Stage(directory)
            .pool("asked", MonitorAgentTest.ASKED)
            .verb("agent says (.*)", on -> agentSays(on.group(1)))
            .verb("accept the configuration", on -> accept())
            .verb("restart after 10 s", on -> restartLater());
  }

  private void agentSays(String line) {
    stage.bench.prober.agentSays(SensePool.MASTER, line);
    stage.bench.advance(1_100);
  }

  private void restartLater() {
    stage.restart(Duration.ofSeconds(10));
  }

  private void accept() {
    stage.monitor().retain();
    stage.bench.advance(1);
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_restart_keeps_what_was_decided(Story story) {
    stage.play(story);
  }

  @Test
  void a_damaged_file_costs_the_memory_and_epochs_go_on_above_all_before() throws IOException {
    stage.close();
    Files.writeString(directory.resolve("state.json"), "{\"version\":1,\"pools\":{\"sen");
    stage.play("restart; begin sense; serving = sen2; reasons = INITIAL");
    stage.play("restart; begin sense; pool.epoch = 1767225600001; count.Switched = 0");
  }
}
