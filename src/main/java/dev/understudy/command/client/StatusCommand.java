package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.status.PoolView;
import dev.understudy.status.ReplicaView;
import dev.understudy.status.StatusText;
import dev.understudy.text.Suggestions;
import java.util.List;
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
    ManagementApi api = api();
    ApiResponse reply = api.read(ManagementApi.OVERVIEW, ReplicaView::isIn);
    ReplicaView replica = ReplicaView.of(reply.document());
    print(reply, output, () -> StatusText.lines(replica, () -> problems(api), all));
    return replica.exitStatus();
  }

  /** The problems of the refused file. */
  private static JsonValue problems(ManagementApi api) {
    return api.read("/api/config", document -> document.at("problems").isArray())
        .document()
        .at("problems");
  }

  /** Shows the pool's own document, and judges as the overview does. */
  private int onePool(String name) {
    ManagementApi api = api();
    ApiResponse reply = api.read("/api/pools/" + ManagementApi.encoded(name), PoolView::isIn);
    ReplicaView replica = api.overview();
    List<String> names = replica.pools().stream().map(PoolView::name).toList();
    int at = names.indexOf(name);
    if (at < 0) {
      throw ClientFailure.failed(Suggestions.asked("There is no pool '" + name + "'", name, names));
    }
    PoolView view = replica.pools().get(at);
    print(reply, output, () -> StatusText.lines(view, reply.document(), replica.now()));
    return view.condition().exitStatus();
  }
}
