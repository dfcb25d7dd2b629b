package dev.understudy.reload;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.LoadResult;
import dev.understudy.config.RouteChecker;
import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent.ConfigurationApplied;
import dev.understudy.event.ReplicaEvent.ConfigurationRejected;
import dev.understudy.file.Sha256;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.PoolSettings;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerSettings;
import dev.understudy.pool.UserList;
import dev.understudy.proxy.listener.OpenListeners;
import dev.understudy.testing.Await;
import dev.understudy.testing.Rows;
import dev.understudy.testing.Scenario;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is put into force, in which order, and what comes back when something fails. */
class LiveConfigurationTest {

  private static final String IDLE =
      "  idle: { servers: { a: { url: \"http://192.0.2.1:80\" } } }\n";

  @TempDir Path directory;

  /** What became of the last addition: its problems, once that is known. */
  private final List<List<String>> added = new ArrayList<>();

  /** What was asked for: "pools sense:1 other:1", "routes a b". */
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

  private final List<ErrorPages> pages = Collections.synchronizedList(new ArrayList<>());
  private final EventHistory events = new EventHistory(InstantSource.fixed(Instant.EPOCH));
  private volatile Predicate<String> fails = what -> false;
  private volatile Predicate<String> refused = what -> false;
  private volatile DnsSettings dns = DnsSettings.DEFAULT;
  private Optional<String> gateway = Optional.empty();
  private final AtomicInteger loads = new AtomicInteger();
  private final AtomicInteger retained = new AtomicInteger();
  private Path file;

  @AutoClose("stop")
  private LiveConfiguration live;

  private final ConfigurationTarget target =
      new ConfigurationTarget() {
        @Override
        public void resolveWith(DnsSettings next) {
          dns = next;
        }

        @Override
        public CompletionStage<Void> apply(List<Pool> pools, Set<PoolId> going) {
          return pools(pools);
        }

        @Override
        public OpenListeners listeners() {
          return LiveConfigurationTest.this::listeners;
        }

        @Override
        public void use(Map<String, UserList> userFiles) {}

        @Override
        public Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
          return routes(routes);
        }

        @Override
        public Optional<String> joinGateway() {
          return gateway;
        }

        @Override
        public void use(ErrorPages its) {
          pages.add(its);
        }

