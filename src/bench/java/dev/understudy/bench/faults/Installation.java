package dev.understudy.bench.faults;

import dev.understudy.bench.faults.Schedule.Fault;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.Replica;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.scenario.Way;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Three replicas that agree through a store, before two servers of the application; between each
 * two of these is a relay. It knows how each fault is done and undone.
 */
final class Installation implements AutoCloseable {
  private static final Duration SETTLED = Duration.ofSeconds(60);
  private static final Duration SERVER_DELAY = Duration.ofMillis(150);
  private static final Duration STORE_DELAY = Duration.ofMillis(100);
  private static final long CLOCK_SECONDS = 3600;

  /** More than a cut of the store lasts. */
  private static final Duration KEPT = Duration.ofSeconds(20);

  /** Three questions. */
  private static final Duration AGENT_HEARD = Duration.ofMillis(1500);

  private final Path folder;
  private final Store store;
  private final Map<String, ServerProcess> servers = new TreeMap<>();
  private final Map<String, Way> serverWays = new TreeMap<>();
  private final Map<String, Replica> replicas = new TreeMap<>();
  private final Map<String, Disk> disks = new TreeMap<>();
  private final Map<String, Clock> clocks = new TreeMap<>();
  private final Map<String, Agent> agents = new TreeMap<>();

  /** Drains that a replica said it had kept. */
  private final Set<String> kept = ConcurrentHashMap.newKeySet();

  private final Thread ending = new Thread(this::abandon);

  private Installation(Path folder, Store store) {
    this.folder = folder;
    this.store = store;
  }

  /** Starts all of it, and waits until it is settled. */
  static Installation start(Path folder, Setup setup) throws Exception {
    Installation installation = new Installation(folder, setup.store().start(folder));
    Runtime.getRuntime().addShutdownHook(installation.ending);
    try {
      installation.prepare(setup);
      installation.startReplicas();
      installation.settle();
      return installation;
    } catch (Exception | Error e) {
      installation.close();
      throw e;
    }
  }

  private void prepare(Setup setup) throws Exception {
    int agentPort = Ports.free();
    for (String name : Parts.SERVERS) {
      ServerProcess server = ServerProcess.start(name, setup.program(), register());
      servers.put(name, server);
      InetAddress host = InetAddress.getByName(host(name));
      serverWays.put(name, Way.ofReplicas(Parts.REPLICAS, host, server.port()));
      agents.put(name, Agent.start(new InetSocketAddress(host, agentPort)));
    }
    for (String name : Parts.REPLICAS) {
      Path home = Files.createDirectories(folder.resolve(name));
      Path state = home.resolve("state");
      Disk disk = Disk.mount(state);
      if (disk != null) {
        disks.put(name, disk);
      }
      Clock clock = Clock.make(home);
      if (clock != null) {
        clocks.put(name, clock);
      }
      Way way = Way.to(store.port());
      List<String> settings = new ArrayList<>(store.settings(way.port()));
      settings.add("--understudy.agreement.on-loss=" + setup.onLoss());
      settings.add("--understudy.state-file=" + state.resolve("state"));
      Replica replica =
          new Replica(
              name,
              folder,
              way,
              clock == null ? Map.of() : clock.environment(),
              settings.toArray(String[]::new));
      replicas.put(name, replica);
      write(replica, false);
    }
  }

