package dev.understudy.bench.tunnel;

import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.soak.VitalsReader;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tunnels}: thousands of idle WebSockets, their memory, and their close frames. */
@Command(
    name = "tunnels",
    description =
        "Opens idle WebSocket tunnels, measures the memory of each, then has an operator switch the"
            + " pool, opens them again and kills the server; counts who was told.",
    mixinStandardHelpOptions = true)
public final class TunnelsCommand implements Callable<Integer> {
  /** Told that the server restarts. */
  private static final int SERVICE_RESTART = 1012;

  private static final String TOKEN = "bench";

  /** Why the role moved, if it did so by itself: a busy machine makes servers miss probes. */
  private static final Pattern EVENT = Pattern.compile("\\bunderstudy\\.events\\b");

  /** Descriptors that a proxy needs besides two for each tunnel. */
  private static final int OTHER_DESCRIPTORS = 400;

  /** An operator's switch closes tunnels over {@code on-switch.drain}, 30 s by default. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Option(
      names = "--count",
      defaultValue = "10000",
      description = "How many; default ${DEFAULT-VALUE}; fewer where the process may not.")
  private int count;

  /** The memory of the proxy. */
  private record Memory(long rss, long heap, long direct) {
    static Memory of(UnderstudyJar proxy) throws IOException, InterruptedException {
      VitalsReader reader = new VitalsReader(proxy);
      return new Memory(proxy.rssBytes(), reader.heapBytes(), reader.directBytes());
    }
  }

  @Override
  public Integer call() throws Exception {
    int possible = Math.min(count, mostTunnels());
    if (possible < count) {
      System.out.printf(
          "%d instead of %d tunnels: a process may open %d files here (ulimit -Hn)%n",
          possible, count, hardLimit());
    }
    try (WorkFolder folder = WorkFolder.make();
        ServerProcess master = ServerProcess.start("master", folder.path());
        ServerProcess backup = ServerProcess.start("backup", folder.path());
        UnderstudyJar proxy =
            UnderstudyJar.start(
                UnderstudyJar.EXPRESS,
                Site.of(folder.path(), List.of(master.port(), backup.port())),
                Jvm.container().and(VitalsReader.OPTIONS),
                "--understudy.admin.token=" + TOKEN)) {
      boolean good = measure(proxy, List.of(master, backup), possible);
      System.out.println("events of the servers meanwhile:");
      proxy.process().log().lines().filter(EVENT.asPredicate()).forEach(System.out::println);
      return good ? 0 : 1;
    }
  }

  private static boolean measure(UnderstudyJar proxy, List<ServerProcess> servers, int count)
      throws Exception {
    // Excludes classes loaded by the first tunnels.
    Crowd.open(proxy.port(), count / 10).close();
    Memory before = Memory.of(proxy);
    boolean good;
    try (Crowd crowd = Crowd.open(proxy.port(), count)) {
      print(crowd.opened(), before, Memory.of(proxy));
      forgetEnded(crowd);
      long now = System.nanoTime();
      switchTo(proxy, "s1");
      good = tell("operator's switch", crowd.awaitEnds(now, PATIENCE));
    }
    try (Crowd crowd = Crowd.open(proxy.port(), count)) {
      forgetEnded(crowd);
      long now = System.nanoTime();
      kill(servers, crowd.lastServer());
      good &= tell("server killed", crowd.awaitEnds(now, PATIENCE));
    }
    return good;
  }

  private static void switchTo(UnderstudyJar proxy, String server) throws IOException {
    try (HttpConnection management = new HttpConnection(proxy.managementPort())) {
      HttpConnection.Answer response =
          management.send(
              "POST",
              "/api/pools/app/switch",
              "{\"to\":\"" + server + "\"}",
              "Content-Type: application/json",
              "Authorization: Bearer " + TOKEN);
      if (response.status() != 200) {
        throw new IOException("the switch was refused: " + response);
      }
    }
  }

  private static void print(int tunnels, Memory before, Memory after) {
    System.out.printf("%d idle tunnels%n", tunnels);
    System.out.printf("%-24s %10s %10s %14s%n", "", "before MB", "after MB", "KB for each");
    print("RSS", before.rss(), after.rss(), tunnels);
    print("heap after GC", before.heap(), after.heap(), tunnels);
    print("direct memory", before.direct(), after.direct(), tunnels);
  }

  private static void print(String what, long before, long after, int tunnels) {
    System.out.printf(
        Locale.ROOT,
        "%-24s %10.1f %10.1f %14.2f%n",
        what,
        before / 1048576.0,
        after / 1048576.0,
        (after - before) / 1024.0 / tunnels);
  }

  private static boolean tell(String what, Crowd.Ends ends) {
    System.out.printf(
        Locale.ROOT,
        "%-24s of %d: told with 1012: %d, other ends: %s; first after %.2f s, last after %.2f s%n",
        what,
        ends.opened(),
        ends.of(SERVICE_RESTART),
        others(ends),
        ends.firstMillis() / 1e3,
        ends.lastMillis() / 1e3);
    return ends.of(SERVICE_RESTART) == ends.opened();
  }

  /** A busy machine can make a server seem DOWN while tunnels are being opened. */
  private static void forgetEnded(Crowd crowd) {
    int ended = crowd.forgetEnded();
    if (ended > 0) {
      System.out.println(ended + " ended while the others were being opened");
    }
  }

  private static void kill(List<ServerProcess> servers, String name) throws InterruptedException {
    for (ServerProcess server : servers) {
      if (server.name().equals(name)) {
        server.kill();
      }
    }
  }

  private static String others(Crowd.Ends ends) {
    SortedMap<Integer, Integer> others = new TreeMap<>(ends.codes());
    others.remove(SERVICE_RESTART);
    return others.isEmpty() ? "none" : others.toString();
  }

  /** The number that a proxy's descriptors allow, two for each. */
  private static int mostTunnels() throws IOException {
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, (hardLimit() - OTHER_DESCRIPTORS) / 2));
  }

  /** JVMs raise their soft limit to it by themselves. */
  private static long hardLimit() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.split("\\s+")[4])
        .mapToLong(hard -> hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard))
        .findFirst()
        .orElseThrow();
  }
}
