package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Lane;
import dev.understudy.testing.PlainTunnel;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.duel.Caller;
import dev.understudy.testing.duel.Origin;
import dev.understudy.testing.duel.StreamCaller;
import dev.understudy.testing.duel.Talk;
import dev.understudy.testing.duel.Transcript;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The same random traffic through each lane, and through both in turn on the same connections:
 * clients and servers see the same. A failure names its seed; {@code -Dunderstudy.duel.seed} plays
 * it again, {@code -Dunderstudy.duel.talks} plays more.
 */
@Tag(Extent.FULL)
class DifferentialTest {
  private static final int TALKS = Integer.getInteger("understudy.duel.talks", Extent.rounds(300));
  private static final long SEED =
      Long.getLong("understudy.duel.seed", new Random().nextInt(Integer.MAX_VALUE));

  /** One lane and its server. */
  private static final class Side implements AutoCloseable {
    final Origin origin = new Origin();
    final Recorder seen = new Recorder();
    final TestPools pools = TestPools.pool().master("a", origin.port()).start();
    final Lane lane;

    Side(Lane.Factory factory) throws IOException {
      pools.probeWhatBreaks(seen);
      lane =
          factory.start(
              new Lane.Setup(
                  pools,
                  seen,
                  seen,
                  TestPools.POOL,
                  null,
                  TrustedProxies.NONE,
                  settings -> {
                    throw new AssertionError("no https server here");
                  },
                  new PlainTunnel()));
    }

    CompletableFuture<Transcript> play(Talk talk) {
      CompletableFuture<Transcript> result = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  result.complete(
                      lane.protocol() == Protocol.HTTP_2
                          ? StreamCaller.play(talk, lane.port(), origin)
                          : Caller.play(talk, lane.port(), lane.protocol().isSecure(), origin));
                } catch (Throwable e) {
                  result.completeExceptionally(e);
                }
              });
      return result;
    }

    @Override
    public void close() {
      lane.close();
      origin.close();
    }
  }

  @Test
  void all_lanes_show_the_same_to_clients_and_servers() throws Exception {
    compare(Protocol.HTTP_1_1, Talk::random, TALKS);
  }

  @Test
  void all_lanes_show_the_same_over_tls() throws Exception {
    compare(Protocol.TLS, Talk::random, TALKS / 3);
  }

  @Test
  void all_lanes_show_the_same_on_the_streams_of_http_2() throws Exception {
    compare(Protocol.HTTP_2, Talk::ofStreams, TALKS / 3);
  }

  private static Lane.Factory lane(Protocol protocol, String... express) {
    return setup -> new ApplicationLane(setup, protocol, List.of(express), List.of());
  }

  private static void compare(Protocol protocol, LongFunction<Talk> talks, int count)
      throws Exception {
    try (Side gateway = new Side(lane(protocol));
        Side express = new Side(lane(protocol, "/**"));
        Side mixed = new Side(lane(protocol, "/1", "/3"))) {
      for (long seed = SEED; seed < SEED + count; seed++) {
        Talk talk = talks.apply(seed);
        CompletableFuture<Transcript> left = gateway.play(talk);
        CompletableFuture<Transcript> right = express.play(talk);
        CompletableFuture<Transcript> both = mixed.play(talk);
        try {
          String expected = right.get().text();
          assertThat(left.get().text()).as("Gateway lane, %s", talk).isEqualTo(expected);
          assertThat(both.get().text()).as("lanes in turn, %s", talk).isEqualTo(expected);
        } catch (ExecutionException e) {
          throw new AssertionError(talk.toString(), e);
        }
      }
    }
  }
}
