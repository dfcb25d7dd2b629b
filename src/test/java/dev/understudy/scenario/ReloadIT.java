package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new file is applied, or refused, under traffic, and nobody who is not concerned notices. */
class ReloadIT {
  private static final int TUNNELS = 50;
  private static final int RELOADS = 5;
  private static final int SOME = 100;

  @TempDir private Path folder;
  private Path config;
  @AutoClose private ServerProcess master;
  @AutoClose private ServerProcess backup;
  @AutoClose private ProxyProcess proxy;

  @BeforeEach
  void start() throws Exception {
    master = ServerProcess.start("sen2", folder);
    backup = ServerProcess.start("sen1", folder);
    config = folder.resolve("gateway.yaml");
    Files.writeString(config, text("3"));
    proxy = ProxyProcess.start(folder, config);
  }

  @Test
  void reloads_and_refusals_under_traffic_disturb_nobody() throws Exception {
    List<Load.Sample> samples;
    try (Load load = Load.start(proxy.port());
        TunnelClients tunnels = TunnelClients.open(proxy.port(), TUNNELS)) {
      for (int i = 1; i <= RELOADS; i++) {
        load.awaitAnswersOf("sen2", SOME);
        int fall = 3 + i;
        Processes.replace(config, text(Integer.toString(fall)));
        Await.until("file " + i + " is applied", () -> applied() == fall - 2);
        Processes.replace(config, text("three"));
        int refusals = i;
        Await.until("broken file " + i + " is refused", () -> refused() == refusals);
        assertThat(proxy.manage("/actuator/prometheus"))
            .contains("understudy_config_last_reload_successful 0");
      }
      load.awaitAnswersOf("sen2", SOME);
      assertThat(tunnels.clients()).noneMatch(c -> c.closed().isDone());
      samples = load.finish();
    }
    System.out.printf(
        "%d reloads and as many refusals: %d requests, %d lost, worst latency %.0f ms, %d tunnels"
            + " untouched%n",
        RELOADS,
        samples.size(),
        samples.stream().filter(s -> !s.ok()).count(),
        Load.worstMillis(samples),
        TUNNELS);
    assertThat(samples).allMatch(Load.Sample::ok);
    assertThat(proxy.log()).contains("pools.sense.health.fall", "\"three\"");
  }

  /** How many files were applied, the first at start-up. */
  private long applied() {
    return count("configuration-applied");
  }

  private long refused() {
    return count("configuration-rejected");
  }

  private long count(String type) {
    return proxy.manage("/api/events?limit=1000").split(type, -1).length - 1L;
  }

  private String text(String fall) {
    return """
    pools:
      sense:
        servers:
          sen2: { url: "%s", role: master }
          sen1: { url: "%s", role: backup }
        health: { expect: { body: "version" }, fall: %s }
    routes:
      - { id: sense, uri: "pool://sense", predicates: ["Path=/**"] }
    """
        .formatted(master.url(), backup.url(), fall);
  }
}
