package dev.understudy.command.client;

import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What all client commands share: the replica to speak to, where the output goes, and the exit
 * statuses, unless a command gives them another meaning.
 */
@Command(
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:Done.",
      "1:The replica refused the request, or could not carry it out.",
      ClientCommand.USAGE,
      ClientCommand.UNREACHABLE
    })
abstract class ClientCommand implements Callable<Integer> {
  static final String USAGE = "2:Wrong arguments.";
  static final String NOT_KNOWN =
      "4:It is not known whether the change was made: look at the pool with understudy status.";
  static final String UNREACHABLE =
      "3:No usable response: the replica is not reachable, or this is not its management port.";

  @Spec private CommandSpec spec;

  @Option(
      names = "--server",
      paramLabel = "URL",
      defaultValue = "${env:UNDERSTUDY_SERVER:-http://localhost:9090}",
      description =
          "The management port of a replica. Default: the variable UNDERSTUDY_SERVER, else"
              + " http://localhost:9090.")
  private String server = "";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      defaultValue = "${env:UNDERSTUDY_TOKEN_FILE}",
      description =
          "A file that holds the token. Changes need one; reads need one where the replica asks for"
              + " it. Default: the variable UNDERSTUDY_TOKEN_FILE, else no token.")
  private @Nullable Path tokenFile;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description =
          "Certificate authorities (PEM) to trust over https. Default: those that Java trusts.")
  private @Nullable Path caFile;

  /**
   * The API that the options name.
   *
   * @throws ClientFailure if an option has a wrong value
   */
  final ManagementApi api() {
    return api(ManagementApi.Notice.to(err()::println));
  }

  /** The same, for a command that says by itself that a response takes long. */
  final ManagementApi api(ManagementApi.Notice notice) {
    return new ManagementApi(
        url(server),
        tokenFile == null ? null : LocalFile.token(tokenFile),
        caFile == null ? null : TrustedAuthorities.of(caFile),
        notice);
  }

  private static URI url(String text) {
    try {
      URI url = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      boolean plain =
          url.getRawUserInfo() == null && url.getRawQuery() == null && url.getRawFragment() == null;
      if (http && url.getHost() != null && plain) {
        return url;
      }
    } catch (URISyntaxException e) {
      // Reported below.
    }
    throw ClientFailure.usage(
        "--server: expected http://HOST:PORT or https://HOST:PORT, found '" + text + "'");
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  final void print(List<String> lines) {
    for (String line : lines) {
      out().println(line);
    }
  }

  /** Prints a document as lines or, in JSON, as it was received. */
  final void print(ApiResponse document, OutputFormat format, Supplier<List<String>> lines) {
    if (!format.json()) {
      print(lines.get());
      return;
    }
    String text = document.text();
    out().print(text);
    if (!text.endsWith("\n")) {
      out().println();
    }
    out().flush();
  }
}
