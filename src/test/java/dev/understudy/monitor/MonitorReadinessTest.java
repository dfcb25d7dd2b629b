package dev.understudy.monitor;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MonitorReadinessTest {
  static final List<Story> STORIES =
      Story.of(
          """
          the monitor is not ready before a configuration and ready at once with an empty one
            wait 10 s; ready = false; apply nothing; ready = true
          it is ready when every first probe has a response or timed out
            sen1 becomes FROZEN; apply sense
            # The backup's second probe began after the master's first response: no cold start.
            wait 1249 ms; ready = false; wait 1 ms; ready = true; serving = sen2
          a name that no name server resolves is waited for as long as a probe
            names do not respond; apply named; wait 999 ms; ready = false; wait 1 ms; ready = true
          the start is over when all are judged and chosen from
            sen1 becomes FROZEN; tell when started
            apply sense; wait 1249 ms; told = 0; wait 1 ms; told = 1; serving = sen2
            tell when started; wait 10 s; told = 2
          servers that a reload adds do not take readiness away
            begin master-only; sen1 becomes FROZEN; apply sense; ready = true
          a server that a reload removes is not waited for
            sen1 becomes FROZEN; apply sense; wait 10 ms; ready = false
            apply master-only; ready = true
          """);

  private final List<String> told = new ArrayList<>();

  @AutoClose
  private final Stage stage =
      new Stage()
          .verb("tell when started", on -> this.stage.monitor().whenStarted(() -> told.add("told")))
          .fact("told", told::size);

  @ParameterizedTest
  @FieldSource("STORIES")
  void the_start_ends_once_all_are_judged(Story story) {
    stage.play(story);
  }
}
