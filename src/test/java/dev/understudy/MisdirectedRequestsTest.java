package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.proxy.listener.ListenerProperties.Tls.Provider;
import dev.understudy.testing.Await;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import dev.understudy.testing.OddHello;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Rows;
import dev.understudy.testing.Trusting;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Server names that ask for client certificates of different authorities: what was shown to one
 * does not count for another, whatever {@code Host} says (RFC 9110 §15.5.20, RFC 9113 §9.1.2).
 */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class MisdirectedRequestsTest {
  @Parameter Provider provider;

  @TempDir static Path directory;
  private static TestProxy proxy;
  private static X509Bundle ours;

  /** {@code main} and {@code exact} ask for one authority, {@code wild} for another. */
  @BeforeParameterizedClassInvocation
  static void start(Provider provider) throws Exception {
    Path folder = Files.createDirectory(directory.resolve(provider.name()));
    Certificates one = new Certificates(Files.createDirectory(folder.resolve("one")));
    Certificates other = new Certificates(Files.createDirectory(folder.resolve("other")));
    ours = one.issue("client", "client");
    String filters = "default-filters: ['SetRequestHeader=X-Server-Name, {tls.server-name}']\n";
    String[] settings = asking(provider, one.authorityFile(), other.authorityFile());
    proxy = new TestProxy(folder, filters + TestProxy.ALL, TestProxy.tls(folder, settings));
    proxy.requireLanesAsNamed();
  }

  /** Settings of bundles with these authorities, that of {@code exact} is {@code main}'s. */
  private static String[] asking(Provider provider, Path main, Path wild, String... more) {
    List<String> settings = new ArrayList<>(List.of(more));
    settings.addAll(List.of("server.ssl.client-auth=need", "understudy.tls.provider=" + provider));
    for (String name : List.of("main", "exact", "wild")) {
      String bundle = "spring.ssl.bundle.pem." + name;
      settings.add(bundle + ".truststore.certificate=file:" + (name.equals("wild") ? wild : main));
      if (provider == Provider.JDK) {
        settings.add(bundle + ".options.ciphers=" + Certificates.BULK_CIPHER);
      }
    }
    return settings.toArray(String[]::new);
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    proxy.close();
  }

  @ParameterizedTest
  @CsvSource({
    "www.domain.com, www.domain.com, 200",
    "www.domain.com, WWW.Domain.com:443, 200",
    "www.domain.com, other.test, 200",
    "www.domain.com, x.domain.com, 421",
    "www.domain.com, X.DOMAIN.COM:8443, 421",
    "www.domain.com, x.domain.com., 421",
    "other.test, www.domain.com, 200",
    "other.test, x.domain.com, 421",
    "other.test, [::1]:443, 200",
  })
  void a_certificate_counts_for_names_that_ask_for_its_authority(
      String connected, String host, String status) throws Exception {
    for (String target : new String[] {"/express/", "/gateway/"}) {
      int calls = proxy.server.calls().size();
      try (var identity = Trusting.showing(ours);
          RawHttp2 client = RawHttp2.connect(proxy.port(), new byte[0], connected, 0).settings()) {
        assertThat(status(client, 1, host, target)).isEqualTo(status);
        assertThat(status(connected, target, host)).isEqualTo(status);
        assertThat(status(connected, "https://" + host + target, connected)).isEqualTo(status);
        assertThat(proxy.server.calls()).hasSize(calls + (status.equals("200") ? 3 : 0));
        assertThat(status(client, 3, connected, target)).isEqualTo("200");
      }
    }
  }

  /**
   * Netty takes such a client for one without a name, BoringSSL reads past empty records and
   * warnings and finds it.
   */
  @ParameterizedTest
  @ValueSource(strings = {"1603010000", "16030100001603010000", "1503010002015a", "140301000101"})
  void a_name_behind_other_records_than_a_client_hello_leads_nowhere(String records)
      throws Exception {
    int calls = proxy.server.calls().size();
    try (var identity = Trusting.showing(ours)) {
      assertThatThrownBy(
              () -> {
                byte[] before = HexFormat.of().parseHex(records);
                try (RawClient client = RawClient.secure(proxy.port(), before, "x.domain.com")) {
                  client.get("/express/", "Host: x.domain.com");
                }
              })
          .isInstanceOf(UncheckedIOException.class);
    }
    assertThat(proxy.server.calls()).hasSize(calls);
  }

  /**
   * Netty takes it for none of the names, and serves the main bundle, while the session's name is
   * {@code x.domain.com}, as UTS 46 maps the full stop.
   */
  @Test
  void a_name_beyond_ascii_shows_its_certificate_to_the_main_bundle_alone() throws Exception {
    String connected = "x\u3002domain.com";
    try (var identity = Trusting.showing(ours)) {
      for (String lane : TestProxy.LANES) {
        assertThat(status(connected, lane, "x.domain.com")).isEqualTo("421");
        assertThat(status(connected, lane, "other.test")).isEqualTo("200");
        assertThat(serverName()).doesNotContain("x.domain.com");
      }
    }
  }

  /** A connection goes on after a reload, with what its certificate was verified for. */
  @Test
  void a_certificate_does_not_count_for_a_name_whose_authority_became_that_of_its_own(
      @TempDir Path folder) throws Exception {
    Certificates one = new Certificates(Files.createDirectory(folder.resolve("one")));
    Certificates other = new Certificates(Files.createDirectory(folder.resolve("other")));
    Certificates next = new Certificates(Files.createDirectory(folder.resolve("next")));
    X509Bundle ofOne = one.issue("client", "client");
    X509Bundle ofNext = next.issue("client", "client");
    Path main = Files.copy(one.authorityFile(), folder.resolve("main-trust.pem"));
    Path wild = Files.copy(other.authorityFile(), folder.resolve("wild-trust.pem"));
    try (TestProxy reloading =
        TestProxy.secure(
            folder,
            asking(provider, main, wild, "spring.ssl.bundle.watch.file.quiet-period=50ms"))) {
      int port = reloading.port();
      try (var identity = Trusting.showing(ofOne);
          RawHttp2 before = RawHttp2.connect(port, new byte[0], "other.test", 0).settings()) {
        assertThat(status(before, 1, "x.domain.com", "/express/")).isEqualTo("421");
        for (Path trust : new Path[] {main, wild}) {
          Path written = Files.copy(next.authorityFile(), folder.resolve("written.pem"));
          Files.move(written, trust, StandardCopyOption.ATOMIC_MOVE);
        }
        try (var later = Trusting.showing(ofNext)) {
          Await.until("main is reloaded", () -> isServed(port, "other.test"));
          Await.until("wild is reloaded", () -> isServed(port, "x.domain.com"));
        }
        assertThat(status(before, 3, "x.domain.com", "/express/")).isEqualTo("421");
        assertThat(status(before, 5, "x.domain.com", "/gateway/")).isEqualTo("421");
        assertThat(status(before, 7, "other.test", "/express/")).isEqualTo("200");
      }
    }
  }

  private static boolean isServed(int port, String name) {
    try (RawClient client = RawClient.secure(port, new byte[0], name)) {
      return client.get("/express/", "Host: " + name).status() == 200;
    } catch (UncheckedIOException refused) {
      return false;
    }
  }

  /** Netty finds no name, BoringSSL refuses the client, and the JDK's TLS finds the name. */
  @Rows(
      """
      another type of name comes first    | 1=a 0=x.domain.com | ONE
      the record's version is that of DTLS | 0=x.domain.com    | OF_DTLS
      """)
  void a_name_that_the_library_alone_finds_shows_its_certificate_to_the_main_bundle_alone(
      String says, String names, OddHello.Records records) throws Exception {
    if (provider == Provider.AUTO) {
      assertThatThrownBy(
              () -> new OddHello(ours).connect(proxy.port(), new byte[0], names, records))
          .isInstanceOf(UncheckedIOException.class);
      return;
    }
    for (String lane : TestProxy.LANES) {
      assertThat(served(names, records, lane, "x.domain.com")).isEqualTo("421 by CN=main");
      assertThat(served(names, records, lane, "other.test")).isEqualTo("200 by CN=main");
      assertThat(serverName()).containsExactly("");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "OF_DTLS", mode = EnumSource.Mode.EXCLUDE)
  void a_name_is_read_from_whatever_records_a_client_may_send(OddHello.Records records)
      throws Exception {
    String names = "0=www.domain.com";
    for (String lane : TestProxy.LANES) {
      assertThat(served(names, records, lane, "x.domain.com")).isEqualTo("421 by CN=exact");
      assertThat(served(names, records, lane, "www.domain.com")).isEqualTo("200 by CN=exact");
      assertThat(serverName()).containsExactly("www.domain.com");
    }
  }

  /** The status, and whose certificate is shown. */
  private static String served(String names, OddHello.Records records, String target, String host)
      throws Exception {
    try (RawClient client = new OddHello(ours).connect(proxy.port(), new byte[0], names, records)) {
      SSLSession session = ((SSLSocket) client.socket()).getSession();
      int status = client.get(target, "Host: " + host).status();
      return status + " by " + session.getPeerPrincipal().getName();
    }
  }

  /** What conditions and values take for the name, as the server got it. */
  private static List<String> serverName() {
    return proxy.server.calls().getLast().headers("x-server-name");
  }

  @Test
  void a_request_without_a_host_is_its_connections() throws Exception {
    try (var identity = Trusting.showing(ours);
        RawClient client = RawClient.secure(proxy.port(), new byte[0], "www.domain.com")) {
      client.send("GET /express/ HTTP/1.0\r\n\r\n");
      assertThat(client.response().status()).isNotEqualTo(421);
    }
  }

  /** Over HTTP/1.1. */
  private static String status(String connected, String target, String host) {
    try (RawClient client = RawClient.secure(proxy.port(), new byte[0], connected)) {
      return Integer.toString(client.get(target, "Host: " + host).status());
    }
  }

  private static String status(RawHttp2 client, int stream, String authority, String target)
      throws IOException {
    client.head(
        stream,
        true,
        ":method: GET",
        ":scheme: https",
        ":authority: " + authority,
        ":path: " + target);
    return client.read(RawHttp2.HEADERS, stream).fields().status().toString();
  }
}
