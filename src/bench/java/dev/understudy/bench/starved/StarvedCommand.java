package dev.understudy.bench.starved;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.Packages;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.startup.Form;
import dev.understudy.bench.starved.Scene.Fault;
import dev.understudy.bench.starved.StarvedRun.Starter;
import dev.understudy.bench.starved.StarvedRun.Times;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code starved}: many servers fail while the proxy has little CPU. */
@Command(
    name = "starved",
    description = {
      "What clients see when half of the masters fail and the proxy has a small share of a CPU:"
          + " under a quota, and on a busy machine. HAProxy beside Understudy, each alone.",
      "Needs root, for a control group."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StarvedCommand implements Callable<Integer> {
  /** Less than the limits of deploy/kubernetes. */
  private static final List<String> MEMORY = List.of("-XX:MaxRAM=384m");

  /** The proxies. */
  enum Contestant {
    UNDERSTUDY,
    HAPROXY
  }

  @Option(
      names = "--quota",
      split = ",",
      description = "percent of a CPU; 0: none, but 40 busy processes beside the proxy")
  private List<Integer> quotas = List.of(10, 5, 0);

  @Option(names = "--fault", split = ",", description = "some of ${COMPLETION-CANDIDATES}")
  private List<Fault> faults = List.of(Fault.values());

  @Option(
      names = "--proxy",
      split = ",",
      description = "some of ${COMPLETION-CANDIDATES}, in this order")
  private List<Contestant> proxies = List.of(Contestant.values());

  @Option(names = "--pools", description = "of two servers each, under a quota")
  private int pools = 100;

  @Option(names = "--rate", description = "requests to each pool each second")
  private int rate = 1;

  @Option(
      names = {"--rounds", "--runs"},
      description = "of each")
  private int rounds = 1;

  @Option(names = "--jar", description = "another jar of Understudy than that of the build")
  private Path jar = UnderstudyJar.JAR;

  @Option(names = "--limit", description = "seconds from the fault; then it is given up")
  private int limit = 130;

  @Option(names = "--quick", description = "20 pools, 10 %%, shortly: to see that it works")
  private boolean quick;

  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.requireHaproxy();
    if (quick) {
      pools = 20;
      quotas = List.of(10);
      limit = 30;
    }
    Times times =
        new Times(
            Duration.ofSeconds(quick ? 5 : 20),
            Duration.ofSeconds(quick ? 3 : 10),
            Duration.ofSeconds(limit));
    StarvedReport report = new StarvedReport(times.limit());
    for (Scene scene : scenes()) {
      for (int round = 0; round < rounds; round++) {
        for (Contestant proxy : proxies) {
          try (WorkFolder folder = WorkFolder.make()) {
            Outcome outcome = new StarvedRun(scene, times, rate).run(folder.path(), starter(proxy));
            report.add(outcome);
            System.err.printf(
                "%s: %s: all served s: %s%n",
                scene.words(), outcome.proxy(), report.seconds(outcome));
          }
        }
      }
    }
    System.out.println("\n" + Machine.describe() + "\n");
    System.out.println(report.table());
    return 0;
  }

  private List<Scene> scenes() {
    List<Scene> scenes = new ArrayList<>();
    for (int quota : quotas) {
      if (quota == 0) {
        scenes.add(Scene.busy());
      } else {
        faults.forEach(fault -> scenes.add(Scene.quota(quota, pools, fault)));
      }
    }
    return scenes;
  }

  private Starter starter(Contestant proxy) {
    if (proxy == Contestant.HAPROXY) {
      return site -> Form.haproxy(Haproxy.title(Program.newestHaproxy()), site);
    }
    List<String> java = new ArrayList<>(List.of(Child.java()));
    java.addAll(jvmOptions.jvm().and(MEMORY).options());
    java.addAll(List.of("-jar", jar.toAbsolutePath().toString()));
    return site -> Form.understudy(UnderstudyJar.EXPRESS, java, site);
  }
}
