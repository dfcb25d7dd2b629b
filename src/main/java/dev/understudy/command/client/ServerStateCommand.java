package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.status.PoolView;
import dev.understudy.text.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sets the operator state of a server, of all servers at one host, or of a whole pool. */
abstract class ServerStateCommand extends PoolChange {
  /** Sets a server to ready. */
  @Command(
      name = "ready",
      description = {
        "Puts a server back into use after drain or maintenance.",
        "With --pool: ends the maintenance of a whole pool."
      })
  static final class Ready extends ServerStateCommand {
    @Mixin private final Whole whole = new Whole();

    @Override
    public Integer call() {
      String name = whole(whole);
      return name == null
          ? set("ready", false)
          : setPool(name, new LinkedHashMap<>(Map.of("state", "ready")));
    }
  }

  /** Sets a server to drain. */
  @Command(
      name = "drain",
      description =
          "Takes a server out gently: no new sessions; running requests finish, sessions stay until"
              + " they end.")
  static final class Drain extends ServerStateCommand {
    @Option(
        names = "--force",
        description = "Drains the server even if it is the only usable one of the pool.")
    private boolean force;

    @Override
    public Integer call() {
      return set("drain", force);
    }
  }

  /** Sets a server to maintenance. */
  @Command(
      name = "maintenance",
      description = {
        "Takes a server out at once: its sessions, WebSockets and streams leave it.",
        "With --pool: the whole pool serves no clients except those of --allow; all others get the"
            + " maintenance page. In a terminal it asks first; elsewhere it needs --force."
      })
  static final class Maintenance extends ServerStateCommand {
    @Mixin private final Whole whole = new Whole();

    @Option(
        names = "--force",
        description =
            "Takes the server out even if it is the only usable one of the pool; with --pool: does"
                + " not ask.")
    private boolean force;

    @Option(
        names = "--until",
        paramLabel = "TIME",
        description =
            "With --pool: when the maintenance ends by itself, such as 2027-01-31T22:00:00Z, at"
                + " most 30 days ahead.")
    private @Nullable String until;

    @Option(
        names = "--for",
        paramLabel = "DURATION",
        description =
            "With --pool, instead of --until: how long the maintenance lasts, such as 30m or 2h.")
    private @Nullable String lasting;

    @Option(
        names = "--allow",
        paramLabel = "CIDR",
        split = ",",
        description =
            "With --pool: a network whose clients are still served, such as 10.0.0.0/8. At most 16,"
                + " separated by commas or each with its own --allow.")
    private List<String> allow = List.of();

    @Override
    public Integer call() {
      String name = whole(whole);
      if (name == null) {
        if (until != null || lasting != null || !allow.isEmpty()) {
          throw ClientFailure.usage("--until, --for and --allow need --pool");
        }
        return set("maintenance", force);
      }
      Map<String, Object> body = new LinkedHashMap<>(Map.of("state", "maintenance"));
      if (until != null) {
        body.put("until", until);
      }
      if (lasting != null) {
        body.put("for", lasting);
      }
      if (!allow.isEmpty()) {
        body.put("allow", allow);
      }
      if (force || isConfirmed(name)) {
        body.put("force", true);
      }
      return setPool(name, body);
    }

    /** Whether the operator has said so in a terminal; elsewhere the replica refuses. */
    private boolean isConfirmed(String name) {
      if (output().json() || !Terminal.isInteractive()) {
        return false;
      }
      ApiResponse reply = api().read("/api/pools/" + ManagementApi.encoded(name), PoolView::isIn);
      PoolView pool = new PoolView(reply.document());
      if (pool.maintenance().isObject()) {
        return false;
      }
      err().print(question(pool, allow));
      err().flush();
      if (!Terminal.isYes()) {
        throw ClientFailure.failed("nothing was changed");
      }
      return true;
    }

    private static String question(PoolView pool, List<String> allow) {
      String serving = pool.serving();
      return Printable.escaped(
          "Pool "
              + pool.name()
              + (serving.equals("-") ? " is served by nobody" : " is served by " + serving)
              + ". Stop serving all of its clients"
              + (allow.isEmpty() ? "" : " except those of " + String.join(", ", allow))
              + "? [y/N] ");
    }
  }

  /** The option that names a pool as a whole. */
  static final class Whole {
    @Option(
        names = "--pool",
        paramLabel = "POOL",
        description = "Instead of POOL and SERVER: the pool as a whole.")
    private @Nullable String pool;
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

  /** The pool that is meant as a whole; null if a server or a host is. */
  final @Nullable String whole(Whole option) {
    String name = option.pool;
    if (name != null) {
      if (pool != null || server != null || host != null) {
        throw ClientFailure.usage("--pool cannot be combined with POOL, SERVER or --host");
      }
      return named("--pool", name);
    }
    if (pool != null && server == null && host == null) {
      throw ClientFailure.usage(
          "expected POOL and SERVER; for the pool as a whole use --pool " + pool);
    }
    return null;
  }

  /** Sends the state of the pool. */
  final int setPool(String name, Map<String, Object> body) {
    String path = "/api/pools/" + ManagementApi.encoded(name) + "/state";
    return change("PUT", path, body, "pool " + name + " is set to " + body.get("state"), false);
  }

  /**
   * Sends the state.
   *
   * @param state the API's word
   * @param force also takes out the only usable server of a pool
   * @return refused, or not known, if one of several servers was, and the others are changed
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
        status = Math.max(status, failed(target.pool, failure));
      }
    }
    return status;
  }

  private List<Target> targets() {
    if (host == null) {
      if (pool == null || server == null) {
        throw ClientFailure.usage("expected POOL and SERVER, or --host");
      }
      return List.of(new Target(named("POOL", pool), named("SERVER", server)));
    }
    if (pool != null) {
      throw ClientFailure.usage("expected POOL and SERVER, or --host, not both");
    }
    named("--host", host);
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
