package dev.understudy.reload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.DynamicConfig;
import dev.understudy.config.RouteChecker;
import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent.ConfigurationApplied;
import dev.understudy.event.ReplicaEvent.ConfigurationRejected;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.UserList;
import dev.understudy.proxy.listener.OpenListeners;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Rows;
import java.io.IOException;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A monitor that takes longer than we are patient, because the machine is slow. */
class SlowMonitorTest implements ConfigurationTarget {
  private static final String WAITING = "still applying";

  @TempDir Path directory;

  private final EventHistory events = new EventHistory(InstantSource.fixed(Instant.EPOCH));

  /** What the additions were told, in order. */
  private final List<List<String>> told = Collections.synchronizedList(new ArrayList<>());

  private final CompletableFuture<Void> monitor = new CompletableFuture<>();

  /** The call at which the monitor is slow, counted from 1; what came so far. */
  private volatile int slowAt = Integer.MAX_VALUE;

  private volatile int calls;
  private volatile boolean refusesRoutes;
  private Path file;
  private LiveConfiguration live;
  private LogCapture log;

  @BeforeEach
  void create() throws IOException {
    log = LogCapture.of(ConfigurationTransaction.class, directory.toString());
    file = directory.resolve("gateway.yaml");
    write("a");
    live =
        new LiveConfiguration(
            file,
            new ConfigLoader(RouteChecker.NONE)::load,
            this,
            events,
            (before, next) -> List.of(),
            Duration.ofMillis(1));
  }

  @AfterEach
  void stop() {
    monitor.complete(null);
    live.stop();
    log.close();
  }

  private void write(String pool) throws IOException {
    Path next = directory.resolve("next");
    Files.writeString(
        next,
        """
        pools: { POOL: { servers: { x: { url: "http://192.0.2.1:80" } } } }
        routes: [ { id: r, uri: "pool://POOL", predicates: [ "Path=/**" ] } ]
        """
            .replace("POOL", pool));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What is applied, at which call of the monitor it is slow, and what comes of it. */
  @Rows(
      """
      # a start: before the routes, and after them
      start | 1 | - | applied
      start | 2 | - | applied
      # a changed file likewise
      reload | 1 | - | applied
      reload | 2 | - | applied
      # what is refused for a reason is refused for that one alone
      reload | 2 | routes | routes: as the test wants
      """)
  void what_takes_long_is_told_once_and_refused_for_no_time(
      String what, int at, String refused, String outcome) throws Exception {
    if (what.equals("reload")) {
      live.start();
    }
    int before = events().size();
    slowAt = calls + at;
    refusesRoutes = refused.equals("routes");
    Thread starting = Thread.ofPlatform().unstarted(live::start);
    if (what.equals("start")) {
      starting.start();
    } else {
      write("b");
    }
    Await.until("the wait is told", () -> !log.events().isEmpty());
    assertThat(events()).hasSize(before);
    monitor.complete(null);
    Await.until("it is told what came of it", () -> events().size() > before);
    starting.join();
    assertThat(log.events())
        .singleElement()
        .extracting(line -> line.getFormattedMessage())
        .asString()
        .startsWith(WAITING + " " + file)
        .endsWith(" s so far: the machine is slow or the monitor is busy");
    if (outcome.equals("applied")) {
      assertThat(events().getLast()).isInstanceOf(ConfigurationApplied.class);
    } else {
      ConfigurationRejected rejected = (ConfigurationRejected) events().getLast();
      assertThat(rejected.problems()).containsExactly(file + ": " + outcome);
    }
  }

  @Test
  void a_stop_ends_the_wait_and_refuses_neither_file_nor_objects() throws Exception {
    live.start();
    int before = events().size();
    slowAt = calls + 1;
    write("b");
    Await.until("the wait is told", () -> !log.events().isEmpty());
    Thread objects = Thread.ofPlatform().start(() -> live.use(addition(), told::add));
    live.stop();
    objects.join();
    assertThat(events()).hasSize(before);
    assertThat(told).isEmpty();
  }

  private static DynamicConfig.Addition addition() {
    return new DynamicConfig.Addition(
        List.of(),
        List.of(new RouteSpec("r", "pool://a", 0, List.of(), List.of(), Map.of())),
        List.of());
  }

  private List<Event> events() {
    return events.newest(null, 100).stream().map(EventLog.Entry::event).toList();
  }

  @Override
  public void resolveWith(DnsSettings dns) {}

  @Override
  public CompletionStage<Void> apply(List<Pool> pools, Set<PoolId> going) {
    calls++;
    return calls < slowAt ? CompletableFuture.completedFuture(null) : monitor.copy();
  }

  @Override
  public OpenListeners listeners() {
    return listeners ->
        new OpenListeners.Change() {
          @Override
          public List<String> problems() {
            return List.of();
          }

          @Override
          public void commit() {}

          @Override
          public void rollBack() {}
        };
  }

  @Override
  public void use(Map<String, UserList> userFiles) {}

  @Override
  public Optional<String> apply(List<RouteSpec> routes, List<RoutePart> defaultFilters) {
    return refusesRoutes ? Optional.of("as the test wants") : Optional.empty();
  }

  @Override
  public Optional<String> joinGateway() {
    return Optional.empty();
  }

  @Override
  public void use(ErrorPages pages) {}

  @Override
  public void retain() {}
}
