package dev.understudy.bench.relay;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.RoundOptions;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.TcpPeers;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Spread;
import dev.understudy.bench.report.Table;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tcp}: the CPU time that relaying costs, with HAProxy beside in each round. */
@Command(
    name = "tcp",
    description = "Measures the CPU time for each MB, message and connection that is relayed.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class TcpCommand implements Callable<Integer> {
  /** Of HAProxy's CPU. */
  private static final double MUST = 1.1;

  @Option(names = "--scenario", split = ",", description = "${COMPLETION-CANDIDATES}; all")
  private Set<Pattern> scenarios = EnumSet.allOf(Pattern.class);

  @Option(names = "--seconds", description = "of a round")
  private int seconds = 5;

  @Mixin private final RoundOptions roundOptions = new RoundOptions();
  @Mixin private final JvmOptions jvm = new JvmOptions();

  /** One proxy in one round. */
  private record Sample(double microsEach, double perSecond) {}

  @Override
  public Integer call() throws Exception {
    List<Goal> goals = new ArrayList<>();
    for (Pattern pattern : scenarios) {
      goals.add(measure(pattern));
    }
    System.out.println(Goal.table(goals));
    return 0;
  }

  private Goal measure(Pattern pattern) throws Exception {
    List<Sample> haproxy = new ArrayList<>();
    List<Sample> understudy = new ArrayList<>();
    try (WorkFolder folder = WorkFolder.make();
        Load load = new Load(pattern);
        Peer reference = TcpPeers.haproxy(folder.path(), load.port());
        Peer ours = TcpPeers.understudy(folder.path(), load.port(), jvm.jvm())) {
      warmUp(load, ours);
      for (int i = 0; i < roundOptions.rounds(); i++) {
        haproxy.add(sample(pattern, load, reference));
        understudy.add(sample(pattern, load, ours));
      }
      print(pattern, reference, haproxy);
      print(pattern, ours, understudy);
      System.out.printf("RSS of %s: %d MB%n%n", ours.name(), ours.rssBytes() >> 20);
      if (load.failed() > 0) {
        System.out.printf("%d connections failed%n", load.failed());
      }
    }
    return goal(pattern, haproxy, understudy);
  }

  private static Goal goal(Pattern pattern, List<Sample> haproxy, List<Sample> understudy) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < haproxy.size(); i++) {
      ratios.add(understudy.get(i).microsEach() / haproxy.get(i).microsEach());
    }
    Spread ratio = Spread.of(ratios.stream().mapToDouble(Double::doubleValue));
    System.out.println("ratio of the CPU: " + ratio.text(2) + "\n");
    return new Goal(pattern.title() + ", CPU to HAProxy's", MUST, MUST, ratio.median(), "");
  }

  private void warmUp(Load load, Peer peer) throws InterruptedException {
    long until = peer.cpuNanos() + roundOptions.warmUp().toNanos();
    load.start(peer.port());
    while (peer.cpuNanos() < until) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
    load.stop();
  }

  private Sample sample(Pattern pattern, Load load, Peer peer) throws InterruptedException {
    load.start(peer.port());
    TimeUnit.MILLISECONDS.sleep(500);
    long done = load.done();
    long cpu = peer.cpuNanos();
    long began = System.nanoTime();
    TimeUnit.SECONDS.sleep(seconds);
    double units = (double) (load.done() - done) / pattern.amount();
    double micros = (peer.cpuNanos() - cpu) / 1e3;
    double elapsed = (System.nanoTime() - began) / 1e9;
    load.stop();
    return new Sample(micros / units, units / elapsed);
  }

  private static void print(Pattern pattern, Peer peer, List<Sample> samples) {
    Table table =
        new Table(
            pattern.title() + ", " + peer.name(),
            "CPU µs for each " + pattern.unit(),
            pattern.unit() + "s per second");
    table.add(
        "median (least-most)",
        Spread.of(samples.stream().mapToDouble(Sample::microsEach)).text(1),
        Spread.of(samples.stream().mapToDouble(Sample::perSecond)).text(0));
    System.out.println(table);
  }
}
