package dev.understudy.proxy.gateway;

import dev.understudy.testing.Scenario;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients see of a planned switch. */
@ParameterizedClass
@MethodSource("lanes")
class PlannedPauseTest extends StoryTable {
  @Scenario.Each(
      """
      a GET that runs finishes at the old server and a new one waits for the new server
        two; master answers later; GET /running; at master 1; pause b; paused; GET /new; held 1
        runs a 1; go; /running 200 master; idle a; backup got 0; move; /new 200 backup
        master got 1; pauses 1
      a POST that runs finishes at the old server and a new one waits for the new server
        two; master answers later; POST /running 10; at master 1; pause b; paused
        POST /new 10; held 1; runs a 1; go; /running 200 master; idle a; backup got 0; move
        /new 200 backup; master got 1; pauses 1
      what waits goes to the old server if the switch is given up
        two; pause b; paused; POST /new 10; held 1; give-up; /new 200 master; backup got 0
      a client that is refused as too many wait is reported
        two hold 1; pause b; paused; GET /1; held 1; not-full; GET /2; /2 503; full; give-up
        /1 200 master
      an event stream ends so that its client comes back
        two; master begins events; GET /events; /events begins 3; pause b; /events 200 abc
        end STREAM_MOVED; idle a
      a safe request that is cut is served by the new server
        two; master answers later; GET /running; at master 1; pause b; paused; cut b; held 1
        move; /running 200 backup
      any other request that is cut is not executed twice
        two; master answers later; POST /running 10; at master 1; cut b; /running 502; move
        backup got 0
      a download that is cut does not look whole
        two; master begins a download; GET /download; /download begins 4; pause b; paused
        runs a 1; cut b; idle a; end STREAM_MOVED; /download 200 1234
      """)
  void while_a_switch_is_planned(Scenario story) {
    play(story);
  }
}
