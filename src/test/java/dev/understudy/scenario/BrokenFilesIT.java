package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.Breakage;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hundred broken files are put before a running proxy under traffic; none leaves a trace. */
@Tag(Extent.SLOW)
class BrokenFilesIT {
  private static final int FILES = 200;

  @TempDir private Path folder;
  private Path config;
  @AutoClose private ServerProcess master;
  @AutoClose private ProxyProcess proxy;
  private String good;

  @BeforeEach
  void start() throws Exception {
    master = ServerProcess.start("sen2", folder);
    good =
        """
        pools:
          sense:
            mode: failover
            servers:
              sen2:
                url: "%s"
                role: master
                max-requests: 500
            health:
              type: http
              method: GET
              path: /status
              host: sense.test
              expect:
                status: "200-399"
                body: version
              interval: 2s
              fast-interval: 250ms
              down-interval: 1s
              timeout: 20s
              fall: 3
              rise: 2
            passive:
              failure-rate: 50
              minimum-calls: 20
              window: 10s
              open-for: 10s
            failback:
              policy: delayed
              after: 30s
            sticky:
              cookie: UNDERSTUDY
              after-failback: drain
            hold:
              time: 5s
              requests: 1024
              body: 64KB
            retry:
              attempts: 2
              idempotency-key: false
            on-switch:
              websockets: close
              drain: 30s
            timeouts:
              connect: 1s
              response: 60s
              idle: 60s
              tunnel: 1h
            tls:
              server-name: sense.test
              verify: true
        routes:
          - id: sense
            uri: pool://sense
            order: 1
            predicates:
              - Path=/**
        """
            .formatted(master.url());
    config = Files.writeString(folder.resolve("gateway.yaml"), good);
    proxy = ProxyProcess.start(folder, config);
  }

  @Test
  void broken_files_are_refused_with_their_line_and_nothing_changes() throws Exception {
    List<Breakage.Broken> broken = Breakage.of(good).subList(0, FILES);
    try (Load load = Load.start(proxy.port())) {
      for (Breakage.Broken file : broken) {
        Processes.replace(config, file.text());
        String line = "gateway.yaml:" + file.line() + ": " + file.property() + ": ";
        Await.until(
            file.what() + " is refused with " + line,
            () -> proxy.manage("/api/config").contains(line));
      }
      List<Load.Sample> samples = load.finish();
      assertThat(samples).filteredOn(sample -> !sample.ok()).isEmpty();
      System.out.printf(
          "%d broken files refused, %d requests meanwhile, none lost%n",
          broken.size(), samples.size());
    }
    assertThat(proxy.manage("/api/pools/sense")).contains("\"reason\" : \"INITIAL\"");
    assertThat(proxy.manage("/api/events?limit=1000").split("configuration-applied", -1))
        .hasSize(2);
  }
}
