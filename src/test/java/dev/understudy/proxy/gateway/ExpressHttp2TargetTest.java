package dev.understudy.proxy.gateway;

import dev.understudy.testing.Lane;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RequestTargetExperience;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Targets in the express lane, over HTTP/2. */
class ExpressHttp2TargetTest extends RequestTargetExperience {
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
