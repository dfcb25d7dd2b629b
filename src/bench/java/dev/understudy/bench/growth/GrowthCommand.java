package dev.understudy.bench.growth;

import dev.understudy.bench.JvmOptions;
import dev.understudy.bench.Packages;
import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.growth.GrowthReport.Kind;
import dev.understudy.bench.growth.Guests.Manner;
import dev.understudy.bench.growth.Subject.Rest;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.report.Figures;
import dev.understudy.bench.report.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code growth}. */
@Command(
    name = "growth",
    description = {
      "What more pools, idle clients, idle WebSockets and events need: memory, CPU time at rest,"
          + " and the time of a reload, of a scrape and of the console's first page.",
      "HAProxy is beside Understudy where it has the same; its page is that of its statistics."
    },
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class GrowthCommand implements Callable<Integer> {
  /** Connections at first, which load what the first ones load, and do not count. */
  private static final int WARM_UP = 500;

  /** Descriptors that a proxy needs besides two for each WebSocket, or that it keeps free. */
  private static final int OTHER_DESCRIPTORS = 2_000;

  /** Pools that operators command at once. */
  private static final int COMMANDED = 4;

  /** After a start, and after connections have come or gone. */
  private static final int SETTLE_SECONDS = 5;

  @Option(names = "--pools", split = ",", description = "${DEFAULT-VALUE}; 10,50 with --quick")
  private List<Integer> pools = List.of(10, 200, 1_000);

  @Option(
      names = "--clients",
      description = "idle, and WebSockets; 0 leaves them out; 1000 with --quick")
  private int clients = 10_000;

  @Option(names = "--events", split = ",", description = "0,1000 with --quick")
  private List<Integer> events = List.of(0, 10_000, 100_000);

  @Option(names = "--rest", description = "seconds of each count of CPU at rest; 3 with --quick")
  private int rest = 40;

  @Option(
      names = "--age",
      description = "seconds that a proxy has run before it is read; 0 with --quick")
  private int age = 120;

  @Option(names = "--quick", description = "little of everything: to see that it works")
  private boolean quick;

  @Mixin private final JvmOptions jvmOptions = new JvmOptions();

  private final GrowthReport report = new GrowthReport();

  /** Makes a proxy. */
  private interface Maker {
    Subject make(Site site) throws IOException;
  }

  /** What is read of a proxy. */
  private interface Work {
    void on(Subject subject) throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Packages.requireHaproxy();
    if (quick) {
      pools = List.of(10, 50);
      clients = 1_000;
      events = List.of(0, 1_000);
      rest = 3;
      age = 0;
    }
    Jvm jvm = jvmOptions.jvm();
    List<Maker> makers = List.of(GrowingHaproxy::new, site -> new GrowingUnderstudy(site, jvm));
    try (WorkFolder folder = WorkFolder.make()) {
      int most = pools.stream().mapToInt(Integer::intValue).max().orElse(1);
      Site all = Site.of(folder.path(), List.of(1, 1)).withPools(Math.max(most, COMMANDED));
      try (Origin origin = Origin.start(folder.path(), all.addresses())) {
        List<Integer> ports = List.of(origin.port(), origin.port());
        Site site = Site.of(folder.path(), ports);
        for (int count : pools) {
          each(makers, site.withPools(count), subject -> pools(subject, count));
        }
        if (clients > 0) {
          each(makers, site, subject -> connections(subject, Kind.CLIENTS, Manner.HTTP));
          each(makers, site, subject -> connections(subject, Kind.WEBSOCKETS, Manner.WEBSOCKET));
        }
        events(site.withPools(COMMANDED), jvm);
      }
    }
    System.out.println("\n" + Machine.describe() + "\n");
    System.out.println(report.table());
    Figures.leave("growth", quick, report.rows());
    return 0;
  }

  /** Starts all, so that they grow old at the same time, and reads one after the other. */
  private static void each(List<Maker> makers, Site site, Work work)
      throws IOException, InterruptedException {
    Deque<Subject> started = new ArrayDeque<>();
    try {
      for (Maker maker : makers) {
        started.add(maker.make(site));
      }
      while (!started.isEmpty()) {
        work.on(started.getFirst());
        started.removeFirst().close();
      }
    } finally {
      started.forEach(Subject::close);
    }
  }

  private void pools(Subject subject, int count) throws IOException, InterruptedException {
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    add(Kind.POOLS, subject, count, true);
  }

  private void add(Kind kind, Subject subject, int count, boolean reloads)
      throws IOException, InterruptedException {
    Rest counted = new Rest(Duration.ofSeconds(age), Duration.ofSeconds(rest));
    Reading reading = subject.read(count, counted, reloads);
    report.add(kind, subject.name(), reading);
    System.err.println(subject.name() + ": " + kind.of(count) + ": " + reading);
  }

  private void connections(Subject subject, Kind kind, Manner manner)
      throws IOException, InterruptedException {
    int possible = (int) Math.min(clients, (hardLimit() - OTHER_DESCRIPTORS) / 2);
    if (possible < clients) {
      System.out.printf(
          "%s instead of %d: a process may open %d files here (ulimit -Hn)%n",
          kind.of(possible), clients, hardLimit());
    }
    Guests.invite(manner, subject.port(), Math.min(possible, WARM_UP)).close();
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    add(kind, subject, 0, false);
    try (Guests guests = Guests.invite(manner, subject.port(), possible)) {
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      add(kind, subject, guests.staying(), false);
    }
  }

  /** Understudy alone keeps them. */
  private void events(Site site, Jvm jvm) throws IOException, InterruptedException {
    Path state = site.folder().resolve("growth.state");
    try (Subject subject = new GrowingUnderstudy(site, jvm, "--understudy.state-file=" + state)) {
      int before = 0;
      for (int count : events) {
        Operators.command(subject.managementPort(), site.poolNames(), count - before);
        before = count;
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        add(Kind.EVENTS, subject, count, true);
      }
    }
  }

  /** Proxies raise their soft limit to it by themselves. */
  private static long hardLimit() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.split("\\s+")[4])
        .mapToLong(hard -> hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard))
        .findFirst()
        .orElseThrow();
  }
}
