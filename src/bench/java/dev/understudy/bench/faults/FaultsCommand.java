package dev.understudy.bench.faults;

import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.faults.Schedule.Fault;
import dev.understudy.bench.report.Table;
import dev.understudy.testing.Reduction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code faults}: replicas under faults from a seed, and the history judged. */
@Command(
    name = "faults",
    description =
        "Three replicas, an application that fences by epoch, clients and faults from a seed; ends"
            + " with 1 if the recorded history is not as promised.",
    mixinStandardHelpOptions = true)
public final class FaultsCommand implements Callable<Integer> {
  @Option(
      names = "--minutes",
      defaultValue = "10",
      description =
          "How long, in runs of at most five minutes, each with the next seed; default"
              + " ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(names = "--seed", defaultValue = "1", description = "Of the first run.")
  private long seed;

  @Option(
      names = "--schedule",
      paramLabel = "FILE",
      description = "Runs this schedule once: lines of TIME FAULT TARGET DURATION, in seconds.")
  private @Nullable Path file;

  @Option(
      names = "--store",
      defaultValue = "etcd",
      description = "Where the replicas agree: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Store.Type store = Store.Type.ETCD;

  @Option(
      names = "--on-loss",
      description = "understudy.agreement.on-loss; else local with even seeds, hold with odd ones.")
  private @Nullable String onLoss;

  @Option(
      names = "--without-fence",
      description =
          "The application accepts requests with an old epoch, too: for seeing how that is found.")
  private boolean withoutFence;

  @Option(names = "--kinds", split = ",", description = "Only these: ${COMPLETION-CANDIDATES}.")
  private Set<Kind> kinds = EnumSet.allOf(Kind.class);

  @Option(
      names = "--trials",
      defaultValue = "6",
      description =
          "Runs at most that many shorter schedules when one has failed; default ${DEFAULT-VALUE}.")
  private int trials;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Draws the last run's history into this file (SVG).")
  private @Nullable Path picture;

  private static final int LONGEST_MINUTES = 5;

  private final Table runs =
      new Table(
          "date",
          "store",
          "seed",
          "on-loss",
          "minutes",
          "writes",
          "reads",
          "faults",
          "epochs",
          "refused",
          "overlap ms",
          "violations");
  private final Map<Kind, Pauses.Row> rows = new EnumMap<>(Kind.class);

  @Override
  public Integer call() throws Exception {
    boolean good = true;
    if (file != null) {
      Schedule schedule = Schedule.of(Files.readAllLines(file));
      good = run("-", schedule, setup("local")).isEmpty();
    } else {
      Set<Kind> possible = possible();
      for (int left = minutes, run = 0; left > 0; left -= LONGEST_MINUTES, run++) {
        Duration length = Duration.ofMinutes(Math.min(left, LONGEST_MINUTES));
        good &= round(seed + run, Schedule.random(seed + run, length, possible));
      }
    }
    System.out.println();
    System.out.println(Pauses.table(rows));
    System.out.println(runs);
    System.out.println(good ? "faults: passed" : "faults: FAILED");
    return good ? 0 : 1;
  }

  private Set<Kind> possible() throws Exception {
    Set<Kind> possible = EnumSet.noneOf(Kind.class);
    try (WorkFolder folder = WorkFolder.make()) {
      for (Kind kind : kinds) {
        if (Installation.can(kind, folder.path())) {
          possible.add(kind);
        } else {
          System.out.println(kind.text() + " is left out: this machine does not let it be done");
        }
      }
    }
    return possible;
  }

  private boolean round(long ofSeed, Schedule schedule) throws Exception {
    Setup setup = setup(ofSeed % 2 == 0 ? "local" : "hold");
    List<String> violations = run(Long.toString(ofSeed), schedule, setup);
    if (violations.isEmpty()) {
      return true;
    }
    if (trials > 0) {
      List<Fault> left =
          Reduction.reduce(
              schedule.faults(),
              trials,
              part -> !run(ofSeed + ", in part", new Schedule(part).closer(), setup).isEmpty());
      Schedule reduced = left.equals(schedule.faults()) ? schedule : new Schedule(left).closer();
      System.out.printf(
          "seed %d failed; of its %d faults these are left, for --schedule with %s:%n%s",
          ofSeed, schedule.faults().size(), setup.options(), reduced.text());
    }
    return false;
  }

  private Setup setup(String usualOnLoss) {
    return new Setup(store, onLoss == null ? usualOnLoss : onLoss, !withoutFence);
  }

  private List<String> run(String name, Schedule schedule, Setup setup) throws Exception {
    System.out.printf("%n== seed %s, %s%n%n%s%n", name, setup.options(), schedule.table());
    WorkFolder folder = WorkFolder.make();
    Run.Seen seen = Run.of(schedule, setup, folder.path());
    History history = seen.history();
    history.windows().forEach(window -> System.out.println(window.line(history.begin())));
    System.out.println(HookEntry.tally(history.hooks()));
    if (picture != null) {
      Files.writeString(picture, HistoryPicture.of(history));
    }
    List<String> violations = seen.violations();
    violations.forEach(violation -> System.out.println("VIOLATION: " + violation));
    if (violations.isEmpty()) {
      folder.close();
    } else {
      System.out.println("the logs of the processes are in " + folder.path());
    }
    Pauses.rows(history).forEach((kind, row) -> rows.merge(kind, row, Pauses.Row::plus));
    count(name, setup, history, violations.size());
    return violations;
  }

  private void count(String name, Setup setup, History history, int violations) {
    Checks.Judgement judgement = Checks.judge(history);
    long epochs =
        history.hits().stream().filter(Hit::hasEpoch).mapToLong(Hit::epoch).distinct().count();
    List<String> cells = new ArrayList<>();
    cells.add(LocalDate.now(ZoneOffset.UTC).toString());
    cells.add(setup.storeText());
    cells.add(name);
    cells.add(setup.onLoss());
    cells.add(String.format(Locale.ROOT, "%.1f", (history.end() - history.begin()) / 60e9));
    cells.add(Long.toString(history.calls().stream().filter(Call::write).count()));
    cells.add(Long.toString(history.calls().stream().filter(call -> !call.write()).count()));
    cells.add(Integer.toString(history.windows().size()));
    cells.add(Long.toString(epochs));
    cells.add(Integer.toString(judgement.refused()));
    cells.add(Long.toString(judgement.longestOverlap() / 1_000_000));
    cells.add(Integer.toString(violations));
    runs.add(cells.toArray(String[]::new));
    System.out.println(runs);
  }
}
