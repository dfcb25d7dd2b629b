package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static dev.understudy.monitor.StoryWords.time;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.event.Event;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.FailbackSettings.Policy;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.ServerTraffic;
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A bench on which {@link Story stories} are played, each on a new stage: {@link StoryWords} that
 * are about one monitor. Time passes only in clauses that begin with {@code wait} or {@code until}.
 * Roots of facts are also the IDs of servers.
 */
final class Stage implements AutoCloseable {
  private final StoryWords words = new StoryWords(this::server);
  private final Map<String, Pool> pools = new HashMap<>();
  private final Map<String, Long> probesBefore = new HashMap<>();
  private final @Nullable Path directory;
  private final Map<String, ServerState> remembered = new HashMap<>();
  private @Nullable Instant begun;
  private long took;
  Bench bench;

  Stage() {
    this(null, new Bench());
  }

  Stage(Agreement agreement) {
    this(null, new Bench(agreement, Bench.NO_JITTER));
  }

  /** One of a replica that decides alone, with its state file in that folder. */
  Stage(Path directory) {
    this(directory, withFile(directory, FakeScheduler.START));
  }

  private static Bench withFile(Path directory, Instant now) {
    Path file = directory.resolve("state.json");
    return new Bench(StandaloneAgreement.withFile(file, now), Bench.NO_JITTER);
  }

  private Stage(@Nullable Path directory, Bench bench) {
    this.directory = directory;
    this.bench = bench;
    pool("sense", sense());
    pool("manual", with(sense(), Policy.MANUAL));
    pool("delayed", with(sense(), Policy.DELAYED));
    pool("balance", with(sense(), PoolMode.BALANCE));
    pool("named", with(sense(), master("master.example"), backup("192.0.2.1")));
    pool("master-only", with(sense(), master("192.0.2.2")));
    pool("backup-only", with(sense(), backup("192.0.2.1")));

    verb("begin (.*)", on -> this.bench.begin(pools(on.group(1))));
    verb("apply (.*)", on -> this.bench.apply(pools(on.group(1))));
    verb("restart", on -> restart(Duration.ZERO));
    verb("wait (.*)", on -> this.bench.scheduler.advance(time(on.group(1))));
    verb("the wall steps (\\S+)", on -> this.bench.scheduler.stepWall(Duration.parse(on.group(1))));
    verb("stand still for (.*)", on -> this.bench.scheduler.pause(time(on.group(1))));
    verb("(\\S+) becomes ([A-Z_]+)", on -> becomes(on.group(1), on.group(2)));
    verb(
        "(\\S+) and (\\S+) become ([A-Z_]+)",
        on -> {
          becomes(on.group(1), on.group(3));
          becomes(on.group(2), on.group(3));
        });
    verb("until (\\S+) serves", on -> took = this.bench.advanceUntilServing(id(on.group(1))));
    verb("until (\\S+ (?:=|!=|~|in) .*)", on -> until(words.parse(on.group(1))));
    verb("remember (\\S+) as (\\S+)", on -> remembered.put(on.group(2), server(on.group(1))));
    verb("a request begins", on -> begun = this.bench.scheduler.now());
    verb("trouble of (\\S+): (\\S+)", on -> trouble(on.group(1), on.group(2)));
    verb("(\\d+) calls to (\\S+) fail", on -> fail(Integer.parseInt(on.group(1)), on.group(2)));
    verb(
        "count probes of (\\S+) anew",
        on -> probesBefore.put(on.group(1), this.bench.prober.probes(new ServerId(on.group(1)))));
    verb("names do not respond", on -> this.bench.resolver.silent(true));
    verb("names respond", on -> this.bench.resolver.silent(false));
    verb(
        "(\\S+) resolves to(.*)",
        on -> this.bench.resolver.set(on.group(1), split(on.group(2).strip())));
    command(
        "switch to (\\S+)", on -> monitor().commands().switchTo(SENSE, id(on.group(1)), by(on)));
    command(
        "accept the loss of (\\S+)",
        on -> monitor().commands().switchTo(SENSE, id(on.group(1)), true, by(on)));
    command("set (\\S+) to ([A-Z]+)", on -> setState(on, false));
    command("force (\\S+) to ([A-Z]+)", on -> setState(on, true));
    command("plan (\\S+) within (\\d+ s)", this::plan);
    command("give up", on -> monitor().commands().giveUpSwitch(SENSE, by(on)));
    verb("all loops pause", on -> this.bench.paused());
    verb(
        "(\\S+) has (\\d+) (requests|tunnels)",
        on -> traffic(on.group(1), on.group(3), Integer.parseInt(on.group(2))));

    verb("another process leads", on -> this.bench.agreement.follow());
    verb("this process leads", on -> this.bench.agreement.lead());
    verb("the hook ends ([A-Z]+)", on -> this.bench.hookEnds(Call.valueOf(on.group(1))));
    verb("hook (\\d) ends ([A-Z]+)", on -> hookEnds(on.group(1), on.group(2)));

    words.root("all", this::events);
    words.root("count", type -> events(type).size());
    words.root("last", type -> events(type).getLast());
    words.root("probes", server -> probes(server).count());
    words.root("hosts", server -> hosts(server).distinct());
    words.root("last-host", server -> hosts(server).toList().getLast());
    fact("phase", () -> this.bench.planned().phase());
    fact("calls", this::calls);
    fact("first-call", () -> this.bench.hookCalls.getFirst());
    fact("last-call", () -> this.bench.hookCalls.getLast());
    fact("pool", () -> this.bench.pool());
    fact("serving", () -> this.bench.serving());
    fact("reasons", () -> this.bench.reasons());
    fact("ready", () -> monitor().ready());
    fact("pools", () -> monitor().current().pools());
    fact("alarms", () -> monitor().alarms());
    fact("now", () -> this.bench.scheduler.now());
    fact("time", () -> this.bench.time());
    fact("took", () -> took);
    fact("outcomes", () -> this.bench.outcomes.stream().distinct().sorted());
    fact("servers", () -> this.bench.pool().servers().stream().map(each -> each.server().id()));
    fact("receiving", () -> this.bench.pool().receiving().stream().map(each -> each.server().id()));
  }

