package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PEM files of listeners: what is read of them, and what is said of those that cannot be used. */
class CertificateFilesTest {
  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");
  private static final Issued SITE = AUTHORITY.issue("CN=site", "EC", "site.test");
  private static final String RSA = AUTHORITY.issue("CN=rsa", "RSA", "pair.test").pem();
  private static final String ECDSA = AUTHORITY.issue("CN=ecdsa", "EC", "pair.test").pem();
  private static final String OTHER_KEY = AUTHORITY.issue("CN=x", "EC").keyPem();

  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    put("chain-first.pem", SITE.certificates() + SITE.keyPem());
    put("key-first.pem", SITE.keyPem() + SITE.certificates());
    put("authority-first.pem", AUTHORITY.pem() + SITE.pem());
    put("beside.pem", SITE.certificates());
    put("beside.pem.key", SITE.keyPem());
    put("tls.crt", SITE.certificates());
    put("tls.key", SITE.keyPem());
    put("pair.rsa", RSA);
    put("pair.ecdsa", ECDSA);
    put("no-key.pem", SITE.certificates());
    put("no-certificate.pem", SITE.keyPem());
    put("text.pem", "hello\n");
    put("large.pem", "x".repeat(70_000));
    put("foreign.pem", SITE.certificates() + OTHER_KEY);
    put(
        "encrypted.pem",
        SITE.certificates() + SITE.keyPem().replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    put("broken.pem", SITE.certificates() + SITE.keyPem().replaceAll("(?m)^M.*$", "MAAA"));
    Path many = Files.createDirectory(folder.resolve("many"));
    Files.createDirectory(folder.resolve("empty"));
    Files.copy(folder.resolve("key-first.pem"), many.resolve("b.pem"));
    Files.copy(folder.resolve("pair.rsa"), many.resolve("a.pem"));
    Files.copy(folder.resolve("text.pem"), many.resolve("a.pem.ocsp"));
    Files.copy(folder.resolve("text.pem"), many.resolve(".hidden"));
    Files.createDirectory(many.resolve("c"));
  }

