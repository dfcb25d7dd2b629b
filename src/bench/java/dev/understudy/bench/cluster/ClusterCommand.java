package dev.understudy.bench.cluster;

import dev.understudy.bench.WorkFolder;
import dev.understudy.bench.load.Clients;
import dev.understudy.bench.load.Generator;
import dev.understudy.bench.load.Measured;
import dev.understudy.bench.load.Traffic;
import dev.understudy.bench.origin.Origin;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.profile.Profiler;
import dev.understudy.bench.soak.VitalsReader;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.FakeKubernetes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cluster}: many HTTPRoutes of a simulated API; what they and their changes cost. */
@Command(
    name = "cluster",
    description =
        "Adds HTTPRoutes and Services to a simulated Kubernetes API, changes some of them one by"
            + " one and many at once; measures when each change is in force, memory, and what a"
            + " start and a request cost with and without them.",
    mixinStandardHelpOptions = true)
public final class ClusterCommand implements Callable<Integer> {
  private static final Pattern APPLIED = Pattern.compile("cluster applied");
  private static final long PATIENCE = TimeUnit.MINUTES.toNanos(2);
  private static final double MILLION = 1e6;
  private static final Pattern CLASSES = Pattern.compile("(?m)^jvm_classes_loaded_classes (\\S+)");
  private static final int ROUNDS = 5;
  private static final Duration ROUND = Duration.ofSeconds(3);
  private static final int CLIENTS = 16;

  /** Requests that each client has, to different hosts where there are several. */
  private static final int HOSTS_OF_CLIENT = 100;

  private static final Path PROFILES = Path.of("target", "bench");

  /** Between two requests that look whether a change is in force. */
  private static final long STEP = TimeUnit.MILLISECONDS.toNanos(2);

  @Option(names = "--routes", defaultValue = "2000", description = "default ${DEFAULT-VALUE}")
  private int routes;

  @Option(names = "--namespaces", defaultValue = "200", description = "default ${DEFAULT-VALUE}")
  private int namespaces;

  @Option(names = "--changes", defaultValue = "100", description = "default ${DEFAULT-VALUE}")
  private int changes;

  @Option(names = "--burst", defaultValue = "500", description = "default ${DEFAULT-VALUE}")
  private int burst;

  @Option(
      names = "--profile",
      arity = "0..1",
      fallbackValue = "cpu",
      paramLabel = "EVENT",
      description =
          "profile the changes one after the other, into target/bench/cluster.*: cpu (default),"
              + " alloc, lock, wall, ...")
  private @Nullable String profile;

  @Override
  public Integer call() throws Exception {
    try (WorkFolder folder = WorkFolder.make();
        Origin server = Origin.start(folder.path());
        FakeKubernetes none = new FakeKubernetes();
        FakeKubernetes few = new FakeKubernetes();
        FakeKubernetes cluster = new FakeKubernetes()) {
      Site site = Site.of(folder.path(), List.of(server.port(), server.port()));
      int port = Ports.free();
      cluster.apply(GATEWAY);
      try (UnderstudyJar proxy = start(site, cluster, port)) {
        VitalsReader vitals = new VitalsReader(proxy);
        long rss = proxy.rssBytes();
        long heap = vitals.heapBytes();
        long begun = System.nanoTime();
        for (int i = 0; i < namespaces; i++) {
          cluster.apply(service(i, server.port()));
        }
        for (int i = 0; i < routes; i++) {
          cluster.apply(route(i, "0"));
        }
        await(port, routes - 1, "0");
        say("all routes added by a client, in force after ms", since(begun));
        say("RSS, KB for each route", (proxy.rssBytes() - rss) / 1024.0 / routes);
        say("heap after GC, KB for each route", (vitals.heapBytes() - heap) / 1024.0 / routes);
        one(cluster, port, proxy, profile == null ? null : Profiler.unpack(folder.path(), profile));
        all(cluster, port, proxy);
      }
      few.apply(GATEWAY + service(0, server.port()) + "---\n" + route(0, "few"));
      int portOfFew = Ports.free();
      try (UnderstudyJar off = started("off", () -> start(site));
          UnderstudyJar empty = started("on, no object", () -> start(site, none, Ports.free()));
          UnderstudyJar one = started("on, one route", () -> start(site, few, portOfFew));
          UnderstudyJar whole = started("on, all routes", () -> start(site, cluster, port))) {
        empty.close();
        await(portOfFew, 0, "few");
        await(port, routes - 1, "burst");
        traffic(
            Map.of(
                "off, a route of the file", new Way(off, off.port(), 1),
                "on, one route", new Way(one, portOfFew, 1),
                "on, all routes, to one of them", new Way(whole, port, 1),
                "on, all routes", new Way(whole, port, routes)));
      }
    }
    return 0;
  }