        @Override
        public void retain() {
          retained.incrementAndGet();
        }
      };

  @BeforeEach
  void create() throws IOException {
    file = directory.resolve("gateway.yaml");
    write(file("sense"));
    ConfigLoader loader = new ConfigLoader(RouteChecker.NONE);
    live =
        new LiveConfiguration(
            file,
            (path, content) -> {
              loads.incrementAndGet();
              if (content.length == 0) {
                throw new StackOverflowError();
              }
              return loader.load(path, content);
            },
            target,
            events);
  }

  private static String file(String... pools) {
    StringBuilder text = new StringBuilder("pools:\n");
    for (String pool : pools) {
      text.append("  ").append(pool).append(":\n    servers:\n");
      text.append("      a: { url: \"http://192.0.2.1:80\", role: master }\n");
    }
    text.append("routes:\n");
    for (String pool : pools) {
      text.append("  - { id: ").append(pool).append(", uri: \"pool://").append(pool);
      text.append("\", predicates: [\"Path=/").append(pool).append("\"] }\n");
    }
    return text.toString();
  }

  private static DynamicConfig.Addition addition(String pool) {
    if (pool.equals("nothing")) {
      return DynamicConfig.Addition.NONE;
    }
    ServerAddress address = new ServerAddress(Protocol.HTTP, false, "192.0.2.2", 80);
    Server server =
        new Server(
            new ServerId("a"),
            address,
            null,
            new ServerSettings(
                Rank.MASTER, OptionalInt.empty(), 1, OptionalInt.empty(), null, null));
    return new DynamicConfig.Addition(
        List.of(
            new Pool(
                new PoolId(pool),
                PoolMode.FAILOVER,
                List.of(server),
                HealthSettings.DEFAULT,
                FailbackSettings.DEFAULT,
                PoolSettings.DEFAULT,
                List.of())),
        List.of(
            new RouteSpec(
                pool,
                RouteSpec.POOL + pool,
                0,
                List.of(new RoutePart("Path", Map.of("_genkey_0", "/"))),
                List.of(),
                Map.of())),
        List.of(
            new Listener(
                "gw.80",
                null,
                80,
                null,
                Map.of(),
                Map.of(),
                Duration.ofSeconds(3),
                false,
                true,
                null,
                null)));
  }

  private void write(String text) throws IOException {
    Path next = directory.resolve("next");
    Files.writeString(next, text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private CompletionStage<Void> pools(List<Pool> pools) {
    String what = "pools " + String.join(" ", pools.stream().map(p -> p.id().value()).toList());
    asked.add(what);
    return fails.test(what)
        ? CompletableFuture.failedFuture(new IllegalStateException("as the test wants"))
        : CompletableFuture.completedFuture(null);
  }

  private Optional<String> routes(List<RouteSpec> routes) {
    String what = "routes " + String.join(" ", routes.stream().map(RouteSpec::id).toList());
    asked.add(what);
    if (fails.test(what)) {
      throw new IllegalStateException("as the test wants");
    }
    return refused.test(what) ? Optional.of("as the test wants") : Optional.empty();
  }

  private OpenListeners.Change listeners(List<Listener> listeners) {
    String what = "listeners " + String.join(" ", listeners.stream().map(Listener::id).toList());
    if (!listeners.isEmpty()) {
      asked.add(what);
    }
    List<String> problems =
        refused.test(what) ? List.of("listener web: the port is in use") : List.of();
    return new OpenListeners.Change() {
      @Override
      public List<String> problems() {
        return problems;
      }

      @Override
      public void commit() {
        if (!listeners.isEmpty()) {
          asked.add("commit");
        }
      }

      @Override
      public void rollBack() {
        if (!listeners.isEmpty()) {
          asked.add("roll back");
        }
      }
    };
  }

  private static String withListener(String file) {
    return file + "listeners: { web: { port: 8081 } }\n";
  }

  /**
   * The step that is refused, or the one that fails, of a new file that has this pool, a listener
   * if it says so, and name servers of its own; the problem, if any, and what was asked for.
   */
  @Rows(
      """
      # a new file adds pools before its routes and takes others away after
      - | - | other | - | pools sense other, routes other, pools other
      # listeners open before the routes change and close before pools go
      - | - | third with a listener | - | pools sense third, listeners web, routes third, commit, pools third
      # a port that cannot be opened refuses the file
      listeners web | - | third with a listener | FILE: listener web: the port is in use | pools sense third, listeners web, pools sense
      # ports close again if the routes are refused
      routes third | - | third with a listener | routes: as the test wants | pools sense third, listeners web, routes third, roll back, pools sense
      # routes that are refused leave every pool that there was as it was
      routes other | - | other | routes: as the test wants | pools sense other, routes other, pools sense
      # routes that fail are reported and the previous ones come back
      - | routes other | other | as the test wants | pools sense other, routes other, routes sense, pools sense
      # pools that fail at the end take the routes back too
      - | pools other | other | could not be applied: java.lang.IllegalStateException: as the test wants | pools sense other, routes other, pools other, routes sense, pools sense
      """)
  void a_new_file_is_put_into_force_whole_or_not_at_all(
      String refusedStep, String failedStep, String pool, String problem, String steps)
      throws Exception {
    live.start();
    refused = refusedStep::equals;
    fails = failedStep::equals;
    String text = file(pool.replaceFirst(" .*", ""));
    String all = pool.contains("listener") ? withListener(text) : text;
    Event event = reload(all + "dns: { servers: [ \"192.0.2.53\" ] }\n");
    assertThat(asked).containsExactly(steps.split(", "));
    if (problem.equals("-")) {
      assertThat(event).isInstanceOf(ConfigurationApplied.class);
      assertThat(dns).isNotEqualTo(DnsSettings.DEFAULT);
    } else {
      ConfigurationRejected rejected = (ConfigurationRejected) event;
      assertThat(rejected.message()).endsWith("refused, nothing changed, 1 problem");
      assertThat(rejected.problems())
          .singleElement()
          .asString()
          .endsWith(problem.replace("FILE", file.toString()));
      assertThat(dns).as("name servers").isEqualTo(DnsSettings.DEFAULT);
    }
  }

  /**
   * {@code load} waits for no event; {@code fails} and {@code refuses} name a step; in what is
   * expected, bars stand for semicolons.
   */
  @Scenario.Each(
      """
      a file with other listeners waits while they are kept
        start; keep; keep; reload other; applied; read third with a listener; release
        asked nothing; release
        asked pools other third, listeners web, routes third, commit, pools third; fingerprint
      what is not in force is forgotten only once a file is accepted for good
        refuses routes sense; load refused; refuses nothing; load; gateway missing
        start refused; retained 0; gateway here; start; retained 1; reload 7; rejected
        retained 1; reload other; applied; retained 2
      at the start pools come before routes
        start; asked pools sense, routes sense, pools sense; applied applied: 1 pool, 1 route
      changes are reported with the file that brings them
        start; changes nothing; reload other third; removed sense
        changes pool sense: removed, pool other: added, pool third: added, \
      route sense: removed, route other: added, route third: added
        applied applied: 2 pools, 2 routes| pool sense: removed| pool other: added| \
      pool third: added| and 3 more
        reload 7; reload other; changes pool third: removed, route third: removed
      a file that vanishes is reported without names of classes
        start; vanishes; problem FILE: expected a readable file: it does not exist
      a failed rollback is reported
        start; fails all; reload other; rejected restart
      after a failure the next file is taken
        start; fails pools other; reload other; fails nothing; reload sense third; applied
        asked pools sense third, routes sense third, pools sense third
      a file on which the reader breaks is refused and the next one is taken
        start; reload empty; rejected; reload third; applied
      warnings are reported once with the file that has them
        start; reload sense and idle
        applied applied: 2 pools, 1 route, 1 warning| pool idle: added
        warns gateway.yaml:5: warning: pools.idle: no route leads to this pool
        reload sense; warns nothing
      problems are counted in the sentence and listed beside it
        start; reload bad; counted
      objects of a cluster add to the file and stay when it changes
        start; adds gw.shop.a; asked pools sense gw.shop.a, listeners gw.80, routes sense gw.shop.a, \
      commit, pools sense gw.shop.a; applied cluster applied: 1 pool, 1 route, 1 listener| \
      pool gw.shop.a: added| route gw.shop.a: added| listener gw.80: added
        reload other; applied gateway.yaml applied: 1 pool, 1 route| pool sense: removed| \
      pool other: added| route sense: removed| and 1 more
        asked pools sense gw.shop.a other, listeners gw.80, routes other gw.shop.a, commit, \
      pools other gw.shop.a
        adds nothing; changes pool gw.shop.a: removed, route gw.shop.a: removed, listener gw.80: removed
      objects that are refused leave what there was and the file counts as before
        start; adds gw.shop.a; refuses routes sense gw.shop.b; adds gw.shop.b refused
        rejected cluster: routes: as the test wants; reload other; fingerprint
        asked pools sense gw.shop.a other, listeners gw.80, routes other gw.shop.a, commit, \
      pools other gw.shop.a
      the same objects change nothing
        start; adds gw.shop.a; adds gw.shop.a; asked nothing
      a process that takes over opens the listeners of the first objects and of no others
        inherit; expects; start; complete no; adds gw.shop.a; complete yes
        asked pools sense gw.shop.a, listeners gw.80, routes sense gw.shop.a, commit, pools sense gw.shop.a
        adds nothing waits; asked nothing; release; added
      the first objects open no listeners of a process that hands over
        expects; start; keep; adds gw.shop.a waits; complete no; asked nothing; release; complete yes
      the newest of the objects that wait is told when it is in force
        start; keep; adds gw.shop.b waits; adds gw.shop.a waits; release; added
      objects with other listeners wait while these are kept
        start; keep; adds gw.shop.a waits; asked nothing; release
        asked pools sense gw.shop.a, listeners gw.80, routes sense gw.shop.a, commit, pools sense gw.shop.a
      objects that come before the file wait for it
        adds gw.shop.a waits; start; applied cluster applied: 1 pool, 1 route, 1 listener| \
      pool gw.shop.a: added| route gw.shop.a: added| listener gw.80: added
      a failure at the start refuses to start
        fails all; start refused could not be applied; stopped
      """)
  void a_configuration_goes_through(Scenario scenario) {
    scenario.play(this::step);
  }

  private void step(Scenario.Words words) throws Exception {
    String rest = words.from(1).replace('|', ';');
    List<String> listed = rest.equals("nothing") ? List.of() : List.of(rest.split(", "));
    switch (words.at(0)) {
      case "start", "load" -> {
        ThrowingCallable begin = words.at(0).equals("start") ? live::start : live::load;
        if (words.at(1).equals("refused")) {
          assertThatThrownBy(begin)
              .isInstanceOf(ConfigurationRejectedException.class)
              .hasMessageContaining(words.from(2));
        } else {
          assertThatCode(begin).doesNotThrowAnyException();
        }
      }
      case "stopped" -> assertThat(live.isRunning()).isFalse();
      case "keep" -> live.keepListeners();
      case "inherit" -> live.inheritListeners();
      case "expects" -> live.expectAddition();
      case "complete" -> {
        assertThat(live.isComplete()).isEqualTo(words.at(1).equals("yes"));
        assertThat(live.firstAddition().isDone()).isEqualTo(words.at(1).equals("yes"));
      }
      case "added" -> assertThat(added).containsExactly(List.of());
      case "release" -> live.releaseListeners();
      case "adds" -> {
        asked.clear();
        String expected = words.from(2).isEmpty() ? "in force" : words.from(2);
        added.clear();
        live.use(addition(words.at(1)), added::add);
        assertThat(added).hasSize(expected.equals("waits") ? 0 : 1);
        added.forEach(each -> assertThat(each).hasSize(expected.equals("refused") ? 1 : 0));
      }
      case "fails" -> fails = what -> rest.equals("all") || what.equals(rest);
      case "refuses" -> refused = rest::equals;
      case "gateway" -> gateway = rest.equals("here") ? Optional.empty() : Optional.of(rest);
      case "reload" ->
          reload(
              switch (rest) {
                case "empty" -> "";
                case "7" -> "pools: 7";
                case "bad" -> "pools:\n  A: {}\n  B: {}\n  C: {}\n  D: {}\n";
                case "sense and idle" -> file("sense").replace("routes:", IDLE + "routes:");
                default -> file(rest.split(" "));
              });
      case "warns" -> {
        assertThat(applied().warnings()).hasSize(listed.isEmpty() ? 0 : 1);
        assertThat(applied().warnings()).allMatch(each -> each.contains(rest));
      }
      case "counted" -> {
        assertThat(rejected().problems()).hasSizeGreaterThan(3);
        assertThat(rejected().message())
            .endsWith(", " + rejected().problems().size() + " problems");
      }
      case "read" -> {
        asked.clear();
        int loaded = loads.get();
        write(withListener(file(words.at(1))));
        Await.until("it is read", () -> loads.get() > loaded);
      }
      case "vanishes" -> {
        int before = events().size();
        Files.delete(file);
        Await.until("it is told", () -> events().size() > before);
      }
      case "applied" -> assertThat(applied().message()).endsWith(rest);
      case "changes" -> assertThat(applied().changes()).isEqualTo(listed);
      case "removed" -> assertThat(applied().removedPools()).containsExactly(new PoolId(rest));
      case "rejected" -> assertThat(rejected().problems()).last().asString().endsWith(rest);
      case "problem" ->
          assertThat(rejected().problems()).containsExactly(rest.replace("FILE", file.toString()));
      case "asked" -> assertThat(asked).isEqualTo(listed);
      case "retained" -> assertThat(retained).hasValue(words.number(1));
      case "fingerprint" ->
          assertThat(live.fingerprint())
              .isEqualTo(Sha256.hex(Sha256.of(Files.readAllBytes(file)), 12));
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  /** As a filter that does not compile: the Gateway's own, one that is misspelt, a bad argument. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void what_only_the_gateway_can_check_is_neither_told_nor_in_force_before(boolean good)
      throws IOException {
    AtomicBoolean made = new AtomicBoolean();
    String second = good ? file("sense") : "pools: 3\n";
    ConfigLoader loader = new ConfigLoader(RouteChecker.NONE);
    live =
        new LiveConfiguration(
            file,
            new LiveConfiguration.Loader() {
              @Override
              public LoadResult load(Path path, byte[] content) {
                return loader.load(path, made.get() ? second.getBytes(UTF_8) : content);
              }

              @Override
              public boolean isProvisional() {
                return !made.get();
              }
            },
            target,
            events);

    assertThat(live.load()).isFalse();
    assertThat(asked).isEmpty();
    assertThat(events()).isEmpty();
    made.set(true);
    if (good) {
      live.start();
      assertThat(applied().message()).contains("applied: 1 pool");
    } else {
      assertThatThrownBy(live::start).isInstanceOf(ConfigurationRejectedException.class);
      assertThat(rejected().message()).endsWith("refused, 2 problems");
      assertThat(asked).isEmpty();
    }
  }

  @Test
  void a_file_without_end_is_refused_and_not_read() throws IOException {
    try (RandomAccessFile huge = new RandomAccessFile(file.toFile(), "rw")) {
      huge.setLength(1L << 32);
    }
    assertThatThrownBy(live::start)
        .isInstanceOf(ConfigurationRejectedException.class)
        .hasMessageContaining("at most 1 MB");
  }

  /** Writes a new file and waits for what becomes of it. */
  private Event reload(String text) throws Exception {
    int before = events().size();
    asked.clear();
    write(text);
    Await.until("the change is told", () -> events().size() > before);
    return events().getLast();
  }

  private List<Event> events() {
    return events.newest(null, 100).stream().map(EventLog.Entry::event).toList();
  }

  private ConfigurationApplied applied() {
    return (ConfigurationApplied) events().getLast();
  }

  private ConfigurationRejected rejected() {
    return (ConfigurationRejected) events().getLast();
  }

  @Test
  void a_file_whose_changes_cannot_be_described_is_applied_and_reported() throws Exception {
    live =
        new LiveConfiguration(
            file,
            new ConfigLoader(RouteChecker.NONE)::load,
            target,
            events,
            (before, next) -> {
              if (before == next) {
                return List.of();
              }
              if (next.pools().size() == 1) {
                throw new IllegalStateException("as the test wants");
              }
              throw new StackOverflowError("as the test wants");
            },
            ConfigurationTransaction.PATIENCE);
    live.start();
    String first = live.fingerprint();
    for (String text : List.of(file("other"), file("other", "third"))) {
      reload(text);
      assertThat(applied().changes()).containsExactly("its changes are not known; see the log");
      assertThat(applied().message()).endsWith("; its changes are not known; see the log");
    }
    Await.until("the fingerprint follows", () -> !String.valueOf(first).equals(live.fingerprint()));
  }

  private String html() {
    return pages.getLast().general().get(503).html();
  }

  @Test
  void a_page_behind_a_swapped_link_is_read_again() throws Exception {
    Files.createDirectory(directory.resolve("..v1"));
    Files.createDirectory(directory.resolve("..v2"));
    Files.writeString(directory.resolve("..v1/503.html"), "one");
    Files.writeString(directory.resolve("..v2/503.html"), "two");
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..v1"));
    Files.createSymbolicLink(directory.resolve("503.html"), Path.of("..data/503.html"));
    write(file("sense") + "error-pages: { 503: 503.html }\n");
    live.start();
    assertThat(html()).isEqualTo("one");
    Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..v2"));
    Files.move(link, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    Await.until("the new page is in force", () -> html().equals("two"));
  }

  @Test
  void a_page_that_becomes_unreadable_stays_as_it_was_and_is_reported_once() throws Exception {
    Path page = Files.writeString(directory.resolve("503.html"), "one");
    write(file("sense") + "error-pages: { 503: 503.html }\n");
    live.start();
    Files.delete(page);
    Await.until("it is told", () -> events().getLast() instanceof ConfigurationRejected);
    assertThat(rejected().problems())
        .containsExactly(
            file
                + ":7: error-pages.503: expected a readable file (it does not exist), found"
                + " \"503.html\"");
    assertThat(html()).isEqualTo("one");

    Files.writeString(page, "three");
    Await.until("the new page is in force", () -> html().equals("three"));
    Await.until("it is told", () -> events().getLast() instanceof ConfigurationApplied);
    assertThat(events()).filteredOn(ConfigurationRejected.class::isInstance).hasSize(1);
  }
}
