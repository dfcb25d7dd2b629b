package dev.understudy.proxy.gateway;

import dev.understudy.testing.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.util.FileSystemUtils;

/**
 * Running applications that all tables of lanes on this thread share: one for each set of
 * properties, from the first row that needs it to the end of the JVM.
 */
final class SharedApplications {
  private static final ThreadLocal<Map<List<Object>, ApplicationTable>> FRONTS =
      ThreadLocal.withInitial(HashMap::new);

  private SharedApplications() {}

  static ApplicationTable get(boolean secure, String... properties) {
    return FRONTS
        .get()
        .computeIfAbsent(
            List.of(secure, List.of(properties)),
            each -> {
              try {
                return new ApplicationTable(
                    secure ? Protocol.TLS : Protocol.HTTP_1_1, certificates(), properties);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
  }

  private static Path certificates() throws IOException {
    Path directory = Files.createTempDirectory("certificates");
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> FileSystemUtils.deleteRecursively(directory.toFile())));
    return directory;
  }
}
