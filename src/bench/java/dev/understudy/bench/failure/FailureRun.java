package dev.understudy.bench.failure;

import dev.understudy.bench.failure.TunnelAccount.Life;
import dev.understudy.bench.peer.Peer;
import dev.understudy.bench.peer.Site;
import dev.understudy.scenario.Load;
import dev.understudy.scenario.Load.Sample;
import dev.understudy.scenario.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One proxy before a real master and a real backup under 200 requests a second and with open
 * WebSockets, while the master fails and comes back.
 */
final class FailureRun {
  static final String FAILBACK = "failback after it";

  private static final String MASTER = "master";
  private static final String BACKUP = "backup";
  private static final int WEBSOCKETS = 20;

  /** Responses until a JVM is warm; they do not count. */
  private static final int WARM_UP = 1_500;

  /** Responses of the server that serves, before the fault and before each part ends. */
  private static final int SOME = 400;

  /** A failback ends WebSockets over {@code on-switch.drain}, 30 s by default. */
  private static final Duration DRAIN = Duration.ofSeconds(35);

  private final Path folder;
  private final Duration outage;

  /** How a proxy is started. */
  @FunctionalInterface
  interface Starter {
    Peer start(Site site) throws IOException;
  }

  /** One row of the table. */
  record Row(String peer, String run, LoadAccount load, TunnelAccount tunnels) {}

  /** The moments of a run. */
  private record Times(long warm, long struck, long gone, long mended, long ended) {
    /**
     * The time until which a request may have reached the failed master: the end of its process if
     * it was killed, else the backup's first response.
     */
    long strikeEnd(Fault fault, List<Sample> samples) {
      return fault == Fault.KILLED
          ? gone
          : samples.stream()
              .filter(s -> s.ok() && s.body().equals(BACKUP))
              .mapToLong(Sample::endNanos)
              .min()
              .orElse(mended);
    }
  }

  /**
   * @param folder for files of the processes
   * @param outage from fault to mending
   */
  FailureRun(Path folder, Duration outage) {
    this.folder = folder;
    this.outage = outage;
  }

  /** One row; for {@link Fault#KILLED} another one for the failback. */
  List<Row> run(Fault fault, Starter starter) throws Exception {
    try (ServerProcess master = ServerProcess.start(MASTER, folder);
        ServerProcess backup = ServerProcess.start(BACKUP, folder);
        Peer peer = starter.start(Site.of(folder, List.of(master.port(), backup.port())));
        Load load = Load.start(peer.port());
        WebSocketUsers users = WebSocketUsers.open(peer.port(), WEBSOCKETS)) {
      Times times = play(fault, master, load, users);
      List<Sample> samples =
          load.finish().stream().filter(s -> s.startNanos() - times.warm() >= 0).toList();
      List<String> executed =
          Stream.concat(master.executed().stream(), backup.executed().stream()).toList();
      return rows(peer.name(), fault, times, samples, executed, users.lives());
    }
  }

  private Times play(Fault fault, ServerProcess master, Load load, WebSocketUsers users)
      throws Exception {
    load.awaitAnswersOf(MASTER, WARM_UP);
    long warm = System.nanoTime();
    load.awaitAnswersOf(MASTER, SOME);
    long struck = System.nanoTime();
    fault.strike(master);
    long gone = System.nanoTime();
    load.awaitAnswersOf(BACKUP, SOME);
    TimeUnit.NANOSECONDS.sleep(struck + outage.toNanos() - System.nanoTime());
    long mended = System.nanoTime();
    fault.mend(master);
    load.awaitAnswersOf(MASTER, SOME);
    if (fault == Fault.KILLED) {
      users.awaitAllAt(MASTER, DRAIN);
    }
    return new Times(warm, struck, gone, mended, System.nanoTime());
  }

  private static List<Row> rows(
      String peer,
      Fault fault,
      Times times,
      List<Sample> samples,
      List<String> executed,
      List<List<Life>> lives) {
    TunnelAccount outage = TunnelAccount.of(lives, times.struck(), times.mended(), BACKUP);
    long strikeEnd = times.strikeEnd(fault, samples);
    List<Row> rows = new ArrayList<>();
    if (fault != Fault.KILLED) {
      // A master that was frozen executes its requests when it wakes.
      rows.add(new Row(peer, fault.words(), LoadAccount.of(samples, executed, strikeEnd), outage));
      return rows;
    }
    List<Sample> before =
        samples.stream().filter(s -> s.startNanos() - times.mended() < 0).toList();
    List<Sample> after = samples.subList(before.size(), samples.size());
    rows.add(new Row(peer, fault.words(), LoadAccount.of(before, executed, strikeEnd), outage));
    rows.add(
        new Row(
            peer,
            FAILBACK,
            LoadAccount.of(after, executed, strikeEnd),
            TunnelAccount.of(lives, times.mended(), times.ended(), MASTER)));
    return rows;
  }
}
