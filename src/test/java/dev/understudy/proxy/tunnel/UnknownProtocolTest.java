package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.isReset;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.send;
import static dev.understudy.proxy.tunnel.Wires.sendInVain;
import static dev.understudy.proxy.tunnel.Wires.sendUntilSomeWaits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.pool.OperatorState;
import dev.understudy.proxy.tunnel.TunnelRig.Transport;
import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.testing.Await;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.socket.DuplexChannel;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tunnels of other protocols than WebSocket: their bytes mean nothing, and no close frame is sent.
 */
@ParameterizedClass
@MethodSource("dev.understudy.proxy.tunnel.TunnelRig$Transport#available")
class UnknownProtocolTest {
  /** To WebSockets a close frame, and the begin of a frame. */
  private static final String LIKE_FRAMES = "880203e8" + "8105";

  @Parameter private Transport transport;
  private TunnelRig rig;
  private Wire wire;

  @BeforeEach
  void open() throws Exception {
    rig = new TunnelRig(transport, Duration.ofMillis(300));
    wire = rig.unknownWire();
  }

  @AfterEach
  void close() throws Exception {
    wire.close();
    rig.close();
  }

  private void assertEnd(RequestEnd reason, Trouble... reported) throws Exception {
    assertThat(wire.end().reason()).isEqualTo(reason);
    assertThat(rig.reports.troubles).containsExactly(reported);
  }

  private static void reset(Socket socket) throws Exception {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Test
  void a_server_that_ends_its_output_still_receives_until_its_client_ends_too() throws Exception {
    send(wire.server(), LIKE_FRAMES);
    wire.server().shutdownOutput();
    assertThat(receive(wire.client(), 6)).isEqualTo(LIKE_FRAMES);
    assertThat(ends(wire.client())).isTrue();
    send(wire.client(), LIKE_FRAMES);
    assertThat(receive(wire.server(), 6)).isEqualTo(LIKE_FRAMES);
    wire.client().shutdownOutput();
    assertThat(ends(wire.server())).isTrue();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_client_that_ends_its_output_still_receives_all() throws Exception {
    wire.client().shutdownOutput();
    assertThat(ends(wire.server())).isTrue();
    byte[] much = new byte[10_000_000];
    Arrays.fill(much, (byte) 0x88);
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    send(wire.server(), much);
                    wire.server().close();
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    assertThat(wire.client().getInputStream().readAllBytes()).isEqualTo(much);
    sender.join();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_server_that_resets_has_its_client_reset() throws Exception {
    send(wire.server(), LIKE_FRAMES);
    assertThat(receive(wire.client(), 6)).isEqualTo(LIKE_FRAMES);
    reset(wire.server());
    assertThat(isReset(wire.client())).isTrue();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void the_last_bytes_of_a_server_that_resets_pass_although_a_write_to_it_failed()
      throws Exception {
    sendInVain(wire);
    send(wire.server(), LIKE_FRAMES);
    reset(wire.server());
    // Its reset may be met by what is still sent, after which a read would see a clean end.
    assertThat(receive(wire.client(), 6)).isEqualTo(LIKE_FRAMES);
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void they_pass_too_if_the_client_had_ended_its_output() throws Exception {
    sendUntilSomeWaits(wire);
    wire.client().shutdownOutput();
    Await.until("its end is known", ((DuplexChannel) wire.clientChannel())::isInputShutdown);
    send(wire.server(), LIKE_FRAMES);
    reset(wire.server());
    assertThat(receive(wire.client(), 6)).isEqualTo(LIKE_FRAMES);
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void a_server_that_closes_has_a_client_reset_that_goes_on() throws Exception {
    wire.server().close();
    assertThat(ends(wire.client())).isTrue();
    Await.until("the client is reset", () -> isRefused(wire.client()));
    assertEnd(RequestEnd.TUNNEL_BROKEN);
  }

  private static boolean isRefused(Socket socket) throws Exception {
    try {
      send(socket, LIKE_FRAMES);
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void a_client_that_resets_has_its_servers_side_reset() throws Exception {
    send(wire.client(), LIKE_FRAMES);
    assertThat(receive(wire.server(), 6)).isEqualTo(LIKE_FRAMES);
    reset(wire.client());
    assertThat(isReset(wire.server())).isTrue();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void both_sides_of_a_server_that_fails_are_reset() throws Exception {
    send(wire.server(), LIKE_FRAMES);
    assertThat(receive(wire.client(), 6)).isEqualTo(LIKE_FRAMES);
    rig.snapshots.masterFails();
    assertThat(isReset(wire.client())).isTrue();
    assertThat(isReset(wire.server())).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void half_open_ones_stay_until_they_are_idle() throws Exception {
    wire.client().shutdownOutput();
    assertThat(ends(wire.server())).isTrue();
    rig.snapshots.tunnel = Duration.ofMillis(1);
    rig.snapshots.publish();
    assertThat(isReset(wire.client())).isTrue();
    assertEnd(RequestEnd.TUNNEL_IDLE);
  }

  @Test
  void a_stop_does_not_wait_for_one_whose_client_reads_nothing() throws Exception {
    wire.client().shutdownOutput();
    assertThat(ends(wire.server())).isTrue();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    send(wire.server(), new byte[100_000_000]);
                  } catch (java.io.IOException expected) {
                    // The tunnel ends.
                  }
                });
    Await.until("the client reads no more", () -> !wire.clientChannel().isWritable());
    rig.tunnels.drainAll(Duration.ZERO).toCompletableFuture().get();
    sender.join();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void maintenance_ends_them_at_once() throws Exception {
    rig.snapshots.masterState = OperatorState.MAINTENANCE;
    rig.snapshots.publish();
    assertThat(isReset(wire.client())).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }
}
