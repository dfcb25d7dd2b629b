package dev.understudy.proxy.listener;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Self-signed certificates for localhost, one of each kind: an RSA key takes seconds. */
public final class OwnKeys {
  private static final Map<Algorithm, X509Bundle> MADE = new ConcurrentHashMap<>();

  private OwnKeys() {}

  public static X509Bundle of(Algorithm algorithm) {
    return MADE.computeIfAbsent(algorithm, OwnKeys::another);
  }

  /** Another one of that kind. */
  static X509Bundle another(Algorithm algorithm) {
    try {
      return new CertificateBuilder()
          .algorithm(algorithm)
          .subject("CN=localhost")
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
