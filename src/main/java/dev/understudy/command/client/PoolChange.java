package dev.understudy.command.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that change a pool share. */
abstract class PoolChange extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Why, for the event and the history: 1 to 200 characters.")
  private @Nullable String reason;

  /**
   * Sends a change and prints what came of it.
   *
   * @param done a sentence about the change, such as {@code a is in maintenance}
   */
  final int change(String method, String path, JsonFields body, String done) {
    return change(method, path, body, done, false);
  }

  /** Likewise; {@code brief}: without the pool as it is then. */
  final int change(String method, String path, JsonFields body, String done, boolean brief) {
    if (reason != null) {
      body.text("reason", reason);
    }
    Reply reply = api().write(method, path, body.toBytes(), PoolChange::isDone);
    if (output.json()) {
      print(reply);
    } else {
      List<String> lines = lines(reply, done);
      print(brief ? lines.subList(0, 1) : lines);
    }
    return ExitStatus.DONE;
  }

  private static boolean isDone(JsonValue document) {
    return document.at("changed").value() instanceof Boolean && PoolView.isIn(document.at("pool"));
  }

  private static List<String> lines(Reply reply, String done) {
    JsonValue document = reply.document();
    List<String> lines = new ArrayList<>();
    lines.add((document.at("changed").flag() ? "changed: " : "nothing to change: ") + done);
    JsonValue pool = document.at("pool");
    lines.addAll(PoolText.lines(PoolView.of(pool), pool, null));
    return lines;
  }
}
