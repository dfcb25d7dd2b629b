package dev.understudy.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.tunnel.TunnelRig.Wire;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Transport;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the far ends see of random streams that are ended at a random moment. */
@Tag(Extent.FULL)
class TunnelRandomTest {
  private static final int CLOSE = 0x88;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Extent.rounds(20));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whenever_a_tunnel_is_ended_each_side_gets_whole_frames_and_then_one_close_frame(long seed)
      throws Exception {
    Random random = new Random(seed);
    Frames down = Frames.random(random, 4_000, 8);
    Frames up = Frames.random(random, 4_000, 8);
    try (TunnelRig rig = new TunnelRig(Transport.NIO, Duration.ofSeconds(2));
        Wire wire = rig.wire()) {
      pump(wire.server(), down, random.nextLong());
      pump(wire.client(), up, random.nextLong());
      CompletableFuture<byte[]> atServer = drain(wire.server());
      int before = random.nextInt(down.bytes().length / 2);
      byte[] first = wire.client().getInputStream().readNBytes(before);
      rig.snapshots.masterFails();
      byte[] rest = drain(wire.client()).get(20, TimeUnit.SECONDS);
      byte[] all = Arrays.copyOf(first, first.length + rest.length);
      System.arraycopy(rest, 0, all, first.length, rest.length);
      assertIsPrefixAndClose(all, down, 2 + 2);
      assertIsPrefixAndClose(atServer.get(20, TimeUnit.SECONDS), up, 2 + 4 + 2);
      wire.end();
    }
  }

  private static void assertIsPrefixAndClose(byte[] seen, Frames sent, int closeLength) {
    int relayed = seen.length - closeLength;
    assertThat(Arrays.copyOf(seen, relayed)).isEqualTo(Arrays.copyOf(sent.bytes(), relayed));
    assertThat(sent.ends(relayed)).as("cut at %d", relayed).isTrue();
    assertThat(seen[relayed] & 0xff).isEqualTo(CLOSE);
  }

  /** Sends in random pieces until done or cut off. */
  private static void pump(Socket to, Frames frames, long seed) {
    Thread.startVirtualThread(
        () -> {
          Random random = new Random(seed);
          try {
            OutputStream out = to.getOutputStream();
            InputStream in = new ByteArrayInputStream(frames.bytes());
            for (byte[] piece; (piece = in.readNBytes(1 + random.nextInt(3_000))).length > 0; ) {
              out.write(piece);
            }
          } catch (java.io.IOException cutOff) {
            // The tunnel ended before all was sent, as it may.
          }
        });
  }

  /** All that comes until the end; what came before a reset counts. */
  private static CompletableFuture<byte[]> drain(Socket from) {
    CompletableFuture<byte[]> all = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          java.io.ByteArrayOutputStream seen = new java.io.ByteArrayOutputStream();
          byte[] piece = new byte[8_192];
          try {
            for (int n; (n = from.getInputStream().read(piece)) >= 0; ) {
              seen.write(piece, 0, n);
            }
          } catch (java.io.IOException reset) {
            // Counts as the end.
          }
          all.complete(seen.toByteArray());
        });
    return all;
  }
}
