package dev.understudy.probe;

import static dev.understudy.health.ProbeOutcome.BAD_RESPONSE;
import static dev.understudy.health.ProbeOutcome.BAD_STATUS;
import static dev.understudy.health.ProbeOutcome.BROKEN;
import static dev.understudy.health.ProbeOutcome.OK;
import static dev.understudy.health.ProbeOutcome.TLS_FAILED;
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
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Logins with passwords, against the servers' sides of PostgreSQL's and MySQL's methods, which
 * check what they get as the servers do.
 */
class DatabaseLoginTest {
  private static final String PASSWORD = "sécret";
  private static final String DENIED = "the server says: FATAL: password authentication failed";
  private static final String DENIED_MYSQL = "the server says: error 1045: Access denied";
  private static final byte[] SALT = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

  private static final X509Bundle CERTIFICATE = certificate();
  private static final KeyPair RSA = rsa();

  private record Row(String says, Check check, Script server, ProbeOutcome outcome, String detail) {
    @Override
    public String toString() {
      return says;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(scram(), hashes(), caching(), plugins()).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void a_login_gives_the_role_or_the_reason(Row row) throws Exception {
    var trusting =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    try (ScriptedServer server = new ScriptedServer(row.server());
        ProbeHarness harness = new ProbeHarness(asked -> trusting)) {
      Observation.Probe probe = harness.probe(row.check(), server.port(), AMPLE);
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(row.outcome());
      assertThat(ProbeHarness.detail(probe)).isEqualTo(row.detail()).doesNotContain(PASSWORD);
      assertThat(server.failures()).isEmpty();
    }
    assertThat(row.check().toString()).doesNotContain(PASSWORD);
  }

  // PostgreSQL

  private static Check postgresql(String password, DatabaseRole role, @Nullable Boolean tls) {
    return new PostgresqlCheck("probe", password, null, role, connection(tls));
  }

  private static CheckConnection connection(@Nullable Boolean tls) {
    return new CheckConnection(OptionalInt.empty(), tls, false);
  }

  private static List<Row> scram() {
    Check check = postgresql(PASSWORD, ANY, null);
    String one = "SCRAM-SHA-256\0\0";
    String both = "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
    UnaryOperator<byte[]> right = signature -> signature;
    return List.of(
        row("the right password is let in", check, scram(one, 4096, right), OK, "user let in"),
        row(
            "after the login the role is asked for",
            postgresql(PASSWORD, PRIMARY, null),
            scram(one, 4096, right),
            OK,
            "primary"),
        row(
            "the wrong password is denied",
            postgresql("other", PRIMARY, null),
            scram(one, 4096, right),
            BAD_STATUS,
            DENIED),
        row(
            "with TLS the channel is bound to the certificate",
            postgresql(PASSWORD, PRIMARY, true),
            withTls(scram(both, 4096, right)),
            OK,
            "primary"),
        row("without TLS no channel is bound", check, scram(both, 4096, right), OK, "user let in"),
        row(
            "a server that proves a wrong signature does not know the password",
            check,
            scram(
                one,
                4096,
                signature -> {
                  signature[0] ^= 1;
                  return signature;
                }),
            BAD_STATUS,
            "login: the server does not prove that it knows the password"),
        row(
            "a server that lets in without a proof does not know the password",
            check,
            postgresql(
                server -> {
                  server.send(10, one);
                  server.read();
                  server.send(0, "");
                }),
            BAD_STATUS,
            "login: the server does not prove that it knows the password"),
        row(
            "too many iterations are refused",
            check,
            scram(one, 100_001, right),
            BAD_STATUS,
            "login: the server wants 100001 iterations, expected at most 100000"),
        row(
            "iterations beyond all numbers are refused",
            check,
            challenge(one, nonce -> "r=" + nonce + "x,s=c2FsdA==,i=99999999999"),
            BAD_STATUS,
            "login: no message of SCRAM: \"r=NONCEx,s=c2FsdA==,i=99999999999\""),
        row(
            "a nonce of its own is refused",
            check,
            challenge(one, nonce -> "r=own,s=c2FsdA==,i=4096"),
            BAD_STATUS,
            "login: no message of SCRAM: \"r=own,s=c2FsdA==,i=4096\""),
        row(
            "an empty challenge is refused",
            check,
            challenge(one, nonce -> ""),
            BAD_STATUS,
            "login: no message of SCRAM: \"\""),
        row(
            "an unknown mechanism is refused",
            check,
            postgresql(server -> server.send(10, "OAUTHBEARER\0\0")),
            BAD_STATUS,
            "login: the server offers \"OAUTHBEARER\", expected SCRAM-SHA-256"),
        row(
            "a weaker mechanism is refused",
            check,
            postgresql(server -> server.send(10, "SCRAM-SHA-1\0\0")),
            BAD_STATUS,
            "login: the server offers \"SCRAM-SHA-1\", expected SCRAM-SHA-256"),
        row(
            "a challenge before SCRAM begins is refused",
            check,
            postgresql(server -> server.send(11, "r=x")),
            BAD_STATUS,
            "login: no message of SCRAM: \"r=x\""),
        row(
            "a server that goes in the middle of the login is broken",
            check,
            connection -> {
              Postgresql server = new Postgresql(connection.socket());
              server.start();
              server.send(10, one);
              server.read();
            },
            BROKEN,
            "connection closed before the end of the response"));
  }

  private static List<Row> hashes() {
    String md5 = "md5" + hex(digest("MD5", hex(digest("MD5", PASSWORD + "probe")) + "salt"));
    return List.of(
        row(
            "a password in clear text goes over TLS",
            postgresql(PASSWORD, PRIMARY, true),
            withTls(password(3, "", PASSWORD)),
            OK,
            "primary"),
        row(
            "a password in clear text does not go without TLS",
            postgresql(PASSWORD, ANY, null),
            postgresql(server -> server.send(3, "")),
            BAD_STATUS,
            "login: the server wants the password in clear text without TLS, expected"
                + " SCRAM-SHA-256 or tls: true"),
        row(
            "a hash by MD5 goes over TLS",
            postgresql(PASSWORD, ANY, true),
            withTls(password(5, "salt", md5)),
            OK,
            "user let in"),
        row(
            "a wrong hash by MD5 is denied",
            postgresql("other", ANY, true),
            withTls(password(5, "salt", md5)),
            BAD_STATUS,
            DENIED),
        row(
            "a hash by MD5 does not go without TLS",
            postgresql(PASSWORD, ANY, null),
            postgresql(server -> server.send(5, "salt")),
            BAD_STATUS,
            "login: the server wants the password in MD5 without TLS, expected SCRAM-SHA-256 or"
                + " tls: true"),
        row(
            "another method is refused",
            postgresql(PASSWORD, ANY, null),
            postgresql(server -> server.send(7, "")),
            BAD_STATUS,
            "login: the server wants method 7, expected SCRAM-SHA-256"),
        row(
            "a server that trusts the user needs no password",
            postgresql(PASSWORD, PRIMARY, null),
            postgresql(Postgresql::letIn),
            OK,
            "primary"));
  }

  /** PostgreSQL's side of a session. */
  private static final class Postgresql {
    private final DataInputStream in;
    private final OutputStream out;
    private final boolean tls;

    Postgresql(Socket socket) throws IOException {
      in = new DataInputStream(socket.getInputStream());
      out = socket.getOutputStream();
      tls = socket instanceof SSLSocket;
    }

    void start() throws IOException {
      in.skipNBytes(in.readInt() - 4);
    }

    void send(int method, String text) throws IOException {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      send('R', ByteBuffer.allocate(4 + body.length).putInt(method).put(body).array());
    }

    private void send(char type, byte[] body) throws IOException {
      ByteBuffer message = ByteBuffer.allocate(5 + body.length);
      out.write(message.put((byte) type).putInt(4 + body.length).put(body).array());
    }

    byte[] read() throws IOException {
      in.readByte();
      return in.readNBytes(in.readInt() - 4);
    }

    void deny() throws IOException {
      send('E', "SFATAL\0Mpassword authentication failed\0\0".getBytes(StandardCharsets.UTF_8));
    }

    /** Lets the user in, and says that it is primary if it is asked. */
    void letIn() throws IOException {
      send(0, "");
      send('Z', new byte[] {'I'});
      if (in.read() == 'Q') {
        in.skipNBytes(in.readInt() - 4);
        send('D', new byte[] {0, 1, 0, 0, 0, 1, 'f'});
        send('Z', new byte[] {'I'});
        read();
        send('E', "SERROR\0Mpermission denied\0\0".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  @FunctionalInterface
  private interface Turns {
    void take(Postgresql server) throws Exception;
  }

  private static Script postgresql(Turns turns) {
    return connection -> {
      Postgresql server = new Postgresql(connection.socket());
      server.start();
      turns.take(server);
      connection.awaitEnd();
    };
  }

  /** Wants a text for a method. */
  private static Script password(int method, String salt, String expected) {
    return postgresql(
        server -> {
          server.send(method, salt);
          byte[] wanted = (expected + "\0").getBytes(StandardCharsets.UTF_8);
          if (Arrays.equals(server.read(), wanted)) {
            server.letIn();
          } else {
            server.deny();
          }
        });
  }

  /** Begins SCRAM and sends a first message for the client's nonce; shows "NONCE" in its place. */
  private static Script challenge(String mechanisms, UnaryOperator<String> message) {
    return postgresql(
        server -> {
          server.send(10, mechanisms);
          server.read();
          server.send(11, message.apply("NONCE"));
        });
  }

  /** SCRAM-SHA-256 (RFC 5802, RFC 7677) with {@link #PASSWORD}. */
  private static Script scram(
      String mechanisms, int iterations, UnaryOperator<byte[]> signatureSent) {
    return postgresql(
        server -> {
          server.send(10, mechanisms);
          String[] first = text(server.read()).split("\0", 2);
          boolean plus = first[0].equals("SCRAM-SHA-256-PLUS");
          assertThat(plus).isEqualTo(server.tls);
          String bare = first[1].substring(first[1].indexOf("n=*"));
          String header = plus ? "p=tls-server-end-point,," : "n,,";
          assertThat(first[1]).endsWith(header + bare);
          String nonce = bare.substring(bare.indexOf("r=") + 2) + "server";
          byte[] salt = {1, 2, 3, 4};
          String challenge = "r=%s,s=%s,i=%d".formatted(nonce, base64(salt), iterations);
          server.send(11, challenge);
          if (iterations > 100_000) {
            return;
          }
          String[] last = text(server.read()).split(",p=", 2);
          ByteArrayOutputStream bound = new ByteArrayOutputStream();
          bound.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
          if (plus) {
            bound.writeBytes(digest("SHA-256", CERTIFICATE.getCertificate().getEncoded()));
          }
          assertThat(last[0]).isEqualTo("c=" + base64(bound.toByteArray()) + ",r=" + nonce);
          String message = bare + "," + challenge + "," + last[0];
          byte[] salted =
              SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                  .generateSecret(new PBEKeySpec(PASSWORD.toCharArray(), salt, iterations, 256))
                  .getEncoded();
          byte[] key = hmac(salted, "Client Key");
          byte[] proof = xor(key, hmac(digest("SHA-256", key), message));
          if (Arrays.equals(proof, Base64.getDecoder().decode(last[1]))) {
            byte[] signature = hmac(hmac(salted, "Server Key"), message);
            server.send(12, "v=" + base64(signatureSent.apply(signature)));
            server.letIn();
          } else {
            server.deny();
          }
        });
  }

  // MySQL

  private static Check mysql(@Nullable String password, DatabaseRole role, @Nullable Boolean tls) {
    return new MysqlCheck("probe", password, role, connection(tls));
  }

  private static final String NATIVE = "mysql_native_password";
  private static final String CACHING = "caching_sha2_password";

  private static List<Row> caching() {
    Check check = mysql(PASSWORD, ANY, null);
    String letIn = "user let in, version \"8.4.0\"";
    return List.of(
        row("a hash in the cache is enough", check, mysql(CACHING, Mysql::known), OK, letIn),
        row(
            "after the login the role is asked for",
            mysql(PASSWORD, PRIMARY, null),
            mysql(CACHING, Mysql::known),
            OK,
            "primary, version \"8.4.0\""),
        row(
            "a wrong password is denied",
            mysql("other", ANY, null),
            mysql(CACHING, Mysql::known),
            BAD_STATUS,
            DENIED_MYSQL),
        row(
            "a password that is not in the cache is encrypted with the server's key",
            check,
            mysql(CACHING, server -> server.byKey(publicKey())),
            OK,
            letIn),
        row(
            "a wrong password that is encrypted is denied",
            mysql("other", ANY, null),
            mysql(CACHING, server -> server.byKey(publicKey())),
            BAD_STATUS,
            DENIED_MYSQL),
        row(
            "a key that is none is refused",
            check,
            mysql(CACHING, server -> server.byKey("-----BEGIN PUBLIC KEY-----\nAAAA\n")),
            BAD_STATUS,
            "login: the server's key cannot be used, expected an RSA key for the password in PEM"),
        row(
            "a password that is not in the cache goes over TLS as it is",
            mysql(PASSWORD, PRIMARY, true),
            mysql(CACHING, Mysql::inClear),
            OK,
            "primary, version \"8.4.0\""),
        row(
            "a wrong password over TLS is denied",
            mysql("other", ANY, true),
            mysql(CACHING, Mysql::inClear),
            BAD_STATUS,
            DENIED_MYSQL),
        row(
            "a step that the plugin has not is refused",
            check,
            mysql(CACHING, server -> server.send(new byte[] {1, 9})),
            BAD_STATUS,
            "login: not expected of the plugin \"caching_sha2_password\": \"\\t\""),
        row(
            "a server without TLS is bad with TLS",
            mysql(PASSWORD, ANY, true),
            connection -> {
              new Mysql(connection.socket()).greet(CACHING, false);
              connection.awaitEnd();
            },
            TLS_FAILED,
            "the server has no TLS"),
        row(
            "what follows the greeting before TLS is no MySQL",
            mysql(PASSWORD, ANY, true),
            connection -> {
              Mysql server = new Mysql(connection.socket());
              connection.socket().getOutputStream().write(server.packets(CACHING));
              connection.awaitEnd();
            },
            BAD_RESPONSE,
            "no MySQL response, it begins with \"\\u0001\\u0000\\u0000\\u0001\\u0000\""));
  }

  private static List<Row> plugins() {
    Check check = mysql(PASSWORD, ANY, null);
    String letIn = "user let in, version \"8.4.0\"";
    return List.of(
        row("a native password", check, mysql(NATIVE, Mysql::ofNative), OK, letIn),
        row(
            "a wrong native password is denied",
            mysql("other", ANY, null),
            mysql(NATIVE, Mysql::ofNative),
            BAD_STATUS,
            DENIED_MYSQL),
        row(
            "a native password over TLS",
            mysql(PASSWORD, PRIMARY, true),
            mysql(NATIVE, Mysql::ofNative),
            OK,
            "primary, version \"8.4.0\""),
        row(
            "a change to the plugin of the user",
            check,
            mysql(
                NATIVE,
                server -> {
                  server.change(CACHING);
                  server.known();
                }),
            OK,
            letIn),
        row(
            "a change from a plugin that is not known",
            check,
            mysql(
                "client_ed25519",
                server -> {
                  server.change(NATIVE);
                  server.ofNative();
                }),
            OK,
            letIn),
        row(
            "a change to a plugin that is not known is refused",
            check,
            mysql(NATIVE, server -> server.ask("client_ed25519")),
            BAD_STATUS,
            "login: the server wants the plugin \"client_ed25519\", expected"
                + " caching_sha2_password or mysql_native_password"),
        row(
            "a change to a password in clear text is refused",
            check,
            mysql(NATIVE, server -> server.ask("mysql_clear_password")),
            BAD_STATUS,
            "login: the server wants the plugin \"mysql_clear_password\", expected"
                + " caching_sha2_password or mysql_native_password"),
        row(
            "a change to the plugin of MySQL 4.0 is refused",
            check,
            mysql(NATIVE, server -> server.send(new byte[] {(byte) 0xfe})),
            BAD_STATUS,
            "login: the server wants the plugin \"mysql_old_password\", expected"
                + " caching_sha2_password or mysql_native_password"),
        row(
            "a second change is no MySQL",
            check,
            mysql(
                NATIVE,
                server -> {
                  server.change(CACHING);
                  server.ask(NATIVE);
                }),
            BAD_RESPONSE,
            "no MySQL response, it begins with \",\\u0000\\u0000\\u0004\\ufffdmysql_native_password"
                + "\\u000012345678901234567890\\u0000\""),
        row(
            "a greeting without a salt is refused",
            check,
            connection -> {
              connection
                  .socket()
                  .getOutputStream()
                  .write(packet(0, "\n5.0\0abc".getBytes(StandardCharsets.UTF_8)));
              connection.awaitEnd();
            },
            BAD_STATUS,
            "login: the server's salt has 0 bytes, expected 20"));
  }

  @FunctionalInterface
  private interface MysqlTurns {
    void take(Mysql server) throws Exception;
  }

  /** Greets, takes TLS and the login; {@code turns} judge it. */
  private static Script mysql(String plugin, MysqlTurns turns) {
    return connection -> {
      Mysql server = new Mysql(connection.socket());
      server.greet(plugin, true);
      server.login(connection.socket());
      turns.take(server);
      connection.awaitEnd();
    };
  }

  /** MySQL's side of a session. */
  private static final class Mysql {
    private InputStream in;
    private OutputStream out;
    private int sequence;
    private byte[] answer = {};

    Mysql(Socket socket) throws IOException {
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    void greet(String plugin, boolean tls) throws IOException {
      send(greeting(plugin, tls));
    }

    /** The greeting with another packet behind it. */
    byte[] packets(String plugin) {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.writeBytes(packet(0, greeting(plugin, true)));
      both.writeBytes(packet(1, new byte[1]));
      return both.toByteArray();
    }

    private static byte[] greeting(String plugin, boolean tls) {
      ByteArrayOutputStream greeting = new ByteArrayOutputStream();
      greeting.writeBytes("\n8.4.0\0id##12345678\0".getBytes(StandardCharsets.US_ASCII));
      greeting.writeBytes(new byte[] {0, (byte) (tls ? 0x8a : 0x82), 33, 2, 0, 8, 0, 21});
      greeting.writeBytes(new byte[10]);
      greeting.writeBytes(("901234567890\0" + plugin + "\0").getBytes(StandardCharsets.US_ASCII));
      return greeting.toByteArray();
    }

    void send(byte[] body) throws IOException {
      out.write(packet(sequence++, body));
    }

    byte[] read() throws IOException {
      byte[] head = in.readNBytes(4);
      assertThat(head[3]).isEqualTo((byte) sequence++);
      return in.readNBytes((head[0] & 0xff) | (head[1] & 0xff) << 8);
    }

    /** Takes the login, after TLS if the client asks for it. */
    void login(Socket socket) throws Exception {
      byte[] login = read();
      if (login.length == 32) {
        assertThat(login[1] & 8).as("CLIENT_SSL").isEqualTo(8);
        Socket secured = secured(socket);
        in = secured.getInputStream();
        out = secured.getOutputStream();
        login = read();
      }
      int user = 32 + "probe\0".length();
      assertThat(text(login).substring(32)).startsWith("probe\0");
      answer = Arrays.copyOfRange(login, user + 1, user + 1 + login[user]);
    }

    void change(String plugin) throws IOException {
      ask(plugin);
      answer = read();
    }

    void ask(String plugin) throws IOException {
      String salt = new String(SALT, StandardCharsets.US_ASCII);
      send(("þ" + plugin + "\0" + salt + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    void known() throws Exception {
      byte[] once = digest("SHA-256", PASSWORD.getBytes(StandardCharsets.UTF_8));
      byte[] mixed = joined(digest("SHA-256", once), SALT);
      if (Arrays.equals(answer, xor(once, digest("SHA-256", mixed)))) {
        send(new byte[] {1, 3});
        letIn();
      } else {
        deny();
      }
    }

    void ofNative() throws Exception {
      byte[] once = digest("SHA-1", PASSWORD.getBytes(StandardCharsets.UTF_8));
      byte[] mixed = joined(SALT, digest("SHA-1", once));
      judge(Arrays.equals(answer, xor(once, digest("SHA-1", mixed))));
    }

    void byKey(String pem) throws Exception {
      send(new byte[] {1, 4});
      assertThat(read()).containsExactly(2);
      send(joined(new byte[] {1}, pem.getBytes(StandardCharsets.US_ASCII)));
      if (!pem.equals(publicKey())) {
        return;
      }
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
      cipher.init(Cipher.DECRYPT_MODE, RSA.getPrivate());
      byte[] sent = cipher.doFinal(read());
      for (int i = 0; i < sent.length; i++) {
        sent[i] ^= SALT[i % SALT.length];
      }
      judge(text(sent).equals(PASSWORD + "\0"));
    }

    void inClear() throws Exception {
      send(new byte[] {1, 4});
      judge(text(read()).equals(PASSWORD + "\0"));
    }

    private void judge(boolean right) throws IOException {
      if (right) {
        letIn();
      } else {
        deny();
      }
    }

    private void deny() throws IOException {
      byte[] message = "#28000Access denied".getBytes(StandardCharsets.US_ASCII);
      send(joined(new byte[] {(byte) 0xff, 0x15, 4}, message));
    }

    /** Lets the user in, and says that it takes writes if it is asked. */
    private void letIn() throws IOException {
      send(new byte[] {0, 0, 0, 2, 0, 0, 0});
      sequence = 0;
      if (read()[0] == 3) {
        byte[] end = {(byte) 0xfe, 0, 0, 2, 0};
        send(new byte[] {1});
        send("\3def".getBytes(StandardCharsets.US_ASCII));
        send(end);
        send("\0010".getBytes(StandardCharsets.US_ASCII));
        send(end);
      }
    }
  }

  private static Row row(
      String says, Check check, Script server, ProbeOutcome outcome, String detail) {
    return new Row(says, check, server, outcome, detail);
  }

  /** Takes PostgreSQL's request for TLS, then the session over TLS. */
  private static Script withTls(Script session) {
    return connection -> {
      connection.socket().getInputStream().readNBytes(8);
      connection.send("S");
      session.run(new ScriptedServer.Connection(secured(connection.socket())));
    };
  }

  private static SSLSocket secured(Socket plain) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(CERTIFICATE.toKeyManagerFactory().getKeyManagers(), null, null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", 0, true);
    socket.setUseClientMode(false);
    return socket;
  }

  private static X509Bundle certificate() {
    try {
      return new CertificateBuilder()
          .ecp256()
          .subject("CN=database")
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static KeyPair rsa() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String publicKey() {
    String body = Base64.getMimeEncoder().encodeToString(RSA.getPublic().getEncoded());
    return "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n";
  }

  private static byte[] packet(int sequence, byte[] body) {
    byte[] head = {(byte) body.length, (byte) (body.length >> 8), 0, (byte) sequence};
    return joined(head, body);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  private static byte[] xor(byte[] one, byte[] other) {
    byte[] mixed = new byte[one.length];
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = (byte) (one[i] ^ other[i]);
    }
    return mixed;
  }

  private static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] digest(String algorithm, String text) {
    return digest(algorithm, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
