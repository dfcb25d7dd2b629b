package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.pool.Pool;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerSettings;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A master that is probed at another host. */
class MonitorHealthHostTest {
  static final List<Story> STORIES =
      Story.of(
          """
          probes go there and requests to the server
            192.0.2.2 becomes KILLED; begin at-9; sen2.status = UP; serving = sen2
            last-host.sen2 = 192.0.2.9; sen2.address.host = 192.0.2.2
            192.0.2.9 becomes KILLED; until sen1 serves
          its name is followed and the server stays the same
            check.example resolves to 192.0.2.9; begin at-name; keep sen2.incarnation as before
            check.example resolves to 192.0.2.10; wait 5 s; last-host.sen2 = 192.0.2.10
            sen2.address.host = 192.0.2.2; sen2.incarnation = $before
          a name without an address makes the server down until it has one
            begin at-name; wait 10 s; sen2.status = DOWN; sen2.lastProbe.outcome = UNRESOLVED
            sen2.lastProbe.detail ~ check.example; serving = sen1
            check.example resolves to 192.0.2.9; until sen2 serves
          a new address of the server is judged by a probe there
            master.example resolves to 192.0.2.2; 192.0.2.3 becomes KILLED; begin named-at-9
            master.example resolves to 192.0.2.3; wait 5 s; sen2.address.host = 192.0.2.3
            sen2.status = UP; last-host.sen2 = 192.0.2.9
          a new file sends the probes elsewhere and keeps the server
            begin sense; keep sen2.incarnation as before
            apply at-9; wait 5 s; last-host.sen2 = 192.0.2.9
            apply sense; wait 5 s; last-host.sen2 = 192.0.2.2
            sen2.incarnation = $before; sen2.status = UP
          what was seen at the old host does not count at the new one
            begin at-8; 192.0.2.8 becomes FROZEN; wait 2300 ms; apply at-9; wait 10 s
            reasons = INITIAL
          a server that refuses its clients is left although its check is good, and until it is over
            begin at-9; wait 1 s; 192.0.2.2 becomes KILLED; wait 10 s; serving = sen2
            trouble of sen2: CONNECT_FAILED; until sen1 serves; sen2.status = DOWN
            sen2.lastProbe.detail ~ which clients use: connection refused
            wait 30 s; sen2.status = DOWN; serving = sen1
            192.0.2.2 becomes HEALTHY; until sen2 serves; wait 5 s; last-host.sen2 = 192.0.2.9
          so is one for which clients have no local port, while other servers are reached
            begin at-9; wait 1 s; 192.0.2.2 becomes NO_PORT; trouble of sen2: NO_PORT; wait 3 s
            serving = sen2; trouble of sen2: NO_PORT; until sen1 serves
            last.Switched.reason = CONNECTION_FAILED; count.ResourceExhausted = 0
          a server that refused clients and moves is judged where it went
            master.example resolves to 192.0.2.2; begin named-at-9; wait 1 s
            192.0.2.2 becomes KILLED; trouble of sen2: CONNECT_FAILED; until sen1 serves
            master.example resolves to 192.0.2.3; until sen2 serves
            sen2.address.host = 192.0.2.3; sen2.lastProbe.outcome = OK
          one refused client is no reason to leave it
            begin at-9; wait 1 s; trouble of sen2: CONNECT_FAILED; wait 10 s; reasons = INITIAL
            outcomes = OK
          a name of a new file has the time of a probe to be resolved
            begin sense; wait 500 ms; names do not respond; apply at-name; wait 900 ms
            outcomes = OK
          """);

  @AutoClose
  private final Stage stage =
      new Stage()
          .pool("at-8", probedAt("192.0.2.2", "192.0.2.8"))
          .pool("at-9", probedAt("192.0.2.2", "192.0.2.9"))
          .pool("at-name", probedAt("192.0.2.2", "check.example"))
          .pool("named-at-9", probedAt("master.example", "192.0.2.9"));

  private static Pool probedAt(String own, String host) {
    Server master = master(own);
    ServerSettings settings =
        new ServerSettings(
            master.rank(),
            master.settings().maxRequests(),
            master.settings().weight(),
            OptionalInt.empty(),
            host,
            null);
    return with(
        sense(), new Server(master.id(), master.address(), null, settings), backup("192.0.2.1"));
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void probes_go_to_the_host_for_them(Story story) {
    stage.play(story);
  }
}