  private void startReplicas() throws Exception {
    try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (Replica replica : replicas.values()) {
        all.add(
            starts.submit(
                () -> {
                  replica.start();
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  /** Whether this machine lets that kind be done. */
  static boolean can(Kind kind, Path folder) throws IOException, InterruptedException {
    return switch (kind) {
      case FILL_DISK -> {
        try (Disk disk = Disk.mount(folder.resolve("disk"))) {
          yield disk != null;
        }
      }
      case SHIFT_CLOCK, SUSPEND_REPLICA -> Clock.make(folder) != null;
      default -> true;
    };
  }

  List<Replica> replicas() {
    return List.copyOf(replicas.values());
  }

  Path register() {
    return folder.resolve("register");
  }

  /** Each server has one of its own, so that agents at one port can be told apart. */
  private static String host(String server) {
    return "127.0.0." + (2 + Parts.SERVERS.indexOf(server));
  }

  private String url(String server) {
    return "http://" + host(server) + ":" + serverWays.get(server).port();
  }

  private void write(Replica replica, boolean swapped) throws IOException {
    String text =
        """
        pools:
          sense:
            servers:
              sen2: { url: "%1$s", role: %2$s }
              sen1: { url: "%3$s", role: %4$s }
            health:
              path: /status
              headers: { X-Replica: "%5$s" }
              agent: { port: %6$d, interval: 500ms }
            hooks:
              demote: { url: "http://{server.host}:{server.port}/hook/demote", headers: { X-Replica: "%5$s" } }
              promote: { url: "http://{server.host}:{server.port}/hook/promote", headers: { X-Replica: "%5$s" } }
            timeouts: { response: 8s }
        routes:
          - { id: all, uri: "pool://sense", predicates: ["Path=/**"] }
        """
            .formatted(
                url("sen2"),
                swapped ? "backup" : "master",
                url("sen1"),
                swapped ? "master" : "backup",
                replica.name(),
                agents.get("sen1").port());
    Path next = Files.writeString(replica.file().resolveSibling("next.yaml"), text);
    Files.move(
        next, replica.file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Does it; what there is to say of it. */
  String begin(Fault fault) throws Exception {
    String target = fault.target();
    switch (fault.kind()) {
      case KILL_SERVER -> server(target).kill();
      case FREEZE_SERVER -> server(target).freeze();
      case KILL_REPLICA -> replica(target).kill();
      case FREEZE_REPLICA -> replica(target).signal("STOP");
      case SUSPEND_REPLICA -> {
        replica(target).signal("STOP");
        clocks.get(target).stop();
      }
      case KILL_STORE -> store.kill();
      case FREEZE_STORE -> store.freeze();
      case CUT -> pair(target, Way.State.BLACK_HOLE);
      case CUT_THERE -> pair(target, Way.State.NOTHING_THERE);
      case CUT_BACK -> pair(target, Way.State.NOTHING_BACK);
      case DELAY -> serverWays.get(server(target).name()).slow(replicaOf(target), SERVER_DELAY);
      case CUT_STORE -> replica(target).way().set(Way.State.BLACK_HOLE);
      case CUT_STORE_THERE -> replica(target).way().set(Way.State.NOTHING_THERE);
      case CUT_STORE_BACK -> replica(target).way().set(Way.State.NOTHING_BACK);
      case SILENCE_STORE -> replica(target).way().set(Way.State.HALF_OPEN);
      case DELAY_STORE -> replica(target).way().slow(STORE_DELAY);
      case FILL_DISK -> disks.get(target).fill();
      case EXHAUST_DESCRIPTORS -> Descriptors.exhaust(replica(target).newest().pid());
      case SHIFT_CLOCK -> clocks.get(target).shift(CLOCK_SECONDS);
      case FAIL_HOOK -> HookLog.of(register()).set(target, HookLog.Mood.FAILS);
      case HANG_HOOK -> HookLog.of(register()).set(target, HookLog.Mood.HANGS);
      case LEAVE_AGENT -> {
        String words = fault.atMillis() % 200 == 0 ? "drain" : "maint";
        agents.get(target).say(words);
        LockSupport.parkNanos(AGENT_HEARD.toNanos());
        agents.get(target).leave();
        return words;
      }
      case UPGRADE -> {
        var upgrade = replica(target).upgrade();
        return upgrade.status() == 0 ? "" : "not upgraded: " + upgrade.printed().strip();
      }
      case SWAP_RANKS -> swap(true);
      case DELETE_RECORD -> store.deleteRecord();
      case EDIT_RECORD -> editRecord(0);
      case SET_RECORD_BACK -> editRecord(-1);
      case SWITCH -> {
        return "status " + replica(target).switchTo(server(target).name());
      }
      case PLANNED_SWITCH -> {
        return "status " + replica(target).planSwitch(server(target).name(), "5s");
      }
      case DRAIN -> {
        int status = replica(target).state(server(target).name(), "drain");
        if (status == 200) {
          kept.add(target);
        }
        return "status " + status;
      }
    }
    return "";
  }

  /** Undoes it. */
  void end(Fault fault) throws Exception {
    String target = fault.target();
    switch (fault.kind()) {
      case KILL_SERVER -> server(target).restore();
      case FREEZE_SERVER -> server(target).thaw();
      case KILL_REPLICA -> replica(target).start();
      case FREEZE_REPLICA -> replica(target).signal("CONT");
      case SUSPEND_REPLICA -> {
        clocks.get(target).goOn();
        replica(target).signal("CONT");
      }
      case KILL_STORE -> store.startAgain();
      case FREEZE_STORE -> store.thaw();
      case CUT, CUT_THERE, CUT_BACK, DELAY -> pair(target, Way.State.OPEN);
      case CUT_STORE, CUT_STORE_THERE, CUT_STORE_BACK, SILENCE_STORE, DELAY_STORE ->
          replica(target).way().set(Way.State.OPEN);
      case FILL_DISK -> disks.get(target).free();
      case EXHAUST_DESCRIPTORS -> Descriptors.restore(replica(target).newest().pid());
      case SHIFT_CLOCK -> clocks.get(target).shift(0);
      case FAIL_HOOK, HANG_HOOK -> HookLog.of(register()).set(target, HookLog.Mood.WORKS);
      case LEAVE_AGENT -> agents.get(target).comeBack();
      case SWAP_RANKS -> swap(false);
      case SWITCH, PLANNED_SWITCH -> anybody(replica -> replica.switchTo("auto") == 200);
      case DRAIN -> {
        String name = server(target).name();
        try {
          if (kept.remove(target)) {
            Await.until("drain of " + name + " is kept", KEPT, () -> isDrained(name));
          }
        } finally {
          anybody(replica -> replica.state(name, "ready") == 200);
        }
      }
      case UPGRADE, DELETE_RECORD, EDIT_RECORD, SET_RECORD_BACK -> {}
    }
  }

  /** Whether most replicas that run say so. */
  private boolean isDrained(String server) {
    int running = 0;
    int say = 0;
    for (Replica replica : replicas.values()) {
      try {
        boolean drained =
            replica
                .pool()
                .at("/servers")
                .valueStream()
                .filter(each -> each.at("/name").asString("").equals(server))
                .anyMatch(each -> each.at("/state").asString("").equalsIgnoreCase("drain"));
        running++;
        say += drained ? 1 : 0;
      } catch (RuntimeException e) {
        continue; // It does not run, or does not respond.
      }
    }
    return say > running / 2;
  }

  private static String replicaOf(String target) {
    return target.substring(0, 2);
  }

  private Replica replica(String target) {
    return replicas.get(replicaOf(target));
  }

  private ServerProcess server(String target) {
    return servers.get(target.substring(target.indexOf('-') + 1));
  }

  private void pair(String target, Way.State state) {
    serverWays.get(server(target).name()).set(replicaOf(target), state);
  }

  private void swap(boolean swapped) throws IOException {
    for (Replica replica : replicas.values()) {
      write(replica, swapped);
    }
  }

  /** It names the other server from now on. */
  private void editRecord(int epochs) throws Exception {
    store.editRecord(
        entry -> {
          String holder = entry.holder().equals("sen2") ? "sen1" : "sen2";
          return new Store.Entry(holder, url(holder), entry.transitions() + epochs);
        });
  }

  /** Asks a replica for something. */
  @FunctionalInterface
  private interface Wish {
    boolean isGranted(Replica replica) throws Exception;
  }

  /** One replica after the other, until one grants it. */
  private void anybody(Wish wish) {
    Await.until(
        "a replica does what an operator wants",
        () -> {
          for (Replica replica : replicas.values()) {
            if (replica.isRunning() && grants(replica, wish)) {
              return true;
            }
          }
          return false;
        });
  }

  private static boolean grants(Replica replica, Wish wish) throws Exception {
    try {
      return wish.isGranted(replica);
    } catch (IOException | IllegalStateException e) {
      return false;
    }
  }

  /** Waits until all are ready and agree; throws an error that says what they say instead. */
  void settle() {
    try {
      Await.until("all are ready and agree", SETTLED, this::isSettled);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage() + "; " + replicas.values().stream().map(Installation::state).toList(), e);
    }
  }

  private boolean isSettled() {
    List<JsonNode> pools = new ArrayList<>();
    for (Replica replica : replicas.values()) {
      if (!replica.newest().isAlive() || !replica.isReady() || owesHooks(replica)) {
        return false;
      }
      pools.add(replica.pool());
    }
    return pools.stream()
        .allMatch(
            pool ->
                !pool.at("/serving").asString("").isEmpty()
                    && pool.at("/serving").equals(pools.getFirst().at("/serving"))
                    && pool.at("/epoch").equals(pools.getFirst().at("/epoch"))
                    && pool.at("/servers")
                        .valueStream()
                        .allMatch(server -> server.at("/status").asString("").equals("UP")));
  }

  private static boolean owesHooks(Replica replica) {
    return replica
        .process()
        .manage("/actuator/prometheus")
        .lines()
        .filter(line -> line.startsWith("understudy_hooks_owed{"))
        .noneMatch(line -> line.endsWith(" 0.0"));
  }

  private static String state(Replica replica) {
    try {
      return "%s: %s, process %s, %s, %s"
          .formatted(
              replica.name(),
              owesHooks(replica) ? "owes hooks" : "owes no hooks",
              replica.newest().isAlive() ? "lives" : "has ended",
              replica.isReady() ? "ready" : "not ready",
              replica.pool());
    } catch (RuntimeException e) {
      return replica.name() + ": " + e;
    }
  }

  /**
   * This process ends, and so does all that it has started. Processes that replicas have started,
   * to hand over to them, are no descendants.
   */
  private void abandon() {
    for (Replica replica : replicas.values()) {
      try {
        replica.close();
      } catch (IOException | InterruptedException e) {
        System.out.println(replica.name() + " was not ended: " + e);
      }
    }
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    disks.values().forEach(Disk::close);
  }

  @Override
  public void close() throws Exception {
    try {
      Runtime.getRuntime().removeShutdownHook(ending);
    } catch (IllegalStateException e) {
      // It is running.
      return;
    }
    for (Replica replica : replicas.values()) {
      replica.close();
    }
    for (Way way : serverWays.values()) {
      way.close();
    }
    for (ServerProcess server : servers.values()) {
      server.close();
    }
    for (Agent agent : agents.values()) {
      agent.close();
    }
    store.close();
    disks.values().forEach(Disk::close);
  }

  /** The clocks of a replica, by a library that is loaded before libc. */
  static final class Clock {
    private static final Path SOURCE = Path.of("src/bench/clock.c");

    private final Path library;
    private final Path shifts;
    private long behind;
    private long stopped;

    private Clock(Path library, Path shifts) {
      this.library = library;
      this.shifts = shifts;
    }

    /** Null without a C compiler. */
    static @Nullable Clock make(Path folder) throws IOException, InterruptedException {
      Path library = folder.resolve("clock.so");
      List<String> command =
          List.of(
              "cc", "-O2", "-shared", "-fPIC", "-o", library.toString(), SOURCE.toString(), "-ldl");
      try {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
          return null;
        }
      } catch (IOException e) {
        return null;
      }
      Clock clock = new Clock(library, folder.resolve("clock"));
      clock.shift(0);
      clock.write(8, 0);
      return clock;
    }

    Map<String, String> environment() {
      return Map.of("LD_PRELOAD", library.toString(), "UNDERSTUDY_CLOCK", shifts.toString());
    }

    /** That of the day is that far ahead from now on. */
    void shift(long seconds) throws IOException {
      write(0, seconds);
    }

    /** The monotonic clock stands from now on; its replica is stopped. */
    void stop() {
      stopped = System.nanoTime();
    }

    /** It goes on where it stood; its replica is still stopped. */
    void goOn() throws IOException {
      behind += System.nanoTime() - stopped;
      write(8, behind);
    }

    private void write(long offset, long value) throws IOException {
      // In place: the library has mapped the file.
      try (var file = new java.io.RandomAccessFile(shifts.toFile(), "rw")) {
        file.seek(offset);
        file.writeLong(Long.reverseBytes(value));
      }
    }
  }
}
