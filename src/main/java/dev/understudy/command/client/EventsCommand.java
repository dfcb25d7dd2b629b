package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.text.Printable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what happened. */
@Command(
    name = "events",
    description = "Prints what happened, newest last: time (UTC), pool, type, message.")
final class EventsCommand extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Option(
      names = {"-f", "--follow"},
      description =
          "Goes on with events as they happen, and connects again when the connection is lost."
              + " With -o json each line is one event.")
  private boolean follow;

  @Option(
      names = {"-p", "--pool"},
      paramLabel = "POOL",
      description = "Events of this pool only.")
  private @Nullable String pool;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "NUMBER",
      defaultValue = "20",
      description = "How many events of the past: 1 to 1000. Default: 20.")
  private int limit;

  @Override
  public Integer call() throws InterruptedException {
    ManagementApi api = api();
    String concerning = pool == null ? "" : "pool=" + ManagementApi.encoded(pool);
    ApiResponse past =
        api.read(
            "/api/events?limit=" + limit + (concerning.isEmpty() ? "" : "&" + concerning),
            document -> document.at("events").isArray());
    if (follow) {
      follow(api, "/api/events/stream" + (concerning.isEmpty() ? "" : "?" + concerning), past);
    } else {
      print(
          past,
          output,
          () -> past.document().at("events").list().stream().map(EventLine::of).toList());
    }
    return ExitStatus.DONE;
  }

  /** The past comes from the stream, too: it begins before the oldest event that was asked for. */
  private void follow(ManagementApi api, String path, ApiResponse past)
      throws InterruptedException {
    List<JsonValue> events = past.document().at("events").list();
    long before = events.isEmpty() ? 0 : events.get(0).at("id").whole() - 1;
    String history = past.document().at("history").text();
    String lastSeen = history == null ? Long.toString(before) : history + "-" + before;
    new EventFollower(api, path, lastSeen, this::say, EventFollower.SILENCE_MILLIS)
        .follow(this::print);
  }

  /** Returns false if nobody reads any more, as behind a closed pipe. */
  private boolean print(String event) {
    out()
        .println(
            output.json()
                ? event
                : EventLine.of(JsonValue.parse(event.getBytes(StandardCharsets.UTF_8))));
    return !out().checkError();
  }

  private void say(String sentence) {
    err().println("understudy: " + Printable.escaped(sentence));
  }
}
