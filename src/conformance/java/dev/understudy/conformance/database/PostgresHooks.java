package dev.understudy.conformance.database;

import java.io.IOException;
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
        exec %s sh -c "$2"
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

  private static void executable(Path file, String text) throws IOException {
    Files.setPosixFilePermissions(
        Files.writeString(file, text), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** From now on the server can be reached by that name. */
  void connect(String name, PostgresServer server) throws IOException {
    Files.writeString(
        hosts.resolve(name),
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
