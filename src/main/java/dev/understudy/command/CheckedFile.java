package dev.understudy.command;

import dev.understudy.config.GatewayConfig;
import dev.understudy.config.Problem;
import dev.understudy.proxy.route.RouteLane;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Validation} found in one file.
 *
 * @param file its path as given
 * @param problems in the file's order; empty if the file is good
 * @param warnings of a good file, in the file's order
 * @param contents of a good dynamic file; null for any other
 */
record CheckedFile(
    String file, List<Problem> problems, List<Problem> warnings, @Nullable Contents contents) {
  /** A configuration that could be applied, and the lane of each of its routes. */
  record Contents(GatewayConfig config, List<RouteLane> lanes) {
    int servers() {
      return config.pools().stream().mapToInt(pool -> pool.servers().size()).sum();
    }
  }

  CheckedFile(String file, List<Problem> problems) {
    this(file, problems, List.of(), null);
  }

  boolean good() {
    return problems.isEmpty();
  }
}
