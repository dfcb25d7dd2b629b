package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.TEXT_HI;
import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.isReset;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static dev.understudy.proxy.tunnel.Wires.sendInVain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.ServerTraffic;
import dev.understudy.pool.OperatorState;
import dev.understudy.proxy.tunnel.TunnelRig.End;
import dev.understudy.proxy.tunnel.Wires.Close;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** One tunnel on real sockets, its far ends speaking raw bytes. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource(Tunneled.TRANSPORTS)
class TunnelTest extends Tunneled {
  private static final String SERVER_CLOSE_1009 = "880203f1";
  private static final Close RESTART = new Close(1012, "", false);
  private static final Close AWAY = new Close(1001, "", true);

  @BeforeEach
  void open() throws Exception {
    open(Duration.ofMinutes(1), true);
  }

  /** Makes it short, for what happens when it has run out. */
  private void withLittlePatience() throws Exception {
    close();
    open(LITTLE_PATIENCE, true);
  }

  @Test
  void bytes_pass_both_ways_as_they_are_and_are_counted() throws Exception {
    byte[] up = bytes(3_000_000);
    byte[] down = bytes(2_000_001);
    CompletableFuture<Void> upward = async(() -> send(client, up));
    CompletableFuture<Void> downward = async(() -> send(server, down));
    CompletableFuture<Void> upwardRead =
        async(() -> assertThat(server.getInputStream().readNBytes(up.length)).isEqualTo(up));
    assertThat(client.getInputStream().readNBytes(down.length)).isEqualTo(down);
    CompletableFuture.allOf(upward, downward, upwardRead).get();
    assertThat(rig.open()).isEqualTo(1);
    wire.close();
    End end = wire.end();
    assertThat(end.bytesIn()).isEqualTo(up.length);
    assertThat(end.bytesOut()).isEqualTo(down.length);
    assertThat(rig.open()).isZero();
  }

  @Test
  void a_client_that_has_ended_its_output_gets_more_than_its_socket_holds() throws Exception {
    byte[] down = bytes(20_000_000);
    client.shutdownOutput();
    assertThat(ends(server)).isTrue();
    CompletableFuture<Void> sender = async(() -> send(server, down));
    Await.until("the client reads no more", () -> !wire.clientChannel().isWritable());
    byte[] got = client.getInputStream().readNBytes(down.length);
    assertThat(got.length).isEqualTo(down.length);
    assertThat(Arrays.equals(got, down)).isTrue();
    sender.get();
  }

  @Test
  void a_slow_reader_holds_the_sender_back_and_gets_everything() throws Exception {
    byte[] chunk = bytes(65_536);
    int chunks = 640;
    AtomicLong sent = new AtomicLong();
    CompletableFuture<Void> sender =
        async(
            () -> {
              for (int i = 0; i < chunks; i++) {
                send(server, chunk);
                sent.addAndGet(chunk.length);
              }
            });
    Await.until("the client reads no more", () -> !wire.clientChannel().isWritable());
    for (int look = 0; look < 50; look++) {
      assertThat(pendingAfterAWhile()).isLessThan(300_000);
    }
    assertThat(sender).isNotDone();
    for (int i = 0; i < chunks; i++) {
      byte[] got = client.getInputStream().readNBytes(chunk.length);
      assertThat(Arrays.equals(got, chunk)).isTrue();
    }
    sender.get();
    assertThat(sent.get()).isEqualTo((long) chunks * chunk.length);
  }

  private long pendingAfterAWhile() throws Exception {
    Channel channel = wire.clientChannel();
    return channel
        .eventLoop()
        .schedule(
            () -> channel.unsafe().outboundBuffer().totalPendingWriteBytes(),
            10,
            TimeUnit.MILLISECONDS)
        .get();
  }

  @Test
  void a_client_that_reads_nothing_does_not_keep_a_failed_servers_tunnel_open() throws Exception {
    withLittlePatience();
    CompletableFuture<Void> sender =
        async(
            () -> {
              byte[] frames = new byte[65_536 + 10];
              ByteBuffer.wrap(frames).putShort((short) 0x827f).putLong(65_536);
              while (true) {
                send(server, frames);
              }
            });
    Await.until("the client reads no more", () -> !wire.clientChannel().isWritable());
    rig.snapshots.masterFails();
    wire.end();
    Await.until("all is sent", sender::isDone);
    assertThat(sender).isCompletedExceptionally();
  }

