package dev.understudy.bench.startup;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.Packages;
import dev.understudy.bench.RoundOptions;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.ProcessPeer;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Goal;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.report.Measurements;
import dev.understudy.bench.report.PythonLoop;
import dev.understudy.bench.request.LoadedMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code startup}. */
@Command(
    name = "startup",
    description = {
      "From the start of the process to the first response of a server behind it, and to"
          + " readiness.",
      "For the plain jar, for the jar with the image's options and an AOT cache, and for the newest"
          + " HAProxy: with one pool, and with 200 pools of two servers each. They are started in"
          + " turn, after a round that does not count; durations are printed in seconds, too, and"
          + " in terms of a loop of Python that runs before each round."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class StartupCommand implements Callable<Integer> {
  private static final int POOLS = 200;

  @Mixin private final RoundOptions roundOptions = new RoundOptions();
  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.requireHaproxy();
    Measurements<Start> starts = new Measurements<>();
    Map<String, Double> loaded = new LinkedHashMap<>();
    try (WorkFolder folder = WorkFolder.make();
        Origin origin = Origin.start(folder.path(), addresses(folder.path()))) {
      Site site = Site.of(folder.path(), List.of(origin.port()));
      Image image = Image.make(folder.path().resolve("app"));
      List<Form> forms = forms(site, image.java(jvmOptions.more()));
      for (Form form : forms) {
        Start.of(form, folder.path());
      }
      for (int round = 1; round <= roundOptions.rounds(); round++) {
        starts.begin(PythonLoop.run());
        for (Form form : forms) {
          Start start = Start.of(form, folder.path());
          starts.add(form.title(), start);
          System.err.printf(
              "round %d: %s: %.2f s%n", round, form.title(), start.proxied().seconds());
        }
      }
      for (Form form : forms) {
        if (form.title().equals(StartReport.IMAGE) || form.title().equals(StartReport.HAPROXY)) {
          loaded.put(form.title(), loadedMegabytes(form, folder.path()));
        }
      }
    }
    StartReport report = new StartReport(starts, loaded);
    System.out.println("\n" + Machine.describe());
    System.out.println(starts.unit() + "\n");
    System.out.println(report.table());
    System.out.println(Goal.table(report.goals()));
    String haproxy = Haproxy.title(Program.newestHaproxy());
    Figures.leave("startup", roundOptions.quick(), report.rows(haproxy));
    return 0;
  }

  /** Of the servers of all pools. */
  private static List<String> addresses(Path folder) {
    return Site.of(folder, List.of(1, 1)).withPools(POOLS).addresses();
  }

  private static List<Form> forms(Site site, List<String> image) throws IOException {
    int port = site.servers().getFirst();
    Site many = Site.of(site.folder(), List.of(port, port)).withPools(POOLS);
    List<String> jar = List.of(Child.java(), "-jar", UnderstudyJar.JAR.toString());
    return List.of(
        Form.understudy(StartReport.JAR, jar, site),
        Form.understudy(StartReport.IMAGE, image, site),
        Form.haproxy(StartReport.HAPROXY, site),
        Form.understudy(StartReport.IMAGE + StartReport.POOLS, image, many),
        Form.haproxy(StartReport.HAPROXY + StartReport.POOLS, many));
  }

  private double loadedMegabytes(Form form, Path folder) throws IOException, InterruptedException {
    Child child = Child.start("loaded-" + form.port(), folder, form.command());
    String name = form.managementPort() == 0 ? Haproxy.NAME : form.title();
    try (Peer peer = new ProcessPeer(name, form.port(), child)) {
      child.await(() -> Start.isProxied(form.port()));
      return LoadedMemory.megabytes(peer, roundOptions.warmUp());
    }
  }
}
