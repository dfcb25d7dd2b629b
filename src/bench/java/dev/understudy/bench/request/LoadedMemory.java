package dev.understudy.bench.request;

import dev.understudy.bench.load.Generator;
import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Peer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/** The memory of a proxy after the 1 KB scenario, as {@code requests} reads it. */
public final class LoadedMemory {
  private static final int ROUNDS = 2;
  private static final Duration TIME = Duration.ofSeconds(4);
  private static final int CLIENTS = 64;

  private LoadedMemory() {}

  /**
   * RSS after the scenario, in MB.
   *
   * @param warmUp CPU time before, unless it is HAProxy, which is compiled already
   */
  public static double megabytes(Peer peer, Duration warmUp)
      throws IOException, InterruptedException {
    Contender contender =
        peer.name().startsWith(Haproxy.NAME) ? Contender.HAPROXY : Contender.UNDERSTUDY;
    Results results = new Results();
    try (Generator generator = new Generator()) {
      new Rounds(ROUNDS, TIME, warmUp, CLIENTS, null, generator, results, System.err)
          .run(Scenario.KB_1, Map.of(contender, peer));
    }
    return results.rssMegabytes(Scenario.KB_1, contender);
  }
}
