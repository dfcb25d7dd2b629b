package dev.understudy.proxy.tunnel;

import static dev.understudy.proxy.tunnel.Wires.TEXT_HI;
import static dev.understudy.proxy.tunnel.Wires.ends;
import static dev.understudy.proxy.tunnel.Wires.receive;
import static dev.understudy.proxy.tunnel.Wires.receiveClose;
import static dev.understudy.proxy.tunnel.Wires.send;
import static dev.understudy.proxy.tunnel.Wires.sendInVain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.tunnel.TunnelRig.End;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Transport;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One tunnel on real sockets, its far ends speaking raw bytes. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource(Transport.TESTED)
class TunnelTest extends Tunneled {
  private static final String SERVER_CLOSE_1009 = "880203f1";

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

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      // name | what happens | its end, and what is reported; ? is any end
      textBlock =
          """
          a client that ends its stream still receives | c:shut s=END s:HI>c s:close c=END | CLOSED
          a client that breaks off has its server's side closed | c:reset s=END | CLOSED
          a close handshake of the two sides passes untouched | c:CLOSE>s s:BYE s:close c=BYE c=END c:close | CLOSED
          the client of a server that dies between frames gets a close frame | s:HI>c s:close c=RESTART c:CLOSE c=END | BROKEN reported
          a server that ends its stream without a close frame is reported | s:shut c=RESTART hang-up | BROKEN reported
          a server that dies within a frame has its client reset | s:PART>c s:close c=RESET | BROKEN reported
          when the server fails both sides get a close and their closes end it | fails c=RESTART s=AWAY c:CLOSE s:BYE c=END s=END | TOLD
          a frame under way is finished before the close frame and what follows it is dropped | s:81056865>c fails s=AWAY s:6c6c6f81026869 c=6c6c6f c=RESTART c:CLOSE s:BYE c=END | TOLD
          a fragmented message is finished before the close frame | s:010168>c fails s=AWAY s:8900800169>c c=RESTART hang-up | TOLD
          a server that stops within a frame while that is awaited has its client reset | s:PART>c fails s=AWAY s:close c=RESET | ?
          a close handshake under way may end by itself | c:CLOSE>s fails s:BYE s:close c=BYE c=END hang-up | ?
          a server that breaks before the tunnel is ended is reported | late moves s:reset c=RESTART hang-up | BROKEN reported
          a tunnel that stayed on when its server got a new incarnation speaks of that one | drains s:reset c=RESTART hang-up | BROKEN reported
          an incarnation that is over is not reported | late fails s:reset c=RESTART hang-up | ?
          a close handshake of the server is not reported | s:BYE>c c:CLOSE>s s:close c=END hang-up | ?
          a server that hangs up on its client's close frame is not reported | c:CLOSE>s s:close c=RESTART hang-up | ?
          a server that hangs up after a close frame is not reported | maintenance s=AWAY s:reset c=RESTART hang-up | ?
          """)
  void it_ends(String name, String script, String end) throws Exception {
    play(script);
    assertEnd(end);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a server that says close and hangs up has its close delivered only once | s:BYE s:close c=BYE c=END c:close | CLOSED
          the client of a server that resets gets a close frame | s:reset c=RESTART c=END | BROKEN reported
          a frozen server keeps no client waiting and sides that never return a close are closed | fails c=RESTART c=END | TOLD
          a message that is never finished is ended between its fragments | s:010168>c fails c=RESTART | TOLD
          a frame that is never finished is ended by a reset | s:PART>c fails c=RESET | BROKEN
          no side gets a second close frame | s:BYE>c fails s=AWAY c=END | TOLD
          a client's close that a frozen server never returns is returned by us | c:CLOSE>s fails c=RESTART c=END s=END | ?
          """)
  void it_ends_when_patience_has_run_out(String name, String script, String end) throws Exception {
    withLittlePatience();
    play(script);
    assertEnd(end);
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
