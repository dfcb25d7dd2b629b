package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.isReset;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.send;
import static dev.understudy.proxy.tunnel.Wires.sendInVain;
import static dev.understudy.proxy.tunnel.Wires.sendMeanwhile;
import static dev.understudy.proxy.tunnel.Wires.sendUntilSomeWaits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tunnels of other protocols than WebSocket: their bytes mean nothing, and no close frame is sent.
 */
@ParameterizedClass
@MethodSource("dev.understudy.testing.Transport#available")
class UnknownProtocolTest extends Tunneled {
  @BeforeEach
  void open() throws Exception {
    open(LITTLE_PATIENCE, false);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a server that ends its output still receives until its client ends too | s:FRAMES s:shut c=FRAMES c=END c:FRAMES>s c:shut s=END | CLOSED
          a server that resets has its client reset | s:FRAMES>c s:reset c=RESET | BROKEN reported
          a client that resets has its server's side reset | c:FRAMES>s c:reset s=RESET | CLOSED
          both sides of a server that fails are reset | s:FRAMES>c fails c=RESET s=RESET | TOLD
          maintenance ends them at once | maintenance c=RESET | TOLD
          """)
  void it_ends(String name, String script, String end) throws Exception {
    play(script);
    assertEnd(end);
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
    Thread sender = sendMeanwhile(server, new byte[100_000_000]);
    Await.until("the client reads no more", () -> !wire.clientChannel().isWritable());
    rig.tunnels.drainAll(Duration.ZERO).toCompletableFuture().get();
    sender.join();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }
}
