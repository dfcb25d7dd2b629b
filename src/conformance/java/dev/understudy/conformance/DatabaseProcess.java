package dev.understudy.conformance;

import dev.understudy.scenario.Ports;
import dev.understudy.scenario.Processes;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A database of Debian's on loopback, in a folder of its own, as the user that Debian's package
 * made for it: none of them runs as root.
 */
final class DatabaseProcess implements AutoCloseable {
  private final Path folder;
  private final String user;
  private final int port;
  private final List<String> command;
  private final String stopSignal;
  private Process process;

  private DatabaseProcess(
      Path folder, String user, int port, List<String> command, String stopSignal) {
    this.folder = folder;
    this.user = user;
    this.port = port;
    this.command = command;
    this.stopSignal = stopSignal;
  }

  /**
   * A PostgreSQL that lets {@code probe} in without a password and wants {@code hunter2} of {@code
   * secret} by SCRAM, of {@code hashed} by MD5 and of {@code clear} in clear text.
   *
   * @param tls files of a certificate chain and its key; empty for none
   */
  static DatabaseProcess postgresql(Path folder, List<Path> tls) throws Exception {
    own(folder, "postgres");
    Path data = folder.resolve("data");
    run(folder, "postgres", List.of(postgresql("initdb"), "-A", "trust", "-D", data.toString()));
    configure(data, tls);
    DatabaseProcess server = postgresql(folder, Ports.free());
    server.start();
    server.psql(
        "CREATE USER probe; CREATE DATABASE probe; CREATE USER secret PASSWORD 'hunter2';"
            + " CREATE DATABASE secret; CREATE USER clear PASSWORD 'hunter2';"
            + " SET password_encryption = 'md5'; CREATE USER hashed PASSWORD 'hunter2'");
    return server;
  }

  private static void configure(Path data, List<Path> tls) throws Exception {
    StringBuilder settings = new StringBuilder("listen_addresses = '127.0.0.1'\nfsync = off\n");
    settings.append("unix_socket_directories = ''\nlog_connections = off\n");
    if (!tls.isEmpty()) {
      settings.append("ssl = on\nssl_cert_file = 'chain.pem'\nssl_key_file = 'key.pem'\n");
      Files.copy(tls.get(0), data.resolve("chain.pem"));
      Files.copy(tls.get(1), data.resolve("key.pem"));
      run(data, "root", List.of("chmod", "600", data.resolve("key.pem").toString()));
    }
    Files.writeString(data.resolve("postgresql.auto.conf"), settings);
    Files.writeString(
        data.resolve("pg_hba.conf"),
        "host all secret 127.0.0.1/32 scram-sha-256\nhost all clear 127.0.0.1/32 password\n"
            + "host all hashed 127.0.0.1/32 md5\nhost replication all 127.0.0.1/32 trust\n"
            + "host all all 127.0.0.1/32 trust\n");
    run(data, "root", List.of("chown", "-R", "postgres:", data.toString()));
  }

  /** A standby of the primary, by streaming replication. */
  static DatabaseProcess standby(Path folder, DatabaseProcess primary) throws Exception {
    own(folder, "postgres");
    run(
        folder,
        "postgres",
        List.of(
            postgresql("pg_basebackup"),
            "-h",
            "127.0.0.1",
            "-p",
            String.valueOf(primary.port),
            "-U",
            "postgres",
            "-R",
            "-c",
            "fast",
            "-D",
            folder.resolve("data").toString()));
    DatabaseProcess server = postgresql(folder, Ports.free());
    server.start();
    return server;
  }

  private static DatabaseProcess postgresql(Path folder, int port) throws IOException {
    return new DatabaseProcess(
        folder,
        "postgres",
        port,
        List.of(postgresql("postgres"), "-D", folder.resolve("data").toString(), "-p", "" + port),
        "INT");
  }

  /** Debian keeps the programs of each version in a folder of its own. */
  private static String postgresql(String program) throws IOException {
    try (var versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions.sorted().toList().getLast().resolve("bin").resolve(program).toString();
    }
  }

  /** Runs statements as the superuser. */
  void psql(String statements) throws Exception {
    List<String> psql = new ArrayList<>(List.of(postgresql("psql"), "-h", "127.0.0.1"));
    psql.addAll(List.of("-p", "" + port, "-U", "postgres", "-d", "postgres"));
    for (String statement : statements.split(";")) {
      psql.addAll(List.of("-c", statement.strip()));
    }
    run(folder, "postgres", psql);
  }