  private static UnderstudyJar start(Site site, String... settings) throws IOException {
    return UnderstudyJar.start(
        UnderstudyJar.EXPRESS,
        site,
        Jvm.container().and(VitalsReader.OPTIONS).and(Profiler.JVM_OPTIONS),
        settings);
  }

  private static UnderstudyJar start(Site site, FakeKubernetes cluster, int port)
      throws IOException {
    return start(
        site,
        "--understudy.gateway-api.enabled=true",
        "--understudy.gateway-api.ports.80=" + port,
        "--understudy.agreement.kubernetes.url=" + cluster.settings().url(),
        "--understudy.agreement.kubernetes.namespace=own");
  }

  /** Starts one, and says what that took. */
  private static UnderstudyJar started(String name, Callable<UnderstudyJar> start)
      throws Exception {
    long begun = System.nanoTime();
    UnderstudyJar proxy = start.call();
    say(name + ": start to readiness, ms", since(begun));
    say(name + ": its CPU, ms", proxy.cpuNanos() / MILLION);
    say(name + ": RSS, MB", proxy.rssBytes() / 1024.0 / 1024);
    String metrics =
        HttpConnection.once(
                proxy.managementPort(), "GET", "/actuator/prometheus", "Connection: close")
            .body();
    Matcher classes = CLASSES.matcher(metrics);
    say(name + ": classes loaded", classes.find() ? Double.parseDouble(classes.group(1)) : 0);
    return proxy;
  }

  /**
   * How requests go.
   *
   * @param hosts with a route each
   */
  private record Way(UnderstudyJar proxy, int port, int hosts) {}

  /** Saturates one after the other, in rounds. */
  private static void traffic(Map<String, Way> ways) throws Exception {
    Map<String, double[]> cpu = new TreeMap<>();
    try (Generator generator = new Generator()) {
      for (int round = -1; round < ROUNDS; round++) {
        for (Map.Entry<String, Way> each : ways.entrySet()) {
          Way way = each.getValue();
          Traffic traffic =
              Traffic.get("/1k", nth -> "r" + nth % way.hosts() + ".example", HOSTS_OF_CLIENT);
          try (Clients clients = generator.open(way.port(), traffic, CLIENTS)) {
            long before = way.proxy().cpuNanos();
            Measured measured = clients.saturate(ROUND);
            double micros = (way.proxy().cpuNanos() - before) / 1e3 / measured.responses();
            if (round >= 0) {
              cpu.computeIfAbsent(each.getKey(), key -> new double[ROUNDS])[round] = micros;
            }
          }
        }
      }
    }
    cpu.forEach(
        (name, micros) -> {
          Arrays.sort(micros);
          say(name + ": CPU of a request, µs", micros[ROUNDS / 2]);
        });
  }

