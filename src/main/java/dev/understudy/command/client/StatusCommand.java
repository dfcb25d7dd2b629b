package dev.understudy.command.client;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how the pools are. */
@Command(
    name = "status",
    description = {
      "Says how the pools are, worst first, or one pool with its servers.",
      "The exit status is that of monitoring plug-ins."
    },
    exitCodeOnInvalidInput = ExitStatus.UNREACHABLE,
    exitCodeListHeading = ClientCommands.EXIT_STATUS,
    exitCodeList = {
      "0:Well: every pool is served as it should be.",
      "1:Degraded: every pool is served, but a server is missing or a backup serves.",
      "2:Nobody serves in at least one pool.",
      "3:Not known: the replica is not reachable or refuses, or the arguments are wrong."
    })
final class StatusCommand extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Parameters(
      arity = "0..1",
      paramLabel = "POOL",
      description = "This pool only, with its servers.")
  private @Nullable String pool;

  @Option(
      names = {"-a", "--all"},
      description = "Lists pools that are well even if there are more than 20 pools.")
  private boolean all;

  @Override
  public Integer call() {
    return pool == null ? allPools() : onePool(pool);
  }

  private int allPools() {
    OverviewReply overview = OverviewReply.read(api());
    if (output.json()) {
      print(overview.body());
    } else {
      print(StatusText.lines(overview, all));
    }
    return overview.worst().exitStatus();
  }

  /** Shows the pool's own document, and judges as the overview does. */
  private int onePool(String name) {
    ManagementApi api = api();
    Reply reply = api.read("/api/pools/" + ManagementApi.encoded(name), PoolView::isIn);
    OverviewReply overview = OverviewReply.read(api);
    PoolView view = overview.pool(name);
    if (output.json()) {
      print(reply);
    } else {
      print(PoolText.lines(view, reply.document(), overview.now()));
    }
    return view.condition().exitStatus();
  }
}
