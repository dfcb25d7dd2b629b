package dev.understudy.monitor;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Hook;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One to five replicas and two servers over a few minutes, in which a seed lets everything fail
 * that can: servers, ways to them, the store, ways to it, replicas, clocks; with operators and new
 * files between, and in some seeds with replicas of the version before or of a later one. What must
 * never happen is looked for after every single event. The laws, from which a replica is excused
 * while a fault of its own lasts, and until it may know better:
 *
 * <ul>
 *   <li>A replica's epoch does not fall, one epoch has one holder and is told to one server.
 *   <li>Two servers get traffic at once for 300 ms at most.
 *   <li>Whoever leaves a server on health checks has a majority of the living voters behind it.
 *   <li>What an operator was told to be refused is not carried out.
 *   <li>Nobody but operators changes their states, and the role does not move where nothing calls
 *       for it.
 *   <li>A planned switch ends once; when it moves the role nobody has a request at the old server,
 *       its hooks were carried out, and no pause outlives its bound.
 *   <li>After a switch that failed a server that is well serves within a minute.
 *   <li>Hooks are called in the order of epochs, of no server that they do not befit, and not too
 *       often.
 *   <li>Some replica is ready.
 *   <li>What a later version wrote is carried along.
 *   <li>At the end all replicas agree, are ready, tell one story of each epoch and owe no hook, and
 *       somebody serves.
 * </ul>
 */
final class AgreementSimulation {
  private static final String A = "192.0.2.2";
  private static final String B = "192.0.2.1";
  private static final String C = "192.0.2.3";

  private static final long MS = SimWorld.MS;
  private static final long SECOND = SimWorld.SECOND;

  /** After a fault of its own a replica may be of another mind: until silent voters are dropped. */
  static final long RETURN = 12 * SECOND;

  /** After all is well again: until nothing changes any more but by a failback that was damped. */
  private static final long QUIET = 40 * SECOND;

  /** What came of one run, for people. */
  record Outcome(
      long seed,
      int replicas,
      int acts,
      long switches,
      long epoch,
      long worstOverlapMs,
      Map<SwitchPhase, Integer> planned,
      long hookCalls) {}

  private final long seed;
  final SimWorld world;
  private final SimWitness witness;
  private final SimStore store;
  final SimHooks hooks;
  private final SimLaws laws;
  private final Map<String, Behaviour> servers = new HashMap<>();
  final List<SimReplica> replicas = new ArrayList<>();
  private final List<SimReplica> dead = new ArrayList<>();
  private final OnLoss onLoss;
  private Pool file;
  private int born;
  private int operators;
  private int acts;
  private final List<Integer> played = new ArrayList<>();
  private final @Nullable Set<Integer> only;
  private long lastDisturbance;

  AgreementSimulation(long seed) {
    this(seed, null);
  }

  /**
   * Takes place in part.
   *
   * @param only the numbers of the acts that are not left out; null for all
   */
  AgreementSimulation(long seed, @Nullable Collection<Integer> only) {
    this.seed = seed;
    this.only = only == null ? null : Set.copyOf(only);
    this.world = new SimWorld(seed);
    this.witness = new SimWitness(world);
    this.hooks = new SimHooks(world);
    this.store = new SimStore(witness::written);
    witness.follow(hooks);
    if (world.chance(30)) {
      SimVersion[] others = {SimVersion.CANDIDATE, SimVersion.BEFORE, SimVersion.LATER};
      world.versions = List.of(SimVersion.THIS, others[world.random.nextInt(others.length)]);
    }
    this.onLoss = world.chance(85) ? OnLoss.LOCAL : OnLoss.HOLD;
    this.file =
        SensePool.with(SensePool.sense(), world.chance(80) ? Policy.IMMEDIATE : Policy.MANUAL);
    if (world.chance(40)) {
      Hook demote = hook(false);
      Hook promote = world.chance(70) ? hook(world.chance(50)) : null;
      this.file = SensePool.with(file, new HookSettings(demote, promote));
      hooks.set(file.settings().hooks());
    }
    this.laws = new SimLaws(world, witness, onLoss, replicas, dead, this::isWell);
  }

