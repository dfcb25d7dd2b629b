package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves the role of a pool to a server, or leaves it to the policy again. */
@Command(
    name = "switch",
    description = {
      "Moves a pool to a usable server and pins it there, or with 'auto' ends the pin: failback"
          + " follows the policy again.",
      "With --planned it moves in phases: clients are held on all replicas, requests finish, hooks"
          + " fence the old server and promote the new one, then clients are let go. Each phase is"
          + " printed as it begins. Until the old server is fenced, --give-up ends the switch."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done; with --planned: moved, or scheduled; with --give-up: given up.",
      "1:The replica refused the request; with --planned: given up, nothing changed.",
      "2:Wrong arguments; with --planned: rolled back, or failed.",
      ClientCommand.UNREACHABLE,
      ClientCommand.NOT_KNOWN
    })
final class SwitchCommand extends PoolChange {
  private static final String AUTO = "auto";

  @Parameters(index = "0", arity = "0..1", paramLabel = "POOL", description = "The pool.")
  private @Nullable String pool;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "SERVER|auto",
      description = "The server, or auto.")
  private @Nullable String to;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "With --planned, instead of POOL and SERVER: moves each pool that this host serves to its"
              + " best server elsewhere, one pool after another. Stops after the first one that is"
              + " rolled back, or of which it is not known whether it was begun.")
  private @Nullable String host;

  @Option(names = "--planned", description = "Moves in phases, so that no client notices.")
  private boolean planned;

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      description =
          "With --planned: the longest time for which clients are held, 1s to 5m. Default: 10s.")
  private @Nullable String pause;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "With --planned: when to begin, such as 2027-01-31T22:00:00Z.")
  private @Nullable String at;

  @Option(
      names = "--force",
      description = "With --planned: cuts what does not finish in time, instead of giving up.")
  private boolean force;

  @Option(
      names = "--accept-loss",
      description =
          "Has the server promoted however far its data is behind: what it lacks is lost.")
  private boolean acceptLoss;

  @Option(
      names = "--give-up",
      description = "Gives up the planned switch of the pool, if its old server is not fenced yet.")
  private boolean giveUp;

  @Override
  public Integer call() {
    if (host != null) {
      require(
          pool == null && planned && !giveUp,
          "--host needs --planned, and neither POOL nor SERVER");
      return leave(named("--host", host));
    }
    if (pool == null) {
      throw ClientFailure.usage("expected POOL and SERVER, POOL and auto, or --host");
    }
    named("POOL", pool);
    if (giveUp) {
      boolean alone =
          to == null
              && !planned
              && pause == null
              && at == null
              && !force
              && !acceptLoss
              && !isDurable();
      require(alone, "expected only POOL with --give-up");
      ApiResponse last = run(pool, "").giveUp();
      print(last, output(), List::of);
      return PlannedSwitchRun.statusOfGivingUp(last);
    }
    if (to == null) {
      throw ClientFailure.usage("expected POOL and SERVER, POOL and auto, or POOL and --give-up");
    }
    named("SERVER", to);
    if (planned) {
      return shown(run(pool, "").plan(request(to)));
    }
    require(pause == null && at == null && !force, "--pause, --at and --force need --planned");
    require(!acceptLoss || !to.equals(AUTO), "--accept-loss needs a server");
    Map<String, Object> body = new LinkedHashMap<>(Map.of("to", to));
    if (acceptLoss) {
      body.put("acceptLoss", true);
    }
    return change(
        "POST",
        "/api/pools/" + ManagementApi.encoded(pool) + "/switch",
        body,
        to.equals(AUTO) ? pool + " follows its policy" : pool + " is pinned to " + to,
        false);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw ClientFailure.usage(otherwise);
    }
  }

  private PlannedSwitchRun run(String of, String indent) {
    PrintWriter lines = output().json() ? new PrintWriter(Writer.nullWriter()) : out();
    return new PlannedSwitchRun(api(), of, lines, indent);
  }

  private int shown(ApiResponse last) {
    print(last, output(), List::of);
    return PlannedSwitchRun.status(last);
  }

  private Map<String, Object> request(String server) {
    Map<String, Object> body = new LinkedHashMap<>(Map.of("to", server, "planned", true));
    if (pause != null) {
      body.put("pause", pause);
    }
    if (at != null) {
      body.put("at", at);
    }
    if (force) {
      body.put("force", true);
    }
    if (acceptLoss) {
      body.put("acceptLoss", true);
    }
    addCommon(body);
    return body;
  }

  /** Moves every pool away from a host; returns the worst exit status. */
  private int leave(String left) {
    int worst = ExitStatus.DONE;
    boolean any = false;
    for (JsonValue each : pools()) {
      List<JsonValue> servers = each.at("servers").list();
      String serving = each.at("serving").text();
      if (serving != null && isServedAt(left, serving, servers)) {
        any = true;
        int status = leave(left, each.at("name").text(""), servers);
        worst = Math.max(worst, status);
        if (status == ExitStatus.USAGE || status == ExitStatus.NOT_KNOWN) {
          break;
        }
      }
    }
    if (!any) {
      out().println("nothing to change: no server at " + left + " serves a pool");
    }
    return worst;
  }

  /** A standby that its hook has yet to promote is not usable before: the replica decides. */
  private int leave(String left, String name, List<JsonValue> servers) {
    String target =
        servers.stream()
            .filter(server -> !isAt(left, server))
            .min(
                Comparator.comparing((JsonValue server) -> !server.at("usable").flag())
                    .thenComparing(server -> !server.at("rank").text("").equals("master")))
            .map(server -> server.at("name").text(""))
            .orElse(null);
    try {
      if (target == null) {
        throw ClientFailure.failed("it has no server at another host");
      }
      if (!output().json()) {
        out().println(name + " to " + target);
      }
      return shown(run(name, "  ").plan(request(target)));
    } catch (ClientFailure failure) {
      return failed(name, failure);
    }
  }

  private static boolean isServedAt(String host, String serving, List<JsonValue> servers) {
    return servers.stream()
        .anyMatch(server -> serving.equals(server.at("name").text()) && isAt(host, server));
  }
}
