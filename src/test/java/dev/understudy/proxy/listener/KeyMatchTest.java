package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStore;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

class KeyMatchTest {
  private static SslBundle bundle(X509Bundle certificate, X509Bundle key) {
    PemSslStoreDetails details =
        PemSslStoreDetails.forCertificate(certificate.getCertificatePEM())
            .withPrivateKey(key.getPrivateKeyPEM());
    return SslBundle.of(new PemSslStoreBundle(PemSslStore.load(details), null));
  }

  @ParameterizedTest
  @EnumSource(names = {"rsa2048", "ecp256", "ecp384", "ed25519"})
  void a_pair_passes_and_the_key_of_another_certificate_does_not(Algorithm algorithm)
      throws Exception {
    X509Bundle own = OwnKeys.of(algorithm);
    assertThatCode(() -> KeyMatch.require(bundle(own, own))).doesNotThrowAnyException();
    SslBundle mixed = bundle(own, OwnKeys.another(algorithm));
    assertThatThrownBy(() -> KeyMatch.require(mixed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the private key does not belong to the certificate of CN=localhost");
  }

  @ParameterizedTest
  @CsvSource({"rsa2048, ecp256", "ecp256, rsa2048", "ecp384, ecp256", "ed25519, rsa2048"})
  void a_key_of_another_kind_is_refused(Algorithm certificate, Algorithm key) throws Exception {
    SslBundle mixed = bundle(OwnKeys.of(certificate), OwnKeys.of(key));
    assertThatThrownBy(() -> KeyMatch.require(mixed)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @EnumSource(names = "rsa2048")
  void certificates_to_trust_need_no_key(Algorithm algorithm) throws Exception {
    PemSslStoreDetails trusted =
        PemSslStoreDetails.forCertificate(OwnKeys.of(algorithm).getCertificatePEM());
    SslBundle bundle = SslBundle.of(new PemSslStoreBundle(null, PemSslStore.load(trusted)));
    assertThatCode(() -> KeyMatch.require(bundle)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource(names = {"rsa2048", "ed25519"})
  void a_listener_needs_a_key(Algorithm algorithm) throws Exception {
    X509Bundle own = OwnKeys.of(algorithm);
    PemSslStoreDetails alone = PemSslStoreDetails.forCertificate(own.getCertificatePEM());
    SslBundle certificate = SslBundle.of(new PemSslStoreBundle(PemSslStore.load(alone), null));
    SslBundle trusted = SslBundle.of(new PemSslStoreBundle(null, PemSslStore.load(alone)));
    for (SslBundle keyless : List.of(certificate, trusted)) {
      assertThatThrownBy(() -> KeyMatch.requireServer(keyless))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no private key");
    }
    assertThatCode(() -> KeyMatch.requireServer(bundle(own, own))).doesNotThrowAnyException();
  }
}
