package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.isReset;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.proxy.tunnel.TunnelRig.Transport;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.traffic.RequestEnd;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which ends of a tunnel speak against its server, on real sockets. A report comes before the
 * tunnel has ended, so once it has, there is none to wait for.
 */
@ParameterizedClass
@MethodSource("dev.understudy.proxy.tunnel.TunnelRig$Transport#available")
class TunnelReportsTest {
  private static final String CLIENT_CLOSE_1000 = "888200000000" + "03e8";
  private static final String SERVER_CLOSE_1000 = "880203e8";

  @Parameter private Transport transport;
  private TunnelRig rig;
  private Wire wire;

  /** Whether what is planned is far away. */
  private volatile boolean late;

  @BeforeEach
  void open() throws Exception {
    rig = new TunnelRig(transport, this::choose, Duration.ofMillis(300), null, any -> {});
    wire = rig.wire();
  }

  private long choose(long bound) {
    return late ? bound : 0;
  }

  @AfterEach
  void close() throws Exception {
    wire.close();
    rig.close();
  }

  @Test
  void a_server_that_resets_is_reported() throws Exception {
    reset(wire.server());
    receiveClose(wire.client());
    assertReported();
  }

  @Test
  void a_server_that_ends_its_stream_without_a_close_frame_is_reported() throws Exception {
    wire.server().shutdownOutput();
    receiveClose(wire.client());
    assertReported();
  }

  @Test
  void a_server_that_breaks_off_within_a_frame_is_reported() throws Exception {
    send(wire.server(), "810568");
    assertThat(receive(wire.client(), 3)).isEqualTo("810568");
    wire.server().close();
    assertThat(isReset(wire.client())).isTrue();
    assertReported();
  }

  @Test
  void a_server_that_breaks_before_the_tunnel_is_ended_is_reported() throws Exception {
    late = true;
    rig.snapshots.serving = TunnelSnapshots.BACKUP;
    rig.snapshots.publish();
    reset(wire.server());
    receiveClose(wire.client());
    assertReported();
  }

  @Test
  void a_tunnel_that_stayed_on_when_its_server_got_a_new_incarnation_speaks_of_that_one()
      throws Exception {
    rig.snapshots.masterState = OperatorState.DRAIN;
    rig.snapshots.masterIncarnation++;
    rig.snapshots.publish();
    wire.clientChannel().eventLoop().submit(() -> {}).get();
    reset(wire.server());
    receiveClose(wire.client());
    assertReported();
  }

  @Test
  void an_incarnation_that_is_over_is_not_reported() throws Exception {
    late = true;
    rig.snapshots.masterFails();
    reset(wire.server());
    receiveClose(wire.client());
    assertNotReported();
  }

  @Test
  void a_clients_reset_is_no_evidence_about_its_server() throws Exception {
    reset(wire.client());
    assertThat(ends(wire.server())).isTrue();
    assertNotReported();
  }

  @Test
  void a_server_that_ends_its_stream_after_its_client_did_is_not_reported() throws Exception {
    wire.client().shutdownOutput();
    assertThat(ends(wire.server())).isTrue();
    wire.server().close();
    assertThat(ends(wire.client())).isTrue();
    assertNotReported();
  }

  @Test
  void a_close_handshake_of_the_server_is_not_reported() throws Exception {
    send(wire.server(), SERVER_CLOSE_1000);
    assertThat(receive(wire.client(), 4)).isEqualTo(SERVER_CLOSE_1000);
    send(wire.client(), CLIENT_CLOSE_1000);
    assertThat(receive(wire.server(), 8)).isEqualTo(CLIENT_CLOSE_1000);
    wire.server().close();
    assertThat(ends(wire.client())).isTrue();
    assertNotReported();
  }

  @Test
  void a_close_handshake_of_the_client_is_not_reported() throws Exception {
    send(wire.client(), CLIENT_CLOSE_1000);
    assertThat(receive(wire.server(), 8)).isEqualTo(CLIENT_CLOSE_1000);
    send(wire.server(), SERVER_CLOSE_1000);
    wire.server().close();
    assertThat(receive(wire.client(), 4)).isEqualTo(SERVER_CLOSE_1000);
    assertNotReported();
  }

  @Test
  void a_server_that_hangs_up_on_its_clients_close_frame_is_not_reported() throws Exception {
    send(wire.client(), CLIENT_CLOSE_1000);
    assertThat(receive(wire.server(), 8)).isEqualTo(CLIENT_CLOSE_1000);
    wire.server().close();
    receiveClose(wire.client());
    assertNotReported();
  }

  @Test
  void a_server_that_hangs_up_after_a_close_frame_is_not_reported() throws Exception {
    rig.snapshots.masterState = OperatorState.MAINTENANCE;
    rig.snapshots.serving = TunnelSnapshots.BACKUP;
    rig.snapshots.publish();
    receiveClose(wire.server());
    reset(wire.server());
    receiveClose(wire.client());
    assertNotReported();
  }

  private static void reset(Socket socket) throws Exception {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  private void assertReported() throws Exception {
    wire.close();
    assertThat(wire.end().reason()).isEqualTo(RequestEnd.TUNNEL_BROKEN);
    assertThat(rig.reports.troubles).containsExactly(Trouble.BROKEN);
    assertThat(rig.reports.calls).isEmpty();
  }

  private void assertNotReported() throws Exception {
    wire.close();
    wire.end();
    assertThat(rig.reports.troubles).isEmpty();
  }
}
