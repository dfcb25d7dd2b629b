package dev.understudy.command.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which replica a command speaks to, and how. */
final class ServerOptions {
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
          "A file that holds the token, for writes and where reads want one. Default: the variable"
              + " UNDERSTUDY_TOKEN_FILE, else no token.")
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
  ManagementApi api() {
    return new ManagementApi(
        url(server),
        tokenFile == null ? null : LocalFile.token(tokenFile),
        caFile == null ? null : TrustedAuthorities.of(caFile));
  }

  static URI url(String text) {
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
}
