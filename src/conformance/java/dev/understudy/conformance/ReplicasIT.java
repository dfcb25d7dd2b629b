package dev.understudy.conformance;

import static dev.understudy.conformance.Stage.BACKUP;
import static dev.understudy.conformance.Stage.MASTER;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsServer;
import dev.understudy.conformance.WitnessServer.Death;
import dev.understudy.scenario.Replica;
import dev.understudy.scenario.Way;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fault table: the jar as one to three replicas that agree through a real API server, under
 * load, with the servers' log and the clients' account as witnesses. For each row: two servers
 * never get traffic at once for longer than 300 ms; nothing is executed twice; no GET is lost; all
 * end with the same server and epoch; epochs never fall, and each names one server; the same
 * switches are told with the same evidence everywhere, and as Kubernetes Events; and there are just
 * as many as the row asks for. What a row excuses, its name says. {@code -Dreplicas.only=REGEX}
 * runs some, with {@code -Pnightly} of all; {@code -Dreplicas.away=PT5M} lets the API be away for
 * that long before the master dies.
 */
@Tag("timed")
class ReplicasIT {
  private static final Duration WINDOW = Duration.ofMillis(1500);
  private static final Duration AWAY = Duration.parse(System.getProperty("replicas.away", "PT1S"));

  /** For how long no client may go without a response, whatever the machine does meanwhile. */
  private static final Duration GAP = Duration.ofSeconds(2);

  private static final Path REPORT = Path.of("target/replicas.md");

  /** The actions of a row. */
  @FunctionalInterface
  private interface Script {
    void run(Scene scene) throws Exception;
  }

  /**
   * One row.
   *
   * @param excused what of the rules above does not hold, and why; "nothing"
   * @param death what is found in the place of the master; null if it is not killed
   */
  private record Row(
      int replicas,
      String fault,
      String excused,
      boolean overlap,
      @Nullable Death death,
      Script script) {
    /** The same faults for each way in which the master can be killed, unless it has just one. */
    Stream<Row> variants() {
      return death == Death.REFUSING
          ? Arrays.stream(Death.values()).map(this::with)
          : Stream.of(this);
    }

    private Row with(Death other) {
      return new Row(replicas, fault + other.words(), excused, overlap, other, script);
    }

    @Override
    public String toString() {
      return replicas + " replicas: " + fault + " (excused: " + excused + ")";
    }
  }

  private static final List<String> REPORTED = new ArrayList<>();

  @TempDir private static Path folder;
  private static Stage stage;

  @BeforeAll
  static void open() throws Exception {
    stage = Stage.open(folder);
  }

  @AfterAll
  static void close() throws Exception {
    if (stage != null) {
      stage.close();
    }
    report();
  }

