package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.TicketKeys;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.PemAuthority;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS sessions that clients resume: at the same replica, at others, after a change of keys. */
class SessionTicketsTest {
  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");
  private static final PemAuthority CLIENTS = new PemAuthority("CN=clients");
  private static final PemAuthority STRANGERS = new PemAuthority("CN=strangers");

  private static final String LISTENERS =
      """
      web: { port: 0, tls: { certificates: [main.pem] } }
      required: { port: 0, tls: { certificates: [main.pem], client-auth: required, client-ca: clients.pem } }
      strangers: { port: 0, tls: { certificates: [main.pem], client-auth: required, client-ca: strangers.pem } }
      """;

  private static final String ROUTES =
      """
      - id: all
        uri: "pool://p"
        predicates: ["Path=/**"]
        filters: ["Respond=200, {tls.version} {tls.subject} {tls.server-name} when tls"]
      """;

  @TempDir static Path folder;
  private static Path keys;
  @AutoClose private static ListeningProxy one;
  @AutoClose private static ListeningProxy two;
  @AutoClose private static ListeningProxy alone;
  @AutoClose private static ListeningProxy jdk;

  @BeforeAll
  static void start() throws Exception {
    PemAuthority.write(
        folder.resolve("main.pem"), AUTHORITY.issue("CN=main", "EC", "a.test").pem());
    PemAuthority.write(folder.resolve("clients.pem"), CLIENTS.pem());
    PemAuthority.write(folder.resolve("strangers.pem"), STRANGERS.pem());
    keys = folder.resolve("ticket.keys");
    write(1, 2, 3);
    one = proxy("understudy.tls.ticket-keys=" + keys);
    two = proxy("understudy.tls.ticket-keys=" + keys);
    alone = proxy("understudy.tls.provider=auto");
    jdk = proxy("understudy.tls.provider=jdk");
  }

  private static ListeningProxy proxy(String setting) {
    return new ListeningProxy(folder, LISTENERS, ROUTES, "server.port=-1", setting);
  }

  private static void write(int... numbers) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int each : numbers) {
      byte[] key = new byte[48];
      Arrays.fill(key, (byte) each);
      lines.add(Base64.getEncoder().encodeToString(key));
    }
    write(lines);
  }

  /** At once: what is read of a file that is being written would be told, too. */
  private static void write(List<String> lines) throws IOException {
    Path whole = Files.write(folder.resolve("whole.keys"), lines);
    Files.move(whole, keys, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Waits until both replicas have read the keys. */
  private static void replace(int... numbers) throws IOException {
    try (LogCapture log = LogCapture.of(TicketKeys.class, keys.toString())) {
      write(numbers);
      Await.until("both have them", () -> log.events().size() == 2);
    }
  }

  /** A client that keeps its sessions, whatever port of ours it connects to. */
  private static final class Client {
    private final AtomicInteger certificates = new AtomicInteger();
    private final SSLContext context;
    private final String version;

    Client(String version, KeyManager... identity) throws GeneralSecurityException {
      this.version = version;
      context = SSLContext.getInstance("TLS");
      context.init(identity, new TrustManager[] {new Counting(certificates)}, null);
    }

    /** The body of a response; empty if there is no connection. */
    String ask(ListeningProxy proxy, String listener) {
      try (Socket raw = new Disguised(proxy.port(listener));
          SSLSocket socket =
              (SSLSocket) context.getSocketFactory().createSocket(raw, "a.test", 443, true)) {
        socket.setSoTimeout(30_000);
        socket.setEnabledProtocols(new String[] {version});
        socket
            .getOutputStream()
            .write(
                "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        String response =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return response.substring(response.indexOf("\r\n\r\n") + 4).strip();
      } catch (IOException e) {
        return "";
      }
    }

    /** Whether a server did not show its certificate again. */
    boolean resumes(ListeningProxy proxy, String listener) {
      int before = certificates.get();
      assertThat(ask(proxy, listener)).startsWith(version);
      return certificates.get() == before;
    }
  }

  /** Has all ports look alike to the JDK's cache of sessions. */
  private static final class Disguised extends Socket {
    Disguised(int port) throws IOException {
      super("127.0.0.1", port);
    }

    @Override
    public int getPort() {
      return 443;
    }
  }

  private record Counting(AtomicInteger shown) implements X509TrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      shown.incrementAndGet();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Replicas {@code one} and {@code two} have the same keys. */
  @ParameterizedTest
  @CsvSource({
    "TLSv1.2, one, one, true",
    "TLSv1.3, one, one, true",
    "TLSv1.2, jdk, jdk, true",
    "TLSv1.3, jdk, jdk, true",
    "TLSv1.3, alone, alone, true",
    "TLSv1.2, one, two, true",
    "TLSv1.3, one, two, true",
    "TLSv1.2, one, alone, false",
    "TLSv1.3, one, alone, false",
  })
  void a_session_is_resumed_wherever_the_keys_are_the_same(
      String version, String first, String then, boolean resumed) throws Exception {
    Map<String, ListeningProxy> proxies =
        Map.of("one", one, "two", two, "alone", alone, "jdk", jdk);
    Client client = new Client(version);
    assertThat(client.resumes(proxies.get(first), "web")).isFalse();
    assertThat(client.resumes(proxies.get(then), "web")).isEqualTo(resumed);
    assertThat(client.resumes(proxies.get(first), "web")).isEqualTo(resumed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void a_ticket_counts_as_long_as_its_key_is_among_the_last_three(String version) throws Exception {
    Client client = new Client(version);
    Client late = new Client(version);
    assertThat(client.resumes(one, "web")).isFalse();
    assertThat(late.resumes(one, "web")).isFalse();
    replace(1, 2, 3, 4);
    assertThat(client.resumes(two, "web")).isTrue();
    replace(4, 5, 6);
    assertThat(late.resumes(two, "web")).isFalse();
    replace(1, 2, 3);
  }

  @Test
  void a_file_that_cannot_be_used_leaves_the_keys_before_in_place() throws Exception {
    Client client = new Client("TLSv1.3");
    assertThat(client.resumes(one, "web")).isFalse();
    try (LogCapture log = LogCapture.of(TicketKeys.class, keys.toString())) {
      write(List.of("c2VjcmV0"));
      Await.until("both tell", () -> log.events().size() == 2);
      assertThat(log.events().getFirst().getFormattedMessage())
          .isEqualTo(
              "understudy.tls.ticket-keys: line 1 of %s: expected 48 or 80 bytes in base64, found"
                  + " 6; keeping the keys read before",
              keys);
    }
    assertThat(client.resumes(two, "web")).isTrue();
    write(1, 2, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void a_session_keeps_its_clients_certificate(String version) throws Exception {
    Client client = new Client(version, CLIENTS.issue("CN=alice", "EC").keyManagers());
    assertThat(client.ask(one, "required")).isEqualTo(version + " CN=alice a.test");
    assertThat(client.resumes(two, "required")).isTrue();
    assertThat(client.ask(two, "required")).isEqualTo(version + " CN=alice a.test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void a_session_without_a_certificate_opens_no_listener_that_requires_one(String version)
      throws Exception {
    Client client = new Client(version);
    assertThat(client.ask(one, "web")).startsWith(version);
    assertThat(client.ask(one, "required")).isEmpty();
    assertThat(client.ask(two, "required")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void a_session_counts_for_no_listener_with_other_authorities(String version) throws Exception {
    Client client = new Client(version, CLIENTS.issue("CN=alice", "EC").keyManagers());
    assertThat(client.ask(one, "required")).startsWith(version);
    assertThat(client.ask(two, "strangers")).isEmpty();
  }
}
