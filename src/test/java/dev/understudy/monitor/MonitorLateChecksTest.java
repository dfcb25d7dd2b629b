package dev.understudy.monitor;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** How a replica tells that its checks are late, and that they are in time again. */
class MonitorLateChecksTest {
  static final List<Story> STORIES =
      Story.of(
          """
          checks that do not end are told once, for all servers
            begin sense; wait 5 s; count.ChecksLate = 0; alarms = ""
            sen2 and sen1 become LOST; wait 30 s
            all.ChecksLate.over = false; last.ChecksLate.late = 2; last.ChecksLate.servers = 2
            last.ChecksLate.message ~ "Checks are late: 2 of 2 servers, one of them not checked since 00:00:0"
            last.ChecksLate.message ~ "may not notice that such a server fails"
            alarms.kind = CHECKS_LATE; alarms.message ~ "2 of 2 servers"; serving = sen2
          they are told to be in time again a while after all are
            begin sense; sen2 and sen1 become NO_MEANS; wait 30 s; sen2 and sen1 become HEALTHY
            wait 6 s; alarms != CHECKS_LATE; all.ChecksLate.over = false; wait 31 s
            all.ChecksLate.over = "false, true"; last.ChecksLate.late = 2
            last.ChecksLate.message ~ "All servers are checked in time again"
          bad checks in time are not late
            begin sense; sen2 and sen1 become ILL; wait 60 s; count.ChecksLate = 0; alarms = ""
          """);

  @AutoClose private final Stage stage = new Stage();

  @ParameterizedTest
  @FieldSource("STORIES")
  void late_checks_are_told(Story story) {
    stage.play(story);
  }
}
