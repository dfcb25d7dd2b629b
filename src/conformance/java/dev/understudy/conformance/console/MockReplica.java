package dev.understudy.conformance.console;

import dev.understudy.admin.ConsoleFixture;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Serves the real console, and plays the management API for it: many pools whose servers a test
 * lets die, a frozen process, a lost network, tokens.
 */
public final class MockReplica implements AutoCloseable {
  /** A write as it came. */
  public record Received(String method, String path, @Nullable String token, JsonNode body) {}

  /** The token of alice, who may operate, and of grafana, who may look. */
  public static final String OPERATE = "operate-token";

  public static final String VIEW = "view-token";

  private static final Map<String, String> KINDS =
      Map.of(
          "health-changed", "health", "switched", "switch", "operator-state-changed", "operation");

  private static final String UNREADABLE = "The tokens cannot be read at the moment.";
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int HOSTS = 20;

  private final Map<String, MockPool> pools = new TreeMap<>();
  private final Map<String, Instant> changed = new TreeMap<>();
  private final List<String> removed = new ArrayList<>();
  private List<Map<String, Object>> alarms = List.of();
  private final List<Map<String, Object>> events = new ArrayList<>();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Set<Sinks.Many<ServerSentEvent<String>>> overviews = new HashSet<>();
  private final Set<Sinks.Many<ServerSentEvent<String>>> histories = new HashSet<>();
  private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
  private final Instant startedAt = Instant.now().minus(Duration.ofHours(30));
  private final int count;
  private final int port;
  private volatile ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile DisposableServer server;
  private volatile CompletableFuture<Void> thaw = CompletableFuture.completedFuture(null);
  private volatile boolean readsNeedToken;
  private volatile boolean writesOff;
  private volatile boolean tokensTakenBack;
  private volatile boolean tokensUnreadable;
  private volatile String failing = "";
  private volatile boolean allChange;
  private long sequence;
  private int run = 1;
  private int oldestKnownRun = 1;

  /** Starts a replica with so many pools, all of which are well. */
  public MockReplica(int count) {
    this(count, 0);
  }

