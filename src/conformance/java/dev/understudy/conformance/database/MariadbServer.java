package dev.understudy.conformance.database;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A MariaDB of Debian's on loopback, with a folder of its own. */
final class MariadbServer implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final List<String> settings;
  private ProcessTree process;

  private MariadbServer(Path folder, int port, List<String> settings) {
    this.folder = folder;
    this.port = port;
    this.settings = settings;
  }

  /**
   * A server that does not run yet.
   *
   * @param settings further ones, such as {@code --server-id=1}
   */
  static MariadbServer prepare(Path folder, List<String> settings) throws Exception {
    own(folder);
    ProcessTree.run(
        folder,
        command(
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--datadir=" + folder.resolve("data")));
    return new MariadbServer(folder, Ports.free(), settings);
  }

  /** A server that has the data which this one has, and does not run. */
  MariadbServer copy(Path target, List<String> others) throws Exception {
    own(target);
    ProcessTree.run(
        folder, command("cp", "-r", folder.resolve("data").toString(), target.toString()));
    return new MariadbServer(target, Ports.free(), others);
  }

  /** JUnit's folders are for their owner alone. */
  private static void own(Path folder) throws Exception {
    Files.createDirectory(folder);
    if (PostgresServer.isRoot()) {
      ProcessTree.run(folder, List.of("chown", "mysql:mysql", folder.toString()));
      ProcessTree.run(folder, List.of("chmod", "o+x", folder.getParent().toString()));
    }
  }

  /** As the user of Debian's package: rsync, with which Galera sends a state, wants no root. */
  private static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    if (PostgresServer.isRoot()) {
      command.addAll(List.of("setpriv", "--reuid=mysql", "--regid=mysql", "--clear-groups"));
    }
    command.addAll(List.of(words));
    return command;
  }

  /**
   * Starts it and waits until it takes connections.
   *
   * @param further settings of this start alone
   */
  void start(String... further) throws IOException {
    List<String> command = command("mariadbd", "--no-defaults");
    command.addAll(List.of("--datadir=" + folder.resolve("data"), "--bind-address=127.0.0.1"));
    command.addAll(List.of("--port=" + port, "--socket=" + folder.resolve("s")));
    command.addAll(List.of("--innodb-buffer-pool-size=8M", "--innodb-log-file-size=8M"));
    command.add("--innodb-flush-log-at-trx-commit=2");
    command.addAll(settings);
    command.addAll(List.of(further));
    Path log = folder.resolve("server.log");
    process = ProcessTree.start(log, command);
    Await.until(
        "MariaDB takes connections",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(log));
          }
          return Ports.listening(port);
        });
  }

  int port() {
    return port;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  /** Runs statements as the superuser; what they returned. */
  String execute(String statements) throws IOException, InterruptedException {
    return ProcessTree.run(
        folder,
        List.of(
            "mariadb",
            "--no-defaults",
            "--skip-column-names",
            "-u",
            "root",
            "-S",
            folder.resolve("s").toString(),
            "-e",
            statements));
  }

  /** Runs statements as {@code app} at that port; what they returned, empty if they failed. */
  static String through(int port, Path folder, String statements) throws InterruptedException {
    try {
      return ProcessTree.run(
          folder,
          List.of(
              "timeout",
              "20",
              "mariadb",
              "--no-defaults",
              "--skip-column-names",
              "-u",
              "app",
              "-h",
              "127.0.0.1",
              "-P",
              String.valueOf(port),
              "-e",
              statements));
    } catch (IOException e) {
      return "";
    }
  }

  /** Ends it as an operator does. */
  void shutdown() throws IOException, InterruptedException {
    execute("SHUTDOWN");
    Await.until("MariaDB ended", () -> !process.isAlive());
  }

  void kill() {
    process.kill();
  }

  void freeze() throws IOException, InterruptedException {
    process.freeze();
  }

  void thaw() throws IOException, InterruptedException {
    process.thaw();
  }

  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
  }
}
