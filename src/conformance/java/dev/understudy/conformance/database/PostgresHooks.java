package dev.understudy.conformance.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * The hooks of {@code deploy/postgresql} as an operator installs them, before hosts that are
 * folders of this machine: {@code ssh} leads there.
 */
final class PostgresHooks {
  private static final Path SHIPPED = Path.of("deploy/postgresql");

  private final Path hosts;
  private final Path directory;
  private final Path programs;

  PostgresHooks(Path folder) throws IOException {
    hosts = Files.createDirectories(folder.resolve("hosts"));
    directory = Files.createDirectories(folder.resolve("hooks"));
    programs = Files.createDirectories(folder.resolve("bin"));
    for (String each : new String[] {"demote", "promote"}) {
      Files.copy(
          SHIPPED.resolve(each), directory.resolve(each), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.writeString(
        directory.resolve("cluster.sh"),
        Files.readString(SHIPPED.resolve("cluster.sh"))
            .replaceFirst("(?m)^bin=.*", "bin=" + PostgresServer.program("postgres").getParent())
            .replaceFirst("(?m)^config=.*", "config=data")
            .replaceFirst("(?m)^log=.*", "log=started.log"));
    executable(
        programs.resolve("ssh"),
        """
        #!/bin/sh
        while [ "$1" = -o ]; do shift 2; done
        host=%s/${1#postgres@}
        [ -e "$host" ] || { echo "ssh: no route to $1" >&2; exit 255; }
        . "$host"
        shift
        exec %s sh -c "$*"
        """
            .formatted(
                hosts,
                PostgresServer.isRoot()
                    ? "setpriv --reuid=postgres --regid=postgres --clear-groups"
                    : ""));
  }

  Path directory() {
    return directory;
  }

  /** The environment of those who call the hooks. */
  Map<String, String> environment() {
    return Map.of("PATH", programs + ":" + System.getenv("PATH"));
  }

  /** From now on promotions of that server fail, and change nothing. */
  void failPromotionsOf(String name) throws IOException {
    Path promote = directory.resolve("promote");
    Files.move(promote, directory.resolve("promote-others"));
    executable(
        promote,
        """
        #!/bin/sh
        [ "$UNDERSTUDY_SERVER" != %s ] || { echo "it will not"; exit 1; }
        exec "$(dirname "$0")/promote-others"
        """
            .formatted(name));
  }

  /** How a call ended, with all that it printed. */
  record Ended(int status, String output) {}

  /**
   * Calls a hook as Understudy does.
   *
   * @param variables beside those of {@link #environment}; one that is empty here is missing there
   */
  Ended call(String hook, Map<String, String> variables) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(directory.resolve(hook).toString()).redirectErrorStream(true);
    builder.environment().putAll(environment());
    builder.environment().putAll(variables);
    builder.environment().values().removeIf(String::isEmpty);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }

  /** From now on who is called by that name gets there by these lines of shell. */
  void connect(String name, String lines) throws IOException {
    Files.writeString(hosts.resolve(name), lines);
  }

  private static void executable(Path file, String text) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(file, text), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** From now on the server can be reached by that name. */
  void connect(String name, PostgresServer server) throws IOException {
    connect(
        name,
        """
        export PGHOST=%s PGPORT=%d PGUSER=%s
        cd %s
        """
            .formatted(server.address(), server.port(), PostgresServer.USER, server.home()));
  }

  /** From now on nobody can be reached by that name. */
  void disconnect(String name) throws IOException {
    Files.delete(hosts.resolve(name));
  }
}
