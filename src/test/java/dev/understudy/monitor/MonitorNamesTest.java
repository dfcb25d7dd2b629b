package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.FailbackSettings.Policy;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Servers by names. */
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
          a name that moves between good addresses keeps its server up, and its connections
            master.example resolves to 192.0.2.2; begin named; keep sen2.statusSince as since
            keep sen2.oldestIncarnation as oldest; 4 times the name moves
            sen2.statusSince = $since; sen2.oldestIncarnation = $oldest
            sen2.incarnation != $oldest; sen2.status = UP; pool.epoch = 1
            count.HealthChanged = 2
          a delayed failback comes to a name that moves
            192.0.2.2 becomes KILLED; master.example resolves to 192.0.2.2; begin delayed-named
            serving = sen1; 192.0.2.2 becomes HEALTHY; until sen2.status = UP
            40 times the name moves; serving = sen2; last.Switched.reason = FAILBACK
          a name that moves once what it left had {failed|refused|fallen silent} takes no connections along
            master.example resolves to 192.0.2.2; begin named; keep sen2.oldestIncarnation as oldest
            what it is left for is that it has {}; master.example resolves to 192.0.2.9
            until sen2.address.host = 192.0.2.9; sen2.status = UP
            keep sen2.incarnation as newest; sen2.oldestIncarnation = $newest
          a name that moves to a bad address takes no connections along
            master.example resolves to 192.0.2.2; begin named; 192.0.2.9 becomes ILL
            master.example resolves to 192.0.2.9; until sen2.status = DOWN
            keep sen2.incarnation as newest; sen2.oldestIncarnation = $newest
          a server found bad at its new address is left with all connections
            master.example resolves to 192.0.2.2; begin named; 1 times the name moves
            keep sen2.incarnation as moved; sen2.oldestIncarnation != $moved
            192.0.2.9 becomes KILLED; until sen1 serves; keep sen2.incarnation as newest; sen2.oldestIncarnation = $newest
          a change of the address is told once a minute
            master.example resolves to 192.0.2.2; begin named; 1 times the name moves
            count.AddressChanged = 1; last.AddressChanged.message = "Pool sense: server sen2 has the address 192.0.2.9, it was 192.0.2.2; connections made before stay, as both addresses are good"
            6 times the name moves; count.AddressChanged = 1; wait 60 s
            count.AddressChanged = 2; last.AddressChanged.changes = 6
            last.AddressChanged.message ~ "it was 192.0.2.9 before 6 changes within a minute"
          a first address is no change
            begin named; master.example resolves to 192.0.2.2; wait 10 s; sen2.status = UP
            count.AddressChanged = 0
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

  @AutoClose
  private final Stage stage =
      new Stage()
          .pool(
              "delayed-named",
              with(with(sense(), Policy.DELAYED), master("master.example"), backup("192.0.2.1")))
          .verb("(\\d+) times the name moves", on -> moves(Integer.parseInt(on.group(1))))
          .verb("what it is left for is that it has (.*)", on -> leave(on.group(1)));

  private int moved;

  /** Back and forth, each time once its first probe there has ended. */
  private void moves(int times) {
    for (int i = 0; i < times; i++) {
      String address = ++moved % 2 == 0 ? "192.0.2.2" : "192.0.2.9";
      stage.play("master.example resolves to " + address);
      stage.play("until sen2.address.host = " + address);
    }
  }

  private void leave(String why) {
    stage.play(
        switch (why) {
          case "failed" -> "192.0.2.2 becomes ILL; until sen2.lastProbe.outcome = BAD_STATUS";
          case "refused" -> "trouble of sen2: CONNECT_FAILED";
          default -> "trouble of sen2: SILENT; 192.0.2.2 becomes FROZEN; wait 300 ms";
        });
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_name_is_followed(Story story) {
    stage.play(story);
  }
}
