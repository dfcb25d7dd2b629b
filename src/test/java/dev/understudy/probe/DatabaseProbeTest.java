package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_RESPONSE;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.BROKEN;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TLS_FAILED;
import static dev.understudy.health.ProbeOutcome.WRONG_ROLE;
import static dev.understudy.pool.DatabaseRole.ANY;
import static dev.understudy.pool.DatabaseRole.PRIMARY;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.RedisCheck;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The beginnings of sessions with PostgreSQL, Redis and MySQL, byte for byte. */
class DatabaseProbeTest {
  private record Row(String says, Check check, Script server, ProbeOutcome outcome, String detail) {
    @Override
    public String toString() {
      return says;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(postgresql(), redis(), mysql()).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_session_with_a_database_gives_its_role_or_the_reason(Row row) throws Exception {
    var trusting = SslContextBuilder.forClient().build();
    try (ScriptedServer server = new ScriptedServer(row.server());
        ProbeHarness harness = new ProbeHarness(asked -> trusting)) {
      Observation.Probe probe = harness.probe(row.check(), server.port(), AMPLE);
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(row.outcome());
      assertThat(ProbeHarness.detail(probe)).isEqualTo(row.detail());
      assertThat(server.failures()).isEmpty();
    }
  }

  private static Check postgresql(DatabaseRole role, @Nullable Boolean tls) {
    return new PostgresqlCheck(
        "probe", null, "app", role, new CheckConnection(OptionalInt.empty(), tls, false));
  }

  private static final String STARTUP =
      "00000021" + "00030000" + hex("user\0probe\0database\0app\0\0");

  private static List<Row> postgresql() {
    String error = message('E', "SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0");
    String trusted = "5200000008" + "00000000";
    String scram = "5200000017" + "0000000a" + hex("SCRAM-SHA-256\0\0");
    String ready = message('S', "server_version\00015\0") + "5a00000005" + "49";
    String query = "51" + "0000001f" + hex("SELECT pg_is_in_recovery()\0");
    String timeline = "51" + "00000031" + hex("SELECT pg_walfile_name(pg_current_wal_lsn())\0");
    return List.of(
        row(
            "PostgreSQL that lets the user in is good",
            postgresql(ANY, null),
            hexScript(STARTUP, trusted + ready, "5800000004"),
            OK,
            "user let in"),
        row(
            "PostgreSQL that asks for a password is good",
            postgresql(ANY, null),
            hexScript(STARTUP, scram, ""),
            OK,
            "password asked for"),
        row(
            "PostgreSQL that starts up says so",
            postgresql(ANY, null),
            hexScript(STARTUP, error, ""),
            BAD_STATUS,
            "the server says: FATAL: the database system is starting up"),
        row(
            "a message may come byte by byte",
            postgresql(ANY, null),
            byteByByte(error),
            BAD_STATUS,
            "the server says: FATAL: the database system is starting up"),
        row(
            "an error with control characters is shown on one line",
            postgresql(ANY, null),
            hexScript(STARTUP, message('E', "SFATAL\0Ma\nb\0\0"), ""),
            BAD_STATUS,
            "the server says: FATAL: a\\nb"),
        row(
            "a primary is good with role primary",
            postgresql(PRIMARY, null),
            conversation(
                STARTUP,
                trusted + ready,
                query,
                boolRow('f') + "5a00000005" + "49",
                timeline,
                textRow("00000003000000000000002A"),
                "5800000004"),
            OK,
            "primary, timeline 3"),
        row(
            "a primary that does not tell its timeline is good",
            postgresql(PRIMARY, null),
            conversation(
                STARTUP,
                trusted + ready,
                query,
                boolRow('f') + "5a00000005" + "49",
                timeline,
                message('E', "SERROR\0Mpermission denied\0\0"),
                "5800000004"),
            OK,
            "primary"),
        row(
            "a standby is bad with role primary",
            postgresql(PRIMARY, null),
            conversation(STARTUP, trusted + ready, query, boolRow('t'), "5800000004"),
            WRONG_ROLE,
            "a standby: it is in recovery; expected a primary"),
        row(
            "role primary wants a user without a password",
            postgresql(PRIMARY, null),
            hexScript(STARTUP, scram, ""),
            BAD_STATUS,
            "role cannot be asked for: the server wants a password of user \"probe\""),
        row(
            "a database that does not exist is bad with role primary",
            postgresql(PRIMARY, null),
            hexScript(
                STARTUP,
                trusted + message('E', "SFATAL\0Mdatabase \"app\" does not exist\0\0"),
                ""),
            BAD_STATUS,
            "the server says: FATAL: database \"app\" does not exist"),
        row(
            "another protocol is no PostgreSQL",
            postgresql(ANY, null),
            hexScript(STARTUP, hex("HTTP/1.1 400 Bad Request\r\n\r\n"), ""),
            BAD_RESPONSE,
            "no PostgreSQL response, it begins with \"HTTP/1.1 400 Bad Request\\r\\n\\r\\n\""),
        row(
            "a length of three is no message",
            postgresql(ANY, null),
            hexScript(STARTUP, "5200000003", ""),
            BAD_RESPONSE,
            "no PostgreSQL response, it begins with \"R\\u0000\\u0000\\u0000\\u0003\""),
        row(
            "a length beyond 16 KB is no message",
            postgresql(ANY, null),
            hexScript(STARTUP, "5200004000", ""),
            BAD_RESPONSE,
            "no PostgreSQL response, it begins with \"R\\u0000\\u0000@\\u0000\""),
        row(
            "a closed connection is broken",
            postgresql(ANY, null),
            connection -> read(connection, STARTUP),
            BROKEN,
            "connection closed without a response"),
        row(
            "PostgreSQL without TLS is bad with TLS",
            postgresql(ANY, true),
            hexScript("0000000804d2162f", "4e", ""),
            TLS_FAILED,
            "the server has no TLS (ssl = off)"),
        row(
            "an error for a TLS request is shown",
            postgresql(ANY, true),
            hexScript("0000000804d2162f", error, ""),
            BAD_STATUS,
            "the server says: FATAL: the database system is starting up"));
  }

  private static Check redis(@Nullable String user, @Nullable String password, DatabaseRole role) {
    return new RedisCheck(user, password, role, CheckConnection.DEFAULT);
  }

  private static final String PING = "*1\r\n$4\r\nPING\r\n";
  private static final String INFO =
      "*2\r\n$4\r\nINFO\r\n$11\r\nreplication\r\n" + "*2\r\n$4\r\nINFO\r\n$8\r\nkeyspace\r\n";

  private static List<Row> redis() {
    String master = "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n";
    String slave = "# Replication\r\nrole:slave\r\n";
    String keys = "# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n";
    return List.of(
        row(
            "+PONG is good",
            redis(null, null, ANY),
            text(PING, "+PONG\r\n"),
            OK,
            "responded +PONG"),
        row(
            "Redis that loads says so",
            redis(null, null, ANY),
            text(PING, "-LOADING Redis is loading the dataset in memory\r\n"),
            BAD_STATUS,
            "the server says: LOADING Redis is loading the dataset in memory"),
        row(
            "a password that is wanted is bad",
            redis(null, null, ANY),
            text(PING, "-NOAUTH Authentication required.\r\n"),
            BAD_STATUS,
            "the server says: NOAUTH Authentication required."),
        row(
            "a password goes before PING",
            redis(null, "s3 \"t", ANY),
            text("*2\r\n$4\r\nAUTH\r\n$5\r\ns3 \"t\r\n" + PING, "+OK\r\n+PONG\r\n"),
            OK,
            "responded +PONG"),
        row(
            "a user and a password go before PING",
            redis("probe", "é", ANY),
            text("*3\r\n$4\r\nAUTH\r\n$5\r\nprobe\r\n$2\r\né\r\n" + PING, "+OK\r\n+PONG\r\n"),
            OK,
            "responded +PONG"),
        row(
            "a wrong password is named",
            redis(null, "x", ANY),
            text("*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n" + PING, "-WRONGPASS invalid\r\n"),
            BAD_STATUS,
            "the server says: AUTH: WRONGPASS invalid"),
        row(
            "a master is good with role primary",
            redis(null, null, PRIMARY),
            text(PING + INFO, "+PONG\r\n" + bulk(master) + bulk(keys)),
            OK,
            "role master"),
        row(
            "a master without a key says so",
            redis(null, null, PRIMARY),
            text(PING + INFO, "+PONG\r\n" + bulk(master) + bulk("# Keyspace\r\n")),
            OK,
            "role master, no key"),
        row(
            "a master that does not tell its keyspace is good",
            redis(null, null, PRIMARY),
            text(PING + INFO, "+PONG\r\n" + bulk(master) + "-NOPERM no permissions\r\n"),
            OK,
            "role master"),
        row(
            "a replica is bad with role primary",
            redis(null, null, PRIMARY),
            text(PING + INFO, "+PONG\r\n" + bulk(slave) + bulk(keys)),
            WRONG_ROLE,
            "role \"slave\", expected a primary (master)"),
        row(
            "an inline reply of another kind is no Redis",
            redis(null, null, ANY),
            text(PING, ":1\r\n"),
            BAD_RESPONSE,
            "no Redis response, it begins with \":1\\r\\n\""),
        row(
            "another protocol is no Redis",
            redis(null, null, ANY),
            text(PING, "SSH-2.0-OpenSSH"),
            BAD_RESPONSE,
            "no Redis response, it begins with \"SSH-2.0-OpenSSH\""),
        row(
            "a line without an end is no Redis",
            redis(null, null, ANY),
            text(PING, "+" + "P".repeat(1100)),
            BAD_RESPONSE,
            "no Redis response, it begins with \"+" + "P".repeat(79) + "…\""),
        row(
            "a length beyond the limit is no Redis",
            redis(null, null, PRIMARY),
            text(PING + INFO, "+PONG\r\n$99999\r\n"),
            BAD_RESPONSE,
            "no Redis response, it begins with \"$99999\\r\\n\""));
  }

  private static Check mysql(@Nullable String user, DatabaseRole role) {
    return new MysqlCheck(user, null, role, CheckConnection.DEFAULT);
  }

  private static List<Row> mysql() {
    String greeting = packet(0, "0a" + hex("10.11.6-MariaDB\0") + "01000000" + hex("salt1234\0"));
    String login =
        packet(
            1,
            "01820800"
                + "00000001"
                + "21"
                + "00".repeat(23)
                + hex("probe\0")
                + "00"
                + hex("mysql_native_password\0"));
    String ok = packet(2, "00000002000000");
    String query = packet(0, "03" + hex("SELECT @@global.read_only"));
    String columns = packet(1, "01") + packet(2, "0364656600000012") + packet(3, "fe00000200");
    String end = packet(5, "fe00000200");
    String quit = packet(0, "01");
    return List.of(
        row(
            "a greeting is good without a user",
            mysql(null, ANY),
            hexScript("", greeting, ""),
            OK,
            "version \"10.11.6-MariaDB\""),
        row(
            "MySQL that blocks the host says so",
            mysql(null, ANY),
            hexScript("", packet(0, "ff6904" + hex("Host 'x' is blocked")), ""),
            BAD_STATUS,
            "the server says: error 1129: Host 'x' is blocked"),
        row(
            "a user that is let in is good",
            mysql("probe", ANY),
            conversation("", greeting, login, ok, quit),
            OK,
            "user let in, version \"10.11.6-MariaDB\""),
        row(
            "a user that is denied is bad",
            mysql("probe", ANY),
            conversation("", greeting, login, packet(2, "ff1504" + hex("#28000Access denied")), ""),
            BAD_STATUS,
            "the server says: error 1045: Access denied"),
        row(
            "a change of plugin gets an empty password",
            mysql("probe", ANY),
            conversation(
                "",
                greeting,
                login,
                packet(2, "fe" + hex("caching_sha2_password\0salt\0")),
                "00000003",
                packet(4, "00000002000000"),
                quit),
            OK,
            "user let in, version \"10.11.6-MariaDB\""),
        row(
            "a writable server is good with role primary",
            mysql("probe", PRIMARY),
            conversation("", greeting, login, ok, query, columns + packet(4, "0130") + end, quit),
            OK,
            "primary, version \"10.11.6-MariaDB\""),
        row(
            "a read-only server is bad with role primary",
            mysql("probe", PRIMARY),
            conversation("", greeting, login, ok, query, columns + packet(4, "0131") + end, quit),
            WRONG_ROLE,
            "read-only; expected a primary (read_only = 0)"),
        row(
            "a writable MariaDB of version 12 says OFF",
            mysql("probe", PRIMARY),
            conversation(
                "", greeting, login, ok, query, columns + packet(4, "03" + hex("OFF")) + end, quit),
            OK,
            "primary, version \"10.11.6-MariaDB\""),
        row(
            "any other word of it means read-only",
            mysql("probe", PRIMARY),
            conversation(
                "",
                greeting,
                login,
                ok,
                query,
                columns + packet(4, "07" + hex("NO_LOCK")) + end,
                quit),
            WRONG_ROLE,
            "read-only; expected a primary (read_only = 0)"),
        row(
            "a row that is longer than its text is no MySQL",
            mysql("probe", PRIMARY),
            conversation("", greeting, login, ok, query, columns + packet(4, "0330"), ""),
            BAD_RESPONSE,
            "no MySQL response, it begins with \"\\u0002\\u0000\\u0000\\u0004\\u00030\""),
        row(
            "another version of the protocol is no MySQL",
            mysql(null, ANY),
            hexScript("", packet(0, "09" + hex("3.20\0")), ""),
            BAD_RESPONSE,
            "no MySQL response, it begins with \"\\u0006\\u0000\\u0000\\u0000\\t3.20\\u0000\""),
        row(
            "another protocol is no MySQL",
            mysql(null, ANY),
            hexScript("", hex("220 smtp ready\r\n"), ""),
            BAD_RESPONSE,
            "no MySQL response, it begins with \"220 smtp ready\\r\\n\""));
  }

  private static Row row(
      String says, Check check, Script server, ProbeOutcome outcome, String detail) {
    return new Row(says, check, server, outcome, detail);
  }

  private static String hex(String text) {
    return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String message(char type, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    ByteBuffer message = ByteBuffer.allocate(5 + bytes.length);
    message.put((byte) type).putInt(4 + bytes.length).put(bytes);
    return HexFormat.of().formatHex(message.array());
  }

  private static String boolRow(char value) {
    String columns = message('T', "\0\1pg_is_in_recovery\0" + "\0".repeat(18));
    return columns + "440000000b" + "0001" + "00000001" + hex(String.valueOf(value));
  }

  private static String textRow(String value) {
    String columns = message('T', "\0\1pg_walfile_name\0" + "\0".repeat(18));
    return columns
        + "44%08x0001%08x".formatted(4 + 2 + 4 + value.length(), value.length())
        + hex(value);
  }

  private static String packet(int sequence, String payload) {
    int length = payload.length() / 2;
    return "%02x0000%02x%s".formatted(length, sequence, payload);
  }

  private static String bulk(String text) {
    return "$" + text.length() + "\r\n" + text + "\r\n";
  }

  private static Script text(String request, String reply) {
    return hexScript(hex(request), hex(reply), "");
  }

  /** Reads a request, replies, and reads the goodbye; all in hexadecimal. */
  private static Script hexScript(String request, String reply, String goodbye) {
    return conversation(request, reply, goodbye);
  }

  /** Reads and sends in turn, then waits for the end. */
  private static Script conversation(String... turns) {
    return connection -> {
      for (int i = 0; i < turns.length; i++) {
        if (i % 2 == 0) {
          read(connection, turns[i]);
        } else {
          connection.socket().getOutputStream().write(HexFormat.of().parseHex(turns[i]));
        }
      }
      connection.awaitEnd();
    };
  }

  private static Script byteByByte(String reply) {
    return connection -> {
      read(connection, STARTUP);
      connection.socket().setTcpNoDelay(true);
      for (byte each : HexFormat.of().parseHex(reply)) {
        connection.socket().getOutputStream().write(each);
      }
      connection.awaitEnd();
    };
  }

  private static void read(Connection connection, String expected) throws IOException {
    byte[] bytes = connection.socket().getInputStream().readNBytes(expected.length() / 2);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    read.writeBytes(bytes);
    assertThat(HexFormat.of().formatHex(read.toByteArray())).isEqualTo(expected);
  }
}
