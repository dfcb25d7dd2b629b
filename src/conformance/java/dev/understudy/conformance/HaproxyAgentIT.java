package dev.understudy.conformance;

import dev.understudy.monitor.Monitor;
import dev.understudy.pool.AgentCheck;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.TcpCheck;
import dev.understudy.probe.DnsAddressResolver;
import dev.understudy.probe.NettyProber;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.Await;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.TestPools;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * HAProxy's agent checks and ours, before one server and its agent: after each line that the agent
 * says, both have the server in the same state.
 */
class HaproxyAgentIT {
  private static final Duration OFTEN = Duration.ofMillis(200);

  @TempDir private Path folder;

  /**
   * One line of the agent.
   *
   * @param haproxy how HAProxy's status then begins
   * @param understudy our status and state then
   * @param weight of the server then, whose configured weight is 100
   */
  private record Row(String says, String haproxy, String understudy, String weight) {}

  private static final List<Row> ROWS =
      List.of(
          new Row("up ready", "UP", "UP READY", "100"),
          new Row("drain", "DRAIN", "UP DRAIN", "100"),
          new Row("up", "DRAIN", "UP DRAIN", "100"),
          new Row("ready", "UP", "UP READY", "100"),
          new Row("maint # for a minute", "MAINT", "UP MAINTENANCE", "100"),
          new Row("ready up", "UP", "UP READY", "100"),
          new Row("down # no disk", "DOWN (agent)", "DOWN READY", "100"),
          new Row("what?", "DOWN (agent)", "DOWN READY", "100"),
          new Row("UP", "UP", "UP READY", "100"),
          new Row("stopped", "DOWN (agent)", "DOWN READY", "100"),
          new Row("up,50%", "UP", "UP READY", "50"),
          new Row("fail", "DOWN (agent)", "DOWN READY", "50"),
          new Row("", "DOWN (agent)", "DOWN READY", "50"),
          new Row("up 100%", "UP", "UP READY", "100"),
          new Row("75%", "UP", "UP READY", "75"),
          new Row("0%", "UP", "UP READY", "0"),
          new Row("up", "UP", "UP READY", "0"),
          new Row("200%", "UP", "UP READY", "200"));

  @Test
  void each_line_has_the_same_effect() throws Exception {
    AtomicReference<String> line = new AtomicReference<>("up ready");
    AtomicInteger theirs = new AtomicInteger();
    AtomicInteger ours = new AtomicInteger();
    try (ScriptedServer server = new ScriptedServer(ScriptedServer.Connection::awaitEnd);
        ScriptedServer agent = agent(line, theirs);
        ScriptedServer ourAgent = agent(line, ours);
        HaproxyChecks haproxy =
            HaproxyChecks.start(
                folder,
                Map.of(
                    "b",
                    "server a 127.0.0.1:%d weight 100 check inter 200 agent-check agent-port %d agent-inter 200"
                        .formatted(server.port(), agent.port())));
        NettyProber prober = new NettyProber(tls -> null, failure -> {});
        DnsAddressResolver resolver = new DnsAddressResolver();
        Monitor monitor = Monitor.builder(prober, resolver).build()) {
      HealthSettings health =
          new HealthSettings(
              new TcpCheck(List.of(), CheckConnection.DEFAULT),
              OFTEN,
              OFTEN,
              OFTEN,
              Duration.ofSeconds(1),
              3,
              2,
              new AgentCheck(ourAgent.port(), null, OFTEN, null));
      monitor
          .apply(List.of(TestPools.pool().weighted("a", server.port(), 100).health(health).build()))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      for (Row row : ROWS) {
        line.set(row.says());
        int asked = Math.max(theirs.get(), ours.get());
        // The first of these may have been asked before.
        Await.until("both ask", () -> Math.min(theirs.get(), ours.get()) >= asked + 3);
        Await.until(
            "HAProxy after " + row.says(),
            () -> haproxy.server("b").get("status").startsWith(row.haproxy()));
        Await.until(
            "HAProxy's weight after " + row.says(),
            () -> haproxy.server("b").get("weight").equals(row.weight()));
        Await.until(
            "Understudy after " + row.says(),
            () -> ours(monitor).equals(row.understudy() + " " + row.weight()));
        System.out.printf(
            "%s: HAProxy %s; Understudy %s%n",
            row.says(), haproxy.server("b").get("status"), ours(monitor));
      }
    }
  }

  private static ScriptedServer agent(AtomicReference<String> line, AtomicInteger asked) {
    return new ScriptedServer(
        connection -> {
          connection.send(line.get() + "\n");
          asked.incrementAndGet();
        });
  }

  private static String ours(Monitor monitor) {
    PoolState pool = monitor.current().pool(TestPools.POOL);
    ServerState server = pool == null ? null : pool.servers().get(0);
    return server == null
        ? ""
        : "%s %s %.0f".formatted(server.status(), server.operatorState(), server.weight());
  }
}
