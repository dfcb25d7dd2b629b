package dev.understudy.conformance;

import static dev.understudy.pool.DatabaseRole.ANY;
import static dev.understudy.pool.DatabaseRole.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.ExpectedHeader;
import dev.understudy.pool.Header;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.Octets;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.Regex;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TcpStep;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.NettyProber;
import dev.understudy.probe.Prober;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * HAProxy's checks and ours of the same servers: scripted ones, and PostgreSQL, Redis and MariaDB
 * of Debian. Both must find each server good, or both bad; each deliberate difference has its
 * reason.
 */
class HaproxyChecksIT {
  @TempDir private static Path folder;
  private static final List<AutoCloseable> OPEN = new ArrayList<>();
  private static final List<Row> ROWS = new ArrayList<>();
  private static HaproxyChecks haproxy;
  private static NettyProber prober;

  /**
   * One check of one server.
   *
   * @param backend lines of HAProxy
   * @param difference why HAProxy finds otherwise; empty if it must not
   */
  private record Row(
      String name,
      String backend,
      Check check,
      int port,
      boolean good,
      String detail,
      String difference) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    SslContext trusting =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    prober = new NettyProber(tls -> trusting, failure -> {});
    postgresql();
    redis();
    mysql();
    tcp();
    http();
    Map<String, String> backends = new LinkedHashMap<>();
    for (int i = 0; i < ROWS.size(); i++) {
      Row row = ROWS.get(i);
      String lines =
          row.backend().contains("server ")
              ? row.backend()
              : row.backend() + "\nserver a 127.0.0.1:PORT check";
      backends.put("b" + i, lines.replace("PORT", "" + row.port()));
    }
    haproxy = HaproxyChecks.start(folder, backends);
  }

  @AfterAll
  static void stop() throws Exception {
    if (haproxy != null) {
      haproxy.close();
    }
    if (prober != null) {
      prober.close();
    }
    for (AutoCloseable each : OPEN.reversed()) {
      each.close();
    }
  }

  static Stream<Row> rows() {
    return ROWS.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void same_verdict(Row row) throws Exception {
    Observation.Probe ours = probe(row.check(), row.port());
    assertThat(ours.outcome().good()).as(ours.toString()).isEqualTo(row.good());
    assertThat(ours.detail()).startsWith(row.detail());
    String backend = "b" + ROWS.indexOf(row);
    Await.until("HAProxy has checked", () -> ended(haproxy.server(backend)));
    Map<String, String> theirs = haproxy.server(backend);
    String status = theirs.get("check_status").replace("* ", "");
    System.out.printf(
        "%s: HAProxy %s %s; Understudy %s %s%n",
        row.name(), status, theirs.get("last_chk"), ours.outcome(), ours.detail());
    assertThat(status.endsWith("OK"))
        .as(theirs.toString())
        .isEqualTo(row.good() == row.difference().isEmpty());
  }

  private static boolean ended(Map<String, String> server) {
    String status = server.get("check_status");
    return !status.isEmpty() && !status.startsWith("*") && !status.equals("INI");
  }

  private static Observation.Probe probe(Check check, int port) throws Exception {
    CompletableFuture<Observation.Probe> ended = new CompletableFuture<>();
    Server server =
        TestServers.of(
            new ServerId("a"),
            TestSettings.address(false, "127.0.0.1", port),
            Rank.MASTER,
            OptionalInt.empty());
    prober.probe(
        new Prober.Request(
            server,
            new UpstreamTls(null, null, false),
            check,
            InetAddress.getLoopbackAddress(),
            Duration.ofSeconds(10),
            Instant.now(),
            null),
        ended::complete);
    return ended.get(20, TimeUnit.SECONDS);
  }

  private static void row(
      String name, String backend, Check check, int port, boolean good, String detail) {
    ROWS.add(new Row(name, backend, check, port, good, detail, ""));
  }

  private static void different(
      String name, String backend, Check check, int port, boolean good, String detail, String why) {
    ROWS.add(new Row(name, backend, check, port, good, detail, why));
  }

  private static int scripted(Script script) {
    ScriptedServer server = new ScriptedServer(script);
    OPEN.add(server);
    return server.port();
  }

  private static DatabaseProcess opened(DatabaseProcess server) {
    OPEN.add(server);
    return server;
  }

  private static Check postgresql(String user, String role, boolean tls) {
    return postgresql(user, null, role, tls);
  }

  private static Check postgresql(
      String user, @Nullable String password, String role, boolean tls) {
    return new PostgresqlCheck(
        user,
        password,
        null,
        role.isEmpty() ? ANY : PRIMARY,
        new CheckConnection(OptionalInt.empty(), tls, false));
  }

  private static void postgresql() throws Exception {
    Certificates certificates = new Certificates(folder);
    certificates.issue("pg", "localhost");
    DatabaseProcess primary =
        opened(
            DatabaseProcess.postgresql(
                folder.resolve("pg1"), List.of(certificates.chain("pg"), certificates.key("pg"))));
    DatabaseProcess standby = opened(DatabaseProcess.standby(folder.resolve("pg2"), primary));
    int port = primary.port();
    row(
        "PostgreSQL that trusts the user",
        "option pgsql-check user probe",
        postgresql("probe", "", false),
        port,
        true,
        "user let in");
    row(
        "PostgreSQL that wants a SCRAM password",
        "option pgsql-check user secret",
        postgresql("secret", "", false),
        port,
        true,
        "password asked for");
    for (boolean tls : List.of(false, true)) {
      String over = tls ? " over TLS" : "";
      row(
          "a login by SCRAM asks for the role" + over,
          "option pgsql-check user secret",
          postgresql("secret", "hunter2", "primary", tls),
          port,
          true,
          "primary, timeline 1");
      different(
          "a wrong password" + over,
          "option pgsql-check user secret",
          postgresql("secret", "hunter3", "", tls),
          port,
          false,
          "the server says: FATAL: password authentication failed for user \"secret\"",
          "HAProxy does not log in");
    }
    for (String user : List.of("hashed", "clear")) {
      row(
          "a login over TLS of user " + user,
          "option pgsql-check user " + user,
          postgresql(user, "hunter2", "", true),
          port,
          true,
          "user let in");
      different(
          "no login without TLS of user " + user,
          "option pgsql-check user " + user,
          postgresql(user, "hunter2", "", false),
          port,
          false,
          "login: the server wants the password in ",
          "HAProxy does not log in");
    }
    row(
        "PostgreSQL that trusts a user before it looks whether there is one",
        "option pgsql-check user nobody",
        postgresql("nobody", "", false),
        port,
        true,
        "user let in");
    row(
        "a standby takes part",
        "option pgsql-check user probe",
        postgresql("probe", "", false),
        standby.port(),
        true,
        "user let in");
    row(
        "a primary has the role",
        "option pgsql-check user probe",
        postgresql("probe", "primary", false),
        port,
        true,
        "primary");
    different(
        "a standby lacks the role of a primary",
        "option pgsql-check user probe",
        postgresql("probe", "primary", false),
        standby.port(),
        false,
        "a standby: it is in recovery",
        "HAProxy asks for no role");
    row(
        "PostgreSQL over TLS, by its own negotiation",
        "option pgsql-check user probe",
        postgresql("probe", "primary", true),
        port,
        true,
        "primary");
    int starting =
        scripted(
            connection -> {
              connection.socket().getInputStream().readNBytes(8);
              connection.send(
                  "E\0\0\0>SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0");
              connection.awaitEnd();
            });
    row(
        "PostgreSQL that starts up",
        "option pgsql-check user probe",
        postgresql("probe", "", false),
        starting,
        false,
        "the server says: FATAL: the database system is starting up");
  }

  private static void redis() throws Exception {
    DatabaseProcess master = opened(DatabaseProcess.redis(folder.resolve("r1")));
    DatabaseProcess replica =
        opened(
            DatabaseProcess.redis(
                folder.resolve("r2"), "--replicaof", "127.0.0.1 " + master.port()));
    DatabaseProcess guarded =
        opened(DatabaseProcess.redis(folder.resolve("r3"), "--requirepass", "hunter2"));
    String role =
        """
        option tcp-check
        tcp-check send PING\\r\\n
        tcp-check expect string +PONG
        tcp-check send info\\ replication\\r\\n
        tcp-check expect string role:master
        """;
    RedisCheck plain = new RedisCheck(null, null, ANY, CheckConnection.DEFAULT);
    RedisCheck primary = new RedisCheck(null, null, PRIMARY, CheckConnection.DEFAULT);
    row("Redis", "option redis-check", plain, master.port(), true, "responded +PONG");
    row("a replica of Redis", "option redis-check", plain, replica.port(), true, "responded +PONG");
    row("a master of Redis has the role", role, primary, master.port(), true, "role master");
    row(
        "a replica of Redis lacks the role",
        role,
        primary,
        replica.port(),
        false,
        "role \"slave\", expected a primary");
    row(
        "Redis that wants a password",
        "option redis-check",
        plain,
        guarded.port(),
        false,
        "the server says: NOAUTH");
    row(
        "Redis with its password",
        "option tcp-check\ntcp-check send AUTH\\ hunter2\\r\\n\ntcp-check expect string +OK",
        new RedisCheck(null, "hunter2", PRIMARY, CheckConnection.DEFAULT),
        guarded.port(),
        true,
        "role master");
    row(
        "Redis with a wrong password",
        "option tcp-check\ntcp-check send AUTH\\ no\\r\\n\ntcp-check expect string +OK",
        new RedisCheck(null, "no", ANY, CheckConnection.DEFAULT),
        guarded.port(),
        false,
        "the server says: AUTH: WRONGPASS");
    row(
        "the steps of HAProxy's manual for Redis",
        role,
        steps(
            new TcpStep.Send(Octets.ofText("PING\r\n")),
            text("+PONG"),
            new TcpStep.Send(Octets.ofText("info replication\r\n")),
            text("role:master")),
        master.port(),
        true,
        "responded as expected");
    row(
        "the steps of HAProxy's manual for a replica of Redis",
        role.replace("expect string role", "expect min-recv 100 string role"),
        steps(
            new TcpStep.Send(Octets.ofText("info replication\r\n")),
            new TcpStep.Expect(false, Octets.ofText("role:master"), null, 100)),
        replica.port(),
        false,
        "step 2: received \"$");
  }

  private static void mysql() throws Exception {
    DatabaseProcess writable =
        opened(
            DatabaseProcess.mariadb(
                folder.resolve("m1"), List.of(folder.resolve("pg.pem"), folder.resolve("pg.key"))));
    DatabaseProcess readOnly = opened(DatabaseProcess.mariadb(folder.resolve("m2"), List.of()));
    readOnly.mariadb("SET GLOBAL read_only = 1");
    String user = "option mysql-check user probe";
    row(
        "MariaDB that greets",
        "option mysql-check",
        mysql(null, ""),
        writable.port(),
        true,
        "version \"5.5.5-10.");
    row(
        "MariaDB that lets the user in",
        user,
        mysql("probe", ""),
        writable.port(),
        true,
        "user let in, version");
    row(
        "MariaDB that wants a password",
        "option mysql-check user secret",
        mysql("secret", ""),
        writable.port(),
        false,
        "the server says: error 1045: Access denied for user 'secret'");
    for (Boolean tls : List.of(false, true)) {
      String over = tls ? " over TLS" : "";
      different(
          "MariaDB with the right password" + over,
          "option mysql-check user secret",
          mysql("secret", "x", "", tls),
          writable.port(),
          true,
          "user let in, version",
          "HAProxy knows no passwords");
      row(
          "MariaDB with a wrong password" + over,
          "option mysql-check user secret",
          mysql("secret", "y", "", tls),
          writable.port(),
          false,
          "the server says: error 1045: Access denied for user 'secret'");
    }
    row(
        "MariaDB that wants another plugin",
        "option mysql-check user modern",
        mysql("modern", "x", "", null),
        writable.port(),
        false,
        "login: the server wants the plugin \"client_ed25519\", expected");
    different(
        "MariaDB without TLS",
        user,
        mysql("probe", null, "", true),
        readOnly.port(),
        false,
        "the server has no TLS",
        "HAProxy uses no TLS");
    row(
        "MariaDB that takes writes",
        user,
        mysql("probe", "primary"),
        writable.port(),
        true,
        "primary, version");
    different(
        "MariaDB that takes none",
        user,
        mysql("probe", "primary"),
        readOnly.port(),
        false,
        "read-only; expected a primary",
        "HAProxy asks for no role");
  }

  private static Check mysql(@Nullable String user, String role) {
    return mysql(user, null, role, null);
  }

  private static Check mysql(
      @Nullable String user, @Nullable String password, String role, @Nullable Boolean tls) {
    return new MysqlCheck(
        user,
        password,
        role.isEmpty() ? ANY : PRIMARY,
        new CheckConnection(OptionalInt.empty(), tls, false));
  }

  private static Check steps(TcpStep... steps) {
    return new TcpCheck(List.of(steps), CheckConnection.DEFAULT);
  }

  private static TcpStep text(String text) {
    return new TcpStep.Expect(false, Octets.ofText(text), null, 0);
  }

  private static void tcp() {
    int smtp =
        scripted(
            connection -> {
              connection.send("220 ");
              connection.send("mail.example ESMTP\r\n");
              connection.awaitEnd();
            });
    int busy = scripted(connection -> connection.send("421 too busy\r\n"));
    int silent = scripted(connection -> connection.awaitEnd());
    String option = "option tcp-check\n";
    row("a connection is enough", option, steps(), silent, true, "connected");
    row(
        "a greeting",
        option + "tcp-check expect string 220",
        steps(text("220")),
        smtp,
        true,
        "responded as expected");
    row(
        "an expression",
        option + "tcp-check expect rstring ^2[0-9]*.*ESMTP",
        steps(new TcpStep.Expect(false, null, Regex.of("^2[0-9]*.*ESMTP"), 0)),
        smtp,
        true,
        "responded as expected");
    row(
        "bytes",
        option + "tcp-check expect binary 323230",
        steps(new TcpStep.Expect(false, Octets.ofHex("323230"), null, 0)),
        smtp,
        true,
        "responded as expected");
    row(
        "another greeting",
        option + "tcp-check expect string 220",
        steps(text("220")),
        busy,
        false,
        "received \"421 too busy\\r\\n\", expected \"220\"");
    row(
        "a greeting that must not be",
        option + "tcp-check expect ! string 421",
        steps(new TcpStep.Expect(true, Octets.ofText("421"), null, 0)),
        busy,
        false,
        "received \"421 too busy");
    row(
        "a greeting that must not be, and is not",
        option + "tcp-check expect min-recv 3 ! string 421",
        steps(new TcpStep.Expect(true, Octets.ofText("421"), null, 3)),
        smtp,
        true,
        "responded as expected");
    row(
        "a greeting that may still come never lets a negation hold",
        option + "tcp-check expect ! string 421",
        steps(new TcpStep.Expect(true, Octets.ofText("421"), null, 0)),
        smtp,
        false,
        "received \"220 ");
    row(
        "silence",
        option + "tcp-check expect string 220",
        steps(text("220")),
        silent,
        false,
        "nothing received, expected \"220\", within 10 s");
    row(
        "a PROXY protocol header",
        option + "tcp-check expect string TCP4\nserver a 127.0.0.1:PORT check check-send-proxy",
        new TcpCheck(List.of(text("TCP4")), new CheckConnection(OptionalInt.empty(), null, true)),
        scripted(
            connection -> {
              byte[] head = connection.socket().getInputStream().readNBytes(10);
              connection.send(new String(head, java.nio.charset.StandardCharsets.US_ASCII));
              connection.awaitEnd();
            }),
        true,
        "responded as expected");
  }

  private static Check http(Expectation.Rule... rules) {
    return new HttpCheck(
        "GET",
        "/",
        "a",
        List.of(),
        new Expectation(Expectation.ANY_STATUS, null, null, null, List.of(rules)),
        null,
        CheckConnection.DEFAULT);
  }

  private static Expectation.Rule rule(
      boolean not, String status, String body, String regex, ExpectedHeader header) {
    return new Expectation.Rule(
        not,
        status == null ? null : StatusSet.parse(status),
        body,
        regex == null ? null : Regex.of(regex),
        header);
  }

  private static void http() {
    int ok = scripted(response("200 OK", "X-Role: master, writer\r\n", "version 1"));
    int bad = scripted(response("503 Busy", "", "maintenance"));
    String option = "option httpchk GET / HTTP/1.1\\r\\nHost:\\ a\n";
    String expect = option + "http-check expect ";
    row(
        "a status",
        expect + "status 200",
        http(rule(false, "200", null, null, null)),
        ok,
        true,
        "status 200");
    row(
        "another status",
        expect + "status 200",
        http(rule(false, "200", null, null, null)),
        bad,
        false,
        "status 503");
    row(
        "! rstatus ^5 of 200",
        expect + "! rstatus ^5",
        http(rule(true, "500-599", null, null, null)),
        ok,
        true,
        "status 200");
    row(
        "! rstatus ^5 of 503",
        expect + "! rstatus ^5",
        http(rule(true, "500-599", null, null, null)),
        bad,
        false,
        "status 503, expected none of 500-599");
    row(
        "string",
        expect + "string version",
        http(rule(false, null, "version", null, null)),
        ok,
        true,
        "status 200");
    row(
        "string of 503, whose status is not asked for",
        expect + "string maintenance",
        http(rule(false, null, "maintenance", null, null)),
        bad,
        true,
        "status 503");
    row(
        "! string that is there",
        expect + "! string maintenance",
        http(rule(true, null, "maintenance", null, null)),
        bad,
        false,
        "body contains \"maintenance\"");
    row(
        "! rstring that is not there",
        expect + "! rstring maint.*",
        http(rule(true, null, null, "maint.*", null)),
        ok,
        true,
        "status 200");
    row(
        "several rules that hold",
        expect
            + "status 200\nhttp-check expect ! string maintenance\nhttp-check expect rstring ^vers",
        http(
            rule(false, "200", null, null, null),
            rule(true, null, "maintenance", null, null),
            rule(false, null, null, "^vers", null)),
        ok,
        true,
        "status 200");
    row(
        "several rules, the last of which does not hold",
        expect + "status 200\nhttp-check expect string version\nhttp-check expect ! string 1",
        http(
            rule(false, "200", null, null, null),
            rule(false, null, "version", null, null),
            rule(true, null, "1", null, null)),
        ok,
        false,
        "body contains \"1\"");
    row(
        "a header",
        expect + "hdr name x-role value -m sub writer",
        http(rule(false, null, null, null, new ExpectedHeader("X-Role", "writer"))),
        ok,
        true,
        "status 200");
    row(
        "a header that must not be there",
        expect + "! hdr name x-role",
        http(rule(true, null, null, null, new ExpectedHeader("X-Role", null))),
        ok,
        false,
        "header \"X-Role\" is \"master, writer\", expected not to be there");
    row(
        "a header that is not there",
        expect + "! hdr name x-role",
        http(rule(true, null, null, null, new ExpectedHeader("X-Role", null))),
        bad,
        true,
        "status 503");
    row(
        "a POST with a body",
        "option httpchk\n"
            + "http-check send meth POST uri / ver HTTP/1.1 hdr Host a hdr X-A b body"
            + " {\\\"deep\\\":1}\n"
            + "http-check expect status 200",
        new HttpCheck(
            "POST",
            "/",
            "a",
            List.of(new Header("X-A", "b")),
            new Expectation(StatusSet.parse("200"), null, null, null),
            "{\"deep\":1}",
            CheckConnection.DEFAULT),
        scripted(
            connection -> {
              String head = connection.readHead().toLowerCase(java.util.Locale.ROOT);
              byte[] body = connection.socket().getInputStream().readNBytes(10);
              boolean good =
                  head.contains("content-length: 10")
                      && new String(body, java.nio.charset.StandardCharsets.US_ASCII)
                          .equals("{\"deep\":1}");
              connection.send(
                  "HTTP/1.1 " + (good ? "200 OK" : "400 No") + "\r\nContent-Length: 0\r\n\r\n");
            }),
        true,
        "status 200");
  }

  private static Script response(String status, String headers, String body) {
    return ScriptedServer.responding(
        "HTTP/1.1 "
            + status
            + "\r\n"
            + headers
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }
}
