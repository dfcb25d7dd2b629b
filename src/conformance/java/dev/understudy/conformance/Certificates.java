package dev.understudy.conformance;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** One self-signed certificate as both proxies and their client want it. */
final class Certificates {
  private final X509Bundle bundle;
  private final Path chain;
  private final Path key;
  private final Path both;

  private Certificates(X509Bundle bundle, Path chain, Path key, Path both) {
    this.bundle = bundle;
    this.chain = chain;
    this.key = key;
    this.both = both;
  }

  static Certificates make(Path folder) throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=domain.com")
            .addSanDnsName("*.domain.com")
            .addSanDnsName("localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    String chain = bundle.getCertificatePathPEM();
    String key = bundle.getPrivateKeyPEM();
    return new Certificates(
        bundle,
        Files.writeString(folder.resolve("chain.pem"), chain),
        Files.writeString(folder.resolve("key.pem"), key),
        Files.writeString(folder.resolve("both.pem"), chain + "\n" + key));
  }

  Path chain() {
    return chain;
  }

  Path key() {
    return key;
  }

  /** Chain and key in one file, as HAProxy reads it. */
  Path both() {
    return both;
  }

  /** A TLS connection to a local port, without HTTP/2. */
  Socket connect(int port) throws IOException, GeneralSecurityException {
    TrustManagerFactory trust = bundle.toTrustManagerFactory();
    SSLContext context = SSLContext.getInstance("TLS");
    TrustManager[] managers = trust.getTrustManagers();
    context.init(null, managers, null);
    return context.getSocketFactory().createSocket("127.0.0.1", port);
  }
}
