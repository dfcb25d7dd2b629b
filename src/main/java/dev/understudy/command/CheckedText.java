package dev.understudy.command;

import dev.understudy.config.GatewayConfig;
import dev.understudy.proxy.route.RouteLane;
import java.io.PrintWriter;
import java.util.List;

/** Checked files as lines: what is good on one writer, problems and warnings on the other. */
final class CheckedText {
  private final PrintWriter out;
  private final PrintWriter err;

  CheckedText(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  void print(CheckedFile checked) {
    checked.problems().forEach(err::println);
    checked.warnings().forEach(warning -> err.println(warning.asWarning()));
    if (checked.good()) {
      CheckedFile.Contents contents = checked.contents();
      if (contents == null) {
        out.println(checked.file() + ": good (static settings)");
      } else {
        out.println(checked.file() + ": good (" + counts(contents) + ")");
        print(contents.lanes());
      }
    }
  }

  private static String counts(CheckedFile.Contents contents) {
    GatewayConfig config = contents.config();
    return "pools: "
        + config.pools().size()
        + ", servers: "
        + contents.servers()
        + ", routes: "
        + config.routes().size()
        + (config.listeners().isEmpty() ? "" : ", listeners: " + config.listeners().size());
  }

  private void print(List<RouteLane> lanes) {
    int width = lanes.stream().mapToInt(lane -> lane.id().length()).max().orElse(0);
    for (RouteLane lane : lanes) {
      String id = lane.id() + " ".repeat(width - lane.id().length());
      out.println("  " + id + "  " + lane.name() + "  " + lane.why());
    }
  }
}
