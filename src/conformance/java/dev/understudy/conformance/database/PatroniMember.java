package dev.understudy.conformance.database;

import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * A member of a cluster of Debian's Patroni on loopback: a PostgreSQL, and the Patroni that starts
 * it and gives it its role.
 */
final class PatroniMember implements AutoCloseable {
  private static final int ANSWER_MILLIS = 10_000;

  private final String name;
  private final String address;
  private final int port;
  private final int restPort;
  private final Path folder;
  private ProcessTree patroni;

  private PatroniMember(String name, String address, int restPort, Path folder) throws IOException {
    this.name = name;
    this.address = address;
    this.port = Ports.free();
    this.restPort = restPort;
    this.folder = folder;
  }

  /**
   * A member that does not run yet.
   *
   * @param address one of loopback, which no other member has
   * @param restPort of Patroni, which all members have
   * @param etcd its URL
   * @param settings of the cluster, which its first member sets: lines of YAML
   */
  static PatroniMember prepare(
      String name, String address, int restPort, String etcd, String settings) throws Exception {
    PatroniMember member =
        new PatroniMember(name, address, restPort, PostgresServer.folder("understudy-patroni"));
    Files.writeString(member.settings(), member.yaml(URI.create(etcd).getAuthority(), settings));
    return member;
  }

  /** A timeline forks at each promotion: who left it comes back by {@code pg_rewind}. */
  private String yaml(String etcd, String settings) throws IOException {
    return """
    scope: recipe
    name: %s
    restapi: { listen: "%s", connect_address: "%s" }
    etcd3: { host: "%s" }
    bootstrap:
      dcs:
    %s
        postgresql: { use_pg_rewind: true, parameters: { wal_log_hints: "on" } }
      initdb: [ { auth: trust } ]
    postgresql:
      listen: "%s:%d"
      connect_address: "%s:%d"
      data_dir: %s
      bin_dir: %s
      pgpass: %s
      pre_promote: "/bin/sh -c 'while [ -e %s ]; do sleep 0.1; done'"
      authentication:
        superuser: { username: %s }
        replication: { username: copy }
      parameters: { unix_socket_directories: "", fsync: "off" }
      pg_hba: [ "host all all 127.0.0.0/8 trust", "host replication all 127.0.0.0/8 trust" ]
    """
        .formatted(
            name,
            rest(),
            rest(),
            etcd,
            settings.indent(4).stripTrailing(),
            address,
            port,
            address,
            port,
            folder.resolve("data"),
            PostgresServer.program("postgres").getParent(),
            folder.resolve("pgpass"),
            unpromoted(),
            PostgresServer.USER);
  }

  private Path settings() {
    return folder.resolve("patroni.yml");
  }

  private Path unpromoted() {
    return folder.resolve("unpromoted");
  }

  private String rest() {
    return address + ":" + restPort;
  }

  private Path log() {
    return folder.resolveSibling(folder.getFileName() + ".log");
  }

  /** Starts Patroni, which starts PostgreSQL unless that runs, and waits until it is asked. */
  void start() throws IOException {
    patroni =
        ProcessTree.start(
            log(), PostgresServer.unprivileged(List.of("patroni", settings().toString())));
    Await.until(
        name + " runs",
        () -> {
          if (!patroni.isAlive()) {
            throw new IllegalStateException(Files.readString(log()));
          }
          return status("/health") == 200;
        });
  }

  /** Where clients of PostgreSQL connect. */
  String database() {
    return address + ":" + port;
  }

  /** The status of a GET of Patroni's REST API; 0 if it does not answer. */
  int status(String path) {
    try {
      HttpURLConnection connection = get(path);
      int status = connection.getResponseCode();
      connection.disconnect();
      return status;
    } catch (IOException e) {
      return 0;
    }
  }

  /** What Patroni says of itself, as JSON; empty if it does not answer. */
  String report() {
    try {
      return new String(get("/patroni").getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private HttpURLConnection get(String path) throws IOException {
    var connection =
        (HttpURLConnection) URI.create("http://" + rest() + path).toURL().openConnection();
    connection.setConnectTimeout(ANSWER_MILLIS);
    connection.setReadTimeout(ANSWER_MILLIS);
    return connection;
  }

  /** Runs {@code patronictl} with this member's settings; gives its output. */
  String control(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("patronictl", "-c", settings().toString()));
    command.addAll(List.of(arguments));
    return ProcessTree.run(folder, command);
  }

  /** From now on it takes the leader's lock, but is promoted only after {@link #promotable}. */
  void delayPromotion() throws IOException {
    Files.createFile(unpromoted());
  }

  void promotable() throws IOException {
    Files.deleteIfExists(unpromoted());
  }

  /** The first column of all rows, straight from this PostgreSQL. */
  List<String> query(String sql) throws SQLException {
    try (Connection connection = PostgresServer.connect(address, port)) {
      return PostgresServer.query(connection, sql);
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = PostgresServer.connect(address, port);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Whether its PostgreSQL follows another; false while it does not answer. */
  boolean isReplica() {
    try {
      return query("SELECT pg_is_in_recovery()").equals(List.of("t"));
    } catch (SQLException e) {
      return false;
    }
  }

  /** Whether its PostgreSQL takes writes; false while it does not answer. */
  boolean isPrimary() {
    try {
      return query("SELECT pg_is_in_recovery()").equals(List.of("f"));
    } catch (SQLException e) {
      return false;
    }
  }

  /** Ends both at once, as a power failure would. */
  void kill() throws IOException {
    killPatroni();
    PostgresServer.processes(folder.resolve("data")).ifPresent(ProcessTree::kill);
  }

  /** Ends Patroni alone: PostgreSQL goes on, with the role that it has. */
  void killPatroni() {
    patroni.kill();
  }

  void freeze() throws IOException, InterruptedException {
    patroni.freeze();
    PostgresServer.processes(folder.resolve("data")).orElseThrow().freeze();
  }

  /** Lets PostgreSQL go on alone. */
  void thawDatabase() throws IOException, InterruptedException {
    PostgresServer.processes(folder.resolve("data")).orElseThrow().thaw();
  }

  void thawPatroni() throws IOException, InterruptedException {
    patroni.thaw();
  }

  @Override
  public void close() throws IOException {
    if (patroni != null) {
      kill();
    }
    ProcessTree.delete(folder);
    Files.deleteIfExists(log());
  }
}
