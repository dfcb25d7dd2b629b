package dev.understudy.command.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets the operator state of a server, or of all servers at one host. */
abstract class ServerStateCommand extends PoolChange {
  /** Sets a server to ready. */
  @Command(name = "ready", description = "Puts a server back after drain or maintenance.")
  static final class Ready extends ServerStateCommand {
    @Override
    public Integer call() {
      return set("ready", false);
    }
  }

  /** Sets a server to drain. */
  @Command(
      name = "drain",
      description =
          "Takes a server out gently: no new sessions; running requests finish, sessions stay until"
              + " they end.")
  static final class Drain extends ServerStateCommand {
    @Mixin private final Force force = new Force();

    @Override
    public Integer call() {
      return set("drain", force.given);
    }
  }

  /** Sets a server to maintenance. */
  @Command(
      name = "maintenance",
      description = "Takes a server out at once: its sessions, WebSockets and streams leave it.")
  static final class Maintenance extends ServerStateCommand {
    @Mixin private final Force force = new Force();

    @Override
    public Integer call() {
      return set("maintenance", force.given);
    }
  }

  private static final class Force {
    @Option(names = "--force", description = "Even if it is the only usable server of the pool.")
    private boolean given;
  }

  private record Target(String pool, String server) {
    String path() {
      return "/api/pools/"
          + ManagementApi.encoded(pool)
          + "/servers/"
          + ManagementApi.encoded(server)
          + "/state";
    }
  }

  @Parameters(index = "0", arity = "0..1", paramLabel = "POOL", description = "The pool.")
  private @Nullable String pool;

  @Parameters(index = "1", arity = "0..1", paramLabel = "SERVER", description = "The server.")
  private @Nullable String server;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Instead of POOL and SERVER: every server at this host, in all pools.")
  private @Nullable String host;

  /**
   * Sends the state.
   *
   * @param state the API's word
   * @param force also takes out the only usable server of a pool
   * @return refused if one of several servers was, and the others are changed
   */
  final int set(String state, boolean force) {
    List<Target> targets = targets();
    boolean several = host != null;
    int status = ExitStatus.DONE;
    for (Target target : targets) {
      Map<String, Object> body = new LinkedHashMap<>(Map.of("state", state));
      if (force) {
        body.put("force", true);
      }
      String done = target.server + " of " + target.pool + " is set to " + state;
      try {
        change("PUT", target.path(), body, done, several);
      } catch (ClientFailure failure) {
        if (!several) {
          throw failure;
        }
        status = failed(target.pool, failure);
      }
    }
    return status;
  }

  private List<Target> targets() {
    if (host == null) {
      if (pool == null || server == null) {
        throw ClientFailure.usage("expected POOL and SERVER, or --host");
      }
      return List.of(new Target(pool, server));
    }
    if (pool != null) {
      throw ClientFailure.usage("expected POOL and SERVER, or --host, not both");
    }
    List<Target> targets = new ArrayList<>();
    for (JsonValue each : pools()) {
      for (JsonValue one : each.at("servers").list()) {
        if (isAt(host, one)) {
          targets.add(new Target(each.at("name").text(""), one.at("name").text("")));
        }
      }
    }
    if (targets.isEmpty()) {
      throw ClientFailure.failed("No pool has a server at " + host + ".");
    }
    return targets;
  }
}
