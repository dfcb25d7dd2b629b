package dev.understudy.bench.peak;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.Packages;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.load.Clients;
import dev.understudy.bench.load.Generator;
import dev.understudy.bench.load.Traffic;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Machine;
import dev.understudy.bench.startup.Form;
import dev.understudy.bench.startup.Image;
import dev.understudy.bench.startup.Start;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code peak}. */
@Command(
    name = "peak",
    description = {
      "How long after its start a proxy handles a request as cheaply as after minutes, and what"
          + " clients see meanwhile.",
      "Each is started anew and gets requests at a fixed rate from its first response on:"
          + " HAProxy, Understudy with the image's options with and without the AOT cache, and"
          + " with the cache after an upgrade under the same load."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class PeakCommand implements Callable<Integer> {
  private static final String CACHE = UnderstudyJar.EXPRESS + ", AOT cache";
  private static final String NO_CACHE = UnderstudyJar.EXPRESS + ", no cache";
  private static final String UPGRADED = CACHE + ", after an upgrade";

  private static final List<String> ALL = List.of("haproxy", "start", "no-cache", "upgrade");

  private static final int SLOW_MILLIS = 100;
  private static final int CLIENTS = 64;
  private static final int QUICK_SECONDS = 12;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration WARM_BEFORE_UPGRADE = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern STARTED = Pattern.compile("process (\\d+) was started");

  private static final Pattern SERVES = Pattern.compile("process \\d+ .* serves");

  @Option(names = "--seconds", description = "of each; ${DEFAULT-VALUE}, 12 with --quick")
  private int seconds = 120;

  @Option(names = "--rates", split = ",", description = "requests each second")
  private List<Integer> rates = List.of(500, 5_000);

  @Option(names = "--of", split = ",", description = "which of them: ${DEFAULT-VALUE}")
  private List<String> of = ALL;

  @Option(names = "--quick", description = "a few seconds of each: to see that it works")
  private boolean quick;

  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  private final PeakReport report = new PeakReport();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.requireHaproxy();
    try (WorkFolder folder = WorkFolder.make();
        Origin origin = Origin.start(folder.path());
        Generator generator = new Generator()) {
      Site site = Site.of(folder.path(), List.of(origin.port()));
      Image image = Image.make(folder.path().resolve("app"));
      List<String> cache = image.java(jvmOptions.more());
      List<String> noCache = new ArrayList<>(cache);
      noCache.add(noCache.indexOf("-jar"), "-XX:AOTMode=off");
      // Else the first proxy would pay for clients and a server that are new as well, and an
      // upgrade for
      // clients that connect again.
      for (Traffic each : List.of(Traffic.get("/1k").onNewConnections(), Traffic.get("/1k"))) {
        try (Clients clients = generator.open(origin.port(), each, CLIENTS)) {
          clients.saturate(quick ? WARM_UP.dividedBy(10) : WARM_UP);
        }
      }
      for (int rate : rates) {
        if (of.contains("haproxy")) {
          haproxy(site, rate, generator);
        }
        if (of.contains("start")) {
          understudy(Form.understudy(CACHE, cache, site), folder.path(), rate, generator);
        }
        if (of.contains("no-cache")) {
          understudy(Form.understudy(NO_CACHE, noCache, site), folder.path(), rate, generator);
        }
        if (of.contains("upgrade")) {
          upgraded(Form.understudy(UPGRADED, cache, site), image, rate, generator);
        }
      }
    }
    System.out.println("\n" + Machine.describe() + "\n");
    System.out.println(report.table());
    System.out.println(report.course());
    Figures.leave("peak", quick || of.size() < ALL.size(), report.rows());
    return 0;
  }

  private int length() {
    return quick ? QUICK_SECONDS : seconds;
  }

  private void haproxy(Site site, int rate, Generator generator)
      throws IOException, InterruptedException {
    try (Peer peer = Haproxy.start(Program.newestHaproxy(), site)) {
      Await.until("HAProxy responds", () -> Start.isProxied(peer.port()));
      watch(peer.name(), peer.port(), List.of(peer.pid()), rate, generator);
    }
  }

  private void understudy(Form form, Path folder, int rate, Generator generator)
      throws InterruptedException {
    try (Child child = start(form, folder)) {
      watch(form.title(), form.port(), List.of(child.pid()), rate, generator);
    }
  }

  private static Child start(Form form, Path folder) {
    return Child.start("peak-" + form.port(), folder, form.command())
        .await(() -> Start.isProxied(form.port()));
  }

  private void watch(String subject, int port, List<Long> processes, int rate, Generator generator)
      throws InterruptedException {
    try (Clients clients = generator.open(port, Traffic.get("/1k"), CLIENTS)) {
      add(subject, rate, Watch.of(clients, rate, length(), () -> processes));
    }
  }

  private void add(String subject, int rate, Ascent ascent) {
    report.add(subject, rate, ascent);
    System.err.printf(
        "%d/s: %s: %.1f µs at the end, %.0f s to peak%n",
        rate, subject, ascent.finalMicros(), ascent.secondsToPeak());
  }

  /**
   * The second process is watched from the moment of the command on, with the first one; slow
   * requests are counted from then until it has served for as long as after a start. Before, the
   * first one is watched alone.
   */
  private void upgraded(Form form, Image image, int rate, Generator generator)
      throws IOException, InterruptedException {
    Path folder = image.folder();
    Path socket = folder.resolve("handover-" + form.port() + ".sock");
    Form upgradable = form.and("--understudy.handover.socket=" + socket);
    List<Long> processes = new ArrayList<>();
    try (Child first = start(upgradable, folder);
        Clients clients = generator.open(form.port(), Traffic.get("/1k"), CLIENTS)) {
      Await.until("it can be upgraded", PATIENCE, () -> Files.exists(socket));
      int warm = quick ? Ascent.FIRST : (int) WARM_BEFORE_UPGRADE.toSeconds();
      Ascent before = Watch.of(clients, rate, warm, () -> List.of(first.pid()));
      List<String> command = new ArrayList<>(image.java(jvmOptions.more()));
      command.addAll(List.of("upgrade", "--socket", socket.toString()));
      try (Child upgrade = Child.start("upgrade-" + form.port(), folder, command)) {
        processes.add(first.pid());
        Served served = new Served(upgrade);
        Ascent after =
            Watch.of(
                clients,
                rate,
                length(),
                () -> {
                  served.look();
                  return withNext(processes, upgrade);
                });
        int at = served.second(length());
        add(form.title(), rate, new Ascent(after.seconds(), at + Ascent.FIRST, after.failed()));
        Ascent last = new Ascent(before.seconds().subList(warm - Ascent.FIRST, warm), 0);
        System.err.printf(
            "the next process served within second %d; before the command and from then on until"
                + " that second: p99 %.2f and %.2f ms, above 100 ms %d and %d%n",
            at,
            last.millis(Ascent.FIRST, 0.99),
            after.millis(at - 1, 0.99),
            last.slowAtFirst(SLOW_MILLIS),
            new Ascent(after.seconds(), at - 1, 0).slowAtFirst(SLOW_MILLIS));
        Await.until(
            "another process was started", PATIENCE, () -> withNext(processes, upgrade).size() > 1);
      }
    } finally {
      processes.forEach(
          process -> ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly));
    }
  }

  /** When the next process serves. */
  private static final class Served {
    private final Child upgrade;
    private int looks;
    private int found = -1;

    Served(Child upgrade) {
      this.upgrade = upgrade;
    }

    /** Called at the beginning and after each second. */
    void look() {
      if (found < 0 && SERVES.matcher(upgrade.log()).find()) {
        found = looks;
      }
      looks++;
    }

    /** The second at whose end it was seen to serve; {@code none} if it was not. */
    int second(int none) {
      return found < 0 ? none : found;
    }
  }

  private static List<Long> withNext(List<Long> processes, Child upgrade) {
    if (processes.size() < 2) {
      Matcher started = STARTED.matcher(upgrade.log());
      if (started.find()) {
        processes.add(Long.parseLong(started.group(1)));
      }
    }
    return List.copyOf(processes);
  }
}
