package dev.understudy.probe;

import static dev.understudy.pool.DatabaseRole.ANY;
import static dev.understudy.probe.ProbeHarness.AMPLE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.GaleraState;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.DatabaseRole;
import dev.understudy.pool.MysqlCheck;
import dev.understudy.pool.PostgresqlCheck;
import dev.understudy.pool.RedisCheck;
import dev.understudy.pool.SettingNames;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import dev.understudy.testing.ScriptedServer.Script;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The beginnings of sessions with PostgreSQL, Redis and MySQL, byte for byte. */
class DatabaseProbeTest {
  /** What both sides say, in hexadecimal, by the names that the table has. */
  private static final Map<String, String> SAID = new HashMap<>();

  private static final String MYSQL_SET =
      "3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5:7,\n3e11fa47-71ca-11e1-9e33-c80aa9429563:tag:1";

  private static final String COLUMNS_OF_STATUS =
      packet(1, "02")
          + packet(2, "0364656600000012")
          + packet(3, "0364656600000012")
          + packet(4, "fe00000200");

  static {
    // PostgreSQL
    SAID.put("STARTUP", "0000002100030000" + hex("user\0probe\0database\0app\0\0"));
    SAID.put("TRUSTED", "520000000800000000");
    SAID.put("SCRAM", "52000000170000000a" + hex("SCRAM-SHA-256\0\0"));
    SAID.put("READY", message('S', "server_version\00015\0") + "5a0000000549");
    SAID.put("IDLE", "5a0000000549");
    SAID.put("ROLE?", message('Q', PostgresqlProbe.QUERIES + "\0"));
    SAID.put("PRIMARY", boolRow('f'));
    SAID.put("STANDBY", boolRow('t'));
    SAID.put("WRITTEN", textRow("0/2A000148", null, "00000003000000000000002A"));
    SAID.put("RECEIVED", textRow("0/2A000148", "0/2A000060", null));
    SAID.put("REPLAYED", textRow(null, "0/2A000060", null));
    SAID.put("NOTHING", textRow(null, null, null));
    SAID.put("NONSENSE", textRow("0/2A00014800", "/", "x"));
    SAID.put("LONG", textRow("0".repeat(65), null, null));
    SAID.put("NARROW", textRow("0/2A000148", null));
    SAID.put("TLS?", "0000000804d2162f");
    SAID.put("NO", "4e");
    SAID.put("GOODBYE", "5800000004");
    SAID.put("STARTING", error("SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up"));
    SAID.put("TWO-LINES", error("SFATAL\0Ma\nb"));
    SAID.put("NO-DATABASE", error("SFATAL\0Mdatabase \"app\" does not exist"));
    SAID.put("FORBIDDEN", error("SERROR\0Mpermission denied"));
    SAID.put("HTTP", hex("HTTP/1.1 400 Bad Request\r\n\r\n"));
    // Redis
    SAID.put("PING", hex("*1\r\n$4\r\nPING\r\n"));
    SAID.put("PASSWORD", hex("*2\r\n$4\r\nAUTH\r\n$5\r\ns3 \"t\r\n"));
    SAID.put("USER", hex("*3\r\n$4\r\nAUTH\r\n$5\r\nprobe\r\n$2\r\né\r\n"));
    SAID.put("INFO", hex("*2\r\n$4\r\nINFO\r\n$11\r\nreplication\r\n"));
    SAID.put("KEYS?", hex("*2\r\n$4\r\nINFO\r\n$8\r\nkeyspace\r\n"));
    SAID.put("+OK", hex("+OK\r\n"));
    SAID.put("+PONG", hex("+PONG\r\n"));
    SAID.put("LOADING", hex("-LOADING Redis is loading the dataset in memory\r\n"));
    SAID.put("NOAUTH", hex("-NOAUTH Authentication required.\r\n"));
    SAID.put("WRONGPASS", hex("-WRONGPASS invalid\r\n"));
    SAID.put("NOPERM", hex("-NOPERM no permissions\r\n"));
    SAID.put("MASTER", bulk("# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"));
    SAID.put("SLAVE", bulk("# Replication\r\nrole:slave\r\n"));
    String at = "master_replid:8371b4\r\nmaster_repl_offset:1288\r\n";
    SAID.put("MASTER-AT", bulk("# Replication\r\nrole:master\r\n" + at));
    SAID.put("MASTER-ODD", bulk("# Replication\r\nrole:master\r\n" + at.replace("12", "-")));
    SAID.put("SLAVE-AT", bulk("# Replication\r\nrole:slave\r\nslave_repl_offset:1260\r\n" + at));
    SAID.put("CUT-OFF", bulk("# Replication\r\nrole:slave\r\nmaster_link_status:down\r\n"));
    SAID.put("KEYS", bulk("# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n"));
    SAID.put("NO-KEYS", bulk("# Keyspace\r\n"));
    SAID.put("NUMBER", hex(":1\r\n"));
    SAID.put("SSH", hex("SSH-2.0-OpenSSH"));
    SAID.put("ENDLESS", hex("+" + "P".repeat(1100)));
    SAID.put("HUGE", hex("$99999\r\n"));
    // MySQL
    SAID.put(
        "GREETING", packet(0, "0a" + hex("10.11.6-MariaDB\0") + "01000000" + hex("salt1234\0")));
    SAID.put(
        "LOGIN",
        packet(
            1,
            "018208000000000121"
                + "00".repeat(23)
                + hex("probe\0\0")
                + hex("mysql_native_password\0")));
    SAID.put("LET-IN", packet(2, "00000002000000"));
    SAID.put("QUERY", packet(0, "03" + hex(MysqlProbe.QUERY_TEXT)));
    SAID.put("COLUMNS", packet(1, "01") + packet(2, "0364656600000012") + packet(3, "fe00000200"));
    SAID.put(
        "TWO-COLUMNS",
        packet(1, "02")
            + packet(2, "0364656600000012")
            + packet(3, "0364656600000012")
            + packet(4, "fe00000200"));
    SAID.put("ZERO", packet(4, "0130"));
    SAID.put("ONE", packet(4, "0131"));
    SAID.put("OFF", packet(4, "03" + hex("OFF")));
    SAID.put("NO_LOCK", packet(4, "07" + hex("NO_LOCK")));
    SAID.put("GALERA?", packet(0, "03" + hex(GaleraState.QUERY)));
    SAID.put("STATUS", COLUMNS_OF_STATUS + status("4", "ON") + packet(9, "fe00000200"));
    String galera =
        row(9, "wsrep_local_state_uuid", "3e11fa47-71ca-11e1-9e33-c80aa9429562")
            + row(10, "wsrep_last_committed", "42")
            + packet(11, "fe00000200");
    SAID.put("STATUS-AT", COLUMNS_OF_STATUS + status("4", "ON") + galera);
    SAID.put("DONOR-AT", COLUMNS_OF_STATUS + status("2", "ON") + galera);
    SAID.put("DONOR", COLUMNS_OF_STATUS + status("2", "ON") + packet(9, "fe00000200"));
    SAID.put("NO-GALERA", COLUMNS_OF_STATUS + packet(5, "fe00000200"));
    SAID.put("LONE-NAME", COLUMNS_OF_STATUS + packet(5, "0161"));
    SAID.put("LONG-NAME", COLUMNS_OF_STATUS + packet(5, "41" + "61".repeat(65) + "0161"));
    SAID.put("MANY-ROWS", COLUMNS_OF_STATUS + rows(17));
    SAID.put("UNPREPARED", packet(1, "ff1704" + hex("#08S01WSREP has not yet prepared node")));
    SAID.put("CUT-ROW", packet(4, "0330"));
    SAID.put("ZERO-AT", packet(4, "0130" + text("0-1-270,1-2-5")));
    SAID.put("ONE-AT", packet(4, "0131" + text(MYSQL_SET)));
    SAID.put("ONE-LONG", packet(4, "0131" + "fc" + "2c01" + hex("0-1-5,".repeat(50))));
    SAID.put("ONE-HUGE", packet(4, "0131" + "fd" + "000001" + hex("0-1-5,".repeat(5))));
    SAID.put("ONE-NULL", packet(4, "0131" + "fb"));
    SAID.put("END", packet(5, "fe00000200"));
    SAID.put("QUIT", packet(0, "01"));
    SAID.put("BLOCKED", packet(0, "ff6904" + hex("Host 'x' is blocked")));
    SAID.put("DENIED", packet(2, "ff1504" + hex("#28000Access denied")));
    SAID.put("CHANGE", packet(2, "fe" + hex("caching_sha2_password\0salt\0")));
    SAID.put("EMPTY", "00000003");
    SAID.put("LET-IN-THEN", packet(4, "00000002000000"));
    SAID.put("OLD", packet(0, "09" + hex("3.20\0")));
    SAID.put("SMTP", hex("220 smtp ready\r\n"));
  }

