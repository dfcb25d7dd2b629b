package dev.understudy.probe;

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
import dev.understudy.testing.Rows;
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
import java.util.OptionalInt;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;

/**
 * Logins with passwords, against the servers' sides of PostgreSQL's and MySQL's methods, which
 * check what they get as the servers do.
 */
class DatabaseLoginTest {
  private static final String PASSWORD = "sécret";
  private static final String DENIED = "FATAL: password authentication failed";
  private static final String ONE = "SCRAM-SHA-256\0\0";
  private static final byte[] SALT = "12345678901234567890".getBytes(StandardCharsets.US_ASCII);

  private static X509Bundle certificate;

  /** The signature of Ed25519 names no hash, of which a binding would be made. */
  private static X509Bundle unhashed;

  private static KeyPair rsa;

  @BeforeAll
  static void makeKeys() throws Exception {
    certificate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=database")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    unhashed =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=database")
            .buildIssuedBy(
                new CertificateBuilder()
                    .algorithm(CertificateBuilder.Algorithm.ed25519)
                    .subject("CN=authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned());
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    rsa = generator.generateKeyPair();
  }

  // The user's password is right unless the words say "other". "␀" is a zero byte.
  @Rows(
      """
      the right password is let in                                      | postgresql               | scram 4096         | OK         | user let in
      after the login the role is asked for                             | postgresql primary       | scram 4096         | OK         | primary
      the wrong password is denied                                      | postgresql primary other | scram 4096         | BAD_STATUS | DENIED
      with TLS the channel is bound to the certificate                  | postgresql primary tls   | scram 4096 plus    | OK         | primary
      a certificate without a hash binds no channel                     | postgresql primary tls   | scram 4096 plus unhashed | OK   | primary
      without TLS no channel is bound                                   | postgresql               | scram 4096 plus    | OK         | user let in
      a server that proves a wrong signature does not know the password | postgresql               | scram 4096 forged  | BAD_STATUS | login: the server does not prove that it knows the password
      a server that lets in without a proof does not know the password  | postgresql               | scram unproved     | BAD_STATUS | login: the server does not prove that it knows the password
      too many iterations are refused                                   | postgresql               | scram 100001       | BAD_STATUS | login: the server wants 100001 iterations, expected at most 100000
      iterations beyond all numbers are refused                         | postgresql               | challenge r=NONCEx,s=c2FsdA==,i=99999999999 | BAD_STATUS | login: no message of SCRAM: "r=NONCEx,s=c2FsdA==,i=99999999999"
      a nonce of its own is refused                                     | postgresql               | challenge r=own,s=c2FsdA==,i=4096 | BAD_STATUS | login: no message of SCRAM: "r=own,s=c2FsdA==,i=4096"
      an empty challenge is refused                                     | postgresql               | challenge          | BAD_STATUS | login: no message of SCRAM: ""
      an unknown mechanism is refused                                   | postgresql               | method 10 OAUTHBEARER␀␀ | BAD_STATUS | login: the server offers "OAUTHBEARER", expected SCRAM-SHA-256
      a binding that cannot be made is not left out                     | postgresql tls           | method 10 SCRAM-SHA-256-PLUS␀␀ unhashed | BAD_STATUS | login: the server offers "SCRAM-SHA-256-PLUS", expected SCRAM-SHA-256
      a weaker mechanism is refused                                     | postgresql               | method 10 SCRAM-SHA-1␀␀ | BAD_STATUS | login: the server offers "SCRAM-SHA-1", expected SCRAM-SHA-256
      a challenge before SCRAM begins is refused                        | postgresql               | method 11 r=x      | BAD_STATUS | login: no message of SCRAM: "r=x"
      a server that goes in the middle of the login is broken           | postgresql               | scram gone         | BROKEN     | connection closed before the end of the response
      a password in clear text goes over TLS                            | postgresql primary tls   | clear              | OK         | primary
      a password in clear text does not go without TLS                  | postgresql               | method 3           | BAD_STATUS | login: the server wants the password in clear text without TLS, expected SCRAM-SHA-256 or tls: true
      a hash by MD5 goes over TLS                                       | postgresql tls           | md5                | OK         | user let in
      a wrong hash by MD5 is denied                                     | postgresql tls other     | md5                | BAD_STATUS | DENIED
      a hash by MD5 does not go without TLS                             | postgresql               | method 5 salt      | BAD_STATUS | login: the server wants the password in MD5 without TLS, expected SCRAM-SHA-256 or tls: true
      another method is refused                                         | postgresql               | method 7           | BAD_STATUS | login: the server wants method 7, expected SCRAM-SHA-256
      a server that trusts the user needs no password                   | postgresql primary       | trusting           | OK         | primary
      a hash in the cache is enough                                     | mysql                    | caching known      | OK         | user let in, version "8.4.0"
      after the login to MySQL the role is asked for                    | mysql primary            | caching known      | OK         | primary, version "8.4.0"
      a wrong password is denied by MySQL                               | mysql other              | caching known      | BAD_STATUS | DENIED
      a password that is not in the cache is encrypted with the server's key | mysql               | caching key        | OK         | user let in, version "8.4.0"
      a wrong password that is encrypted is denied                      | mysql other              | caching key        | BAD_STATUS | DENIED
      a key that is none is refused                                     | mysql                    | caching no-key     | BAD_STATUS | login: the server's key cannot be used, expected an RSA key for the password in PEM
      a password that is not in the cache goes over TLS as it is        | mysql primary tls        | caching clear      | OK         | primary, version "8.4.0"
      a wrong password over TLS is denied                               | mysql tls other          | caching clear      | BAD_STATUS | DENIED
      a step that the plugin has not is refused                         | mysql                    | caching step       | BAD_STATUS | login: not expected of the plugin "caching_sha2_password": "\\t"
      a server without TLS is bad with TLS                              | mysql tls                | without-tls        | TLS_FAILED | the server has no TLS
      what follows the greeting before TLS is no MySQL                  | mysql tls                | two-packets        | BAD_RESPONSE | no MySQL response, it begins with "\\u0001\\u0000\\u0000\\u0001\\u0000"
      a native password                                                 | mysql                    | native known       | OK         | user let in, version "8.4.0"
      a wrong native password is denied                                 | mysql other              | native known       | BAD_STATUS | DENIED
      a native password over TLS                                        | mysql primary tls        | native known       | OK         | primary, version "8.4.0"
      a change to the plugin of the user                                | mysql                    | native change caching | OK      | user let in, version "8.4.0"
      a change from a plugin that is not known                          | mysql                    | client_ed25519 change native | OK | user let in, version "8.4.0"
      a change to a plugin that is not known is refused                 | mysql                    | native ask client_ed25519 | BAD_STATUS | login: the server wants the plugin "client_ed25519", expected caching_sha2_password or mysql_native_password
      a change to a password in clear text is refused                   | mysql                    | native ask mysql_clear_password | BAD_STATUS | login: the server wants the plugin "mysql_clear_password", expected caching_sha2_password or mysql_native_password
      a change to the plugin of MySQL 4.0 is refused                    | mysql                    | native old         | BAD_STATUS | login: the server wants the plugin "mysql_old_password", expected caching_sha2_password or mysql_native_password
      a second change is no MySQL                                       | mysql                    | native twice       | BAD_RESPONSE | no MySQL response, it begins with ",\\u0000\\u0000\\u0004\\ufffdmysql_native_password\\u000012345678901234567890\\u0000"
      a greeting without a salt is refused                              | mysql                    | unsalted           | BAD_STATUS | login: the server's salt has 0 bytes, expected 20
      """)
  void a_login_gives_the_role_or_the_reason(
      String says, String words, String session, ProbeOutcome outcome, String detail)
      throws Exception {
    boolean mysql = words.startsWith("mysql");
    boolean tls = words.contains(" tls");
    String password = words.endsWith(" other") ? "other" : PASSWORD;
    DatabaseRole role = words.contains(" primary") ? PRIMARY : ANY;
    CheckConnection connection = new CheckConnection(OptionalInt.empty(), tls ? true : null, false);
    Check check =
        mysql
            ? new MysqlCheck("probe", password, role, connection)
            : new PostgresqlCheck("probe", password, null, role, connection);
    Script script = mysql ? mysql(session) : postgresql(session);
    String denied = "the server says: " + (mysql ? "error 1045: Access denied" : DENIED);
    var trusting =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    try (ScriptedServer server =
            new ScriptedServer(
                tls && !mysql
                    ? withTls(session.endsWith(" unhashed") ? unhashed : certificate, script)
                    : script);
        ProbeHarness harness = new ProbeHarness(asked -> trusting)) {
      Observation.Probe probe = harness.probe(check, server.port(), AMPLE);
      assertThat(probe.outcome()).as(probe.detail()).isEqualTo(outcome);
      assertThat(probe.detail())
          .isEqualTo(detail.equals("DENIED") ? denied : detail)
          .doesNotContain(PASSWORD);
      assertThat(server.failures()).isEmpty();
    }
    assertThat(check.toString()).doesNotContain(PASSWORD);
  }

  // PostgreSQL

  private static Script postgresql(String session) {
    String[] words = session.split(" ", -1);
    String rest = words.length < 3 ? "" : words[2];
    return switch (words[0]) {
      case "method" ->
          postgresql(server -> server.send(Integer.parseInt(words[1]), rest.replace("␀", "\0")));
      case "challenge" -> challenge(ONE, words.length < 2 ? "" : words[1]);
      case "clear" -> password(3, "", PASSWORD);
      case "md5" -> {
        String hashed = hex(digest("MD5", PASSWORD + "probe"));
        yield password(5, "salt", "md5" + hex(digest("MD5", hashed + "salt")));
      }
      case "trusting" -> postgresql(Postgresql::letIn);
      default ->
          switch (words[1]) {
            case "unproved" ->
                postgresql(
                    server -> {
                      server.send(10, ONE);
                      server.read();
                      server.send(0, "");
                    });
            case "gone" ->
                connection -> {
                  Postgresql server = new Postgresql(connection.socket());
                  server.start();
                  server.send(10, ONE);
                  server.read();
                };
            default ->
                scram(
                    rest.equals("plus") ? "SCRAM-SHA-256-PLUS\0" + ONE : ONE,
                    Integer.parseInt(words[1]),
                    rest.equals("forged"));
          };
    };
  }

  /** PostgreSQL's side of a session. */
  private static final class Postgresql {
    private final DataInputStream in;
    private final OutputStream out;
    private final boolean binds;

    Postgresql(Socket socket) throws IOException {
      in = new DataInputStream(socket.getInputStream());
      out = socket.getOutputStream();
      binds =
          socket instanceof SSLSocket tls
              && certificate.getCertificate().equals(tls.getSession().getLocalCertificates()[0]);
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
  private interface Turns<T> {
    void take(T server) throws Exception;
  }

  private static Script postgresql(Turns<Postgresql> turns) {
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

  /** Begins SCRAM and sends a first message. */
  private static Script challenge(String mechanisms, String message) {
    return postgresql(
        server -> {
          server.send(10, mechanisms);
          server.read();
          server.send(11, message);
        });
  }

  /** SCRAM-SHA-256 (RFC 5802, RFC 7677) with {@link #PASSWORD}. */
  private static Script scram(String mechanisms, int iterations, boolean forged) {
    return postgresql(
        server -> {
          server.send(10, mechanisms);
          String[] first = text(server.read()).split("\0", 2);
          boolean plus = first[0].equals("SCRAM-SHA-256-PLUS");
          assertThat(plus).isEqualTo(server.binds);
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
            bound.writeBytes(digest("SHA-256", certificate.getCertificate().getEncoded()));
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
            signature[0] ^= (byte) (forged ? 1 : 0);
            server.send(12, "v=" + base64(signature));
            server.letIn();
          } else {
            server.deny();
          }
        });
  }

  // MySQL

  private static final String NATIVE = "mysql_native_password";
  private static final String CACHING = "caching_sha2_password";

  private static String plugin(String word) {
    return switch (word) {
      case "native" -> NATIVE;
      case "caching" -> CACHING;
      default -> word;
    };
  }

  private static Script mysql(String session) {
    String[] words = session.split(" ", -1);
    String plugin = plugin(words[0]);
    return switch (words[words.length == 1 ? 0 : 1]) {
      case "known" -> mysql(plugin, server -> server.known(plugin));
      case "key" -> mysql(plugin, server -> server.byKey(publicKey()));
      case "no-key" -> mysql(plugin, server -> server.byKey("-----BEGIN PUBLIC KEY-----\nAAAA\n"));
      case "clear" -> mysql(plugin, Mysql::inClear);
      case "step" -> mysql(plugin, server -> server.send(new byte[] {1, 9}));
      case "old" -> mysql(plugin, server -> server.send(new byte[] {(byte) 0xfe}));
      case "ask" -> mysql(plugin, server -> server.ask(words[2]));
      case "change" ->
          mysql(
              plugin,
              server -> {
                server.change(plugin(words[2]));
                server.known(plugin(words[2]));
              });
      case "twice" ->
          mysql(
              plugin,
              server -> {
                server.change(CACHING);
                server.ask(NATIVE);
              });
      case "without-tls" -> sending(Mysql.greeting(CACHING, false), 0);
      case "two-packets" -> sending(Mysql.greeting(CACHING, true), 1);
      default -> sending("\n5.0\0abc".getBytes(StandardCharsets.UTF_8), 0);
    };
  }

  /** Sends a packet and so many behind it, and nothing more. */
  private static Script sending(byte[] body, int more) {
    return connection -> {
      OutputStream out = connection.socket().getOutputStream();
      byte[] first = packet(0, body);
      out.write(more == 0 ? first : joined(first, packet(1, new byte[1])));
      connection.awaitEnd();
    };
  }

  /** Greets, takes TLS and the login; {@code turns} judge it. */
  private static Script mysql(String plugin, Turns<Mysql> turns) {
    return connection -> {
      Mysql server = new Mysql(connection.socket());
      server.send(Mysql.greeting(plugin, true));
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

    static byte[] greeting(String plugin, boolean tls) {
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
        Socket secured = secured(socket, certificate);
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

    /** Judges a hash of the password by that plugin. */
    void known(String plugin) throws Exception {
      boolean caching = plugin.equals(CACHING);
      String algorithm = caching ? "SHA-256" : "SHA-1";
      byte[] once = digest(algorithm, PASSWORD.getBytes(StandardCharsets.UTF_8));
      byte[] twice = digest(algorithm, once);
      byte[] mixed = caching ? joined(twice, SALT) : joined(SALT, twice);
      boolean right = Arrays.equals(answer, xor(once, digest(algorithm, mixed)));
      if (caching && right) {
        send(new byte[] {1, 3});
      }
      judge(right);
    }

    void byKey(String pem) throws Exception {
      send(new byte[] {1, 4});
      assertThat(read()).containsExactly(2);
      send(joined(new byte[] {1}, pem.getBytes(StandardCharsets.US_ASCII)));
      if (!pem.equals(publicKey())) {
        return;
      }
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
      cipher.init(Cipher.DECRYPT_MODE, rsa.getPrivate());
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

  /** Takes PostgreSQL's request for TLS, then the session over TLS. */
  private static Script withTls(X509Bundle shown, Script session) {
    return connection -> {
      connection.socket().getInputStream().readNBytes(8);
      connection.send("S");
      session.run(new ScriptedServer.Connection(secured(connection.socket(), shown)));
    };
  }

  private static SSLSocket secured(Socket plain, X509Bundle shown) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(shown.toKeyManagerFactory().getKeyManagers(), null, null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", 0, true);
    socket.setUseClientMode(false);
    return socket;
  }

  private static String publicKey() {
    String body = Base64.getMimeEncoder().encodeToString(rsa.getPublic().getEncoded());
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
