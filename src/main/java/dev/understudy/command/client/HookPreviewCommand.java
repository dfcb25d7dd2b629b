package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows what a hook of a pool would call. */
@Command(
    name = "hook",
    description =
        "Shows what a hook would do for a server if the role moved now: the request that it would"
            + " send, or the program that it would start and whether that exists. Nothing is"
            + " called. Values that may be secrets are shown as ***.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done: nothing is known to be wrong.",
      "1:The program cannot be run, or there is no such hook.",
      ClientCommand.USAGE,
      ClientCommand.UNREACHABLE
    })
final class HookPreviewCommand extends ClientCommand {
  @Mixin private final OutputFormat output = new OutputFormat();

  @Parameters(index = "0", paramLabel = "POOL", description = "The pool.")
  private String pool = "";

  @Parameters(index = "1", paramLabel = "demote|promote", description = "The hook.")
  private String hook = "";

  @Parameters(index = "2", paramLabel = "SERVER", description = "The server concerned.")
  private String server = "";

  @Override
  public Integer call() {
    ApiResponse reply =
        api()
            .read(
                "/api/pools/"
                    + ManagementApi.encoded(pool)
                    + "/servers/"
                    + ManagementApi.encoded(server)
                    + "/hooks/"
                    + ManagementApi.encoded(hook),
                document -> document.at("environment").isObject());
    print(reply, output, () -> lines(reply.document()));
    return reply.document().at("problem").text() == null ? ExitStatus.DONE : ExitStatus.FAILED;
  }

  private static List<String> lines(JsonValue call) {
    List<String> lines = new ArrayList<>();
    String url = call.at("url").text();
    if (url != null) {
      lines.add("POST " + url);
      call.at("headers").fields().forEach((name, value) -> lines.add(name + ": " + value.text("")));
      lines.add("");
      lines.add(call.at("body").text(""));
    } else {
      StringBuilder line = new StringBuilder(call.at("program").text("?"));
      call.at("arguments").list().forEach(each -> line.append(' ').append(each.text("")));
      lines.add(line.toString());
      call.at("environment")
          .fields()
          .forEach((name, value) -> lines.add("  " + name + "=" + value.text("")));
    }
    String problem = call.at("problem").text();
    if (problem != null) {
      lines.add("It cannot be called: expected " + problem);
    }
    return lines;
  }
}
