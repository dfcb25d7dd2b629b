package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.status.TextTable;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the routes in force. */
@Command(
    name = "routes",
    description = "Lists the routes in the order in which they are tried, with lane and reason.")
final class RoutesCommand extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Override
  public Integer call() {
    ApiResponse reply = api().read("/api/routes", RoutesCommand::isList);
    print(reply, output, () -> lines(reply));
    return ExitStatus.DONE;
  }

  private static boolean isList(JsonValue document) {
    return document.isArray()
        && document.list().stream().allMatch(route -> route.at("lane").text() != null);
  }

  private static List<String> lines(ApiResponse reply) {
    List<JsonValue> routes = reply.document().list();
    boolean rates =
        routes.stream().anyMatch(route -> route.at("requestsPerSecond").number() != null);
    TextTable table =
        rates
            ? new TextTable().row("ROUTE", "POOL", "LANE", "REQ/S", "PREDICATES", "WHY")
            : new TextTable().row("ROUTE", "LANE", "WHY");
    for (JsonValue route : routes) {
      String id = route.at("id").text("?");
      String lane = route.at("lane").text("?");
      String why = route.at("why").text("");
      if (rates) {
        table.row(
            id,
            route.at("pool").text("-"),
            lane,
            RateText.of(route.at("requestsPerSecond")),
            predicates(route),
            why);
      } else {
        table.row(id, lane, why);
      }
    }
    return table.lines();
  }

  private static String predicates(JsonValue route) {
    List<JsonValue> predicates = route.at("predicates").list();
    return predicates.isEmpty()
        ? "-"
        : predicates.stream().map(each -> each.text("?")).collect(Collectors.joining(" "));
  }
}