  @Test
  void a_client_that_ends_its_stream_still_receives() throws Exception {
    client.shutdownOutput();
    assertThat(ends(server)).isTrue();
    passes(server, client, TEXT_HI);
    server.close();
    assertThat(ends(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_client_that_breaks_off_has_its_servers_side_closed() throws Exception {
    reset(client);
    assertThat(ends(server)).isTrue();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_close_handshake_of_the_two_sides_passes_untouched() throws Exception {
    passes(client, server, CLIENT_CLOSE_1000);
    send(server, SERVER_CLOSE_1000);
    server.close();
    assertThat(receive(client, 4)).isEqualTo(SERVER_CLOSE_1000);
    assertThat(ends(client)).isTrue();
    client.close();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void a_server_that_says_close_and_hangs_up_has_its_close_delivered_only_once() throws Exception {
    withLittlePatience();
    send(server, SERVER_CLOSE_1000);
    server.close();
    assertThat(receive(client, 4)).isEqualTo(SERVER_CLOSE_1000);
    assertThat(ends(client)).isTrue();
    client.close();
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void the_client_of_a_server_that_dies_between_frames_gets_a_close_frame() throws Exception {
    passes(server, client, TEXT_HI);
    server.close();
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    send(client, CLIENT_CLOSE_1000);
    assertThat(ends(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void a_servers_close_frame_passes_although_a_write_to_it_failed() throws Exception {
    withLittlePatience();
    sendInVain(wire);
    send(server, SERVER_CLOSE_1009);
    reset(server);
    assertThat(receive(client, 4)).isEqualTo(SERVER_CLOSE_1009);
    assertEnd(RequestEnd.TUNNEL_CLOSED);
  }

  @Test
  void the_client_of_a_server_that_resets_gets_a_close_frame() throws Exception {
    withLittlePatience();
    reset(server);
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    assertThat(ends(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void a_server_that_dies_within_a_frame_has_its_client_reset() throws Exception {
    passes(server, client, "810568");
    server.close();
    assertThat(isReset(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void when_the_server_fails_both_sides_get_a_close_and_their_closes_end_it() throws Exception {
    rig.snapshots.masterFails();
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    assertThat(receiveClose(server)).isEqualTo(AWAY);
    returnBothCloses();
    assertThat(ends(client)).isTrue();
    assertThat(ends(server)).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  private void returnBothCloses() throws Exception {
    send(client, CLIENT_CLOSE_1000);
    send(server, SERVER_CLOSE_1000);
  }

  @Test
  void nothing_is_relayed_after_the_proxys_close_frame() throws Exception {
    rig.snapshots.masterFails();
    receiveClose(client);
    receiveClose(server);
    send(server, TEXT_HI + SERVER_CLOSE_1000);
    send(client, "818200000000" + "6869" + CLIENT_CLOSE_1000);
    assertThat(ends(client)).isTrue();
    assertThat(ends(server)).isTrue();
    End end = wire.end();
    assertThat(end.bytesIn()).isZero();
    assertThat(end.bytesOut()).isZero();
  }

  @Test
  void a_frozen_server_keeps_no_client_waiting_and_sides_that_never_return_a_close_are_closed()
      throws Exception {
    withLittlePatience();
    rig.snapshots.masterFails();
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    assertThat(ends(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void a_frame_under_way_is_finished_before_the_close_frame_and_what_follows_it_is_dropped()
      throws Exception {
    send(server, "8105" + "6865");
    assertThat(receive(client, 4)).isEqualTo("81056865");
    rig.snapshots.masterFails();
    receiveClose(server);
    send(server, "6c6c6f" + TEXT_HI);
    assertThat(receive(client, 3)).isEqualTo("6c6c6f");
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    returnBothCloses();
    assertThat(ends(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void a_fragmented_message_is_finished_before_the_close_frame() throws Exception {
    passes(server, client, "010168");
    rig.snapshots.masterFails();
    receiveClose(server);
    passes(server, client, "8900" + "800169");
    assertThat(receiveClose(client)).isEqualTo(RESTART);
  }

  @Test
  void a_message_that_is_never_finished_is_ended_between_its_fragments() throws Exception {
    withLittlePatience();
    passes(server, client, "010168");
    rig.snapshots.masterFails();
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void a_frame_that_is_never_finished_is_ended_by_a_reset() throws Exception {
    withLittlePatience();
    passes(server, client, "810568");
    rig.snapshots.masterFails();
    assertThat(isReset(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_BROKEN);
  }

  @Test
  void a_server_that_stops_within_a_frame_while_that_is_awaited_has_its_client_reset()
      throws Exception {
    passes(server, client, "810568");
    rig.snapshots.masterFails();
    receiveClose(server);
    server.close();
    assertThat(isReset(client)).isTrue();
  }

  @Test
  void no_side_gets_a_second_close_frame() throws Exception {
    withLittlePatience();
    passes(server, client, SERVER_CLOSE_1000);
    rig.snapshots.masterFails();
    assertThat(receiveClose(server)).isEqualTo(AWAY);
    assertThat(ends(client)).isTrue();
    assertEnd(RequestEnd.TUNNEL_TOLD);
  }

  @Test
  void a_close_handshake_under_way_may_end_by_itself() throws Exception {
    passes(client, server, CLIENT_CLOSE_1000);
    rig.snapshots.masterFails();
    send(server, SERVER_CLOSE_1000);
    server.close();
    assertThat(receive(client, 4)).isEqualTo(SERVER_CLOSE_1000);
    assertThat(ends(client)).isTrue();
  }

  @Test
  void a_clients_close_that_a_frozen_server_never_returns_is_returned_by_us() throws Exception {
    withLittlePatience();
    passes(client, server, CLIENT_CLOSE_1000);
    rig.snapshots.masterFails();
    assertThat(receiveClose(client)).isEqualTo(RESTART);
    assertThat(ends(client)).isTrue();
    assertThat(ends(server)).isTrue();
  }

  @Test
  void a_server_that_breaks_before_the_tunnel_is_ended_is_reported() throws Exception {
    late = true;
    rig.snapshots.serving = TunnelSnapshots.BACKUP;
    rig.snapshots.publish();
    reset(server);
    receiveClose(client);
    wire.close();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void a_tunnel_that_stayed_on_when_its_server_got_a_new_incarnation_speaks_of_that_one()
      throws Exception {
    rig.snapshots.masterState = OperatorState.DRAIN;
    rig.snapshots.masterIncarnation++;
    rig.snapshots.publish();
    wire.clientChannel().eventLoop().submit(() -> {}).get();
    reset(server);
    receiveClose(client);
    wire.close();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void an_incarnation_that_is_over_is_not_reported() throws Exception {
    late = true;
    rig.snapshots.masterFails();
    reset(server);
    receiveClose(client);
    wire.close();
    wire.end();
    assertThat(rig.reports.troubles).isEmpty();
  }

  @Test
  void a_close_handshake_of_the_server_is_not_reported() throws Exception {
    passes(server, client, SERVER_CLOSE_1000);
    passes(client, server, CLIENT_CLOSE_1000);
    server.close();
    assertThat(ends(client)).isTrue();
    wire.close();
    wire.end();
    assertThat(rig.reports.troubles).isEmpty();
  }

  @Test
  void a_server_that_hangs_up_on_its_clients_close_frame_is_not_reported() throws Exception {
    passes(client, server, CLIENT_CLOSE_1000);
    server.close();
    receiveClose(client);
    wire.close();
    wire.end();
    assertThat(rig.reports.troubles).isEmpty();
  }

  @Test
  void a_server_that_hangs_up_after_a_close_frame_is_not_reported() throws Exception {
    rig.snapshots.masterState = OperatorState.MAINTENANCE;
    rig.snapshots.serving = TunnelSnapshots.BACKUP;
    rig.snapshots.publish();
    receiveClose(server);
    reset(server);
    receiveClose(client);
    wire.close();
    wire.end();
    assertThat(rig.reports.troubles).isEmpty();
  }

  @Test
  void a_server_that_ends_its_stream_without_a_close_frame_is_reported() throws Exception {
    server.shutdownOutput();
    receiveClose(client);
    wire.close();
    assertEnd(RequestEnd.TUNNEL_BROKEN, Trouble.BROKEN);
  }

  @Test
  void a_read_from_the_server_is_a_sign_of_life() throws Exception {
    ServerTraffic traffic = rig.snapshots.masterTraffic;
    long before = traffic.lastByteNanos();
    // Many: within a millisecond of the last sign, the response to the upgrade, there is no new
    // one.
    for (int i = 0; i < 1_000 && traffic.lastByteNanos() == before; i++) {
      send(server, TEXT_HI);
      receive(client, 4);
    }
    assertThat(traffic.lastByteNanos()).isNotEqualTo(before);
    send(client, TEXT_HI);
    receive(server, 4);
    assertThat(rig.open()).isEqualTo(1);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private interface Action {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> async(Action action) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            action.run();
            done.complete(null);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    return done;
  }
}