  /** Changes one after the other. */
  private void one(
      FakeKubernetes cluster, int port, UnderstudyJar proxy, @Nullable Profiler profiler)
      throws IOException {
    double[] took = new double[changes];
    if (profiler != null) {
      profiler.start(proxy.pid());
    }
    long before = proxy.cpuNanos();
    for (int i = 0; i < changes; i++) {
      int route = (int) ((long) i * routes / changes);
      long begun = System.nanoTime();
      cluster.apply(route(route, "one"));
      await(port, route, "one");
      took[i] = since(begun);
    }
    double cpu = (proxy.cpuNanos() - before) / MILLION;
    if (profiler != null) {
      Files.createDirectories(PROFILES);
      profiler.stop(
          proxy.pid(),
          Stream.of("html", "collapsed", "txt")
              .map(end -> PROFILES.resolve("cluster." + end))
              .toList());
    }
    Arrays.sort(took);
    say("one change, CPU ms, with what runs anyway", cpu / changes);
    say("one change, in force after ms: median", took[changes / 2]);
    say("one change, in force after ms: p99", took[Math.min(changes - 1, changes * 99 / 100)]);
  }

  /** Many changes at once. */
  private void all(FakeKubernetes cluster, int port, UnderstudyJar proxy) throws IOException {
    long before = transactions(proxy);
    long cpu = proxy.cpuNanos();
    long begun = System.nanoTime();
    for (int i = 0; i < burst; i++) {
      cluster.apply(route(routes - 1 - i % routes, "burst"));
    }
    await(port, routes - burst, "burst");
    await(port, routes - 1, "burst");
    say("a burst of " + burst + " changes, in force after ms", since(begun));
    say("its CPU ms, with what runs anyway", (proxy.cpuNanos() - cpu) / MILLION);
    // Events are logged a moment after they are in force.
    while (transactions(proxy) == before && System.nanoTime() - begun < PATIENCE) {
      LockSupport.parkNanos(STEP);
    }
    say("its transactions", transactions(proxy) - before);
  }

  private static long transactions(UnderstudyJar proxy) {
    return APPLIED.matcher(proxy.process().log()).results().count();
  }

  private void await(int port, int route, String version) throws IOException {
    long begun = System.nanoTime();
    while (!version.equals(version(port, route))) {
      if (System.nanoTime() - begun > PATIENCE) {
        throw new IOException("route " + route + " is not in force");
      }
      LockSupport.parkNanos(STEP);
    }
  }

  private static String version(int port, int route) {
    try {
      String version =
          HttpConnection.once(port, "GET", "/1k", "Host: r" + route + ".example")
              .headers()
              .get("x-version");
      return version == null ? "" : version;
    } catch (IOException e) {
      return "";
    }
  }

  private static double since(long begun) {
    return (System.nanoTime() - begun) / MILLION;
  }

  private static void say(String what, double value) {
    System.out.printf(Locale.ROOT, "| %-55s | %9.1f |%n", what, value);
  }

  private static final String GATEWAY =
      """
      ---
      kind: GatewayClass
      metadata: { name: understudy }
      spec: { controllerName: understudy.dev/gateway }
      ---
      kind: Gateway
      metadata: { name: web, namespace: n0 }
      spec:
        gatewayClassName: understudy
        listeners:
          - { name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }
      """;

  private static String service(int namespace, int port) {
    return """
    ---
    kind: Namespace
    metadata: { name: n%1$d }
    ---
    kind: Service
    metadata: { name: app, namespace: n%1$d }
    spec: { ports: [ { name: web, port: 80 } ] }
    ---
    kind: EndpointSlice
    metadata: { name: app-x, namespace: n%1$d, labels: { kubernetes.io/service-name: app } }
    ports: [ { name: web, port: %2$d } ]
    endpoints: [ { addresses: [ 127.0.0.1 ] } ]
    """
        .formatted(namespace, port);
  }

  private String route(int route, String version) {
    return """
    kind: HTTPRoute
    metadata: { name: r%1$d, namespace: n%2$d }
    spec:
      parentRefs: [ { name: web, namespace: n0 } ]
      hostnames: [ r%1$d.example ]
      rules:
        - backendRefs: [ { name: app, port: 80 } ]
          filters:
            - type: ResponseHeaderModifier
              responseHeaderModifier: { set: [ { name: x-version, value: %3$s } ] }
    """
        .formatted(route, route % namespaces, version);
  }
}