  // The check, what its client and its server say by turns, and what comes of it. Words of the
  // check: the role if it is primary, a user and a password, "tls".
  @Rows(
      """
      PostgreSQL that lets the user in is good              | postgresql         | STARTUP; TRUSTED READY; GOODBYE | OK | user let in
      PostgreSQL that asks for a password is good           | postgresql         | STARTUP; SCRAM             | OK | password asked for
      PostgreSQL that starts up says so                     | postgresql         | STARTUP; STARTING          | BAD_STATUS | the server says: FATAL: the database system is starting up
      a message may come byte by byte                       | postgresql         | STARTUP; bytewise STARTING | BAD_STATUS | the server says: FATAL: the database system is starting up
      an error with control characters is shown on one line | postgresql         | STARTUP; TWO-LINES         | BAD_STATUS | the server says: FATAL: a\\nb
      a primary is good with role primary                   | postgresql primary | STARTUP; TRUSTED READY; ROLE?; PRIMARY WRITTEN IDLE; GOODBYE | OK | primary, timeline 3
      a primary that does not tell its timeline is good     | postgresql primary | STARTUP; TRUSTED READY; ROLE?; PRIMARY FORBIDDEN; GOODBYE | OK | primary
      a primary behind what asks one query alone is good    | postgresql primary | STARTUP; TRUSTED READY; ROLE?; PRIMARY IDLE; GOODBYE | OK | primary
      a standby is bad with role primary                    | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY RECEIVED; GOODBYE | WRONG_ROLE | a standby: it is in recovery; expected a primary
      a standby that does not tell its position is bad      | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY FORBIDDEN; GOODBYE | WRONG_ROLE | a standby: it is in recovery; expected a primary
      role primary wants a user without a password          | postgresql primary | STARTUP; SCRAM             | BAD_STATUS | role cannot be asked for: the server wants a password of user "probe"
      a database that does not exist is bad with role primary | postgresql primary | STARTUP; TRUSTED NO-DATABASE | BAD_STATUS | the server says: FATAL: database "app" does not exist
      another protocol is no PostgreSQL                     | postgresql         | STARTUP; HTTP              | BAD_RESPONSE | no PostgreSQL response, it begins with "HTTP/1.1 400 Bad Request\\r\\n\\r\\n"
      a length of three is no message                       | postgresql         | STARTUP; 5200000003        | BAD_RESPONSE | no PostgreSQL response, it begins with "R\\u0000\\u0000\\u0000\\u0003"
      a length beyond 16 KB is no message                   | postgresql         | STARTUP; 5200004000        | BAD_RESPONSE | no PostgreSQL response, it begins with "R\\u0000\\u0000@\\u0000"
      a closed connection is broken                         | postgresql         | STARTUP; closed            | BROKEN | connection closed without a response
      PostgreSQL without TLS is bad with TLS                | postgresql tls     | TLS?; NO                   | TLS_FAILED | the server has no TLS (ssl = off)
      an error for a TLS request is shown                   | postgresql tls     | TLS?; STARTING             | BAD_STATUS | the server says: FATAL: the database system is starting up
      +PONG is good                                         | redis              | PING; +PONG                | OK | responded +PONG
      Redis that loads says so                              | redis              | PING; LOADING              | BAD_STATUS | the server says: LOADING Redis is loading the dataset in memory
      a password that is wanted is bad                      | redis              | PING; NOAUTH               | BAD_STATUS | the server says: NOAUTH Authentication required.
      a password goes before PING                           | redis - s3␣"t      | PASSWORD PING; +OK +PONG   | OK | responded +PONG
      a user and a password go before PING                  | redis probe é      | USER PING; +OK +PONG       | OK | responded +PONG
      a wrong password is named                             | redis - s3␣"t      | PASSWORD PING; WRONGPASS   | BAD_STATUS | the server says: AUTH: WRONGPASS invalid
      a master is good with role primary                    | redis primary      | PING INFO KEYS?; +PONG MASTER KEYS | OK | role master
      a master without a key says so                        | redis primary      | PING INFO KEYS?; +PONG MASTER NO-KEYS | OK | role master, no key
      a master that does not tell its keyspace is good      | redis primary      | PING INFO KEYS?; +PONG MASTER NOPERM | OK | role master
      a replica is bad with role primary                    | redis primary      | PING INFO KEYS?; +PONG SLAVE KEYS | WRONG_ROLE | role "slave", expected a primary (master)
      a replica that is cut off says so                     | redis primary      | PING INFO KEYS?; +PONG CUT-OFF KEYS | WRONG_ROLE | role "slave", expected a primary (master); its link to the master is down
      an inline reply of another kind is no Redis           | redis              | PING; NUMBER               | BAD_RESPONSE | no Redis response, it begins with ":1\\r\\n"
      another protocol is no Redis                          | redis              | PING; SSH                  | BAD_RESPONSE | no Redis response, it begins with "SSH-2.0-OpenSSH"
      a line without an end is no Redis                     | redis              | PING; ENDLESS              | BAD_RESPONSE | no Redis response, it begins with "+79xP…"
      a length beyond the limit is no Redis                 | redis primary      | PING INFO KEYS?; +PONG HUGE | BAD_RESPONSE | no Redis response, it begins with "$99999\\r\\n"
      a greeting is good without a user                     | mysql              | ; GREETING                 | OK | version "10.11.6-MariaDB"
      MySQL that blocks the host says so                    | mysql              | ; BLOCKED                  | BAD_STATUS | the server says: error 1129: Host 'x' is blocked
      a user that is let in is good                         | mysql probe        | ; GREETING; LOGIN; LET-IN; QUIT | OK | user let in, version "10.11.6-MariaDB"
      a user that is denied is bad                          | mysql probe        | ; GREETING; LOGIN; DENIED  | BAD_STATUS | the server says: error 1045: Access denied
      a change of plugin gets an empty password             | mysql probe        | ; GREETING; LOGIN; CHANGE; EMPTY; LET-IN-THEN; QUIT | OK | user let in, version "10.11.6-MariaDB"
      a writable server is good with role primary           | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; COLUMNS ZERO END; QUIT | OK | primary, version "10.11.6-MariaDB"
      a read-only server is bad with role primary           | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; COLUMNS ONE END; QUIT | WRONG_ROLE | read-only; expected a primary (read_only = 0)
      a writable MariaDB of version 12 says OFF             | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; COLUMNS OFF END; QUIT | OK | primary, version "10.11.6-MariaDB"
      any other word of it means read-only                  | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; COLUMNS NO_LOCK END; QUIT | WRONG_ROLE | read-only; expected a primary (read_only = 0)
      a row that is longer than its text is no MySQL        | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; COLUMNS CUT-ROW | BAD_RESPONSE | no MySQL response, it begins with "\\u0002\\u0000\\u0000\\u0004\\u00030"
      a synced node is good with role synced                | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; STATUS; QUERY; COLUMNS ZERO END; QUIT | OK | synced, version "10.11.6-MariaDB"
      a donor is bad with role synced                       | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; DONOR; QUIT | BAD_STATUS | wsrep_local_state is 2 (State), expected 4 (Synced)
      a donor is good with role synced-or-donor             | mysql synced-or-donor probe | ; GREETING; LOGIN; LET-IN; GALERA?; DONOR; QUERY; COLUMNS ZERO END; QUIT | OK | donor or desynchronized, version "10.11.6-MariaDB"
      a synced node that is read-only is bad                | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; STATUS; QUERY; COLUMNS ONE END; QUIT | BAD_STATUS | read-only; expected read_only = 0
      a server without Galera is bad with role synced       | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; NO-GALERA; QUIT | BAD_STATUS | no node of Galera: it has no wsrep_cluster_status
      a node that refuses the query says so                 | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; UNPREPARED | BAD_STATUS | the server says: error 1047: WSREP has not yet prepared node
      a row without a value is no MySQL                     | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; LONE-NAME | BAD_RESPONSE | no MySQL response, it begins with "\\u0002\\u0000\\u0000\\u0005\\u0001a"
      a name that is too long is no MySQL                   | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; LONG-NAME | BAD_RESPONSE | no MySQL response, it begins with "D\\u0000\\u0000\\u0005A60xa…"
      more rows than were asked for are no MySQL            | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; MANY-ROWS | BAD_RESPONSE | no MySQL response, it begins with "\\u0005\\u0000\\u0000\\u0005\\u0002qq\\u0001x"
      another version of the protocol is no MySQL           | mysql              | ; OLD                      | BAD_RESPONSE | no MySQL response, it begins with "\\u0006\\u0000\\u0000\\u0000\\t3.20\\u0000"
      another protocol is no MySQL                          | mysql              | ; SMTP                     | BAD_RESPONSE | no MySQL response, it begins with "220 smtp ready\\r\\n"
      """)
  void a_session_with_a_database_gives_its_role_or_the_reason(
      String says, String check, String session, ProbeOutcome outcome, String detail)
      throws Exception {
    var trusting = SslContextBuilder.forClient().build();
    try (ScriptedServer server = new ScriptedServer(conversation(session.split(";", -1)));
        ProbeHarness harness = new ProbeHarness(asked -> trusting)) {
      Observation.Probe probe = harness.probe(check(check), server.port(), AMPLE);
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
      assertThat(probe.detail())
          .isEqualTo(detail.replace("79xP", "P".repeat(79)).replace("60xa", "a".repeat(60)));
      assertThat(server.failures()).isEmpty();
    }
  }