  private static void report() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(
        "| replicas | fault | excused | new epochs | two servers for, ms | followed within, ms |"
            + " decided after, ms | longest gap, ms | GETs lost | POSTs lost | lost, excused |"
            + " twice | |");
    lines.add("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    lines.addAll(REPORTED);
    String text = String.join("\n", lines) + "\n";
    System.out.println(text);
    Files.writeString(REPORT, text);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void row(Row row) throws Exception {
    try {
      stage.settle(row.replicas());
      play(row);
    } catch (Exception | Error e) {
      stage.printLogs();
      throw e;
    }
  }

  private static void play(Row row) throws Exception {
    try (Scene scene = new Scene(stage, row.death())) {
      try {
        row.script().run(scene);
      } finally {
        stage.mend();
      }
      Scene.Measured measured = scene.end(row.overlap());
      REPORTED.add(line(row, measured));
      System.out.println(REPORTED.get(REPORTED.size() - 1));
      assertThat(measured.wrong()).isEmpty();
    }
  }

  private static String line(Row row, Scene.Measured measured) {
    return "| %d | %s | %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s |"
        .formatted(
            row.replicas(),
            row.fault(),
            row.excused(),
            measured.epochs(),
            measured.skewMillis(),
            measured.spreadMillis(),
            measured.decidedMillis(),
            measured.gapMillis(),
            measured.lostGets(),
            measured.lostPosts(),
            measured.excusedLost(),
            measured.twice(),
            String.join("; ", measured.notes())
                + (measured.wrong().isEmpty() ? "" : " WRONG: " + measured.wrong()));
  }

  private static Row row(int replicas, String fault, Script script) {
    return row(replicas, fault, "nothing", script);
  }

  private static Row row(int replicas, String fault, String excused, Script script) {
    return new Row(replicas, fault, excused, false, null, script);
  }

  private static Row overlapping(int replicas, String fault, String excused, Script script) {
    return new Row(replicas, fault, excused, true, null, script);
  }

  /** A row in which the master is killed. */
  private static Row killing(Row row) {
    return row.with(Death.REFUSING);
  }

  /** The same in the harder way only, as the row takes long. */
  private static Row killingBehindRelay(Row row) {
    return row.with(Death.BEHIND_RELAY);
  }

  /** All rows; in .ci/run the first of each kind, in its first way. */
  static List<Row> rows() {
    String only = System.getProperty("replicas.only", "");
    return Stream.of(
            serverRows(),
            apiRows(),
            replicaRows(),
            recordRows(),
            fileRows(),
            operatorRows(),
            fewerReplicas())
        .flatMap(kind -> Extent.sample(kind.stream().flatMap(Row::variants).toList()).stream())
        .filter(row -> row.toString().matches(".*" + only + ".*"))
        .toList();
  }

  private static List<Row> serverRows() {
    return List.of(
        killing(row(3, "the master is killed", ReplicasIT::masterKilled)),
        killing(
            row(
                3,
                "the master is killed, with one client at each replica",
                scene -> {
                  scene.oneClientEach();
                  masterKilled(scene);
                  scene.longestGapIsBelow(GAP);
                })),
        row(
            3,
            "the master freezes",
            scene -> {
              scene.act(stage.master()::freeze);
              scene.movesTo(BACKUP);
            }),
        row(
            3,
            "one replica is cut from the master",
            "its own clients, until it is not ready",
            ReplicasIT::cutFromOne),
        row(
            3,
            "two replicas are cut from the master",
            scene -> {
              scene.act(
                  () -> {
                    stage.master().cut("r1");
                    stage.master().cut("r2");
                  });
              scene.movesTo(BACKUP);
            }),
        killingBehindRelay(
            row(3, "the master returns, and fails back at once", ReplicasIT::failback)));
  }

  private static void masterKilled(Scene scene) throws Exception {
    scene.act(scene::killMaster);
    scene.movesTo(BACKUP);
  }

  private static void cutFromOne(Scene scene) throws Exception {
    Replica one = scene.replica(1);
    scene.excuse(one);
    scene.act(() -> stage.master().cut(one.name()));
    Stage.until("it is not ready", () -> !one.isReady());
    scene.note("not ready after %.0f ms".formatted(scene.sinceActed()));
    scene.leave(one);
    scene.stays(MASTER, WINDOW);
    stage.master().heal(one.name());
    Stage.until("it is ready again", one::isReady);
    scene.join(one);
    scene.awaitResponses(MASTER);
    scene.stays(MASTER);
  }

  private static void failback(Scene scene) throws Exception {
    for (Replica replica : stage.running()) {
      stage.write(replica, stage.file(replica, "master", "backup", "immediate"));
    }
    for (Replica replica : stage.running()) {
      Stage.until(
          "the file is in force",
          () -> replica.pool().at("/failback").asString("").equals("immediate"));
    }
    scene.act(scene::killMaster);
    scene.movesTo(BACKUP);
    scene.act(stage.master()::restore);
    scene.movesTo(MASTER);
  }

  private static List<Row> apiRows() {
    return List.of(
        row(3, "the API server is killed and comes back", ReplicasIT::apiKilled),
        row(3, "the API server is stopped for 1 s", scene -> apiStopped(scene, 1)),
        row(3, "the API server is stopped for 5 s", scene -> apiStopped(scene, 5)),
        row(3, "the API server is stopped for 30 s", scene -> apiStopped(scene, 30)),
        killingBehindRelay(
            row(
                3,
                "the API is slow by 100 ms each way, and the master is killed",
                scene -> {
                  stage.running().forEach(replica -> replica.way().slow(Duration.ofMillis(100)));
                  masterKilled(scene);
                })),
        row(3, "the API responds with 429 for a while", ReplicasIT::apiOverloaded),
        killing(
            row(
                3,
                "the connections of one replica to the API go silent, and the master is killed",
                "that replica follows when its echo is missed",
                ReplicasIT::halfOpen)),
        row(
            3,
            "the connections of one replica to the API go silent, and an operator switches",
            "that replica stays until its echo is missed",
            ReplicasIT::halfOpenAtSwitch),
        killing(
            overlapping(
                3,
                "the master dies while the API is away",
                "each replica decides alone, and tells so in its own words",
                ReplicasIT::masterDiesWithoutApi)));
  }

  private static void apiKilled(Scene scene) throws Exception {
    scene.act(stage.api()::kill);
    scene.awaitOutOfTouch(stage.running());
    scene.note("no epoch is told after %.0f ms".formatted(scene.sinceActed()));
    assertThat(stage.running()).allMatch(Replica::isReady);
    stage.api().start();
    scene.awaitInTouch(stage.running());
    scene.stays(MASTER, WINDOW);
  }

  private static void apiStopped(Scene scene, int seconds) throws Exception {
    scene.act(() -> stage.api().signal("STOP"));
    try {
      scene.stays(MASTER, Duration.ofSeconds(seconds));
      assertThat(stage.running()).allMatch(Replica::isReady);
    } finally {
      stage.api().signal("CONT");
    }
    scene.awaitInTouch(stage.running());
    scene.stays(MASTER, WINDOW);
  }

  private static void apiOverloaded(Scene scene) throws Exception {
    HttpsServer overloaded = stage.api().startOverloaded();
    try {
      scene.act(
          () ->
              stage
                  .running()
                  .forEach(replica -> replica.way().leadTo(overloaded.getAddress().getPort())));
      scene.awaitOutOfTouch(stage.running());
      assertThat(stage.running()).allMatch(Replica::isReady);
      stage.running().forEach(replica -> replica.way().leadTo(stage.api().port()));
      scene.awaitInTouch(stage.running());
    } finally {
      overloaded.stop(0);
    }
    scene.stays(MASTER, WINDOW);
  }

  private static void halfOpen(Scene scene) throws Exception {
    Replica deaf = scene.replica(1);
    scene.apart(deaf);
    scene.act(
        () -> {
          deaf.way().set(Way.State.HALF_OPEN);
          scene.killMaster();
        });
    scene.movesTo(BACKUP);
    scene.together(deaf);
    scene.awaitResponses(BACKUP);
    scene.note("all served by the backup after %.0f ms".formatted(scene.sinceActed()));
    scene.awaitInTouch(stage.running());
    scene.note("in touch after %.0f ms".formatted(scene.sinceActed()));
  }

  private static void halfOpenAtSwitch(Scene scene) throws Exception {
    Replica deaf = scene.replica(1);
    scene.apart(deaf);
    scene.act(
        () -> {
          deaf.way().set(Way.State.HALF_OPEN);
          assertThat(scene.replica(2).switchTo(BACKUP)).isEqualTo(200);
        });
    scene.movesTo(BACKUP);
    Stage.until("it follows", () -> deaf.pool().at("/serving").asString("").equals(BACKUP));
    scene.note("the silent one followed after %.0f ms".formatted(scene.sinceActed()));
    scene.rejoins(deaf, BACKUP);
    scene.awaitInTouch(stage.running());
  }

  private static void masterDiesWithoutApi(Scene scene) throws Exception {
    scene.eachTellsItsOwn();
    stage.api().kill();
    scene.awaitOutOfTouch(stage.running());
    scene.stays(MASTER, AWAY);
    scene.act(scene::killMaster);
    scene.awaitResponses(BACKUP);
    scene.note("all served by the backup after %.0f ms".formatted(scene.sinceActed()));
    scene.judgeMove(BACKUP);
    scene.act(stage.api()::start);
    scene.awaitInTouch(stage.running());
    scene.stays(BACKUP, WINDOW);
    scene.epochs(1);
  }

  private static List<Row> replicaRows() {
    return List.of(
        row(3, "a replica is killed, and starts again", "its clients", ReplicasIT::replicaKilled),
        killingBehindRelay(
            row(
                3,
                "a replica stands still for 10 s, and the master is killed meanwhile",
                "its clients",
                scene -> replicaStopped(scene, 10))),
        killingBehindRelay(
            row(
                3,
                "a replica stands still for 3 s, in touch, and the master is killed meanwhile",
                "its clients",
                scene -> replicaStopped(scene, 3))),
        row(
            3,
            "a replica is cut from the API, and an operator switches meanwhile",
            "that replica, until it is back",
            ReplicasIT::replicaWithoutApi),
        row(
            3,
            "a replica with on-loss: hold is cut from the API",
            "its clients",
            ReplicasIT::replicaHolds),
        killingBehindRelay(
            row(
                3,
                "a replica and the master are lost together",
                "the lost replica's clients",
                ReplicasIT::replicaAndMasterLost)),
        row(3, "a replica starts while the API is away", "nothing", ReplicasIT::startWithoutApi),
        killingBehindRelay(
            row(3, "a rollout: one joins, and an old one leaves by SIGTERM", ReplicasIT::rollout)));
  }

  private static void replicaKilled(Scene scene) throws Exception {
    Replica killed = scene.replica(3);
    scene.excuse(killed);
    scene.act(killed::kill);
    scene.leave(killed);
    scene.stays(MASTER, WINDOW);
    killed.start();
    scene.join(killed);
    scene.awaitResponses(MASTER);
    scene.stays(MASTER);
  }

  private static void replicaStopped(Scene scene, int seconds) throws Exception {
    Replica stopped = scene.replica(3);
    scene.excuse(stopped);
    scene.apart(stopped);
    stopped.signal("STOP");
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    try {
      scene.act(scene::killMaster);
      scene.awaitResponses(BACKUP);
      Stage.until(seconds + " s are over", () -> System.nanoTime() - end >= 0);
    } finally {
      stopped.signal("CONT");
    }
    scene.movesTo(BACKUP);
    scene.together(stopped);
    scene.awaitResponses(BACKUP);
  }

  private static void replicaWithoutApi(Scene scene) throws Exception {
    Replica cut = scene.replica(3);
    scene.apart(cut);
    cut.way().set(Way.State.BLACK_HOLE);
    scene.awaitOutOfTouch(List.of(cut));
    scene.act(() -> assertThat(scene.replica(1).switchTo(BACKUP)).isEqualTo(200));
    scene.movesTo(BACKUP);
    assertThat(cut.isReady()).isTrue();
    assertThat(cut.switchTo(BACKUP)).isEqualTo(503);
    scene.act(() -> cut.way().set(Way.State.OPEN));
    Stage.until("it follows", () -> cut.pool().at("/serving").asString("").equals(BACKUP));
    scene.note("followed %.0f ms after the return".formatted(scene.sinceActed()));
    scene.rejoins(cut, BACKUP);
    scene.awaitInTouch(stage.running());
  }

  private static void replicaHolds(Scene scene) throws Exception {
    Replica holding = scene.replica(3);
    scene.excuse(holding);
    scene.leave(holding);
    holding.terminate();
    holding.start("--understudy.agreement.on-loss=hold");
    scene.join(holding);
    scene.awaitResponses(MASTER);
    scene.act(() -> holding.way().set(Way.State.BLACK_HOLE));
    Stage.until("it is not ready", () -> !holding.isReady());
    scene.note("not ready after %.0f ms".formatted(scene.sinceActed()));
    scene.holds(holding, WINDOW);
    scene.stays(MASTER);
    holding.way().set(Way.State.OPEN);
    Stage.until("it is ready again", holding::isReady);
    scene.awaitResponses(MASTER);
    scene.leave(holding);
    holding.terminate();
  }

  private static void replicaAndMasterLost(Scene scene) throws Exception {
    Replica lost = scene.replica(1);
    scene.excuse(lost);
    scene.act(
        () -> {
          lost.kill();
          scene.killMaster();
        });
    scene.leave(lost);
    scene.movesTo(BACKUP);
    lost.start();
    scene.join(lost);
    scene.awaitResponses(BACKUP);
  }

  private static void startWithoutApi(Scene scene) throws Exception {
    Replica late = scene.replica(3);
    scene.leave(late);
    late.terminate();
    late.way().set(Way.State.BLACK_HOLE);
    scene.act(late::start);
    scene.note("ready after %.0f ms".formatted(scene.sinceActed()));
    scene.join(late);
    scene.awaitResponses(MASTER);
    late.way().set(Way.State.OPEN);
    scene.awaitInTouch(stage.running());
    scene.stays(MASTER, WINDOW);
  }

  private static void rollout(Scene scene) throws Exception {
    Replica young = stage.prepare(4);
    young.start();
    scene.act(() -> scene.join(young));
    scene.awaitResponses(MASTER);
    Replica old = scene.replica(1);
    scene.leave(old);
    old.terminate();
    scene.awaitResponses(MASTER);
    scene.stays(MASTER);
    scene.act(scene::killMaster);
    scene.movesTo(BACKUP);
  }

  private static List<Row> recordRows() {
    return List.of(
        row(
            3,
            "the pool's Lease is deleted",
            scene -> {
              scene.act(stage::deleteLease);
              awaitRepair(scene);
            }),
        row(
            3,
            "the pool's Lease is edited to name the backup",
            scene -> {
              scene.act(() -> stage.editLease(BACKUP, 0));
              awaitRepair(scene);
            }),
        row(
            3,
            "the pool's Lease is set back by one epoch",
            scene -> {
              scene.act(() -> stage.editLease(BACKUP, -1));
              awaitRepair(scene);
            }));
  }

  private static void awaitRepair(Scene scene) {
    Stage.until("the record is repaired", () -> scene.epochsSoFar() == 1);
    scene.note("repaired after %.0f ms".formatted(scene.sinceActed()));
    scene.epochs(1);
    scene.stays(MASTER, WINDOW);
    scene.awaitInTouch(stage.running());
  }

  private static List<Row> fileRows() {
    return List.of(
        row(3, "ranks are swapped in the files of one replica, then two", ReplicasIT::swapped),
        row(3, "the master leaves the files of one replica after the other", ReplicasIT::removed));
  }

  private static void swapped(Scene scene) throws Exception {
    for (Replica replica : stage.running()) {
      boolean first = replica == scene.replica(1);
      stage.write(
          replica,
          stage.file(
              replica, first ? "backup" : "master", first ? "master" : "backup", "immediate"));
    }
    for (Replica replica : stage.running()) {
      Stage.until(
          "the file is in force",
          () -> replica.pool().at("/failback").asString("").equals("immediate"));
    }
    scene.act(() -> {});
    scene.stays(MASTER, Duration.ofSeconds(3));
    scene.act(
        () ->
            stage.write(
                scene.replica(2), stage.file(scene.replica(2), "backup", "master", "immediate")));
    scene.movesTo(BACKUP);
    scene.act(() -> {});
    scene.stays(BACKUP, Duration.ofSeconds(3));
  }

  private static void removed(Scene scene) throws Exception {
    scene.act(() -> stage.write(scene.replica(1), stage.withoutMaster(scene.replica(1))));
    scene.stays(MASTER, Duration.ofSeconds(3));
    stage.write(scene.replica(2), stage.withoutMaster(scene.replica(2)));
    scene.act(() -> stage.write(scene.replica(3), stage.withoutMaster(scene.replica(3))));
    scene.movesTo(BACKUP);
  }

  /**
   * Without hooks, requests of a few ms: nothing is lost, and clients wait no longer than a gap.
   */
  private static void plannedTo(Scene scene, String server) throws Exception {
    Replica asked = scene.stage().running().getFirst();
    scene.act(() -> assertThat(asked.planSwitch(server, "10s")).isEqualTo(202));
    Stage.until("it moved", () -> asked.plannedSwitch().at("/phase").asString("").equals("MOVED"));
    scene.movesTo(server);
    scene.nothingIsNoticed();
    scene.longestGapIsBelow(GAP);
  }

  private static void givenUp(Scene scene) throws Exception {
    Replica asked = scene.replica(1);
    scene.stage().master().freeze();
    scene.act(() -> assertThat(asked.planSwitch(BACKUP, "10s")).isEqualTo(202));
    assertThat(scene.replica(2).giveUpSwitch()).isEqualTo(200);
    Stage.until(
        "it is given up", () -> asked.plannedSwitch().at("/phase").asString("").equals("GIVEN_UP"));
    scene.stage().master().thaw();
    scene.stays(MASTER, WINDOW);
    scene.nothingIsNoticed();
  }

  private static void writerKilled(Scene scene) throws Exception {
    Replica writer = scene.replica(1);
    scene.excuse(writer);
    scene.stage().master().freeze();
    scene.act(() -> assertThat(writer.planSwitch(BACKUP, "2s")).isEqualTo(202));
    scene.leave(writer);
    writer.kill();
    scene.stage().master().thaw();
    Replica other = scene.replica(2);
    Stage.until(
        "another replica gives it up",
        () -> other.plannedSwitch().at("/phase").asString("").equals("GIVEN_UP"));
    scene.stays(MASTER, WINDOW);
    scene.nothingIsNoticed();
    scene.stage().run(3);
    scene.join(scene.replica(1));
  }

  private static List<Row> operatorRows() {
    return List.of(
        row(3, "a drain asked of one replica, which is then killed", ReplicasIT::drained),
        row(3, "a switch asked of one replica, which then starts anew", ReplicasIT::switched),
        row(
            3,
            "a planned switch there and back",
            scene -> {
              plannedTo(scene, BACKUP);
              plannedTo(scene, MASTER);
              scene.stage().running().getFirst().switchTo("auto");
            }),
        row(
            3,
            "a planned switch while a request runs for long, given up by an operator",
            ReplicasIT::givenUp),
        row(
            3,
            "a planned switch whose writer is killed while it pauses",
            "its own clients",
            ReplicasIT::writerKilled));
  }

  private static void drained(Scene scene) throws Exception {
    Replica asked = scene.replica(1);
    scene.act(() -> assertThat(asked.state(MASTER, "drain")).isEqualTo(200));
    scene.movesTo(BACKUP);
    restart(scene, asked, asked::kill);
    assertThat(stage.running())
        .allMatch(replica -> replica.pool().at("/servers/0/state").asString("").equals("drain"));
  }

  private static void switched(Scene scene) throws Exception {
    Replica asked = scene.replica(2);
    scene.act(() -> assertThat(asked.switchTo(BACKUP)).isEqualTo(200));
    scene.movesTo(BACKUP);
    restart(scene, asked, asked::terminate);
    assertThat(stage.running())
        .allMatch(replica -> replica.pool().at("/pinned").asString("").equals(BACKUP));
  }

  private static void restart(Scene scene, Replica replica, Scene.Step end) throws Exception {
    scene.leave(replica);
    scene.awaitEnded(replica);
    end.take();
    replica.start();
    scene.act(() -> scene.join(replica));
    scene.awaitResponses(BACKUP);
    scene.stays(BACKUP);
  }

  private static List<Row> fewerReplicas() {
    return List.of(
        killing(row(2, "the master is killed", ReplicasIT::masterKilled)),
        row(
            2,
            "one replica is cut from the master",
            "its own clients, until it is not ready",
            ReplicasIT::cutFromOne),
        killingBehindRelay(
            overlapping(
                2,
                "the master dies while the API is away",
                "each replica decides alone, and tells so in its own words",
                ReplicasIT::masterDiesWithoutApi)),
        killingBehindRelay(
            row(
                2,
                "a replica and the master are lost together",
                "the lost replica's clients; requests older than hold.time, 5 s",
                scene -> {
                  scene.excuse(scene.replica(2));
                  replicaAndMasterLost(scene);
                })),
        killing(row(1, "the master is killed", ReplicasIT::masterKilled)),
        row(1, "the API server is stopped for 5 s", scene -> apiStopped(scene, 5)),
        killingBehindRelay(
            overlapping(
                1,
                "the master dies while the API is away",
                "it decides alone",
                ReplicasIT::masterDiesWithoutApi)),
        killingBehindRelay(
            row(
                1,
                "the replica starts anew, and the master is killed",
                ReplicasIT::onlyOneRestarts)));
  }

  private static void onlyOneRestarts(Scene scene) throws Exception {
    Replica only = scene.replica(1);
    scene.leave(only);
    scene.awaitEnded(only);
    only.terminate();
    only.start();
    scene.join(only);
    scene.awaitResponses(MASTER);
    scene.act(scene::killMaster);
    scene.movesTo(BACKUP);
  }
}
