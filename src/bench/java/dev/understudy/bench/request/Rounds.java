package dev.understudy.bench.request;

import dev.understudy.bench.load.Clients;
import dev.understudy.bench.load.Generator;
import dev.understudy.bench.load.Measured;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.profile.Profiler;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures contenders in turn, round after round.
 *
 * @param rounds each measures every contender once
 * @param time for each contender at saturation, and half of it at the fixed rate
 * @param warmUp CPU time of each contender that is a JVM, before each scenario: what compiles its
 *     code, however busy the machine is
 * @param clients connections
 * @param profiler of JVMs at saturation, in the last round; null: none
 */
record Rounds(
    int rounds,
    Duration time,
    Duration warmUp,
    int clients,
    @Nullable Profiler profiler,
    Generator generator,
    Results results,
    PrintStream progress) {
  /** Before each measurement: connections and, for TLS, handshakes are done then. */
  private static final Duration SETTLE = Duration.ofMillis(300);

  /** How much longer than its CPU time a warm-up may take. */
  private static final int PATIENCE = 10;

  private static final Path PROFILES = Path.of("target", "bench");

  /** All rounds of one scenario. */
  void run(Scenario scenario, Map<Contender, Peer> peers) throws IOException, InterruptedException {
    for (Map.Entry<Contender, Peer> entry : peers.entrySet()) {
      if (entry.getKey().isJvm()) {
        warm(scenario, entry.getValue());
      }
    }
    for (int round = 1; round <= rounds; round++) {
      for (Map.Entry<Contender, Peer> entry : peers.entrySet()) {
        Sample sample = measure(scenario, entry.getKey(), entry.getValue(), round == rounds);
        results.add(scenario, entry.getKey(), sample);
        progress.printf(
            Locale.ROOT,
            "%s, round %d: %s: %.1f µs, %,.0f/s, %d failed%n",
            scenario.title(),
            round,
            entry.getKey().title(),
            sample.cpuMicros(),
            sample.saturated().perSecond(),
            sample.failed());
      }
    }
    peers.forEach((contender, peer) -> results.rss(scenario, contender, peer.rssBytes()));
  }

  private void warm(Scenario scenario, Peer peer) throws InterruptedException {
    long end = peer.cpuNanos() + warmUp.toNanos();
    long deadline = System.nanoTime() + PATIENCE * warmUp.toNanos();
    try (Clients open = generator.open(peer.port(), scenario.traffic(), clients)) {
      while (peer.cpuNanos() < end && System.nanoTime() - deadline < 0) {
        open.saturate(SETTLE);
      }
    }
  }

  private Sample measure(Scenario scenario, Contender contender, Peer peer, boolean last)
      throws IOException, InterruptedException {
    try (Clients open = generator.open(peer.port(), scenario.traffic(), clients)) {
      open.saturate(SETTLE);
      Profiler active = last && contender.isJvm() ? profiler : null;
      if (active != null) {
        active.start(peer.pid());
      }
      long before = peer.cpuNanos();
      Measured saturated = open.saturate(time);
      long cpu = peer.cpuNanos() - before;
      if (active != null) {
        active.stop(peer.pid(), files(scenario, contender));
      }
      return new Sample(cpu, saturated, open.pace(scenario.rate(), time.dividedBy(2)));
    }
  }

  private List<Path> files(Scenario scenario, Contender contender) throws IOException {
    Files.createDirectories(PROFILES);
    String name = (scenario + "-" + contender).toLowerCase(Locale.ROOT);
    List<Path> files =
        List.of(
            PROFILES.resolve(name + ".html"),
            PROFILES.resolve(name + ".collapsed"),
            PROFILES.resolve(name + ".txt"));
    progress.println("profile: " + files);
    return files;
  }
}
