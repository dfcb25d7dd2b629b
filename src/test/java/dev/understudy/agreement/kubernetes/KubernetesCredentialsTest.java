package dev.understudy.agreement.kubernetes;

import static dev.understudy.agreement.kubernetes.ApiScript.EMPTY_LIST;
import static dev.understudy.agreement.kubernetes.ApiScript.respond;
import static dev.understudy.agreement.kubernetes.ApiScript.settings;
import static dev.understudy.agreement.kubernetes.ApiScript.status;
import static dev.understudy.agreement.kubernetes.KubernetesFaultsTest.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.understudy.agreement.register.HeardChanges;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Script;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens and authorities, and how they change. */
class KubernetesCredentialsTest {
  private static final Duration ALWAYS = Duration.ZERO;
  private static final Duration NEVER = Duration.ofDays(1);

  private static X509Bundle authority;
  private static X509Bundle newAuthority;

  @TempDir private Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private Path token;
  private Path ca;
  private ApiScript script;

  @BeforeAll
  static void makeAuthorities() throws Exception {
    authority = authority("old");
    newAuthority = authority("new");
  }

  private static X509Bundle authority(String name) throws Exception {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=" + name)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  @BeforeEach
  void writeFiles() throws IOException {
    token = Files.writeString(folder.resolve("token"), "first\n");
    ca = Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  private Register plain(Duration interval, Script... steps) {
    script = ApiScript.of(steps);
    return open("http", ServerSocketFactory.getDefault(), null, interval, script);
  }

  private Register tls(X509Bundle certificate, Duration interval, @Nullable Path trusted)
      throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
    script = ApiScript.of(empty());
    return open("https", context.getServerSocketFactory(), trusted, interval, script);
  }

  private Register open(
      String scheme,
      ServerSocketFactory sockets,
      @Nullable Path trusted,
      Duration interval,
      Script served) {
    ScriptedServer server = new ScriptedServer(sockets, served);
    // Long, as a busy machine may keep the script.
    var settings =
        settings(scheme, server.port(), token, trusted).withCallTimeout(Duration.ofSeconds(30));
    Register register = new KubernetesRegister(settings, interval);
    opened.add(register);
    opened.add(server);
    return register;
  }

  private static X509Bundle certificate(X509Bundle issuer, String address) throws Exception {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=kube-apiserver")
        .addSanIpAddress(address)
        .buildIssuedBy(issuer);
  }

  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), text);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Script empty() {
    return respond("200 OK", EMPTY_LIST);
  }

  private static Script unauthorized() {
    return status(401, "Unauthorized", "Unauthorized");
  }

  private static void list(Register register) throws Exception {
    assertThat(register.list().get(20, TimeUnit.SECONDS).revision()).isEqualTo(7);
  }

  @Test
  void a_renewed_token_is_sent_with_calls_and_watches() throws Exception {
    Register register = plain(ALWAYS, empty());
    list(register);
    replace(token, "second");
    list(register);
    HeardChanges heard = new HeardChanges();
    register.watch(7, heard);
    heard.awaitEnd();
    assertThat(script.header(1, "Authorization")).isEqualTo("Bearer second");
    assertThat(script.header(2, "Authorization")).isEqualTo("Bearer second");
  }

  @Test
  void a_401_with_a_renewed_token_there_is_followed_by_the_same_call_with_it() throws Exception {
    Register register = plain(NEVER, unauthorized(), empty());
    replace(token, "second");
    list(register);
    assertThat(script.header(0, "Authorization")).isEqualTo("Bearer first");
    assertThat(script.header(1, "Authorization")).isEqualTo("Bearer second");
  }

  @Test
  void a_401_with_the_same_token_fails_at_once_without_showing_it() throws Exception {
    Register register = plain(NEVER, unauthorized());
    RegisterException failure = failure(register.list());
    assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
    assertThat(failure.getMessage()).contains("401", token.toString()).doesNotContain("first");
    assertThat(script.heads).hasSize(1);
  }

  @Test
  void a_second_401_is_refused() throws Exception {
    Register register = plain(NEVER, unauthorized());
    replace(token, "second");
    assertThat(failure(register.list()).reason()).isEqualTo(Reason.REFUSED);
    assertThat(script.heads).hasSize(2);
  }

  @Test
  void a_watch_that_gets_401_takes_the_renewed_token_the_next_time() throws Exception {
    Register register = plain(NEVER, unauthorized(), empty());
    replace(token, "second");
    HeardChanges heard = new HeardChanges();
    register.watch(7, heard);
    heard.awaitEnd();
    assertThat(heard.end().reason()).isEqualTo(Reason.REFUSED);
    list(register);
    assertThat(script.header(1, "Authorization")).isEqualTo("Bearer second");
  }

  @Test
  void a_token_file_that_is_away_or_empty_leaves_the_token_in_force() throws Exception {
    Register register = plain(ALWAYS, empty());
    Files.delete(token);
    list(register);
    Files.writeString(token, "\n");
    list(register);
    assertThat(script.header(1, "Authorization")).isEqualTo("Bearer first");
  }

  @ParameterizedTest
  @CsvSource({"http, token-file, ' '", "https, ca-file, rubbish"})
  void a_file_that_is_no_good_is_refused_at_the_start(String scheme, String setting, String text)
      throws Exception {
    Path file = Files.writeString(setting.equals("ca-file") ? ca : token, text);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new KubernetesRegister(settings(scheme, 1, token, file.equals(ca) ? ca : null)))
        .withMessageContainingAll("understudy.agreement.kubernetes." + setting, file.toString());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a certificate of another authority, new, 127.0.0.1, ca.crt",
    "a certificate for another address, old, 192.0.2.1, 127.0.0.1"
  })
  void what_is_not_trusted_is_refused_and_says_why(
      String what, String issuer, String address, String said) throws Exception {
    X509Bundle by = issuer.equals("old") ? authority : newAuthority;
    Register register = tls(certificate(by, address), NEVER, ca);
    RegisterException failure = failure(register.list());
    assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
    assertThat(failure.getMessage()).contains("TLS", said.replace("ca.crt", ca.toString()));
    assertThat(script.heads).isEmpty();
  }

  @Test
  void a_plain_server_where_tls_is_expected_is_refused() throws Exception {
    Register register =
        open(
            "https",
            ServerSocketFactory.getDefault(),
            ca,
            NEVER,
            connection -> connection.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
    HeardChanges heard = new HeardChanges();
    register.watch(7, heard);
    assertThat(failure(register.list()).getMessage()).doesNotContain("no response within");
  }

  @Test
  void without_a_ca_file_a_clusters_certificate_is_refused_with_the_settings_name()
      throws Exception {
    Register register = tls(certificate(authority, "127.0.0.1"), NEVER, null);
    assertThat(failure(register.list()).getMessage())
        .contains("no understudy.agreement.kubernetes.ca-file");
  }

  @Test
  void a_changed_ca_file_is_trusted_from_then_on() throws Exception {
    Register register = tls(certificate(newAuthority, "127.0.0.1"), ALWAYS, ca);
    failure(register.list());
    replace(ca, authority.getCertificatePEM() + newAuthority.getCertificatePEM());
    list(register);
  }

  @Test
  void a_handshake_that_failed_has_the_ca_file_read_again() throws Exception {
    Register register = tls(certificate(newAuthority, "127.0.0.1"), NEVER, ca);
    replace(ca, newAuthority.getCertificatePEM());
    failure(register.list());
    list(register);
  }

  @Test
  void a_certificate_of_the_clusters_authority_is_trusted_and_stays_so_when_the_file_breaks()
      throws Exception {
    Register register = tls(certificate(authority, "127.0.0.1"), ALWAYS, ca);
    list(register);
    replace(ca, "rubbish");
    list(register);
  }
}
