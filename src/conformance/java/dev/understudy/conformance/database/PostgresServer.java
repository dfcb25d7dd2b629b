package dev.understudy.conformance.database;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A PostgreSQL server of Debian's on loopback, with a folder of its own. */
final class PostgresServer implements AutoCloseable {
  static final String USER = "app";

  private final Path folder;
  private final Path data;
  private final String address;
  private final int port;

  private PostgresServer(Path folder, String address, int port) {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.address = address;
    this.port = port;
  }

  /** A primary; see {@link #requireStandby}. */
  static PostgresServer primary(String address, int port) throws Exception {
    PostgresServer server = new PostgresServer(folder("understudy-postgres"), address, port);
    server.run("initdb", "-D", server.data.toString(), "-A", "trust", "-U", USER, "--no-sync");
    server.configure();
    server.start();
    return server;
  }

  /**
   * A standby that follows this server by streaming replication, and is followed after a switch.
   */
  PostgresServer standby(String at, int standbyPort) throws Exception {
    PostgresServer standby = new PostgresServer(folder("understudy-postgres"), at, standbyPort);
    standby.run(
        "pg_basebackup",
        "-d",
        "host=" + address + " port=" + port + " user=" + USER,
        "-D",
        standby.data.toString(),
        "--write-recovery-conf",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--no-sync");
    standby.configure();
    standby.start();
    execute(
        "ALTER SYSTEM SET primary_conninfo = 'host=%s port=%d user=%s'"
            .formatted(at, standbyPort, USER));
    return standby;
  }

  /** A new folder that belongs to PostgreSQL's user. */
  static Path folder(String prefix) throws Exception {
    Path folder = Files.createTempDirectory(prefix);
    if (isRoot()) {
      ProcessTree.run(folder, List.of("chown", "postgres:postgres", folder.toString()));
    }
    return folder;
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  static Path program(String name) throws IOException {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions
          .map(version -> version.resolve("bin").resolve(name))
          .filter(Files::isExecutable)
          .max(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  private static List<String> command(String name, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program(name).toString()));
    command.addAll(List.of(arguments));
    return unprivileged(command);
  }

  /** The same command by PostgreSQL's user, as PostgreSQL refuses to run as root. */
  static List<String> unprivileged(List<String> command) {
    List<String> all = new ArrayList<>();
    if (isRoot()) {
      all.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    }
    all.addAll(command);
    return all;
  }

  private void run(String name, String... arguments) throws IOException, InterruptedException {
    ProcessTree.run(folder, command(name, arguments));
  }

  /** Its own settings, which overrule those that a standby has from its primary. */
  private void configure() throws IOException {
    Files.writeString(
        data.resolve("postgresql.conf"),
        """

        listen_addresses = '%s'
        port = %d
        unix_socket_directories = ''
        fsync = off
        """
            .formatted(address, port),
        StandardOpenOption.APPEND);
  }

  /**
   * Starts it, with the role that it had, and waits until it takes connections.
   *
   * @param settings that count before those in its files, such as {@code port=1}
   */
  void start(String... settings) throws IOException {
    List<String> all = new ArrayList<>(List.of("-D", data.toString()));
    Stream.of(settings).forEach(setting -> all.addAll(List.of("-c", setting)));
    ProcessTree started = ProcessTree.start(log(), command("postgres", all.toArray(String[]::new)));
    Await.until(
        "PostgreSQL takes connections",
        () -> {
          if (!started.isAlive()) {
            throw new IllegalStateException(Files.readString(log()));
          }
          try (Connection connection = connect()) {
            return connection.isValid(1);
          } catch (SQLException e) {
            return false;
          }
        });
  }

  private Optional<ProcessTree> processes() throws IOException {
    return processes(data);
  }

  /** The processes of the server with that data, whoever started it; none if it does not run. */
  static Optional<ProcessTree> processes(Path data) throws IOException {
    Path pid = data.resolve("postmaster.pid");
    return Files.exists(pid)
        ? ProcessTree.of(Long.parseLong(Files.readAllLines(pid).getFirst()), "postgres")
        : Optional.empty();
  }

  private Path log() {
    return folder.resolveSibling(folder.getFileName() + ".log");
  }

  /** Where its data is, in a folder {@code data}. */
  Path home() {
    return folder;
  }

  String address() {
    return address;
  }

  int port() {
    return port;
  }

  /** A connection straight to it. */
  Connection connect() throws SQLException {
    return connect(address, port);
  }

  /** A connection to that port, which answers within seconds or fails. */
  static Connection connect(String address, int port) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://"
            + address
            + ":"
            + port
            + "/postgres?user="
            + USER
            + "&sslmode=disable&connectTimeout=30&loginTimeout=30&socketTimeout=30");
  }

  /** Whether it takes writes; false if it does not answer. */
  boolean isPrimary() {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://"
                    + address
                    + ":"
                    + port
                    + "/postgres?user="
                    + USER
                    + "&sslmode=disable&connectTimeout=1&loginTimeout=1&socketTimeout=1");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT NOT pg_is_in_recovery()")) {
      return result.next() && result.getBoolean(1);
    } catch (SQLException e) {
      return false;
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of all rows. */
  List<String> query(String sql) throws SQLException {
    try (Connection connection = connect()) {
      return query(connection, sql);
    }
  }

  /** The first column of all rows. */
  static List<String> query(Connection connection, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        values.add(result.getString(1));
      }
    }
    return values;
  }

  /** From now on a commit is acknowledged only when a standby has it. */
  void requireStandby() throws SQLException {
    execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
    execute("SELECT pg_reload_conf()");
    Await.until(
        "the standby is synchronous",
        () -> query("SELECT sync_state FROM pg_stat_replication").equals(List.of("sync")));
  }

  /** Has a standby take writes, as a failover manager does. */
  void promote() throws IOException, InterruptedException {
    run("pg_ctl", "promote", "-D", data.toString(), "-w", "--silent");
  }

  void kill() throws IOException {
    processes().orElseThrow().kill();
  }

  void freeze() throws IOException, InterruptedException {
    processes().orElseThrow().freeze();
  }

  void thaw() throws IOException, InterruptedException {
    processes().orElseThrow().thaw();
  }

  @Override
  public void close() throws IOException {
    processes().ifPresent(ProcessTree::kill);
    ProcessTree.delete(folder);
    Files.deleteIfExists(log());
  }
}