  // The check, what its client and its server say by turns, and the position; "-" if none is known.
  @Rows(
      """
      a primary has what it has written               | postgresql primary | STARTUP; TRUSTED READY; ROLE?; PRIMARY WRITTEN IDLE; GOODBYE   | wal 0/2A000148
      a standby has what it has received              | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY RECEIVED IDLE; GOODBYE  | wal 0/2A000148 0/2A000060
      a standby without a stream has what it replayed | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY REPLAYED IDLE; GOODBYE  | wal 0/2A000060
      a standby that has replayed nothing says none   | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY NOTHING IDLE; GOODBYE   | -
      a user who may not ask sees none                | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY FORBIDDEN; GOODBYE      | -
      what is no position is none                     | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY NONSENSE; GOODBYE       | -
      a text that is too long is none                 | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY LONG; GOODBYE           | -
      a row of other columns has none                 | postgresql primary | STARTUP; TRUSTED READY; ROLE?; STANDBY NARROW; GOODBYE         | -
      a master has its offset                         | redis primary      | PING INFO KEYS?; +PONG MASTER-AT KEYS   | offset 8371b4 1288
      so it has without its keyspace                  | redis primary      | PING INFO KEYS?; +PONG MASTER-AT NOPERM | offset 8371b4 1288
      a replica has that of its master                | redis primary      | PING INFO KEYS?; +PONG SLAVE-AT KEYS    | offset 8371b4 1260
      an offset that is no number is none             | redis primary      | PING INFO KEYS?; +PONG MASTER-ODD KEYS  | -
      a master of before replication IDs has none     | redis primary      | PING INFO KEYS?; +PONG MASTER KEYS      | -
      a primary of MariaDB has its transactions       | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; TWO-COLUMNS ZERO-AT END; QUIT | gtid 0-1-270,1-2-5
      a replica of MySQL has its transactions         | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; TWO-COLUMNS ONE-AT END; QUIT  | gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7,3e11fa47-71ca-11e1-9e33-c80aa9429563:tag:1
      a set with an end that is none is none          | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; TWO-COLUMNS ONE-LONG END; QUIT | -
      a set in a longer form than was asked for is none | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; TWO-COLUMNS ONE-HUGE END; QUIT | -
      a server without sets has none                  | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; TWO-COLUMNS ONE-NULL END; QUIT | -
      a server of before sets has none                | mysql primary probe | ; GREETING; LOGIN; LET-IN; QUERY; COLUMNS ONE END; QUIT | -
      a node of Galera has the cluster's transactions | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; STATUS-AT; QUERY; COLUMNS ZERO END; QUIT | gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42
      one that has committed nothing has none         | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; STATUS; QUERY; COLUMNS ZERO END; QUIT | -
      a donor has them too                            | mysql synced probe | ; GREETING; LOGIN; LET-IN; GALERA?; DONOR-AT; QUIT | gtid 3e11fa47-71ca-11e1-9e33-c80aa9429562:1-42
      """)
  void a_session_with_a_database_tells_how_far_its_data_has_come(
      String says, String check, String session, String position) throws Exception {
    try (ScriptedServer server = new ScriptedServer(conversation(session.split(";", -1)));
        ProbeHarness harness = new ProbeHarness()) {
      Observation.Probe probe = harness.probe(check(check), server.port(), AMPLE);
      assertThat(probe.position()).isEqualTo(position.equals("-") ? null : position);
      assertThat(probe.outcome().hasResponse()).as(probe.detail()).isTrue();
      assertThat(server.failures()).isEmpty();
    }
  }

