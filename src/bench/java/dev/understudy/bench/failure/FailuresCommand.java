package dev.understudy.bench.failure;

import dev.understudy.bench.Main;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.failure.FailureRun.Row;
import dev.understudy.bench.report.Figures;
import dev.understudy.scenario.Processes;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code failures}: what clients see when the master fails. */
@Command(
    name = "failures",
    description =
        "Kills, freezes, black-holes and restores a master under 200 requests/s, every fifth a"
            + " POST, and 20 WebSockets; HAProxy tuned beside Understudy.",
    mixinStandardHelpOptions = true)
public final class FailuresCommand implements Callable<Integer> {
  private static final String INSIDE = "--inside";
  private static final int QUICK_OUTAGE_SECONDS = 6;

  @Spec private CommandSpec spec;

  @Option(
      names = "--outage",
      defaultValue = "12",
      description = "Seconds from the fault to its mending; default ${DEFAULT-VALUE}.")
  private int outageSeconds;

  @Option(names = "--quick", description = "An outage of 6 s: to see that it works.")
  private boolean quick;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "How often each; default ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--faults",
      split = ",",
      defaultValue = "KILLED,FROZEN,BLACK_HOLED",
      description = "Some of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private List<Fault> faults = List.of();

  @Option(
      names = "--peers",
      split = ",",
      defaultValue = "UNDERSTUDY,HAPROXY",
      description = "Some of ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private List<Contestant> peers = List.of();

  /** Set in the process that runs in the private network. */
  @Option(names = INSIDE, hidden = true)
  private boolean inside;

  @Override
  public Integer call() throws Exception {
    if (inside) {
      PrivateNetwork.enter();
      return measure(faults);
    }
    if (!faults.contains(Fault.BLACK_HOLED)) {
      return measure(faults);
    }
    Optional<List<String>> wayIn = PrivateNetwork.wayIn();
    if (wayIn.isPresent()) {
      return again(wayIn.get());
    }
    System.out.println(
        "The black hole is left out: dropping packets needs a network namespace (unshare --net) and"
            + " ip xfrm (iproute2), and this user may not make one.");
    return measure(faults.stream().filter(fault -> fault != Fault.BLACK_HOLED).toList());
  }

  private int measure(List<Fault> which) throws Exception {
    List<Row> rows = new ArrayList<>();
    int lacking = 0;
    System.out.print(FailureTable.head());
    for (Fault fault : which) {
      for (int round = 0; round < rounds; round++) {
        for (Contestant peer : peers) {
          List<Row> run = one(fault, peer);
          lacking += run.isEmpty() ? 1 : 0;
          rows.addAll(run);
        }
      }
    }
    System.out.println();
    peers.stream()
        .filter(peer -> peer != Contestant.HAPROXY)
        .forEach(peer -> System.out.println(FailureTable.targets(rows, peer.title())));
    if (lacking > 0) {
      System.out.printf("%d runs did not end as they should: no figures are left%n", lacking);
      return 1;
    }
    if (peers.size() > 1) {
      Figures.leave("failures", quick, FailureTable.figures(rows));
    }
    return 0;
  }

  /** Reports a run that cannot be ended; the other runs are not affected. */
  private List<Row> one(Fault fault, Contestant peer) {
    try (WorkFolder folder = WorkFolder.make()) {
      Duration outage = Duration.ofSeconds(quick ? QUICK_OUTAGE_SECONDS : outageSeconds);
      List<Row> rows = new FailureRun(folder.path(), outage).run(fault, peer::start);
      System.out.print(FailureTable.rows(rows));
      return rows;
    } catch (Exception | AssertionError e) {
      System.out.printf("%s, %s: not measured: %s%n", peer.title(), fault.words(), e.getMessage());
      return List.of();
    }
  }

  /** The same in a process of its own in a private network. */
  private int again(List<String> wayIn) throws Exception {
    List<String> command = new ArrayList<>(wayIn);
    command.add(Processes.java());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(spec.root().commandLine().getParseResult().originalArgs());
    command.add(INSIDE);
    Process process = new ProcessBuilder(command).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    return process.waitFor();
  }
}
