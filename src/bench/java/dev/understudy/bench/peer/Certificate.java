package dev.understudy.bench.peer;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One self-signed certificate (P-256) for all peers.
 *
 * @param chain PEM
 * @param key PEM
 * @param both chain and key in one file, as HAProxy reads it
 */
public record Certificate(Path chain, Path key, Path both) {
  public static Certificate make(Path folder) throws IOException {
    X509Bundle bundle;
    try {
      bundle =
          new CertificateBuilder()
              .algorithm(Algorithm.ecp256)
              .subject("CN=localhost")
              .addSanDnsName("localhost")
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
    } catch (Exception e) {
      throw new IOException("no certificate could be made", e);
    }
    String chain = bundle.getCertificatePathPEM();
    String key = bundle.getPrivateKeyPEM();
    return new Certificate(
        Files.writeString(folder.resolve("chain.pem"), chain),
        Files.writeString(folder.resolve("key.pem"), key),
        Files.writeString(folder.resolve("both.pem"), chain + "\n" + key));
  }
}
