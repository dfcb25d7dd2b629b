package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.NettyProber;
import dev.understudy.probe.Prober;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.proxy.tcp.Sockets;
import dev.understudy.testing.Await;
import dev.understudy.testing.Http2Server;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What probes, requests and relayed connections make of a process without a file descriptor left,
 * in a Java of its own: no server is blamed, and what waits goes on as soon as there are some.
 */
class DescriptorsUsedUpTest {

  /** Prints what each of them made of it. */
  public static final class Child {
    private static final List<Closeable> TAKEN = new ArrayList<>();

    private Child() {}

    public static void main(String[] args) throws Exception {
      load(
          Prober.class,
          "text",
          "probe",
          "proxy",
          "health",
          "monitor",
          "pool",
          "traffic",
          "fairness");
      load(TestPools.class, "testing");
      try (TestServer server = new TestServer("hello");
          Http2Server http2 = new Http2Server(call -> call.reply(200, "hello"))) {
        probes(server);
        requests(
            server::closeConnections,
            server::openConnections,
            TestPools.pool().master("a", server.port()),
            "failover");
        requests(
            server::closeConnections,
            server::openConnections,
            TestPools.pool().balance().master("a", server.port()),
            "balance");
        requests(
            http2::cutConnections,
            http2::openConnections,
            TestPools.pool().http2().master("a", http2.port()),
            "http2");
        for (Transport transport : Transport.available()) {
          relays(transport, server);
        }
      }
      System.exit(0);
    }

    /** Loads what lies in a folder, not in a jar: later there is no descriptor for that. */
    private static void load(Class<?> sample, String... packages) throws Exception {
      URI folder = sample.getProtectionDomain().getCodeSource().getLocation().toURI();
      for (String name : packages) {
        load(Path.of(folder), Path.of(folder).resolve(Path.of("dev", "understudy", name)));
      }
    }

    private static void load(Path root, Path folder) throws Exception {
      List<Path> files;
      try (Stream<Path> all = Files.walk(folder)) {
        files = all.filter(file -> file.toString().endsWith(".class")).toList();
      }
      for (Path file : files) {
        String name = root.relativize(file).toString().replace('/', '.');
        if (!name.endsWith("package-info.class")) {
          Class.forName(name.substring(0, name.length() - ".class".length()));
        }
      }
    }

    private static void useUp() {
      try {
        while (true) {
          TAKEN.add(new FileInputStream("/dev/null"));
        }
      } catch (IOException e) {
        // None is left.
        return;
      }
    }

    /** Uses all up once the connections to a server have given theirs back. */
    private static void useUpOnceEnded(IntSupplier connections) {
      Await.until("they have ended", () -> connections.getAsInt() == 0);
      useUp();
    }

    private static void giveBack() {
      for (Closeable each : TAKEN) {
        try {
          each.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      TAKEN.clear();
    }

    private static void probes(TestServer server) throws Exception {
      Map<String, Check> checks = new LinkedHashMap<>();
      Expectation anything = new Expectation(Expectation.ANY_STATUS, null, null, null);
      checks.put(
          "http",
          new HttpCheck("GET", "/", null, List.of(), anything, null, CheckConnection.DEFAULT));
      checks.put("tcp", new TcpCheck(List.of(), CheckConnection.DEFAULT));
      checks.put("agent", new AgentCheck(server.port(), null, Duration.ofSeconds(2), null));
      List<LocalFailure> told = new CopyOnWriteArrayList<>();
      try (NettyProber prober = new NettyProber(tls -> null, told::add)) {
        // The loop's own descriptors, and what is loaded with a first probe.
        probe(prober, checks.get("http"), server.port());
        useUpOnceEnded(server::openConnections);
        for (Map.Entry<String, Check> each : checks.entrySet()) {
          String outcome = probe(prober, each.getValue(), server.port());
          System.out.println("probe " + each.getKey() + ": " + outcome);
        }
        System.out.println("probes told: " + told);
        giveBack();
        System.out.println("probe again: " + probe(prober, checks.get("tcp"), server.port()));
      }
    }

    private static String probe(Prober prober, Check check, int port) throws Exception {
      ServerAddress address = TestSettings.address(false, "127.0.0.1", port);
      Server server = TestServers.of(new ServerId("a"), address, Rank.MASTER, OptionalInt.empty());
      CompletableFuture<Observation.Probe> done = new CompletableFuture<>();
      prober.probe(
          new Prober.Request(
              server,
              UpstreamTls.DEFAULT,
              check,
              InetAddress.getLoopbackAddress(),
              Duration.ofSeconds(20),
              Instant.EPOCH,
              null),
          done::complete);
      Observation.Probe probe = done.get(30, TimeUnit.SECONDS);
      return probe.outcome() + ", " + probe.detail();
    }

    private static void requests(
        Runnable cut, IntSupplier connections, TestPools.Builder pool, String mode) {
      Recorder seen = new Recorder();
      try (EngineRig rig = new EngineRig(pool.start(), seen)) {
        rig.get("/first").await();
        cut.run();
        rig.ticks(2);
        useUpOnceEnded(connections);
        EngineRig.Client client = rig.get("/second");
        Await.until("it is held", () -> seen.held.get() == 1);
        rig.ticks(2);
        // A slow machine tries it more than once.
        Set<LocalFailure> told = Set.copyOf(seen.localFailures);
        System.out.println("request " + mode + ": " + told + seen.troubles);
        giveBack();
        System.out.println("request " + mode + " again: " + client.await().status());
      }
    }

    private static void relays(Transport transport, TestServer server) throws Exception {
      TestPools pools = TestPools.pool().master("a", server.port()).start();
      pools.serve((String) null);
      try (TcpRig rig = new TcpRig(transport, pools);
          Socket client = rig.connect()) {
        Await.until("it is held", () -> rig.seen.held.get() == 1);
        useUp();
        pools.serve("a");
        Await.until("it was tried", () -> !rig.seen.localFailures.isEmpty());
        System.out.println(
            "relay " + transport + ": " + rig.seen.localFailures.getFirst() + rig.seen.troubles);
        giveBack();
        Sockets.send(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        System.out.println("relay " + transport + " again: " + Sockets.receive(client, 12));
      }
    }
  }

  private static List<String> child() throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process child =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -n 500; exec \"$@\"",
                "sh",
                java,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    return said.lines().filter(line -> line.matches("(probes?|request|relay) .*")).toList();
  }

  @Test
  void no_server_is_blamed_and_what_waits_goes_on_when_there_are_some() throws Exception {
    String void_ = "LOCAL_FAILURE, failure of this machine: too many open files";
    List<String> expected =
        new ArrayList<>(
            List.of(
                "probe http: " + void_,
                "probe tcp: " + void_,
                "probe agent: " + void_,
                "probes told: [DESCRIPTORS, DESCRIPTORS, DESCRIPTORS]",
                "probe again: OK, connected",
                "request failover: [DESCRIPTORS][]",
                "request failover again: 200",
                "request balance: [DESCRIPTORS][]",
                "request balance again: 200",
                "request http2: [DESCRIPTORS][]",
                "request http2 again: 200"));
    for (Transport transport : Transport.available()) {
      expected.add("relay " + transport + ": DESCRIPTORS[]");
      expected.add("relay " + transport + " again: HTTP/1.1 200");
    }
    assertThat(child()).containsExactlyElementsOf(expected);
  }
}
