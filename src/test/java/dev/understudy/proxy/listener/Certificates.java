package dev.understudy.proxy.listener;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Certificates for tests, all from one authority. */
public final class Certificates {
  private final X509Bundle authority;
  private final Path directory;

  public Certificates(Path directory) throws Exception {
    this.directory = directory;
    this.authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=test authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(authorityFile(), authority.getCertificatePEM());
  }

  public X509Bundle authority() {
    return authority;
  }

  public Path authorityFile() {
    return directory.resolve("ca.pem");
  }

  /** Issues one, and puts it where {@link #properties} says. */
  public X509Bundle issue(String name, String... dnsNames) throws Exception {
    CertificateBuilder builder = new CertificateBuilder().ecp256().subject("CN=" + name);
    for (String dnsName : dnsNames) {
      // The builder knows no wildcards.
      builder.addSanDnsName(dnsName.replace("*", "any"));
    }
    builder.addSanIpAddress("127.0.0.1");
    X509Bundle issued = builder.buildIssuedBy(authority);
    replace(directory.resolve(name + ".key"), issued.getPrivateKeyPEM());
    replace(directory.resolve(name + ".pem"), issued.getCertificatePathPEM());
    return issued;
  }

  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling(file.getFileName() + ".next"), text);
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Spring's properties for a bundle of that name. */
  public List<String> properties(String name) {
    String prefix = "spring.ssl.bundle.pem." + name;
    return List.of(
        prefix + ".keystore.certificate=file:" + directory.resolve(name + ".pem"),
        prefix + ".keystore.private-key=file:" + directory.resolve(name + ".key"),
        prefix + ".reload-on-update=true");
  }
}
