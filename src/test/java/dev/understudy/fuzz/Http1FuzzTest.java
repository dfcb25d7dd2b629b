package dev.understudy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.FuzzedProxy;
import dev.understudy.testing.LeakWatch;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random and damaged HTTP/1 in both lanes. A failure names its seed; {@code -Dunderstudy.fuzz.seed}
 * plays it again, {@code -Dunderstudy.fuzz.cases} plays more.
 */
@ExtendWith(LeakWatch.class)
class Http1FuzzTest {
  private static StrictServer server;
  private static FuzzedProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new StrictServer();
    proxy = new FuzzedProxy(folder, false, server.port());
  }

  @AfterAll
  static void stop() {
    proxy.close();
    server.close();
  }

  @Test
  void the_server_reads_what_was_counted_and_each_response_belongs_to_its_request()
      throws Exception {
    Campaign campaign = new Campaign();
    campaign.run(
        new Http1Fuzz(proxy, server, false), FuzzSettings.SEED, FuzzSettings.until(700, campaign));
    assertThat(campaign.failures().values()).isEmpty();
  }
}
