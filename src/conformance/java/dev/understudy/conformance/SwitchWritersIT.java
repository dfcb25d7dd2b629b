package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.scenario.AgreeingReplicas;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Load;
import dev.understudy.scenario.NamedServer;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A planned switch whose hook is being called when the replica that calls it is killed: another one
 * makes the call again, and ends the switch.
 */
class SwitchWritersIT {
  /** Notes the call; then fails, or waits until it may end. */
  private static final String PROGRAM =
      """
      #!/bin/sh
      call="$UNDERSTUDY_HOOK-$UNDERSTUDY_SERVER"
      echo "$UNDERSTUDY_EPOCH $call" >> "$CALLS/log"
      [ -e "$CALLS/fails-$call" ] && exit 1
      until [ -e "$CALLS/ends-$call" ]; do sleep 0.05; done
      """;

  @TempDir private Path folder;

  private static String config(NamedServer a, NamedServer b) {
    return """
    pools:
      app:
        servers:
          a: { url: "http://127.0.0.1:%d" }
          b: { url: "http://127.0.0.1:%d", role: backup }
        hold: { time: 60s }
        hooks:
          demote: { command: [ call ], timeout: 60s }
          promote: { command: [ call ], timeout: 60s }
    routes:
      - { id: app, uri: "pool://app", predicates: ["Path=/**"] }
    """
        .formatted(a.port(), b.port());
  }

  private static JsonNode planned(ProxyProcess replica) {
    return JsonMapper.shared().readTree(replica.manage("/api/pools/app")).at("/planned");
  }

  private static boolean isIn(ProxyProcess replica, String phase) {
    return planned(replica).at("/phase").asString("").equals(phase);
  }

  private List<String> calls() throws IOException {
    Path log = folder.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  private long calls(String call) {
    try {
      return calls().stream().filter(each -> each.endsWith(" " + call)).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static List<Arguments> phases() {
    return Extent.sample(
        List.of(
            arguments("PROMOTING", "promote-b", "-", "demote-a", "MOVED", "b"),
            arguments("FENCING", "demote-a", "-", "promote-b", "MOVED", "b"),
            arguments("ROLLING_BACK", "promote-a", "promote-b", "demote-a", "ROLLED_BACK", "a")));
  }

  @ParameterizedTest
  @MethodSource("phases")
  void another_replica_goes_on_in_the_phase_of_a_killed_one(
      String phase, String waits, String fails, String ends, String last, String serves)
      throws Exception {
    Path program = Files.writeString(folder.resolve("call"), PROGRAM);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.createFile(folder.resolve("fails-" + fails));
    Files.createFile(folder.resolve("ends-" + ends));
    List<Load> loads = new ArrayList<>();
    try (NamedServer a = NamedServer.start("a");
        NamedServer b = NamedServer.start("b");
        AgreeingReplicas replicas =
            AgreeingReplicas.start(
                folder,
                Map.of("CALLS", folder.toString()),
                number -> config(a, b),
                "--understudy.hooks.directory=" + folder);
        // Ended before the replicas, whose clients they are.
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        AutoCloseable clients = () -> closeAll(loads)) {
      replicas.awaitServing("app", "a");
      ProxyProcess asked = replicas.all().getLast();
      var unused =
          threads.submit(() -> replicas.run("switch", "app", "b", "--planned", "--pause", "60s"));
      Stage.until("it is in phase " + phase, () -> isIn(asked, phase) && calls(waits) == 1);
      String driver = planned(asked).at("/decidedBy").asString();
      ProxyProcess killed = replicas.all().get(Integer.parseInt(driver.substring(1)) - 1);
      List<ProxyProcess> living = replicas.all().stream().filter(each -> each != killed).toList();
      for (ProxyProcess each : living) {
        loads.add(Load.oneByOne(each.port(), new AtomicInteger(), "Host: test"));
      }

      killed.signal("KILL");
      Stage.until("the call is made again", () -> calls(waits) == 2);
      Files.createFile(folder.resolve("ends-" + waits));

      Stage.until("it is over", () -> living.stream().allMatch(each -> isIn(each, last)));
      Stage.until(
          serves + " serves",
          () -> HttpConnection.once(living.getFirst().port(), "GET", "/").body().equals(serves));
      assertThat(planned(living.getFirst()).at("/decidedBy").asString()).isNotEqualTo(driver);
      assertThat(calls().stream().map(each -> Long.parseLong(each.split(" ")[0])).toList())
          .isSorted();
      for (Load load : loads) {
        assertThat(load.finish()).isNotEmpty().allMatch(Load.Sample::ok);
      }
    }
  }

  private static void closeAll(List<Load> loads) throws Exception {
    for (Load load : loads) {
      load.close();
    }
  }
}
