package dev.understudy.bench.request;

import dev.understudy.bench.load.Clients;
import dev.understudy.bench.load.Generator;
import dev.understudy.bench.load.Latencies;
import dev.understudy.bench.load.Measured;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.profile.Profiler;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
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

  /** The most for the first connections of a process. */
  private static final Duration FIRST_TIME = Duration.ofMinutes(2);

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
        Contender contender = entry.getKey();
        add(
            scenario,
            round,
            contender,
            measure(scenario, contender, entry.getValue(), round == rounds));
      }
    }
    peers.forEach((contender, peer) -> results.rss(scenario, contender, peer.rssBytes()));
  }

  /** All rounds of a scenario whose processes begin with each round. */
  void runFresh(Scenario scenario, Collection<Contender> contenders, Starter starter)
      throws IOException, InterruptedException {
    for (int round = 1; round <= rounds; round++) {
      for (Contender contender : contenders) {
        try (Peer peer = starter.start(contender)) {
          add(scenario, round, contender, first(scenario, contender, peer, round == rounds));
          results.rss(scenario, contender, peer.rssBytes());
        }
      }
    }
  }

  /** Starts a proxy. */
  interface Starter {
    Peer start(Contender contender) throws IOException;
  }

  private void add(Scenario scenario, int round, Contender contender, Sample sample) {
    results.add(scenario, contender, sample);
    progress.printf(
        Locale.ROOT,
        "%s, round %d: %s: %.1f µs, %,.0f/s, %d failed%n",
        scenario.title(),
        round,
        contender.title(),
        sample.cpuMicros(),
        sample.saturated().perSecond(),
        sample.failed());
  }

  private void warm(Scenario scenario, Peer peer) throws InterruptedException {
    long end = peer.cpuNanos() + warmUp.toNanos();
    long deadline = System.nanoTime() + PATIENCE * warmUp.toNanos();
    try (Clients open = open(scenario, peer)) {
      while (peer.cpuNanos() < end && System.nanoTime() - deadline < 0) {
        open.saturate(SETTLE);
      }
    }
  }

  private Sample first(Scenario scenario, Contender contender, Peer peer, boolean last)
      throws IOException, InterruptedException {
    try (Clients open = open(scenario, peer)) {
      Profiler active = start(contender, peer, last);
      long before = peer.cpuNanos();
      Measured measured = open.saturate(Scenario.FIRST_CONNECTIONS, FIRST_TIME);
      long cpu = peer.cpuNanos() - before;
      if (active != null) {
        active.stop(peer.pid(), files(scenario, contender));
      }
      return new Sample(cpu, measured, new Measured(0, 0, Duration.ZERO, new Latencies()));
    }
  }

  private Clients open(Scenario scenario, Peer peer) throws InterruptedException {
    return generator.open(peer.port(), scenario.traffic(), scenario.connections(clients));
  }

  private @Nullable Profiler start(Contender contender, Peer peer, boolean last)
      throws IOException {
    if (profiler == null || !last || !contender.isJvm()) {
      return null;
    }
    profiler.start(peer.pid());
    return profiler;
  }

  private Sample measure(Scenario scenario, Contender contender, Peer peer, boolean last)
      throws IOException, InterruptedException {
    try (Clients open = open(scenario, peer)) {
      open.saturate(SETTLE);
      Profiler active = start(contender, peer, last);
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
