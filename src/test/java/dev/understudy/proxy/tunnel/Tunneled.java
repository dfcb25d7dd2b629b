package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.proxy.tunnel.TunnelRig.Transport;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.traffic.RequestEnd;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;

/** One tunnel, between a client and a server that speak raw bytes. */
abstract class Tunneled {
  static final String TRANSPORTS = "dev.understudy.proxy.tunnel.TunnelRig$Transport#tested";
  static final String CLIENT_CLOSE_1000 = "888200000000" + "03e8";
  static final String SERVER_CLOSE_1000 = "880203e8";
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
}
