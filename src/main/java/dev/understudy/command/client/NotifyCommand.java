package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.status.TextTable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the receivers of notifications, or tests one. */
@Command(
    name = "notify",
    description =
        "Lists the receivers of notifications, the number of messages that wait for each, and the"
            + " result of the last one. With --test it sends a message now and prints the result.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done; with --test: delivered.",
      "1:The replica refused the request; with --test: not delivered.",
      ClientCommand.USAGE,
      ClientCommand.UNREACHABLE
    })
final class NotifyCommand extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "The receiver.")
  private @Nullable String name;

  @Option(
      names = "--test",
      description = "Sends a test message to NAME at once, ahead of its queue.")
  private boolean test;

  @Override
  public Integer call() {
    if ((name == null) == test) {
      throw ClientFailure.usage("expected NAME and --test, or neither");
    }
    return name == null ? list() : test(name);
  }

  private int list() {
    ApiResponse reply =
        api().read("/api/notifications", document -> document.at("receivers").isArray());
    print(reply, output, () -> lines(reply.document().at("receivers").list()));
    return ExitStatus.DONE;
  }

  private static List<String> lines(List<JsonValue> receivers) {
    TextTable table =
        new TextTable()
            .row("RECEIVER", "FORMAT", "WAITING", "DELIVERED", "FAILED", "DROPPED", "LAST");
    for (JsonValue each : receivers) {
      JsonValue last = each.at("last");
      table.row(
          each.at("name").text("?"),
          each.at("format").text("?"),
          String.valueOf(each.at("waiting").whole()),
          String.valueOf(each.at("delivered").whole()),
          String.valueOf(each.at("failed").whole()),
          String.valueOf(each.at("dropped").whole()),
          last.isObject()
              ? "%s at %s: %s"
                  .formatted(
                      last.at("outcome").text("?"),
                      EventLine.time(last),
                      last.at("detail").text(""))
              : "-");
    }
    return table.lines();
  }

  private int test(String receiver) {
    ApiResponse reply =
        api()
            .write(
                "POST",
                "/api/notifications/" + ManagementApi.encoded(receiver) + "/test",
                JsonValue.bytes(Map.of()),
                document -> document.at("delivered").value() instanceof Boolean);
    JsonValue result = reply.document();
    boolean delivered = result.at("delivered").flag();
    print(
        reply,
        output,
        () ->
            List.of(
                "%s: %s in %d ms: %s"
                    .formatted(
                        receiver,
                        delivered ? "delivered" : "not delivered",
                        result.at("tookMillis").whole(),
                        result.at("detail").text(""))));
    return delivered ? ExitStatus.DONE : ExitStatus.FAILED;
  }
}
