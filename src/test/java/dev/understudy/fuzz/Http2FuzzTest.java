package dev.understudy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.FuzzedProxy;
import dev.understudy.testing.Extent;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Random and damaged HTTP/2, and HTTP/1 over TLS, in both lanes. A failure names its seed; {@code
 * -Dunderstudy.fuzz.seed} plays it again, {@code -Dunderstudy.fuzz.cases} plays more.
 */
@Tag(Extent.FULL)
@Isolated("reads what is logged")
class Http2FuzzTest {
  @AutoClose private static StrictServer server;
  @AutoClose private static FuzzedProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new StrictServer();
    proxy = new FuzzedProxy(folder, true, server.port());
  }

  @Test
  void a_stream_that_is_wrong_costs_no_other_stream_anything() throws Exception {
    assertThat(FuzzSettings.failures(new Http2Fuzz(proxy, server), Extent.rounds(100))).isEmpty();
  }

  @Test
  void http_1_over_tls_is_as_safe_as_without() throws Exception {
    assertThat(FuzzSettings.failures(new Http1Fuzz(proxy, server, true), Extent.rounds(80)))
        .isEmpty();
  }
}