  private static Check check(String text) {
    List<String> words = new ArrayList<>(List.of(text.split(" ", -1)));
    String database = words.removeFirst();
    DatabaseRole role =
        Stream.of(DatabaseRole.values())
            .filter(each -> words.remove(SettingNames.of(each)))
            .findFirst()
            .orElse(ANY);
    Boolean tls = words.remove("tls") ? true : null;
    String user = words.isEmpty() || words.getFirst().equals("-") ? null : words.getFirst();
    String password = words.size() < 2 ? null : words.get(1).replace("␣", " ");
    CheckConnection connection = new CheckConnection(OptionalInt.empty(), tls, false);
    return switch (database) {
      case "postgresql" -> new PostgresqlCheck("probe", null, "app", role, connection);
      case "redis" -> new RedisCheck(user, password, role, connection);
      default -> new MysqlCheck(user, null, role, connection);
    };
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

  private static String error(String fields) {
    return message('E', fields + "\0\0");
  }

  private static String boolRow(char value) {
    String columns = message('T', "\0\1pg_is_in_recovery\0" + "\0".repeat(18));
    return columns + "440000000b" + "0001" + "00000001" + hex(String.valueOf(value));
  }

  private static String textRow(@Nullable String... values) {
    StringBuilder row = new StringBuilder("%04x".formatted(values.length));
    for (String value : values) {
      row.append(value == null ? "ffffffff" : "%08x".formatted(value.length()) + hex(value));
    }
    return message('T', "\0\1column\0" + "\0".repeat(18))
        + "44%08x".formatted(4 + row.length() / 2)
        + row;
  }

  private static String packet(int sequence, String payload) {
    int length = payload.length() / 2;
    return "%02x%02x00%02x%s".formatted(length & 0xff, length >> 8, sequence, payload);
  }

  private static String text(String value) {
    return "%02x%s".formatted(value.length(), hex(value));
  }

  private static String row(int sequence, String name, String value) {
    return packet(sequence, text(name) + text(value));
  }

  /** Of a node of the component with the quorum. */
  private static String status(String local, String ready) {
    return row(5, "wsrep_local_state", local)
        + row(6, "wsrep_local_state_comment", "State")
        + row(7, "wsrep_cluster_status", "Primary")
        + row(8, "wsrep_ready", ready);
  }

  private static String rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> row(5, String.valueOf((char) ('a' + i)).repeat(2), "x"))
        .collect(Collectors.joining());
  }

  private static String bulk(String text) {
    return hex("$" + text.length() + "\r\n" + text + "\r\n");
  }

  /** Reads and sends in turn, then waits for the end. */
  private static Script conversation(String... turns) {
    return connection -> {
      connection.socket().setTcpNoDelay(true);
      for (int i = 0; i < turns.length; i++) {
        String turn = turns[i].strip();
        if (turn.equals("closed")) {
          return;
        } else if (i % 2 == 0) {
          read(connection, said(turn));
        } else {
          send(connection, turn);
        }
      }
      connection.awaitEnd();
    };
  }

  private static void send(Connection connection, String turn) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(said(turn.replace("bytewise ", "")));
    OutputStream out = connection.socket().getOutputStream();
    if (turn.startsWith("bytewise ")) {
      for (byte each : bytes) {
        out.write(each);
      }
    } else {
      out.write(bytes);
    }
  }

  private static String said(String names) {
    StringBuilder said = new StringBuilder();
    for (String name : names.split(" ", -1)) {
      said.append(SAID.getOrDefault(name, name));
    }
    return said.toString();
  }

  private static void read(Connection connection, String expected) throws IOException {
    byte[] bytes = connection.socket().getInputStream().readNBytes(expected.length() / 2);
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(expected);
  }
}