  Monitor monitor() {
    return bench.monitor;
  }

  /** Gives a pool a name. */
  Stage pool(String name, Pool pool) {
    pools.put(name, pool);
    return this;
  }

  /** Adds a clause for what happens. */
  Stage verb(String pattern, Consumer<MatchResult> verb) {
    words.verb(pattern, verb);
    return this;
  }

  /** What a clause asks of the monitor. */
  interface Command {
    CompletionStage<Result> given(MatchResult on);
  }

  /**
   * Adds a command, which is done and changes something if no {@code ->} says another result. An
   * operator's name may follow it.
   */
  Stage command(String pattern, Command command) {
    return verb(
        pattern + "(?<by> by alice)?(?: -> (?<result>\\w+)(?: ~ (?<why>.*))?)?",
        on -> {
          String result = said(bench.result(command.given(on)));
          assertThat(result).startsWith(Optional.ofNullable(on.group("result")).orElse("done"));
          assertThat(result)
              .contains(StoryWords.unquoted(Optional.ofNullable(on.group("why")).orElse("")));
        });
  }

  /** Gives a name to several clauses. */
  Stage means(String name, String clauses) {
    return verb(name, on -> play(clauses));
  }

  /** Adds a root of facts. */
  Stage fact(String name, Supplier<?> value) {
    words.fact(name, value);
    return this;
  }

  /** Plays the clauses of that line. */
  void play(String line) {
    words.play(line);
  }

  void play(Story story) {
    words.play(story);
  }

  private void until(StoryWords.Fact fact) {
    long start = bench.time();
    while (!words.holds(fact)) {
      assertThat(bench.time() - start).as("ms waited").isLessThan(120_000);
      bench.advance(1);
    }
    took = bench.time() - start;
  }