  /** A Redis with further settings, such as {@code --replicaof}. */
  static DatabaseProcess redis(Path folder, String... settings) throws Exception {
    own(folder, "redis");
    int port = Ports.free();
    List<String> command =
        new ArrayList<>(List.of("redis-server", "--port", "" + port, "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", folder.toString(), "--save", "", "--appendonly", "no"));
    command.addAll(List.of(settings));
    DatabaseProcess server = new DatabaseProcess(folder, "redis", port, command, "TERM");
    server.start();
    return server;
  }

  /**
   * A MariaDB that lets {@code probe} in without a password, and wants {@code x} of {@code secret}
   * by its native plugin and of {@code modern} by that of Ed25519.
   *
   * @param tls files of a certificate chain and its key; empty for none
   */
  static DatabaseProcess mariadb(Path folder, List<Path> tls) throws Exception {
    Files.createDirectories(folder);
    for (Path each : tls) {
      Files.copy(each, folder.resolve(each.getFileName()));
    }
    own(folder, "mysql");
    Path data = folder.resolve("data");
    run(
        folder,
        "mysql",
        List.of(
            "mariadb-install-db",
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--datadir=" + data));
    int port = Ports.free();
    List<String> command = new ArrayList<>(List.of("mariadbd", "--no-defaults"));
    command.addAll(List.of("--datadir=" + data, "--bind-address=127.0.0.1", "--port=" + port));
    command.addAll(List.of("--innodb-buffer-pool-size=8M", "--socket=" + folder.resolve("s")));
    command.add("--plugin-load-add=auth_ed25519");
    if (!tls.isEmpty()) {
      command.add("--ssl-cert=" + folder.resolve(tls.get(0).getFileName()));
      command.add("--ssl-key=" + folder.resolve(tls.get(1).getFileName()));
    }
    DatabaseProcess server = new DatabaseProcess(folder, "mysql", port, command, "TERM");
    server.start();
    server.mariadb(
        "CREATE USER probe@'127.0.0.1'; CREATE USER secret@'%' IDENTIFIED BY 'x';"
            + " CREATE USER modern@'%' IDENTIFIED VIA ed25519 USING PASSWORD('x')");
    return server;
  }

  /** Runs statements as the superuser. */
  void mariadb(String statements) throws Exception {
    run(
        folder,
        "mysql",
        List.of(
            "mariadb",
            "--no-defaults",
            "-u",
            "root",
            "-S",
            "" + folder.resolve("s"),
            "-e",
            statements));
  }

  int port() {
    return port;
  }

  void start() throws Exception {
    process = launch(folder, user, command, "server.log");
    Await.until(
        user + " accepts connections",
        () -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("server.log")));
          }
          return Ports.listening(port) && (!user.equals("postgres") || isUsable());
        });
  }

  private boolean isUsable() throws Exception {
    return launch(
                folder,
                user,
                List.of(postgresql("pg_isready"), "-h", "127.0.0.1", "-p", "" + port),
                "ready.log")
            .waitFor()
        == 0;
  }

  private static void own(Path folder, String user) throws Exception {
    Files.createDirectories(folder);
    run(Path.of("/"), "root", List.of("chown", "-R", user + ":", folder.toString()));
    // JUnit's folders are for their owner alone.
    for (Path each = folder; each.getNameCount() > 1; each = each.getParent()) {
      run(Path.of("/"), "root", List.of("chmod", "o+x", each.toString()));
    }
  }

  private static void run(Path folder, String user, List<String> command) throws Exception {
    Path log = Files.createTempFile("database", ".log");
    Process process =
        builder(user, command).directory(folder.toFile()).redirectOutput(log.toFile()).start();
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(command + ": " + Files.readString(log));
    }
    Files.delete(log);
  }

  private static Process launch(Path folder, String user, List<String> command, String log)
      throws IOException {
    return builder(user, command)
        .directory(folder.toFile())
        .redirectOutput(folder.resolve(log).toFile())
        .start();
  }

  private static ProcessBuilder builder(String user, List<String> command) {
    List<String> all = new ArrayList<>();
    if (!user.equals("root")) {
      all.addAll(
          List.of("setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"));
    }
    all.addAll(command);
    return new ProcessBuilder(all).redirectErrorStream(true);
  }

  @Override
  public void close() throws Exception {
    Processes.signal(process.toHandle(), stopSignal);
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
