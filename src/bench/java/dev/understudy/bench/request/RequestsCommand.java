package dev.understudy.bench.request;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.Packages;
import dev.understudy.bench.RoundOptions;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.load.Generator;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Certificate;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.profile.Profiler;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code requests}. */
@Command(
    name = "requests",
    description = {
      "CPU time, throughput and latency of requests, and memory after them.",
      "Every round measures each proxy once, so that all of them meet the same noise; ratios are"
          + " taken round by round. Printed are medians, with the least and the most of all"
          + " rounds.",
      "CPU time is the proxy process's own, user and system, while all connections send as fast as"
          + " responses arrive. At the fixed rate a latency counts from when the request was due."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class RequestsCommand implements Callable<Integer> {
  @Option(
      names = "--seconds",
      description = "for each proxy in a round, and half of it paced; 1 with --quick")
  private double seconds = 4;

  @Option(names = "--connections", description = "of clients")
  private int connections = 64;

  @Option(
      names = "--scenario",
      split = ",",
      description = "only these: ${COMPLETION-CANDIDATES}",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  private Set<Scenario> scenarios = EnumSet.allOf(Scenario.class);

  @Option(
      names = "--proxy",
      split = ",",
      description = "only these: ${COMPLETION-CANDIDATES}",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  private Set<Contender> contenders = EnumSet.allOf(Contender.class);

  @Option(
      names = "--profile",
      arity = "0..1",
      fallbackValue = "cpu",
      paramLabel = "EVENT",
      description =
          "profile the JVMs at saturation in the last round, into target/bench: cpu (default),"
              + " alloc, lock, wall, ...; as a flame graph (.html), stacks (.collapsed) and a list"
              + " (.txt)")
  private @Nullable String profile;

  @Mixin private final RoundOptions roundOptions = new RoundOptions();
  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.require();
    Results results = new Results();
    try (WorkFolder folder = WorkFolder.make();
        Origin origin = Origin.start(folder.path());
        Generator generator = new Generator()) {
      Profiler profiler = profile == null ? null : Profiler.unpack(folder.path(), profile);
      Jvm jvm = profiler == null ? jvmOptions.jvm() : jvmOptions.jvm().and(Profiler.JVM_OPTIONS);
      Rounds all =
          new Rounds(
              roundOptions.rounds(),
              Duration.ofNanos((long) ((roundOptions.quick() ? 1 : seconds) * 1e9)),
              roundOptions.warmUp(),
              connections,
              profiler,
              generator,
              results,
              System.err);
      Site site = Site.of(folder.path(), List.of(origin.port()));
      for (List<Scenario> stage : stages()) {
        run(stage, tls(stage, site), jvm, all);
      }
    }
    Report report = new Report(results);
    System.out.println("\n" + Machine.describe());
    System.out.println("JVMs: " + String.join(" ", jvmOptions.jvm().options()) + "\n");
    System.out.println(report.table());
    System.out.println(Goal.table(report.goals()));
    if (isWhole()) {
      Figures.leave("requests", roundOptions.quick(), report.rows());
    }
    return 0;
  }

  /** Whether nothing was left out: only then are the figures for the page of results. */
  private boolean isWhole() {
    return profile == null
        && scenarios.size() == Scenario.values().length
        && contenders.size() == Contender.values().length;
  }

  /** Scenarios that share processes, in order. */
  private List<List<Scenario>> stages() {
    List<List<Scenario>> stages = new ArrayList<>();
    for (Scenario scenario : scenarios.stream().sorted().toList()) {
      if (stages.isEmpty() || !stages.getLast().getLast().sharesProcesses(scenario)) {
        stages.add(new ArrayList<>());
      }
      stages.getLast().add(scenario);
    }
    return stages;
  }

  private static Site tls(List<Scenario> stage, Site site) throws IOException {
    Path folder = site.folder();
    return stage.getFirst().secure() ? site.withTls(Certificate.make(folder)) : site;
  }

  private void run(List<Scenario> stage, Site site, Jvm jvm, Rounds all)
      throws IOException, InterruptedException {
    List<Contender> taking =
        stage.getFirst().contenders().stream()
            .filter(contenders::contains)
            .filter(Contender::isThere)
            .toList();
    if (stage.getFirst().fresh()) {
      all.runFresh(stage.getFirst(), taking, contender -> contender.start(site, jvm));
      return;
    }
    Map<Contender, Peer> peers = new EnumMap<>(Contender.class);
    try {
      for (Contender contender : taking) {
        peers.put(contender, contender.start(site, jvm));
      }
      for (Scenario scenario : stage) {
        all.run(scenario, peers);
      }
    } finally {
      peers.values().forEach(Peer::close);
    }
  }
}
