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
import dev.understudy.testing.Await;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.socket.DuplexChannel;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tunnels of other protocols than WebSocket: their bytes mean nothing, and no close frame is sent.
 */
@ParameterizedClass
@MethodSource("dev.understudy.proxy.tunnel.TunnelRig$Transport#available")
class UnknownProtocolTest extends Tunneled {
  /** To WebSockets a close frame, and the begin of a frame. */
  private static final String LIKE_FRAMES = "880203e8" + "8105";

  @BeforeEach
  void open() throws Exception {
    open(LITTLE_PATIENCE, false);
  }

  @Test
  void a_server_that_ends_its_output_still_receives_until_its_client_ends_too() throws Exception {
    send(server, LIKE_FRAMES);
    server.shutdownOutput();
    assertThat(receive(client, 6)).isEqualTo(LIKE_FRAMES);
    assertThat(ends(client)).isTrue();
    passes(client, server, LIKE_FRAMES);
    client.shutdownOutput();
    assertThat(ends(server)).isTrue();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_client_that_ends_its_output_still_receives_all() throws Exception {
    client.shutdownOutput();
    assertThat(ends(server)).isTrue();
    byte[] much = new byte[10_000_000];
    Arrays.fill(much, (byte) 0x88);
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    send(server, much);
                    server.close();
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    assertThat(client.getInputStream().readAllBytes()).isEqualTo(much);
    sender.join();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_server_that_resets_has_its_client_reset() throws Exception {
    passes(server, client, LIKE_FRAMES);
    reset(server);
    assertThat(isReset(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void the_last_bytes_of_a_server_that_resets_pass_although_a_write_to_it_failed()
      throws Exception {
    sendInVain(wire);
    send(server, LIKE_FRAMES);
    reset(server);
    // Its reset may be met by what is still sent, after which a read would see a clean end.
    assertThat(receive(client, 6)).isEqualTo(LIKE_FRAMES);
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void they_pass_too_if_the_client_had_ended_its_output() throws Exception {
    sendUntilSomeWaits(wire);
    client.shutdownOutput();
    Await.until("its end is known", ((DuplexChannel) wire.clientChannel())::isInputShutdown);
    send(server, LIKE_FRAMES);
    reset(server);
    assertThat(receive(client, 6)).isEqualTo(LIKE_FRAMES);
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void a_server_that_closes_has_a_client_reset_that_goes_on() throws Exception {
    server.close();
    assertThat(ends(client)).isTrue();
    Await.until("the client is reset", () -> isRefused(client));
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
    passes(client, server, LIKE_FRAMES);
    reset(client);
    assertThat(isReset(server)).isTrue();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void both_sides_of_a_server_that_fails_are_reset() throws Exception {
    passes(server, client, LIKE_FRAMES);
    rig.snapshots.masterFails();
    assertThat(isReset(client)).isTrue();
    assertThat(isReset(server)).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void half_open_ones_stay_until_they_are_idle() throws Exception {
    client.shutdownOutput();
    assertThat(ends(server)).isTrue();
    rig.snapshots.tunnel = Duration.ofMillis(1);
    rig.snapshots.publish();
    assertThat(isReset(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_IDLE);
  }

  @Test
  void a_stop_does_not_wait_for_one_whose_client_reads_nothing() throws Exception {
    client.shutdownOutput();
    assertThat(ends(server)).isTrue();
    Thread sender =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    send(server, new byte[100_000_000]);
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
    assertThat(isReset(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }
}
