package dev.understudy.monitor;

import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class MonitorNamesTest {
  static final List<Story> STORIES =
      Story.of(
          """
          another address is another incarnation once its first probe has decided
            master.example resolves to 192.0.2.2; begin named; sen2.address.port = 8079
            keep sen2.incarnation as before
            192.0.2.9 becomes SLOW; master.example resolves to 192.0.2.9; wait 1200 ms
            sen2.address.host = 192.0.2.2; sen2.incarnation = $before
            wait 400 ms; sen2.address.host = 192.0.2.9; sen2.incarnation != $before
            sen2.status = UP; serving = sen2; pool.epoch = 1
            count probes of sen2 anew; wait 10 s; hosts.sen2 = 192.0.2.9
          a new address without a listener is down at once
            master.example resolves to 192.0.2.2; begin named
            192.0.2.9 becomes KILLED; master.example resolves to 192.0.2.9; wait 1500 ms
            sen2.status = DOWN; serving = sen1; last.Switched.reason = CONNECTION_FAILED
          a frozen old address does not hold the new one up
            master.example resolves to 192.0.2.2; begin named
            192.0.2.2 becomes FROZEN; wait 3 s
            master.example resolves to 192.0.2.9; wait 1010 ms
            sen2.address.host = 192.0.2.9; sen2.status = UP
            wait 10 s; sen2.status = UP
          an address that comes back while the other is tried stays in use
            master.example resolves to 192.0.2.2; begin named
            keep sen2.incarnation as before
            192.0.2.9 becomes FROZEN; master.example resolves to 192.0.2.9; wait 1 s
            master.example resolves to 192.0.2.2; wait 10 s
            sen2.address.host = 192.0.2.2; sen2.incarnation = $before; pool.epoch = 1
          the last good address stays in use when names fail
            master.example resolves to 192.0.2.2; begin named
            master.example resolves to; wait 60 s
            sen2.address.host = 192.0.2.2; serving = sen2
          a name without an address is down until it has one
            begin named; sen2.address = null; sen2.status = DOWN
            sen2.lastProbe.outcome = UNRESOLVED; serving = sen1
            wait 5 s; master.example resolves to 192.0.2.2; wait 1010 ms
            sen2.address.host = 192.0.2.2; sen2.status = UP; sen2.lastProbe.outcome = OK
            until sen2 serves
          """);

  @AutoClose private final Stage stage = new Stage();

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_name_is_followed(Story story) {
    stage.play(story);
  }
}
