package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.isReset;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.proxy.tunnel.Wires.Close;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.RequestEnd;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;

/** One tunnel, between a client and a server that speak raw bytes. */
abstract class Tunneled {
  static final String CLIENT_CLOSE_1000 = "888200000000" + "03e8";
  static final String SERVER_CLOSE_1000 = "880203e8";
  static final Close RESTART = new Close(1012, "", false);
  static final Close AWAY = new Close(1001, "", true);

  /** To WebSockets a close frame, and the begin of a frame. */
  static final String LIKE_FRAMES = "880203e8" + "8105";

  static final Duration LITTLE_PATIENCE = Duration.ofMillis(300);

  @Parameter Transport transport;
  TunnelRig rig;
  Wire wire;
  Socket client;
  Socket server;

  /** Whether what is planned is far away. */
  volatile boolean late;

  void open(Duration patience, boolean webSocket) throws Exception {
    rig = new TunnelRig(transport, bound -> late ? bound : 0, patience, null, any -> {});
    wire = webSocket ? rig.wire() : rig.unknownWire();
    client = wire.client();
    server = wire.server();
  }

  @AfterEach
  void close() throws Exception {
    wire.close();
    rig.close();
  }

  static void passes(Socket from, Socket to, String hex) throws Exception {
    send(from, hex);
    assertThat(receive(to, hex.length() / 2)).isEqualTo(hex);
  }

  static void reset(Socket socket) throws Exception {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** A report comes before the tunnel has ended, so once it has, there is none to wait for. */
  void assertEnd(RequestEnd reason, Trouble... reported) throws Exception {
    assertThat(wire.end().reason()).isEqualTo(reason);
    assertThat(rig.reports.troubles).containsExactly(reported);
    assertThat(rig.reports.calls).isEmpty();
  }

  void assertEnd(String end) throws Exception {
    String[] words = end.split(" ");
    RequestEnd reason =
        words[0].equals("?") ? wire.end().reason() : RequestEnd.valueOf("TUNNEL_" + words[0]);
    assertEnd(reason, words.length == 1 ? new Trouble[0] : new Trouble[] {Trouble.BROKEN});
  }

  /**
   * Plays what the sides do, {@code c} the client and {@code s} the server, and what happens
   * meanwhile. {@code c:HI} sends, {@code c=HI} receives, {@code c:HI>s} does both.
   */
  void play(String script) throws Exception {
    for (String step : script.split(" ")) {
      Socket at = step.startsWith("c") ? client : server;
      String what = step.substring(Math.min(step.length(), 2));
      switch (step) {
        case "late" -> late = true;
        case "fails" -> rig.snapshots.masterFails();
        case "hang-up" -> wire.close();
        case "moves" -> leave(OperatorState.READY);
        case "maintenance" -> leave(OperatorState.MAINTENANCE);
        case "drains" -> {
          rig.snapshots.masterState = OperatorState.DRAIN;
          rig.snapshots.masterIncarnation++;
          rig.snapshots.publish();
          wire.clientChannel().eventLoop().submit(() -> {}).get();
        }
        case "c:shut", "s:shut" -> at.shutdownOutput();
        case "c:close", "s:close" -> at.close();
        case "c:reset", "s:reset" -> reset(at);
        case "c=END", "s=END" -> assertThat(ends(at)).as(step).isTrue();
        case "c=RESET", "s=RESET" -> assertThat(isReset(at)).as(step).isTrue();
        case "c=RESTART" -> assertThat(receiveClose(at)).isEqualTo(RESTART);
        case "s=AWAY" -> assertThat(receiveClose(at)).isEqualTo(AWAY);
        default -> {
          String hex = hex(what.split(">")[0]);
          if (step.charAt(1) == ':') {
            send(at, hex);
          }
          if (step.charAt(1) == '=' || what.contains(">")) {
            Socket to = what.contains(">c") ? client : what.contains(">s") ? server : at;
            assertThat(receive(to, hex.length() / 2)).as(step).isEqualTo(hex);
          }
        }
      }
    }
  }

  private void leave(OperatorState state) {
    rig.snapshots.masterState = state;
    rig.snapshots.serving = TunnelSnapshots.BACKUP;
    rig.snapshots.publish();
  }

  private static String hex(String name) {
    return switch (name) {
      case "HI" -> Wires.TEXT_HI;
      case "PART" -> "810568";
      case "CLOSE" -> CLIENT_CLOSE_1000;
      case "BYE" -> SERVER_CLOSE_1000;
      case "FRAMES" -> LIKE_FRAMES;
      default -> name;
    };
  }
}
