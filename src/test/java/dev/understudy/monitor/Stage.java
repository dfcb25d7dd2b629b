package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
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
import dev.understudy.switchover.SwitchFacts.Call;
import dev.understudy.switchover.SwitchRequest;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A bench on which {@link Story stories} are played, each on a new stage. A clause says what
 * happens, as the constructor lists it, or a fact: {@code sen2.status = UP}. The left side of a
 * fact begins with a server's ID or one of {@link #facts}, after which come names of accessors; of
 * a list each element's. {@code =} is equality of the texts, {@code ~} containment, {@code in 1..5}
 * a range. Time passes only in clauses that begin with {@code wait} or {@code until}.
 */
final class Stage implements AutoCloseable {
  private final Map<Pattern, Consumer<MatchResult>> verbs = new LinkedHashMap<>();
  private final Map<String, Supplier<?>> facts = new HashMap<>();
  private final Map<String, Pool> pools = new HashMap<>();
  private final Map<String, String> kept = new HashMap<>();
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
    verb("wait (.*)", on -> this.bench.advance(millis(on.group(1))));
    verb("stand still for (.*)", on -> this.bench.scheduler.pause(millis(on.group(1))));
    verb("(\\S+) becomes ([A-Z_]+)", on -> becomes(on.group(1), on.group(2)));
    verb(
        "(\\S+) and (\\S+) become ([A-Z_]+)",
        on -> {
          becomes(on.group(1), on.group(3));
          becomes(on.group(2), on.group(3));
        });
    verb("until (\\S+) serves", on -> took = this.bench.advanceUntilServing(id(on.group(1))));
    verb("until (\\S+ (?:=|!=|~|in) .*)", on -> until(fact(on.group(1))));
    verb("keep (\\S+) as (\\S+)", on -> kept.put(on.group(2), text(value(on.group(1)))));
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
        on -> this.bench.resolver.set(on.group(1), words(on.group(2).strip())));
    command("switch to (\\S+)", on -> monitor().switchTo(SENSE, id(on.group(1)), by(on)));
    command("set (\\S+) to ([A-Z]+)", on -> setState(on, false));
    command("force (\\S+) to ([A-Z]+)", on -> setState(on, true));
    command("plan (\\S+) within (\\d+ s)", this::plan);
    command("give up", on -> monitor().giveUpSwitch(SENSE, by(on)));
    verb("all loops pause", on -> this.bench.paused());
    verb(
        "(\\S+) has (\\d+) (requests|tunnels)",
        on -> traffic(on.group(1), on.group(3), Integer.parseInt(on.group(2))));

    verb("another process leads", on -> this.bench.agreement.follow());
    verb("this process leads", on -> this.bench.agreement.lead());
    verb("the hook ends ([A-Z]+)", on -> this.bench.hookEnds(Call.valueOf(on.group(1))));
    verb("hook (\\d) ends ([A-Z]+)", on -> hookEnds(on.group(1), on.group(2)));

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
    verbs.put(Pattern.compile(pattern), verb);
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
          assertThat(result).contains(unquoted(Optional.ofNullable(on.group("why")).orElse("")));
        });
  }

  /** Gives a name to several clauses. */
  Stage means(String name, String clauses) {
    return verb(name, on -> play(clauses));
  }

  /** Adds a root of facts. */
  Stage fact(String name, Supplier<?> value) {
    facts.put(name, value);
    return this;
  }

  /** Plays the clauses of that line. */
  void play(String line) {
    play(new Story(line, Story.clauses(line)));
  }

  void play(Story story) {
    for (String clause : story.clauses()) {
      try {
        playClause(clause);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("\"" + clause + "\" of: " + story + ": " + e.getMessage(), e);
      }
    }
  }

  private void playClause(String clause) {
    for (Map.Entry<Pattern, Consumer<MatchResult>> verb : verbs.entrySet()) {
      Matcher matcher = verb.getKey().matcher(clause);
      if (matcher.matches()) {
        verb.getValue().accept(matcher);
        return;
      }
    }
    check(fact(clause));
  }

  /** A fact to check. */
  private record Fact(String path, String relation, String expected) {
    boolean holds(String value) {
      return switch (relation) {
        case "=" -> value.equals(expected);
        case "!=" -> !value.equals(expected);
        case "~" -> value.contains(expected);
        case "in" -> {
          String[] bounds = expected.split("\\.\\.");
          long number = Long.parseLong(value);
          yield Long.parseLong(bounds[0]) <= number && number <= Long.parseLong(bounds[1]);
        }
        default -> throw new IllegalArgumentException("no such relation: " + relation);
      };
    }
  }

  private Fact fact(String clause) {
    String[] parts = clause.split(" ", 3);
    assertThat(parts).as("a fact or one of " + verbs.keySet()).hasSize(3);
    String expected = unquoted(parts[2]);
    return new Fact(
        parts[0],
        parts[1],
        expected.startsWith("$")
            ? Objects.requireNonNull(kept.get(expected.substring(1)))
            : expected);
  }

  private void check(Fact fact) {
    assertThat(text(value(fact.path())))
        .matches(fact::holds, fact.relation() + " " + fact.expected());
  }

  private void until(Fact fact) {
    long start = bench.time();
    while (!fact.holds(text(value(fact.path())))) {
      assertThat(bench.time() - start).as("ms waited").isLessThan(120_000);
      bench.advance(1);
    }
    took = bench.time() - start;
  }

  private static String unquoted(String text) {
    return text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
  }

  /**
   * Of events that is {@code all.Switched.reason}, {@code last.Switched.reason} or {@code
   * count.Switched}; of probes {@code probes.sen2}, how many, {@code hosts.sen2}, whereto, and
   * {@code last-host.sen2}.
   */
  private @Nullable Object value(String path) {
    Deque<String> names = new ArrayDeque<>(List.of(path.split("\\.")));
    String root = names.remove();
    Object value =
        switch (root) {
          case "all" -> events(names.remove());
          case "count" -> events(names.remove()).size();
          case "last" -> events(names.remove()).getLast();
          case "probes" -> probes(names.remove()).count();
          case "hosts" -> hosts(names.remove()).distinct().toList();
          case "last-host" -> hosts(names.remove()).toList().getLast();
          default -> facts.containsKey(root) ? facts.get(root).get() : server(root);
        };
    return names.stream().reduce(value, Stage::part, (first, second) -> second);
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

  private static @Nullable Object part(@Nullable Object whole, String name) {
    if (whole == null) {
      return null;
    }
    if (whole instanceof Collection<?> all) {
      return name.equals("size") ? all.size() : all.stream().map(each -> part(each, name)).toList();
    }
    if (whole instanceof Map<?, ?> map && name.equals("keys")) {
      return map.keySet();
    }
    if (whole instanceof InetSocketAddress address) {
      return name.equals("port") ? address.getPort() : address.getAddress().getHostAddress();
    }
    try {
      Method accessor = whole.getClass().getMethod(name);
      accessor.setAccessible(true);
      return accessor.invoke(whole);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(name + " of " + whole.getClass(), e);
    }
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Collection<?> all -> all.stream().map(Stage::text).collect(Collectors.joining(", "));
      case Stream<?> all -> text(all.toList());
      default -> value.toString();
    };
  }

  private static String said(Result result) {
    return switch (result) {
      case Result.Done done -> done.changed() ? "done" : "unchanged";
      case Result.Unknown unknown -> "unknown: " + unknown.why();
      case Result.Conflict conflict -> "conflict: " + conflict.why();
      case Result.Unavailable unavailable -> "unavailable: " + unavailable.why();
    };
  }

  private static String[] words(String text) {
    return text.isEmpty() ? new String[0] : text.split(" ");
  }

  /** Of {@code 5 s}. */
  static long millis(String text) {
    String[] parts = text.split(" ");
    Duration unit =
        switch (parts[1]) {
          case "ms" -> Duration.ofMillis(1);
          case "s" -> Duration.ofSeconds(1);
          case "min" -> Duration.ofMinutes(1);
          default -> throw new IllegalArgumentException("no such unit: " + text);
        };
    return unit.multipliedBy(Long.parseLong(parts[0])).toMillis();
  }

  private static @Nullable ServerId id(String name) {
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
    return monitor().setState(SENSE, new ServerId(on.group(1)), state, force, by(on));
  }

  private CompletionStage<Result> plan(MatchResult on) {
    Duration pause = Duration.ofMillis(millis(on.group(2)));
    ServerId to = new ServerId(on.group(1));
    return monitor().planSwitch(SENSE, new SwitchRequest(to, pause, false, null, Bench.ALICE));
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
