package dev.understudy.conformance.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guards at random beside HAProxy: a request that HAProxy refuses is refused by Understudy with the
 * imported file, or the report's first part names the guard; and each file loads. Each round has a
 * seed of its own, which is printed: {@code -Dunderstudy.guards.seed=N} is the first one's, {@code
 * -Dunderstudy.guards.rounds=N} how many there are at most. After {@link #LEAST} no round begins
 * later than {@link #LONGEST}.
 */
class RandomGuardsIT {
  private static final int REQUESTS = 30;

  /** A round takes 2 s, and ten times that on a machine that is busy. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** As many are made small for the message. */
  private static final int SHOWN = 5;

  /** So many are played however long they take: fewer say little about the shares below. */
  private static final int LEAST = 7;

  @TempDir private Path folder;

  @Test
  void what_haproxy_refuses_is_refused_or_named() throws Exception {
    long seed = Long.getLong("understudy.guards.seed", 21_000);
    int rounds = Integer.getInteger("understudy.guards.rounds", Extent.rounds(20, LEAST));
    List<String> shown = new ArrayList<>();
    Instant end = Instant.now().plus(LONGEST);
    try (GuardBench bench = new GuardBench(folder)) {
      for (int round = 0; round < rounds && shown.size() < SHOWN; round++) {
        if (round >= LEAST && Instant.now().isAfter(end)) {
          break;
        }
        System.out.println("guards: seed " + (seed + round));
        for (GuardFinding each : bench.run(cases(new RandomGuards(seed + round))).values()) {
          if (shown.size() < SHOWN) {
            shown.add("seed " + (seed + round) + ": " + bench.smallest(each));
          }
        }
      }
      System.out.println("guards: " + bench.sites() + " sites, " + bench.counts());
      assertThat(shown).as(String.join("\n\n", shown)).isEmpty();
      assertThat(bench.counts().served()).isGreaterThan(bench.counts().requests() / 10);
      assertThat(bench.counts().refused()).isGreaterThan(bench.counts().requests() / 10);
      assertThat(bench.invalid()).as("refused by HAProxy").isLessThan(bench.sites() / 4);
    }
  }

  private static Map<GuardSite, List<GuardRequest>> cases(RandomGuards random) {
    Map<GuardSite, List<GuardRequest>> cases = new LinkedHashMap<>();
    while (cases.size() < GuardBench.WIDTH) {
      GuardSite site = random.site();
      List<GuardRequest> requests = new ArrayList<>();
      for (int i = 0; i < REQUESTS; i++) {
        requests.add(random.request());
      }
      cases.put(site, requests);
    }
    return cases;
  }
}
