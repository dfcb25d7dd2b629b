package dev.understudy.bench.soak;

import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.soak.Vitals.Level;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code soak}: mixed traffic with faults, then the levels that remain. */
@Command(
    name = "soak",
    description =
        "Mixed traffic with faults for a bounded time; ends with 1 if a response was not as"
            + " expected or memory, connections, descriptors or threads are not level at the end.",
    mixinStandardHelpOptions = true)
public final class SoakCommand implements Callable<Integer> {
  private static final Duration QUIET = Duration.ofSeconds(8);
  private static final Duration MOST_PATIENCE = Duration.ofMinutes(2);

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description =
          "How long, the warm-up of one turn of faults included; a turn that has begun is ended;"
              + " default ${DEFAULT-VALUE}.")
  private int minutes;

  @Override
  public Integer call() throws Exception {
    WorkFolder folder = WorkFolder.make();
    boolean good = false;
    try (Stage stage = Stage.start(folder.path());
        Frontends frontends = new Frontends(stage.plainPort(), stage.proxy().port())) {
      good = soak(stage, frontends);
    }
    if (good) {
      folder.close();
    } else {
      System.out.println("the logs of the processes are in " + folder.path());
    }
    return good ? 0 : 1;
  }

  private boolean soak(Stage stage, Frontends frontends) throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(minutes);
    VitalsReader reader = new VitalsReader(stage.proxy());
    Orders orders = new Orders();
    Tally tally = new Tally();
    Faults faults = new Faults(stage);
    try (Traffic traffic = Traffic.start(frontends, orders, tally, faults::windows)) {
      faults.turn();
    }
    Vitals warm = atRest(reader);
    System.out.println("warm after " + tally.all() + " visits: " + warm);
    try (Traffic traffic = Traffic.start(frontends, orders, tally, faults::windows)) {
      do {
        faults.turn();
        System.out.printf("%d visits, %d unexpected%n", tally.all(), tally.unexpected());
      } while (System.nanoTime() - end < 0);
    }
    return report(tally, orders.audit(stage.executed()), atRest(reader).against(warm));
  }

  /** Once the number of its connections has not changed for a while. */
  private static Vitals atRest(VitalsReader reader) throws Exception {
    long patience = System.nanoTime() + MOST_PATIENCE.toNanos();
    long last = -1;
    long since = System.nanoTime();
    while (System.nanoTime() - since < QUIET.toNanos() && System.nanoTime() - patience < 0) {
      long now = reader.connections();
      if (now != last) {
        last = now;
        since = System.nanoTime();
      }
      TimeUnit.SECONDS.sleep(1);
    }
    return reader.read();
  }

  private static boolean report(Tally tally, Orders.Audit audit, List<Level> levels) {
    boolean good =
        tally.unexpected() == 0 && audit.isClean() && levels.stream().allMatch(Level::isLevel);
    System.out.println();
    System.out.print(tally.table());
    System.out.println();
    print("at rest", "warm", "end", "tolerance", "");
    for (Level level : levels) {
      print(
          level.what() + (level.unit().isEmpty() ? "" : ", " + level.unit()),
          level.warm(),
          level.end(),
          "+" + level.tolerance(),
          level.isLevel() ? "level" : "NOT LEVEL");
    }
    System.out.printf(
        "%d visits, %d unexpected; orders executed twice: %d, confirmed and not executed: %d,"
            + " executed in part: %d%n",
        tally.all(), tally.unexpected(), audit.twice(), audit.forgotten(), audit.torn());
    System.out.println(good ? "soak: passed" : "soak: FAILED");
    return good;
  }

  private static void print(Object... cells) {
    System.out.println(String.format(Locale.ROOT, "%-20s %8s %8s %10s  %s", cells).stripTrailing());
  }
}
