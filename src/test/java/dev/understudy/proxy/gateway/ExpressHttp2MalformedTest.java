package dev.understudy.proxy.gateway;

import dev.understudy.testing.Http2MalformedRequests;
import dev.understudy.testing.Lane;
import dev.understudy.testing.Protocol;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Malformed HTTP/2 before the express lane. */
class ExpressHttp2MalformedTest extends Http2MalformedRequests {
  @TempDir static Path directory;
  private static FrontTable table;

  @BeforeAll
  static void start() throws Exception {
    table = new FrontTable(Protocol.HTTP_2, directory);
  }

  @AfterAll
  static void stop() {
    table.close();
  }

  @Override
  protected Lane.Factory factory() {
    return table::express;
  }
}
