package dev.understudy.proxy.gateway;

import dev.understudy.testing.Lane;
import dev.understudy.testing.MessageEnds;
import dev.understudy.testing.Protocol;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** How messages of HTTP/1 end in the express lane, over TLS. */
class ExpressTlsFramingTest extends MessageEnds {
  @TempDir static Path directory;
  private static FrontTable table;

  @BeforeAll
  static void start() throws Exception {
    table = new FrontTable(Protocol.TLS, directory);
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
