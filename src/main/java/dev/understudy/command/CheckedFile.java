package dev.understudy.command;

import dev.understudy.config.DynamicConfig;
import dev.understudy.config.Problem;
import dev.understudy.proxy.route.RouteLane;
import java.io.PrintWriter;
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
  record Contents(DynamicConfig config, List<RouteLane> lanes) {
    int servers() {
      return config.pools().stream().mapToInt(pool -> pool.servers().size()).sum();
    }

    private void print(PrintWriter out, String file) {
      int listeners = config.listeners().size();
      out.println(
          "%s: good (pools: %d, servers: %d, routes: %d%s)"
              .formatted(
                  file,
                  config.pools().size(),
                  servers(),
                  config.routes().size(),
                  listeners == 0 ? "" : ", listeners: " + listeners));
      int width = lanes.stream().mapToInt(lane -> lane.id().length()).max().orElse(0);
      for (RouteLane lane : lanes) {
        String id = lane.id() + " ".repeat(width - lane.id().length());
        out.println("  " + id + "  " + lane.name() + "  " + lane.why());
      }
    }
  }

  CheckedFile(String file, List<Problem> problems) {
    this(file, problems, List.of(), null);
  }

  boolean good() {
    return problems.isEmpty();
  }

  /** Prints it as lines: what is good on one writer, problems and warnings on the other. */
  void print(PrintWriter out, PrintWriter err) {
    problems.forEach(err::println);
    warnings.forEach(warning -> err.println(warning.asWarning()));
    if (good()) {
      if (contents == null) {
        out.println(file + ": good (static settings)");
      } else {
        contents.print(out, file);
      }
    }
  }
}
