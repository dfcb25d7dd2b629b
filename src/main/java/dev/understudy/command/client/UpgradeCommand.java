package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import dev.understudy.text.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Has the running process start the next one, and hand over to it. */
@Command(
    name = "upgrade",
    description =
        "Upgrades the running proxy: it starts a new process with the program and the settings that"
            + " are installed now, and hands over to that. No connection is refused, and none is"
            + " cut. If the new process fails, the running one goes on. Run this command as the"
            + " proxy's user, or as root.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:The new process serves.",
      "1:The running process goes on; the reason is printed.",
      ClientCommand.USAGE,
      "3:No proxy listens at the socket."
    })
final class UpgradeCommand implements Callable<Integer> {
  /** A longer line is not a proxy's. */
  private static final int MOST_BYTES = 64 * 1024;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      defaultValue = "${env:UNDERSTUDY_HANDOVER_SOCKET:-/run/understudy/handover.sock}",
      description =
          "The socket of understudy.handover.socket; default: UNDERSTUDY_HANDOVER_SOCKET, else"
              + " /run/understudy/handover.sock.")
  private Path socket = Path.of("/run/understudy/handover.sock");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try (SocketChannel proxy = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      OutputStream output = Channels.newOutputStream(proxy);
      output.write(JsonValue.bytes(Map.of("step", "UPGRADE")));
      output.write('\n');
      return follow(proxy);
    } catch (IOException e) {
      throw ClientFailure.unreachable(
          "no proxy listens at %s: %s".formatted(socket, e.getMessage()));
    }
  }

  private int follow(SocketChannel proxy) throws IOException {
    var input = Channels.newInputStream(proxy);
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = input.read(); next >= 0; next = input.read()) {
      if (next != '\n') {
        line.write(next);
        if (line.size() > MOST_BYTES) {
          throw ClientFailure.unreachable("what answers at " + socket + " is not a proxy");
        }
        continue;
      }
      JsonValue message = JsonValue.parse(line.toByteArray());
      line.reset();
      switch (message.at("step").text("")) {
        case "PROGRESS" -> say(message.at("why").text(""));
        case "UPGRADED" -> {
          say(
              "process %d of version %s serves"
                  .formatted(message.at("pid").whole(), message.at("version").text("?")));
          return ExitStatus.DONE;
        }
        case "REFUSED" -> throw ClientFailure.failed(message.at("why").text(""));
        default -> {
          // Of a later version.
        }
      }
    }
    throw ClientFailure.failed("the running process ended the connection");
  }

  private void say(String text) {
    spec.commandLine().getOut().println(Printable.escaped(text));
  }
}
