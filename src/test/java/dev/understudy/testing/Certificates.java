package dev.understudy.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;

/** Certificates for tests, all from one authority. */
public final class Certificates {
  /**
   * What clients offer with TLS 1.3: without the intrinsics of the compiler that tests do without,
   * AES-GCM takes six times as long.
   */
  public static final String BULK_CIPHER = "TLS_CHACHA20_POLY1305_SHA256";

  private final X509Bundle authority;
  private final Path directory;

  public Certificates(Path directory) throws Exception {
    this.directory = directory;
    this.authority =
        builder().subject("CN=test authority").setIsCertificateAuthority(true).buildSelfSigned();
    Files.writeString(authorityFile(), authority.getCertificatePEM());
  }

  public X509Bundle authority() {
    return authority;
  }

  public Path authorityFile() {
    return directory.resolve("ca.pem");
  }

  /** Issues one for those names and 127.0.0.1, and puts it where {@link #properties} says. */
  public X509Bundle issue(String name, String... dnsNames) throws Exception {
    return issue(name, builder(name, dnsNames).addSanIpAddress("127.0.0.1"));
  }

  /** Issues one that names no address. */
  public X509Bundle issueForNames(String name, String... dnsNames) throws Exception {
    return issue(name, builder(name, dnsNames));
  }

  /** Valid for so long that nobody warns of the end. */
  private static CertificateBuilder builder() {
    return new CertificateBuilder().ecp256().notAfter(Instant.now().plus(Duration.ofDays(100)));
  }

  private static CertificateBuilder builder(String name, String... dnsNames) {
    CertificateBuilder builder = builder().subject("CN=" + name);
    for (String dnsName : dnsNames) {
      // The builder knows no wildcards.
      builder.addSanDnsName(dnsName.replace("*", "any"));
    }
    return builder;
  }

  private X509Bundle issue(String name, CertificateBuilder builder) throws Exception {
    X509Bundle issued = builder.buildIssuedBy(authority);
    replace(key(name), issued.getPrivateKeyPEM());
    replace(chain(name), issued.getCertificatePathPEM());
    return issued;
  }

  /** The file with that certificate and those up to its authority. */
  public Path chain(String name) {
    return directory.resolve(name + ".pem");
  }

  public Path key(String name) {
    return directory.resolve(name + ".key");
  }

  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Spring's properties for a bundle of that name. */
  public List<String> properties(String name) {
    String prefix = "spring.ssl.bundle.pem." + name;
    return List.of(
        prefix + ".keystore.certificate=file:" + chain(name),
        prefix + ".keystore.private-key=file:" + key(name),
        prefix + ".reload-on-update=true");
  }

  /** A TLS connection to a port of this machine that trusts this authority alone. */
  public Socket connect(int port) throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, authority.toTrustManagerFactory().getTrustManagers(), null);
    return context.getSocketFactory().createSocket("127.0.0.1", port);
  }
}