  private List<Event> events(String type) {
    return bench.events().stream()
        .filter(each -> each.getClass().getSimpleName().equals(type))
        .toList();
  }

  private Stream<Prober.Request> probes(String server) {
    return bench.prober.requests.stream()
        .filter(each -> each.server().id().value().equals(server))
        .skip(probesBefore.getOrDefault(server, 0L));
  }

  private Stream<String> hosts(String server) {
    return probes(server).map(each -> each.address().getHostAddress());
  }

  private @Nullable ServerState server(String name) {
    return remembered.containsKey(name)
        ? remembered.get(name)
        : bench.pool().server(new ServerId(name));
  }

  static String said(Result result) {
    return switch (result) {
      case Result.Done done ->
          (done.changed() ? "done" : "unchanged")
              + (done.inMemoryOnly() == null ? "" : ", in memory only: " + done.inMemoryOnly());
      case Result.Unknown unknown -> "unknown: " + unknown.why();
      case Result.Conflict conflict -> "conflict: " + conflict.why();
      case Result.Unavailable unavailable -> "unavailable: " + unavailable.why();
      case Result.NotKnown open -> "not known: " + open.why();
    };
  }

  private static String[] split(String text) {
    return text.isEmpty() ? new String[0] : text.split(" ");
  }

  static @Nullable ServerId id(String name) {
    return name.equals("nobody") || name.equals("auto") ? null : new ServerId(name);
  }

  private static @Nullable Operator by(MatchResult on) {
    return on.group("by") == null ? null : Bench.ALICE;
  }

  private Pool[] pools(String names) {
    return names.equals("nothing")
        ? new Pool[0]
        : Arrays.stream(names.split(" "))
            .map(name -> Objects.requireNonNull(pools.get(name), name))
            .toArray(Pool[]::new);
  }

  private void becomes(String server, String behaviour) {
    bench.prober.set(server, Behaviour.valueOf(behaviour));
  }

  private CompletionStage<Result> setState(MatchResult on, boolean force) {
    OperatorState state = OperatorState.valueOf(on.group(2));
    return monitor().commands().setState(SENSE, new ServerId(on.group(1)), state, force, by(on));
  }

  private CompletionStage<Result> plan(MatchResult on) {
    ServerId to = new ServerId(on.group(1));
    return monitor()
        .commands()
        .planSwitch(SENSE, new SwitchRequest(to, time(on.group(2)), false, null, Bench.ALICE));
  }

  /** Of the request that began, or of one that began just now. */
  private void trouble(String server, String trouble) {
    Instant started = Optional.ofNullable(begun).orElse(bench.scheduler.now());
    monitor().trouble(server(server), Trouble.valueOf(trouble), started, "as the test wants");
  }

  private void fail(int calls, String server) {
    for (int i = 0; i < calls; i++) {
      monitor().called(server(server), true, Duration.ofMillis(3));
    }
    bench.scheduler.settle();
  }

  /** Of the calls of hooks, counted from 0. */
  private void hookEnds(String call, String outcome) {
    bench.hookEnds(Integer.parseInt(call), Call.valueOf(outcome));
  }

  /** The calls of hooks so far: the hook, its server and its epoch. */
  private List<String> calls() {
    return bench.hookCalls.stream()
        .map(call -> call.hook() + " " + call.server().id() + " " + call.epoch())
        .toList();
  }

  private void traffic(String server, String kind, int count) {
    ServerTraffic traffic = server(server).traffic();
    (kind.equals("requests") ? traffic.requests() : traffic.tunnels()).set(count);
  }

  /** Begins another process that much later than the first one began. */
  void restart(Duration later) {
    close();
    Instant now = FakeScheduler.START.plus(later);
    bench = withFile(Objects.requireNonNull(directory, "a folder for the state file"), now);
    bench.scheduler.advance(later);
  }

  @Override
  public void close() {
    bench.close();
    bench.agreement.close();
  }
}
