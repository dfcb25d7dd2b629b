package dev.understudy.command.client;

import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the state of the pools. */
@Command(
    name = "status",
    aliases = "explain",
    description = {
      "Shows the state of all pools, worst first, or of one pool with its servers.",
      "The exit status follows the convention of monitoring plug-ins."
    },
    exitCodeOnInvalidInput = ExitStatus.UNREACHABLE,
    exitCodeList = {
      "0:Well: every pool is served as it should be.",
      "1:Degraded: every pool is served, but a server is missing or a backup serves; or a pool is"
          + " in maintenance, or the last file was refused, or the state file cannot be written.",
      "2:Nobody serves in at least one pool.",
      "3:Not known: the replica is not reachable or refuses, or the arguments are wrong."
    })
final class StatusCommand extends ClientCommand {
  /** With more pools than this, those that are well are only counted. */
  static final int ALL_UP_TO = 20;

  /** The most problems of a refused file that are shown without {@code --all}. */
  private static final int MOST_PROBLEMS = 10;

  @Mixin private final OutputFormat output = new OutputFormat();

  @Parameters(
      arity = "0..1",
      paramLabel = "POOL",
      description = "This pool only, with its servers.")
  private @Nullable String pool;

  @Option(
      names = {"-a", "--all"},
      description =
          "Lists pools that are well even if there are more than 20 pools, and all problems of a"
              + " file that was refused.")
  private boolean all;

  @Override
  public Integer call() {
    return pool == null ? allPools() : onePool(pool);
  }

  private int allPools() {
    OverviewReply overview = OverviewReply.read(api());
    print(overview.body(), output, () -> lines(overview));
    return overview.exitStatus();
  }

  /** Shows the pool's own document, and judges as the overview does. */
  private int onePool(String name) {
    ManagementApi api = api();
    ApiResponse reply = api.read("/api/pools/" + ManagementApi.encoded(name), PoolView::isIn);
    OverviewReply overview = OverviewReply.read(api);
    PoolView view = overview.pool(name);
    print(reply, output, () -> PoolText.lines(view, reply.document(), overview.now()));
    return view.condition().exitStatus();
  }

  /** The problems of the refused file. */
  private List<String> problems() {
    JsonValue config =
        api().read("/api/config", document -> document.at("problems").isArray()).document();
    List<String> problems =
        config.at("problems").list().stream().map(each -> "  " + each.text("")).toList();
    return all ? problems : Words.bounded(problems, MOST_PROBLEMS);
  }

  private List<String> lines(OverviewReply overview) {
    List<String> lines = new ArrayList<>();
    lines.add(overview.replica() + ": " + overview.counts());
    lines.addAll(overview.remarks());
    if (overview.isFileRefused()) {
      lines.addAll(problems());
    }
    boolean well = all || overview.pools().size() <= ALL_UP_TO;
    List<PoolView> shown =
        overview.pools().stream()
            .filter(pool -> well || pool.condition() != PoolCondition.WELL)
            .toList();
    if (shown.isEmpty()) {
      return lines;
    }
    TextTable table = new TextTable().row("POOL", "CONDITION", "SERVING", "SINCE", "CAUSE");
    for (PoolView pool : shown) {
      table.row(
          pool.name(),
          pool.condition().word(),
          pool.serving(),
          AgeText.of(pool.document().at("since").text(), overview.now()),
          Objects.requireNonNullElse(pool.cause(), ""));
    }
    lines.addAll(table.lines());
    if (shown.size() < overview.pools().size()) {
      lines.add("All other pools are well; --all lists them.");
    }
    return lines;
  }
}