  private void put(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private LoadResult load(String tls) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            Texts.POOL + Texts.ROUTE + "listeners: { web: { port: 1, tls: { " + tls + " } } }\n");
    return new ConfigLoader(RouteChecker.NONE).load(file);
  }

  @Rows(
      """
      chain-first.pem     | CN=site+CN=authority
      key-first.pem       | CN=site+CN=authority
      authority-first.pem | CN=site+CN=authority
      beside.pem          | CN=site+CN=authority
      tls.crt             | CN=site+CN=authority
      pair                | CN=rsa+CN=authority CN=ecdsa+CN=authority
      many                | CN=rsa+CN=authority CN=site+CN=authority
      """)
  void a_chain_and_its_key_are_found(String path, String chains) throws Exception {
    DynamicConfig config = Texts.good(load("certificates: [" + path + "]"));
    Listener web = config.listeners().getFirst();
    List<CertifiedKey> keys = Objects.requireNonNull(web.tls()).keys();
    assertThat(String.join(" ", keys.stream().map(CertificateFilesTest::chain).toList()))
        .isEqualTo(chains);
    assertThat(config.toString()).doesNotContain(SITE.keyPem().lines().skip(1).findFirst().get());
  }

  private static String chain(CertifiedKey key) {
    return String.join(
        "+", key.chain().stream().map(each -> each.getSubjectX500Principal().getName()).toList());
  }

  @Rows(
      """
      # a certificate
      certificates: [tls.crt, none.pem] | certificates[1] | a readable file (DIR/none.pem: it does not exist)
      certificates: [tls.crt, empty] | certificates[1] | a folder with at least one PEM file
      certificates: [tls.crt, no-key.pem] | certificates[1] | a private key in DIR/no-key.pem, DIR/no-key.pem.key or DIR/no-key.key
      certificates: [tls.crt, no-certificate.pem] | certificates[1] | a PEM file with a certificate (DIR/no-certificate.pem)
      certificates: [tls.crt, text.pem] | certificates[1] | a PEM file with a certificate (DIR/text.pem)
      certificates: [tls.crt, large.pem] | certificates[1] | a file of at most 64 KB (DIR/large.pem)
      certificates: [tls.crt, foreign.pem] | certificates[1] | the private key of the certificate of CN=site (DIR/foreign.pem has the key of another certificate)
      certificates: [tls.crt, encrypted.pem] | certificates[1] | a private key without a passphrase (DIR/encrypted.pem; "openssl pkey" removes it)
      certificates: [tls.crt, broken.pem] | certificates[1] | a private key that can be read (DIR/broken.pem)
      # a list of revoked certificates
      REVOKING none.pem | crl | a readable file (DIR/none.pem: it does not exist)
      REVOKING empty | crl | a readable file (DIR/empty: it is a directory)
      REVOKING text.pem | crl | a PEM or DER file with a list of revoked certificates (DIR/text.pem)
      REVOKING no-key.pem | crl | a PEM or DER file with a list of revoked certificates (DIR/no-key.pem)
      REVOKING cut.pem | crl | a PEM or DER file with a list of revoked certificates (DIR/cut.pem)
      REVOKING huge.pem | crl | a file of at most 1 MB (DIR/huge.pem)
      REVOKING endless.pem | crl | lists of revoked certificates that have a next update (DIR/endless.pem)
      # authorities
      certificates: [tls.crt], client-auth: optional, client-ca: text.pem | client-ca | a PEM file with a certificate (DIR/text.pem)
      """)
  void a_file_that_cannot_be_used_is_told_where_it_is_named(
      String tls, String setting, String expected) throws Exception {
    String list = PemAuthority.pem(AUTHORITY.revoking());
    put("ca.pem", AUTHORITY.pem());
    put("cut.pem", list + list.substring(0, 200));
    put("endless.pem", PemAuthority.pem(AUTHORITY.revoking((Instant) null)));
    put("huge.pem", list + "x".repeat(1024 * 1024));
    String name = tls.replaceAll(".* |]", "");
    assertThat(Texts.problems(load(tls.replace("REVOKING ", REVOKING))))
        .singleElement()
        .asString()
        .endsWith(
            "listeners.web.tls.%s: expected %s, found \"%s\""
                .formatted(setting, expected.replace("DIR", folder.toString()), name));
  }

  @Test
  void authorities_of_clients_are_read_too() throws Exception {
    DynamicConfig config =
        Texts.good(
            load("certificates: [tls.crt], client-auth: optional, client-ca: authority-first.pem"));
    assertThat(Objects.requireNonNull(config.listeners().getFirst().tls()).clientAuthorities())
        .contains(AUTHORITY.certificate());
  }

  private static final String REVOKING =
      "certificates: [tls.crt], client-auth: optional, client-ca: ca.pem, crl: ";

  @Test
  void lists_are_read_and_those_that_refuse_clients_for_lack_of_a_newer_one_are_told()
      throws Exception {
    PemAuthority other = new PemAuthority("CN=other");
    put("ca.pem", AUTHORITY.pem() + other.pem());
    String large =
        PemAuthority.pem(Collections.nCopies(400, AUTHORITY.revoking()).toArray(X509CRL[]::new));
    assertThat(large).hasSizeGreaterThan(64 * 1024);
    put("large-list.pem", large + PemAuthority.pem(other.revoking()));
    LoadResult good = load(REVOKING + "large-list.pem");
    assertThat(
            Objects.requireNonNull(Texts.good(good).listeners().getFirst().tls())
                .revocations()
                .lists())
        .hasSize(401);
    assertThat(warnings(good)).isEmpty();
    put("expired.pem", PemAuthority.pem(AUTHORITY.revoking(Instant.parse("2026-01-02T03:04:05Z"))));
    assertThat(warnings(load(REVOKING + "expired.pem")))
        .containsExactly(
            "the list of CN=authority is out of date: its next update was due at"
                + " 2026-01-02T03:04:05Z; has no list of CN=other: clients with certificates of"
                + " such an authority are refused");
  }

  private static List<String> warnings(LoadResult result) {
    return ((LoadResult.Loaded) result)
        .warnings().stream()
            .map(Problem::asWarning)
            .filter(each -> each.contains("tls.crl"))
            .map(each -> each.replaceFirst(".*tls\\.crl: ", ""))
            .toList();
  }

  @Test
  void every_file_and_folder_is_watched() throws Exception {
    LoadResult loaded = load("certificates: [many, beside.pem, no-key.pem]");
    assertThat(loaded.namedFiles().paths())
        .contains(
            folder.resolve("many"),
            folder.resolve("many/a.pem"),
            folder.resolve("beside.pem.key"),
            folder.resolve("no-key.pem.key"),
            folder.resolve("no-key.key"));
    Files.delete(folder.resolve("many/b.pem"));
    assertThat(loaded.namedFiles().now()).isNotEqualTo(loaded.namedFiles());
  }
}
