package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.status.PoolView;
import dev.understudy.status.ReplicaView;
import dev.understudy.status.StatusText;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that change a pool share. */
@Command(
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done.",
      "1:The replica refused the request, or could not carry it out.",
      ClientCommand.USAGE,
      ClientCommand.UNREACHABLE,
      ClientCommand.NOT_KNOWN
    })
abstract class PoolChange extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "The reason, for the event and the history: 1 to 200 characters.")
  private @Nullable String reason;

  @Option(
      names = "--durable",
      description =
          "Refuses the change, and changes nothing, unless a restart of the replica will find it."
              + " By default it is made, and said to be in memory only.")
  private boolean durable;

  /**
   * Sends a change and prints what came of it.
   *
   * @param body its fields, as {@link JsonValue#bytes} takes them, to which what all have in common
   *     is added
   * @param done a sentence about the change, such as {@code a is in maintenance}
   * @param brief without the pool as it is then
   */
  final int change(
      String method, String path, Map<String, Object> body, String done, boolean brief) {
    addCommon(body);
    ApiResponse reply = api().write(method, path, JsonValue.bytes(body), PoolChange::isDone);
    print(reply, output, () -> lines(reply, done, brief));
    return ExitStatus.DONE;
  }

  /** Adds the fields that all changes have. */
  final void addCommon(Map<String, Object> body) {
    if (durable) {
      body.put("durable", true);
    }
    if (reason != null) {
      body.put("reason", reason);
    }
  }

  final OutputFormat output() {
    return output;
  }

  private static boolean isDone(JsonValue document) {
    return document.at("changed").value() instanceof Boolean && PoolView.isIn(document.at("pool"));
  }

  private static List<String> lines(ApiResponse reply, String done, boolean brief) {
    JsonValue document = reply.document();
    List<String> lines = new ArrayList<>();
    lines.add((document.at("changed").flag() ? "changed: " : "nothing to change: ") + done);
    lines.addAll(inMemoryOnly(document));
    if (!brief) {
      PoolView pool = new PoolView(document.at("pool"));
      lines.addAll(StatusText.lines(pool, pool.document(), null));
    }
    return lines;
  }

  /** A line if a restart forgets what was changed. */
  static List<String> inMemoryOnly(JsonValue document) {
    String why = document.at("inMemoryOnly").text();
    return why == null
        ? List.of()
        : List.of("in memory only, a restart of this replica forgets it: " + why);
  }

  final boolean isDurable() {
    return durable;
  }

  /** The pools that the replica has. */
  final List<JsonValue> pools() {
    return api().read("/api/pools", ReplicaView::isIn).document().at("pools").list();
  }

  /** Whether a server's URL has that host. */
  static boolean isAt(String host, JsonValue server) {
    try {
      String found = URI.create(server.at("url").text("")).getHost();
      return found != null && host.equalsIgnoreCase(found.replaceAll("^\\[|]$", ""));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Returns what names something.
   *
   * @throws ClientFailure if it is empty, as what a variable without a value leaves
   */
  static String named(String what, String name) {
    if (name.isBlank()) {
      throw ClientFailure.usage(what + ": expected a name, found an empty text");
    }
    return name;
  }

  /**
   * Reports what failed for one of several pools, or is not known; a failure of another kind ends
   * the command.
   *
   * @return the exit status that it stands for
   */
  final int failed(String pool, ClientFailure failure) {
    if (failure.status() != ExitStatus.FAILED && failure.status() != ExitStatus.NOT_KNOWN) {
      throw failure;
    }
    err().println("understudy: " + pool + ": " + failure.line());
    return failure.status();
  }
}