  MockReplica(int count, int wantedPort) {
    this.count = count;
    Instant now = Instant.now();
    for (int i = 0; i < count; i++) {
      add(i, now);
    }
    server = bind(wantedPort);
    port = server.port();
    ticker.scheduleAtFixedRate(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void add(int i, Instant now) {
    String name = i == 0 ? "shop" : i == 1 ? "sense" : "pool-%03d".formatted(i);
    MockServer master =
        new MockServer("a", "master", "http://app%02d.example:8080".formatted(i % HOSTS));
    MockServer backup =
        new MockServer("b", "backup", "http://app%02d.example:8080".formatted((i + 7) % HOSTS));
    master.requestsPerSecond = 1 + (i * 37) % 250 / 10.0;
    backup.requestsPerSecond = master.requestsPerSecond;
    pools.put(
        name, new MockPool(name, List.of(master, backup), now.minus(Duration.ofHours(1 + i % 40))));
  }

  public String url() {
    return "http://127.0.0.1:" + port + "/";
  }

  /** All writes that came, oldest first. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  /** The paths of all requests, oldest first. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  /** The number of open streams of events. */
  public synchronized int eventStreams() {
    return histories.size();
  }

  // ---------------------------------------------------------------- what a test does

  /** As it was at first: all pools are well, nothing has happened, reads are open. */
  public synchronized void reset() {
    thaw();
    readsNeedToken = false;
    writesOff = false;
    tokensTakenBack = false;
    tokensUnreadable = false;
    failing = "";
    allChange = false;
    pools.clear();
    changed.clear();
    alarms = List.of();
    events.clear();
    received.clear();
    asked.clear();
    Instant now = Instant.now();
    for (int i = 0; i < count; i++) {
      add(i, now);
    }
  }

  /** Lets a server die, or live again. */
  public synchronized void setStatus(String pool, String name, String status, String evidence) {
    MockServer one = pools.get(pool).server(name);
    one.status = status;
    one.evidence = evidence;
    one.minutes = one.minutes.substring(4) + (status.equals("UP") ? "uuuu" : "dddd");
    event(
        "health-changed",
        pool,
        "Pool " + pool + ": server " + name + " is " + status + ": " + evidence,
        Map.of("server", name, "to", status, "evidence", evidence));
    decide(pool, "CONNECTION_FAILED", evidence, null, null);
    tick();
  }

  /** Lets all servers fail at once; the alarm says that they are on these hosts. */
  public synchronized void failTogether(String... hosts) {
    Instant now = Instant.now();
    for (MockPool pool : pools.values()) {
      for (MockServer one : pool.servers) {
        one.status = "DOWN";
        one.evidence = "connection refused";
      }
      pool.choose(now, "CONNECTION_FAILED", "connection refused", null);
      changed.put(pool.name, now);
    }
    int servers = 2 * pools.size();
    List<Map<String, Object>> groups = new ArrayList<>();
    for (String host : hosts) {
      groups.add(group(host, servers / hosts.length));
    }
    Map<String, Object> alarm = new LinkedHashMap<>();
    alarm.put("kind", "mass-failure");
    alarm.put("since", now);
    alarm.put("message", servers + " of " + servers + " servers failed together");
    alarm.put(
        "detail",
        "loop lag 12 ms, CPU 34 % of 2 processors; roles follow the probes as usual"
            + " (understudy.doubt: follow)");
    alarm.put("causes", List.of(group("connection refused", servers)));
    alarm.put("hosts", groups);
    alarms = List.of(alarm);
    tick();
  }

  private Map<String, Object> group(String name, int servers) {
    return Map.of("name", name, "servers", servers, "pools", pools.size());
  }

  /** A tenure of the past, in minutes before now; call it with the oldest first. */
  public synchronized void served(String pool, @Nullable String by, int minutesAgo, String reason) {
    Instant from = Instant.now().minus(Duration.ofMinutes(minutesAgo));
    pools.get(pool).serve(by, from, reason, "status 503", null, null);
    changed.put(pool, from);
  }

  /** From now on every tick changes all pools. */
  public void changeAll(boolean on) {
    allChange = on;
  }

  /**
   * Breaks all connections, as the end of a process does, and goes on as its next run, whose
   * history has another name.
   *
   * @param journal whether that run knows the events of this one
   */
  public synchronized void startAgain(boolean journal) {
    run++;
    if (!journal) {
      oldestKnownRun = run;
      events.clear();
    }
    clients.disconnect();
  }

  /** Takes a pool out of the file. */
  public synchronized void remove(String pool) {
    pools.remove(pool);
    removed.add(pool);
    tick();
  }

  /** Gives the address of a server to another host. */
  public synchronized void move(String pool, String name, String url) {
    pools.get(pool).server(name).url = url;
    changed.put(pool, Instant.now());
    tick();
  }

  /** From now on no token is known. */
  public void takeTokensBack() {
    tokensTakenBack = true;
    clients.disconnect();
  }

  /** Whether the file of the tokens cannot be read at the moment. */
  public void tokensUnreadable(boolean on) {
    tokensUnreadable = on;
  }

  /** Lets every request for a path fail; empty for none. */
  public void fail(String path) {
    failing = path;
  }

  /** Whether there is no token for changes. */
  public void turnWritesOff(boolean off) {
    writesOff = off;
  }

  public void requireTokenForReads(boolean on) {
    readsNeedToken = on;
  }

  /** Stands still with all connections open, as a process that got SIGSTOP. */
  public void freeze() {
    thaw = new CompletableFuture<>();
  }

  public void thaw() {
    thaw.complete(null);
  }

  /** Breaks all connections and refuses new ones. */
  public void loseNetwork() {
    server.channel().close().syncUninterruptibly();
    clients.close().syncUninterruptibly();
  }

  public void restoreNetwork() {
    clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    server = bind(port);
  }

  @Override
  public void close() {
    ticker.shutdownNow();
    loseNetwork();
  }

  // ---------------------------------------------------------------- state

  private void decide(
      String pool, String reason, String evidence, @Nullable String by, @Nullable String why) {
    MockPool one = pools.get(pool);
    String from = one.serving();
    if (one.choose(Instant.now(), reason, evidence, by)) {
      switched(one, from, reason, evidence, by, why);
    }
    changed.put(pool, Instant.now());
  }

  private void switched(
      MockPool pool,
      @Nullable String from,
      String reason,
      String evidence,
      @Nullable String by,
      @Nullable String why) {
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("from", from);
    parts.put("to", pool.serving());
    parts.put("reason", reason);
    parts.put("operator", by);
    parts.put("operatorReason", why);
    event(
        "switched",
        pool.name,
        pool.name + ": " + from + " -> " + pool.serving() + " (" + reason + ": " + evidence + ")",
        parts);
  }

  private void event(String type, String pool, String message, Map<String, Object> parts) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("id", events.size() + 1);
    event.put("at", Instant.now());
    event.put("type", type);
    event.put("pool", pool);
    event.put("kind", KINDS.get(type));
    event.putAll(parts);
    event.put("message", message);
    events.add(event);
    histories.forEach(reader -> reader.tryEmitNext(message(event)));
  }

  private synchronized void tick() {
    if (!thaw.isDone()) {
      return;
    }
    sequence++;
    if (allChange) {
      for (MockPool pool : pools.values()) {
        pool.servers.forEach(one -> one.requestsPerSecond += 0.5);
        changed.put(pool.name, Instant.now());
      }
    }
    Instant now = Instant.now();
    Map<String, Object> delta = new LinkedHashMap<>();
    delta.put("sequence", sequence);
    delta.put("now", now);
    delta.put("totals", totals());
    delta.put("alarms", alarms);
    delta.put(
        "pools", changed.keySet().stream().map(name -> pools.get(name).overview(now)).toList());
    delta.put("removed", List.copyOf(removed));
    delta.put("probes", Map.of());
    changed.clear();
    removed.clear();
    ServerSentEvent<String> message = message("delta", null, delta);
    overviews.forEach(reader -> reader.tryEmitNext(message));
  }

  private synchronized Map<String, Object> overview() {
    Instant now = Instant.now();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("replica", "understudy-7d9f");
    document.put("now", now);
    document.put("version", "1.0.0");
    document.put("startedAt", startedAt);
    document.put("sequence", sequence);
    document.put("intervalMillis", TICK.toMillis());
    document.put("totals", totals());
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("file", "/etc/understudy/gateway.yaml");
    config.put("appliedAt", startedAt);
    config.put("fingerprint", "1a2b3c4d5e6f");
    config.put("rejected", false);
    config.put("problems", 0);
    document.put("config", config);
    document.put(
        "agreement", Map.of("mode", "kubernetes", "replicas", 3, "inTouch", 3, "contact", true));
    document.put("alarms", alarms);
    List<Map<String, Object>> all =
        new ArrayList<>(pools.values().stream().map(pool -> pool.overview(now)).toList());
    all.sort((a, b) -> Integer.compare((Integer) b.get("severity"), (Integer) a.get("severity")));
    document.put("pools", all);
    return document;
  }

  private Map<String, Object> totals() {
    Map<String, Integer> conditions = new TreeMap<>();
    Instant now = Instant.now();
    pools
        .values()
        .forEach(
            pool ->
                conditions.merge((String) pool.overview(now).get("condition"), 1, Integer::sum));
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("pools", pools.size());
    totals.put("well", conditions.getOrDefault("well", 0));
    totals.put("degraded", conditions.getOrDefault("degraded", 0));
    totals.put("nobody", conditions.getOrDefault("nobody", 0));
    totals.put("requestsPerSecond", pools.values().stream().mapToDouble(p -> p.sum(false)).sum());
    totals.put("errorsPerSecond", pools.values().stream().mapToDouble(p -> p.sum(true)).sum());
    totals.put("inFlight", 3);
    totals.put("held", conditions.getOrDefault("nobody", 0) * 12);
    totals.put("tunnels", 5);
    totals.put("clientConnections", 40);
    return totals;
  }

  // ---------------------------------------------------------------- the API

  private DisposableServer bind(int wanted) {
    return HttpServer.create()
        .channelGroup(clients)
        .bindAddress(() -> new InetSocketAddress("127.0.0.1", wanted))
        .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(router())))
        .bindNow();
  }

  private RouterFunction<ServerResponse> router() {
    return RouterFunctions.route()
        .add(ConsoleFixture.router())
        .GET("/test/{name}", this::testScript)
        .GET("/api/whoami", this::whoami)
        .GET("/api/overview", json(this::overview))
        .GET("/api/overview/stream", reading(request -> overviewStream()))
        .GET("/api/timelines", json(this::timelines))
        .GET("/api/rates", json(this::rates))
        .GET("/api/pools/{pool}/rates", ofPool(pool -> Map.of("rates", pool.rates())))
        .GET("/api/pools/{pool}", ofPool(MockPool::detail))
        .GET("/api/pools/{pool}/timeline", ofPool(this::timeline))
        .GET("/api/events", reading(this::events))
        .GET("/api/events/stream", reading(this::eventStream))
        .GET(
            "/api/routes",
            request -> request.queryParam("part").isPresent(),
            json(() -> Map.of("shop", 77.0)))
        .GET("/api/routes", json(MockPages::routes))
        .GET("/api/agreement", json(MockPages::agreement))
        .GET("/api/certificates", json(MockPages::certificates))
        .GET("/api/config", json(MockPages::configuration))
        .GET("/api/config/file", json(MockPages::file))
        .GET("/api/process", json(MockPages::process))
        .PUT("/api/pools/{pool}/servers/{server}/state", request -> write(request, this::setState))
        .POST("/api/pools/{pool}/switch", request -> write(request, this::switchTo))
        .filter(this::whenThawed)
        .build();
  }

  private Mono<ServerResponse> whenThawed(
      ServerRequest request, HandlerFunction<ServerResponse> next) {
    asked.add(request.path() + (request.queryParam("part").isPresent() ? "?part" : ""));
    if (request.path().equals(failing)) {
      return problem(HttpStatus.INTERNAL_SERVER_ERROR, "It failed.");
    }
    return Mono.fromFuture(thaw, true).then(Mono.defer(() -> next.handle(request)));
  }

  private Mono<ServerResponse> testScript(ServerRequest request) {
    return ServerResponse.ok()
        .contentType(MediaType.parseMediaType("text/javascript;charset=utf-8"))
        .bodyValue(new ClassPathResource("console/" + request.pathVariable("name")));
  }

  private HandlerFunction<ServerResponse> json(Supplier<?> document) {
    return reading(request -> ok(document.get()));
  }

  private HandlerFunction<ServerResponse> ofPool(Function<MockPool, ?> document) {
    return reading(
        request -> {
          synchronized (this) {
            return ok(document.apply(pools.get(request.pathVariable("pool"))));
          }
        });
  }

  private HandlerFunction<ServerResponse> reading(HandlerFunction<ServerResponse> handler) {
    return request -> {
      if (!readsNeedToken) {
        return handler.handle(request);
      }
      if (tokensUnreadable) {
        return problem(HttpStatus.SERVICE_UNAVAILABLE, UNREADABLE);
      }
      return role(token(request)) == null
          ? problem(HttpStatus.UNAUTHORIZED, "Expected Authorization: Bearer TOKEN.")
          : handler.handle(request);
    };
  }

  private static Mono<ServerResponse> ok(Object document) {
    return ServerResponse.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .bodyValue(JSON.writeValueAsString(document));
  }

  private static Mono<ServerResponse> problem(HttpStatus status, String detail) {
    return ServerResponse.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .bodyValue(JSON.writeValueAsString(Map.of("status", status.value(), "detail", detail)));
  }

  private static @Nullable String token(ServerRequest request) {
    String value = request.headers().firstHeader("Authorization");
    return value == null ? null : value.replaceFirst("^Bearer ", "");
  }

  private @Nullable String role(@Nullable String token) {
    return tokensTakenBack
        ? null
        : OPERATE.equals(token) ? "operate" : VIEW.equals(token) ? "view" : null;
  }

  private Mono<ServerResponse> whoami(ServerRequest request) {
    String token = token(request);
    String role = role(token);
    if (token != null && tokensUnreadable) {
      return problem(HttpStatus.SERVICE_UNAVAILABLE, UNREADABLE);
    }
    if (token != null && role == null) {
      return problem(HttpStatus.UNAUTHORIZED, "The token is wrong.");
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("name", role == null ? null : role.equals("view") ? "grafana" : "alice");
    document.put("role", role);
    document.put("reads", readsNeedToken ? "token" : "open");
    document.put("writes", tokensUnreadable || writesOff ? "off" : "on");
    document.put(
        "writesOff",
        tokensUnreadable
            ? "the file of tokens cannot be read"
            : writesOff ? "no token is set" : null);
    return ok(document);
  }

  private Mono<ServerResponse> overviewStream() {
    return stream(overviews, () -> List.of(message("overview", null, overview())));
  }

  private Mono<ServerResponse> eventStream(ServerRequest request) {
    String after = request.queryParam("after").orElse("0-0");
    int dash = after.indexOf('-');
    boolean known = dash > 0 && Integer.parseInt(after.substring(0, dash)) >= oldestKnownRun;
    int newest = known ? Integer.parseInt(after.substring(dash + 1)) : 0;
    return stream(histories, () -> events.stream().skip(newest).map(this::message).toList());
  }

  /** A stream that begins with {@code first}; nothing is lost between that and what follows. */
  private Mono<ServerResponse> stream(
      Set<Sinks.Many<ServerSentEvent<String>>> readers,
      Supplier<List<ServerSentEvent<String>>> first) {
    Flux<ServerSentEvent<String>> stream =
        Flux.defer(
            () -> {
              Sinks.Many<ServerSentEvent<String>> reader =
                  Sinks.many().unicast().onBackpressureBuffer();
              synchronized (this) {
                reader.tryEmitNext(ServerSentEvent.<String>builder().comment("understudy").build());
                first.get().forEach(reader::tryEmitNext);
                readers.add(reader);
              }
              return reader.asFlux().doFinally(end -> forget(readers, reader));
            });
    return ServerResponse.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .body(BodyInserters.fromServerSentEvents(stream));
  }

  private synchronized void forget(
      Set<Sinks.Many<ServerSentEvent<String>>> readers,
      Sinks.Many<ServerSentEvent<String>> reader) {
    readers.remove(reader);
  }

  private ServerSentEvent<String> message(Map<String, Object> event) {
    return message((String) event.get("type"), run + "-" + event.get("id"), event);
  }

  private static ServerSentEvent<String> message(String type, @Nullable String id, Object data) {
    ServerSentEvent.Builder<String> message = ServerSentEvent.<String>builder().event(type);
    if (id != null) {
      message.id(id);
    }
    return message.data(JSON.writeValueAsString(data)).build();
  }

  private synchronized Object timelines() {
    Instant now = Instant.now();
    Map<String, Object> all = new LinkedHashMap<>();
    pools.forEach((name, pool) -> all.put(name, pool.compact()));
    return Map.of("from", now.minus(Duration.ofHours(1)), "to", now, "pools", all);
  }

  private synchronized Object rates() {
    Map<String, Object> all = new LinkedHashMap<>();
    pools.forEach((name, pool) -> all.put(name, pool.rates().get("requestsPerSecond")));
    return Map.of("all", pools.get("shop").rates(), "pools", all);
  }

  private Object timeline(MockPool pool) {
    Instant now = Instant.now();
    return pool.timeline(now.minus(Duration.ofHours(1)), now);
  }

  private synchronized Mono<ServerResponse> events(ServerRequest request) {
    String pool = request.queryParam("pool").orElse(null);
    return ok(
        Map.of(
            "history",
            Integer.toString(run),
            "events",
            events.stream()
                .filter(event -> pool == null || pool.equals(event.get("pool")))
                .toList()));
  }

  private Mono<ServerResponse> write(
      ServerRequest request, Function<Received, Mono<ServerResponse>> handler) {
    return request
        .bodyToMono(String.class)
        .flatMap(
            body -> {
              Received command =
                  new Received(
                      request.method().name(), request.path(), token(request), JSON.readTree(body));
              received.add(command);
              String role = role(command.token());
              if (role == null) {
                return problem(HttpStatus.UNAUTHORIZED, "The token is wrong.");
              }
              return role.equals("view")
                  ? problem(HttpStatus.FORBIDDEN, "The token may read, but not change anything.")
                  : handler.apply(command);
            });
  }

  private synchronized Mono<ServerResponse> setState(Received command) {
    String[] path = command.path().split("/");
    MockPool pool = pools.get(path[3]);
    MockServer one = pool.server(path[5]);
    String state = command.body().path("state").asString();
    boolean last = pool.servers.stream().noneMatch(other -> other != one && other.usable());
    if (!state.equals("ready") && last && !command.body().path("force").asBoolean(false)) {
      return problem(
          HttpStatus.CONFLICT,
          "server " + one.name + " is the only usable server; \"force\": true does it.");
    }
    String before = one.state;
    one.state = state;
    String why = command.body().path("reason").asString(null);
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("server", one.name);
    parts.put("from", before);
    parts.put("to", state);
    parts.put("operator", "alice");
    parts.put("operatorReason", why);
    event(
        "operator-state-changed",
        pool.name,
        pool.name
            + ": "
            + one.name
            + " is in "
            + state
            + ", by alice"
            + (why == null ? "" : ": " + why),
        parts);
    decide(pool.name, "OPERATOR", "set to " + state, "alice", why);
    tick();
    return ok(Map.of("changed", !before.equals(state), "pool", pool.detail()));
  }

  private synchronized Mono<ServerResponse> switchTo(Received command) {
    MockPool pool = pools.get(command.path().split("/")[3]);
    String to = command.body().path("to").asString();
    String from = pool.serving();
    pool.pinned = to.equals("auto") ? null : to;
    if (!to.equals("auto") && !to.equals(from)) {
      String why = command.body().path("reason").asString(null);
      pool.serve(to, Instant.now(), "OPERATOR", "switched by hand", "alice", why);
      switched(pool, from, "OPERATOR", "switched by hand", "alice", why);
      changed.put(pool.name, Instant.now());
      tick();
    }
    return ok(Map.of("changed", true, "pool", pool.detail()));
  }

  /**
   * Serves at a fixed port, to be looked at: the number of pools, the port, and {@code changing} if
   * every tick shall change all pools.
   */
  public static void main(String[] arguments) throws InterruptedException {
    try (MockReplica replica =
        new MockReplica(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]))) {
      replica.changeAll(arguments.length > 2);
      replica.served("shop", "b", 42, "HEALTH_CHECK_FAILED");
      replica.served("shop", "a", 20, "FAILBACK");
      replica.setStatus("sense", "a", "DOWN", "status 503, expected 200-399");
      replica.setStatus("pool-050", "b", "DOWN", "connection refused");
      replica.setStatus("shop", "b", "DOWN", "connection refused");
      replica.setStatus("shop", "a", "DOWN", "no response within 1 s");
      Thread.currentThread().join();
    }
  }
}
