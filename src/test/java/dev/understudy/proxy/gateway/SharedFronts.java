package dev.understudy.proxy.gateway;

import dev.understudy.testing.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.springframework.util.FileSystemUtils;

/** Gives each table of lanes the same running applications; they close with the test session. */
final class SharedFronts implements BeforeEachCallback {
  @Override
  public void beforeEach(ExtensionContext context) {
    ((LaneProtocolTable) context.getRequiredTestInstance()).fronts =
        context
            .getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(SharedFronts.class))
            .computeIfAbsent(Running.class);
  }

  /** One front for each set of properties, started when a row first needs it. */
  static final class Running implements AutoCloseable {
    private final Map<List<Object>, FrontTable> fronts = new HashMap<>();
    private final Path directory;

    Running() throws IOException {
      directory = Files.createTempDirectory("fronts");
    }

    FrontTable get(boolean secure, String... properties) {
      return fronts.computeIfAbsent(
          List.of(secure, List.of(properties)),
          each -> {
            try {
              return new FrontTable(
                  secure ? Protocol.TLS : Protocol.HTTP_1_1,
                  Files.createTempDirectory(directory, "certificates"),
                  properties);
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
    }

    @Override
    public void close() throws IOException {
      fronts.values().forEach(FrontTable::close);
      FileSystemUtils.deleteRecursively(directory);
    }
  }
}