  /** Without chance: a script says what happens. */
  AgreementSimulation(Pool file) {
    this(file, 1);
  }

  /** A script says what happens, and the seed how long it takes. */
  AgreementSimulation(Pool file, long seed) {
    this.seed = seed;
    this.only = null;
    this.world = new SimWorld(seed);
    this.witness = new SimWitness(world);
    this.hooks = new SimHooks(world);
    this.store = new SimStore(witness::written);
    witness.follow(hooks);
    this.onLoss = OnLoss.LOCAL;
    this.file = file;
    hooks.set(file.settings().hooks());
    this.laws = new SimLaws(world, witness, onLoss, replicas, dead, this::isWell);
  }

  /** Runs three replicas until {@code end}; all is healed 90 s before. */
  void run(Runnable script, long end) {
    run(Collections.nCopies(3, SimVersion.THIS), script, end);
  }

  /** Runs a replica of each of these versions. */
  void run(List<SimVersion> versions, Runnable script, long end) {
    try {
      for (SimVersion version : versions) {
        world.versions = List.of(version);
        startReplica();
      }
      lastDisturbance = end - 91 * SECOND;
      witness.quietFrom(lastDisturbance + QUIET);
      script.run();
      world.at(end - 90 * SECOND, this::healAll);
      world.runUntil(end, laws::check);
      laws.checkEnd();
      hooks.checkEnd(replicas);
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "at " + world.time() + ": " + e.getMessage() + "\n" + world.story(), e);
    }
  }

  long switches() {
    return witness.switches();
  }

  /** What operators set may change from now on. */
  void commanded() {
    witness.commanded();
  }

  private static Hook hook(boolean required) {
    return new Hook("http://hooks.test/", List.of(), Map.of(), Duration.ofSeconds(5), required);
  }

  /** Runs it; throws an {@link AssertionError} with the seed and the story if it goes wrong. */
  Outcome run() {
    try {
      int count = 1 + world.random.nextInt(5);
      // Before this version nobody passes a hook on that fails.
      if (count > 1 && world.chance(30) && !world.versions.contains(SimVersion.BEFORE)) {
        hooks.fail("r" + world.random.nextInt(count));
      }
      for (int i = 0; i < count; i++) {
        world.in(world.millis(0, 3_000), this::startReplica);
      }
      plan();
      long end = lastDisturbance + 90 * SECOND;
      world.at(lastDisturbance + SECOND, this::healAll);
      world.runUntil(end, laws::check);
      // A failback that was damped comes late, and hooks may be refused for a while.
      for (int i = 0; i < 5 && hooks.activeAt() > end - 40 * SECOND; i++) {
        end += 60 * SECOND;
        world.runUntil(end, laws::check);
      }
      laws.checkEnd();
      hooks.checkEnd(replicas);
      long epoch = replicas.isEmpty() ? 0 : replicas.getFirst().epoch();
      return new Outcome(
          seed,
          count,
          played.size(),
          witness.switches(),
          epoch,
          laws.worstOverlap() / MS,
          witness.ended(),
          hooks.calls());
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed " + seed + " at " + world.time() + ": " + e.getMessage() + "\n" + world.story(), e);
    }
  }

  private void startReplica() {
    String name = "r" + born++;
    startReplica(name, "pod-" + name);
  }

  private void startReplica(String name, String pod) {
    SimReplica replica = new SimReplica(world, store, name, pod, onLoss, file, servers, hooks);
    world.tell("start " + name + ", version " + replica.version);
    replicas.add(replica);
  }

  private void plan() {
    int count = 1 + world.random.nextInt(7);
    boolean planning = world.chance(40);
    long time = SimLaws.START + 5 * SECOND;
    for (int i = 0; i < count; i++) {
      time += world.chance(40) ? world.millis(0, 1_500) : world.millis(1_500, 40_000);
      act(time, this::fault);
      if (planning) {
        act(time + world.millis(-2_000, 2_000), this::planSwitch);
      }
    }
    lastDisturbance = time + 30 * SECOND;
    witness.quietFrom(lastDisturbance + QUIET);
  }

  /** One more fault or command, which is the same with others left out. */
  private void act(long time, Runnable act) {
    int number = acts++;
    if (only == null || only.contains(number)) {
      played.add(number);
      world.at(time, () -> world.with((seed << 8) + number, act));
    }
  }

  /** The numbers of the faults and commands that were not left out, from 0. */
  List<Integer> played() {
    return played;
  }

  long seed() {
    return seed;
  }

  private void fault() {
    long lasts = world.chance(50) ? world.millis(100, 5_000) : world.millis(5_000, 28_000);
    if (replicas.isEmpty()) {
      return;
    }
    SimReplica one = any();
    int kind = world.random.nextInt(26);
    if (kind < 7 || (kind > 13 && kind < 18)) {
      hooks.disturbed(lasts);
    }
    switch (kind) {
      case 0 -> server(A, Behaviour.KILLED, lasts);
      case 1 -> server(A, Behaviour.KILLED_BEHIND_RELAY, lasts);
      case 2 -> server(A, Behaviour.FROZEN, lasts);
      case 3 -> server(A, Behaviour.ILL, lasts);
      case 4 -> server(B, world.chance(50) ? Behaviour.KILLED : Behaviour.FROZEN, lasts);
      case 5, 6 -> cutServer(one, world.chance(70) ? A : B, lasts);
      case 7, 8 -> cutStore(one, lasts);
      case 9 -> storeDown(lasts);
      case 10 -> pause(one, lasts);
      case 11 -> kill(one);
      case 12 -> rollOver(one);
      case 13 -> loseWatch(one);
      case 14 -> doctor();
      case 15, 16 -> command(one);
      case 17 -> changeFile();
      case 18, 19 -> handOver(one);
      case 20, 21, 22 -> starve(one);
      case 23 -> loseAnswers(one, lasts);
      case 24 ->
          List.copyOf(replicas).stream().filter(any -> world.chance(70)).forEach(this::starve);
      default -> slow(one, lasts);
    }
  }

  private SimReplica any() {
    return replicas.get(world.random.nextInt(replicas.size()));
  }

  void server(String address, Behaviour behaviour, long lasts) {
    world.tell(address + " " + behaviour + " for " + lasts / MS + " ms");
    servers.put(address, behaviour);
    world.in(
        lasts,
        () -> {
          world.tell(address + " is healthy");
          servers.remove(address);
        });
  }

  private boolean isWell(String address) {
    return !servers.containsKey(address) && !hooks.isFenced(address);
  }

  /** The whole host is gone for a while, and the hooks that are called there with it. */
  private void host(String address, long lasts) {
    hooks.gone(address, true);
    server(address, Behaviour.FROZEN, lasts);
    world.in(lasts, () -> hooks.gone(address, false));
  }

  void cutServer(SimReplica replica, String address, long lasts) {
    world.tell(replica.name + " is cut from " + address + " for " + lasts / MS + " ms");
    replica.cutServers.add(address);
    world.in(lasts, () -> replica.cutServers.remove(address));
  }

  void cutStore(SimReplica replica, long lasts) {
    world.tell(replica.name + " is cut from the store for " + lasts / MS + " ms");
    replica.register.cut = true;
    world.in(lasts, () -> heal(replica));
  }

  private void heal(SimReplica replica) {
    replica.register.cut = false;
    replica.excuse(RETURN);
    if (world.chance(50)) {
      replica.register.breakWatch();
    }
  }

  private void storeDown(long lasts) {
    world.tell("the store is down for " + lasts / MS + " ms");
    store.down = true;
    world.in(
        lasts,
        () -> {
          world.tell("the store is up");
          store.down = false;
          replicas.forEach(this::heal);
          dead.forEach(this::heal);
        });
  }

  /** The store takes what the replica writes, and half of its responses are lost. */
  private void loseAnswers(SimReplica replica, long lasts) {
    world.tell("responses to writes of " + replica.name + " are lost for " + lasts / MS + " ms");
    replica.register.losesAnswers = true;
    replica.excuse(lasts + RETURN);
    world.in(lasts, () -> replica.register.losesAnswers = false);
    if (world.chance(70)) {
      world.in(world.millis(0, 2_000), () -> commandIfThere(replica));
    }
  }

  private void commandIfThere(SimReplica replica) {
    if (replicas.contains(replica)) {
      command(replica);
    }
  }

  private void slow(SimReplica replica, long lasts) {
    world.tell("the store is slow for " + replica.name + " for " + lasts / MS + " ms");
    replica.register.slow = true;
    replica.excuse(lasts + RETURN);
    world.in(lasts, () -> replica.register.slow = false);
  }

  /**
   * Has no time for its checks and, now and then, little for anything; often a server fails then.
   */
  private void starve(SimReplica replica) {
    long lasts = world.millis(8_000, 28_000);
    boolean slow = world.chance(50);
    hooks.disturbed(lasts);
    starve(replica, lasts, slow);
    if (world.chance(50)) {
      String address = world.chance(70) ? A : B;
      Behaviour[] failures = {
        Behaviour.KILLED, Behaviour.FROZEN, Behaviour.ILL, Behaviour.KILLED_BEHIND_RELAY
      };
      Behaviour failure = failures[world.random.nextInt(failures.length)];
      long fails = world.millis(2_000, 15_000);
      world.in(world.millis(0, 12_000), () -> server(address, failure, fails));
    }
  }

  void starve(SimReplica replica, long lasts, boolean slow) {
    world.tell(
        replica.name
            + " has no time for checks for "
            + lasts / MS
            + " ms"
            + (slow ? ", slow" : ""));
    replica.slow = slow;
    if (slow) {
      replica.excuse(lasts + RETURN);
    }
    replica.starvation.starve(true);
    world.in(lasts, () -> replica.deliver(() -> feed(replica)));
  }

  private void feed(SimReplica replica) {
    replica.slow = false;
    replica.starvation.starve(false);
  }

  private void pause(SimReplica replica, long lasts) {
    if (world.chance(25)) {
      Duration by = Duration.ofHours(world.random.nextBoolean() ? 3 : -3);
      world.tell("the clock of " + replica.name + " is set by " + by);
      replica.correct(by);
    } else {
      pause(replica, lasts, world.chance(50));
    }
  }

  void pause(SimReplica replica, long lasts, boolean suspended) {
    String how = suspended ? " is suspended for " : " stands still for ";
    world.tell(replica.name + how + lasts / MS + " ms");
    replica.excuse(lasts + RETURN);
    laws.lost();
    replica.pause(lasts, suspended);
  }

  void kill(SimReplica replica) {
    world.tell(replica.name + " is killed");
    laws.lost();
    replica.kill();
    replicas.remove(replica);
    dead.add(replica);
    boolean container = world.chance(50);
    world.in(
        world.millis(500, 8_000),
        () -> {
          if (container) {
            startReplica(replica.name, "pod-" + replica.name);
          } else {
            startReplica();
          }
        });
  }

  private void rollOver(SimReplica replica) {
    world.tell(replica.name + " leaves, another takes its place");
    startReplica();
    world.in(
        world.millis(1_000, 6_000),
        () -> {
          if (replicas.remove(replica)) {
            dead.add(replica);
            replica.leave();
          }
        });
  }

  /** Another process takes the replica over once its servers are judged, or fails before. */
  void handOver(SimReplica replica) {
    if (!replica.isRunning() || replica.leaving || !replica.agreement.contact().holds()) {
      return;
    }
    boolean fails = world.chance(20);
    world.tell(replica.name + " will be handed over" + (fails ? ", which fails" : ""));
    SimReplica next = SimReplica.next(replica, store, "pod-" + replica.name, onLoss, file);
    world.in(
        world.millis(1_000, 15_000),
        () -> {
          boolean there = replicas.contains(replica) && replica.isRunning() && !replica.leaving;
          if (fails || !there || isPlanned(replica)) {
            next.kill();
            return;
          }
          world.tell(replica.name + " is handed over");
          replicas.remove(replica);
          dead.add(replica);
          next.excusedUntil = replica.excusedUntil;
          next.register.cut = replica.register.cut;
          next.cutServers.addAll(replica.cutServers);
          replicas.add(next);
          replica.handOver(next);
        });
  }

  private static boolean isPlanned(SimReplica replica) {
    PoolState pool = replica.pool();
    return pool != null && pool.planned() != null && pool.planned().isActive();
  }

  private void loseWatch(SimReplica replica) {
    world.tell(replica.name + "'s watch dies in silence");
    // Until its next renewal's echo is missed, and all was listed.
    replica.excuse(4 * SECOND);
    replica.register.loseWatch();
  }

  /** What people do to the store by hand. */
  private void doctor() {
    RegisterEntry record = store.get(SimWitness.POOL);
    if (record == null) {
      return;
    }
    witness.doctoring();
    hooks.doctored();
    RegisterDocument was = record.document();
    // All replicas hear of it at their own time.
    excuseAll(3 * SECOND);
    switch (world.random.nextInt(5)) {
      case 0 -> {
        world.tell("the record is deleted");
        store.delete(SimWitness.POOL, 0);
      }
      case 1 -> {
        world.tell("the record is set back to epoch 1");
        store.put(SimWitness.POOL, with(was, was.holder(), 1));
      }
      case 2 -> {
        String other = was.holder().equals("sen2") ? "sen1" : "sen2";
        world.tell("the record is edited: " + other);
        store.put(SimWitness.POOL, with(was, other, was.transitions()));
      }
      case 3 -> {
        world.tell("compaction, and every watch breaks");
        store.compact();
        replicas.forEach(replica -> replica.register.breakWatch());
      }
      default -> {
        world.tell("a backup will be restored");
        Map<String, RegisterEntry> backup = store.backup();
        long then = store.revision();
        world.in(
            world.millis(5_000, 20_000),
            () -> {
              world.tell("a backup is restored");
              excuseAll(RETURN);
              store.restore(backup, then);
              witness.restored(store.get(SimWitness.POOL));
            });
      }
    }
    witness.doctored();
  }

  private static RegisterDocument with(RegisterDocument was, String holder, long transitions) {
    return new RegisterDocument(
        holder, transitions, was.acquired(), was.renewed(), was.attributes());
  }

  private void command(SimReplica replica) {
    if (!replica.isRunning()) {
      return;
    }
    ServerId server = world.chance(50) ? SensePool.MASTER : SensePool.BACKUP;
    witness.commanded();
    switch (world.random.nextInt(6)) {
      case 1, 2 -> planSwitch(replica, server);
      case 0 -> {
        ServerId to = world.chance(70) ? server : null;
        world.tell(
            "an operator asks " + replica.name + " to switch to " + (to == null ? "auto" : to));
        Operator by = operator();
        note(replica, by, replica.monitor.commands().switchTo(SensePool.SENSE, to, by));
      }
      default -> {
        OperatorState state = OperatorState.values()[world.random.nextInt(3)];
        world.tell("an operator asks " + replica.name + " for " + server + " " + state);
        Operator by = operator();
        note(
            replica,
            by,
            replica
                .monitor
                .commands()
                .setState(SensePool.SENSE, server, state, world.chance(20), by));
      }
    }
  }

  private void planSwitch() {
    SimReplica replica = replicas.isEmpty() ? null : any();
    if (replica != null && replica.isRunning()) {
      planSwitch(replica, world.chance(50) ? SensePool.MASTER : SensePool.BACKUP);
    }
  }

  private void planSwitch(SimReplica replica, ServerId to) {
    Duration pause = Duration.ofNanos(world.millis(1_000, 10_000));
    Instant at = world.chance(20) ? replica.now().plusNanos(world.millis(0, 15_000)) : null;
    boolean force = world.chance(30);
    world.tell(
        "an operator asks %s to plan a switch to %s: pause %s%s%s"
            .formatted(
                replica.name, to, pause, force ? ", force" : "", at == null ? "" : ", later"));
    Operator by = operator();
    note(
        replica,
        by,
        replica
            .monitor
            .commands()
            .planSwitch(SensePool.SENSE, new SwitchRequest(to, pause, force, at, by)));
    switch (world.random.nextInt(11)) {
      case 0 -> world.in(world.millis(0, 3_000), () -> giveUp(replica));
      case 1 -> world.in(world.millis(0, 6_000), () -> killIfThere(replica));
      case 2 -> world.in(world.millis(0, 3_000), () -> pause(replica, world.millis(1_000, 9_000)));
      case 3 -> cutSoon();
      case 4 -> rollOver(any());
      case 5, 6 -> {
        String address = world.chance(70) ? A : B;
        long lasts = world.millis(5_000, 60_000);
        hooks.disturbed(lasts);
        world.in(world.millis(0, 8_000), () -> host(address, lasts));
      }
      default -> {}
    }
  }

  private void giveUp(SimReplica replica) {
    if (replica.isRunning()) {
      world.tell("an operator asks " + replica.name + " to give the planned switch up");
      Operator by = operator();
      note(replica, by, replica.monitor.commands().giveUpSwitch(SensePool.SENSE, by));
    }
  }

  private void cutSoon() {
    SimReplica one = any();
    world.in(world.millis(0, 3_000), () -> cutStore(one, world.millis(1_000, 15_000)));
  }

  private void killIfThere(SimReplica replica) {
    if (replicas.contains(replica)) {
      kill(replica);
    }
  }

  /** One of a name of his own, by which the record shows what was carried out. */
  private Operator operator() {
    return new Operator("op-" + operators++, null);
  }

  private void note(SimReplica replica, Operator by, CompletionStage<Result> command) {
    command.whenComplete(
        (result, failure) -> {
          world.tell(replica.name + " says " + result + " to " + by.name());
          if (result instanceof Result.Conflict || result instanceof Result.Unavailable) {
            witness.refused(by);
          }
        });
  }

  private void changeFile() {
    Server one = SensePool.master(A);
    Server two = SensePool.backup(B);
    Pool next =
        switch (world.random.nextInt(3)) {
          case 0 -> {
            world.tell("a new file swaps the ranks");
            yield SensePool.with(
                file,
                SensePool.server(SensePool.MASTER, A, Rank.BACKUP),
                SensePool.server(SensePool.BACKUP, B, Rank.MASTER));
          }
          case 1 -> {
            world.tell("a new file moves the master to another address");
            yield SensePool.with(file, SensePool.master(C), two);
          }
          default -> {
            world.tell("a new file has what the first one had");
            yield SensePool.with(file, one, two);
          }
        };
    takeFile(next, 25_000);
  }

  /** All replicas get a new file, each at its own time. */
  void takeFile(Pool next, int withinMs) {
    file = next;
    for (SimReplica replica : replicas) {
      world.in(
          world.millis(0, withinMs),
          () -> {
            if (replica.file != file) {
              world.tell(replica.name + " has the new file");
              replica.take(file);
            }
          });
    }
  }

  private void healAll() {
    world.tell("all is well again");
    store.down = false;
    servers.clear();
    hooks.gone(A, false);
    hooks.gone(B, false);
    for (SimReplica replica : replicas) {
      replica.register.slow = false;
      replica.register.losesAnswers = false;
      replica.register.cut = false;
      replica.cutServers.clear();
      feed(replica);
      if (replica.file != file) {
        replica.take(file);
      }
    }
    excuseAll(RETURN);
  }

  /** Those that leave, too. */
  private void excuseAll(long lasts) {
    replicas.forEach(replica -> replica.excuse(lasts));
    dead.forEach(replica -> replica.excuse(lasts));
  }
}
