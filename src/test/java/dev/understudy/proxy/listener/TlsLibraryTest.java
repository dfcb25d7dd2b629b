package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.RevocationLists;
import dev.understudy.proxy.listener.ListenerProperties.Tls.Provider;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Rows;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which contexts BoringSSL has, and which the JDK. */
@Isolated("reads what is logged")
class TlsLibraryTest {
  private static final String MODERN =
      "TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256";

  @ParameterizedTest
  @CsvSource({
    ", , OPENSSL",
    "TLSv1.2 TLSv1.3, , OPENSSL",
    "TLSv1.3, , OPENSSL",
    "TLSv1.2, , OPENSSL",
    "TLSv1.1 TLSv1.2, , JDK",
    ", TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, OPENSSL",
    ", TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, JDK",
    ", TLS_CHACHA20_POLY1305_SHA256, JDK",
    ", TLS_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, JDK",
    ", " + MODERN + ", JDK",
    ", " + MODERN + " TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, OPENSSL",
  })
  void settings_that_boringssl_cannot_follow_leave_a_context_to_the_jdk(
      @Nullable String protocols, @Nullable String ciphers, SslProvider provider) {
    assertThat(
            new TlsLibrary(Provider.AUTO, KeyExchangeGroups.DEFAULT)
                .provider(words(protocols), words(ciphers)))
        .isEqualTo(provider);
    assertThat(
            new TlsLibrary(Provider.JDK, KeyExchangeGroups.DEFAULT)
                .provider(words(protocols), words(ciphers)))
        .isEqualTo(SslProvider.JDK);
  }

  private static @Nullable List<String> words(@Nullable String text) {
    return text == null ? null : List.of(text.split(" "));
  }

  /** For keys of listeners, and of the authorities of their peers. */
  @ParameterizedTest
  @CsvSource({"ecp256, true", "ecp384, true", "rsa2048, true", "ed25519, false"})
  void keys_that_boringssl_does_not_sign_or_verify_with_leave_a_listener_to_the_jdk(
      CertificateBuilder.Algorithm algorithm, boolean isNative) throws Exception {
    X509Certificate authority = OwnKeys.of(algorithm).getCertificate();
    assertThat(context(algorithm) instanceof HalfCloseSslContext).isEqualTo(isNative);
    assertThat(
            context(CertificateBuilder.Algorithm.ecp256, authority) instanceof HalfCloseSslContext)
        .isEqualTo(isNative);
  }

  /** What becomes of their handshakes is in {@link KeyExchangeGroupsTest}. */
  @Rows(
      """
      JDK  | x25519           | ecp384  |         | secp384r1
      JDK  | x25519           | ecp256  | TLSv1.2 | secp256r1
      JDK  | x25519           | ecp384  | TLSv1.3 |
      JDK  | x25519 secp384r1 | ecp384  |         |
      JDK  |                  | ecp384  |         |
      JDK  | x25519           | rsa2048 |         |
      AUTO | x25519           | ecp384  |         |
      """)
  void a_curve_of_a_certificate_that_tls_1_2_lacks_is_warned_of(
      String name,
      @Nullable String groups,
      String algorithm,
      @Nullable String protocols,
      @Nullable String curve)
      throws Exception {
    Provider provider = Provider.valueOf(name);
    List<String> named = groups == null ? List.of() : List.of(groups.split(" "));
    TlsLibrary library = new TlsLibrary(provider, KeyExchangeGroups.of(named, provider));
    library.provider();
    try (LogCapture log = LogCapture.of(TlsLibrary.class)) {
      context(library, CertificateBuilder.Algorithm.valueOf(algorithm), words(protocols));
      assertThat(log.events())
          .extracting(ILoggingEvent::getFormattedMessage)
          .isEqualTo(
              curve == null
                  ? List.of()
                  : List.of(
                      "understudy.tls.groups: expected %s, the curve of the certificate"
                              .formatted(curve)
                          + " CN=localhost, among them, found x25519;"
                          + " no client of TLS 1.2 can use the certificate"));
    }
  }

  private static SslContext context(
      CertificateBuilder.Algorithm algorithm, X509Certificate... authorities) throws Exception {
    TlsLibrary library = new TlsLibrary(Provider.AUTO, KeyExchangeGroups.DEFAULT);
    return context(library, algorithm, null, authorities);
  }

  private static SslContext context(
      TlsLibrary library,
      CertificateBuilder.Algorithm algorithm,
      @Nullable List<String> protocols,
      X509Certificate... authorities)
      throws Exception {
    X509Bundle made = OwnKeys.of(algorithm);
    List<CertifiedKey> keys =
        List.of(
            new CertifiedKey(
                "a", made.getKeyPair().getPrivate(), List.of(made.getCertificatePath())));
    return new ListenerContext(
            new SniKeyManager(keys, false),
            keys,
            protocols,
            null,
            null,
            ClientAuth.NONE,
            null,
            List.of(authorities),
            RevocationLists.NONE,
            true)
        .build(library, new TicketKeys(null));
  }

  @ParameterizedTest
  @EnumSource
  void the_library_is_logged_once(Provider provider) {
    TlsLibrary library = new TlsLibrary(provider, KeyExchangeGroups.DEFAULT);
    try (LogCapture log = LogCapture.of(TlsLibrary.class)) {
      assertThat(log.events()).isEmpty();
      Stream.of(1, 2).forEach(any -> library.provider());
      assertThat(log.events()).hasSize(1);
      assertThat(log.events().getFirst().getFormattedMessage())
          .isEqualTo(
              provider == Provider.JDK
                  ? "TLS: the JDK's, as understudy.tls.provider says"
                  : "TLS: " + OpenSsl.versionString() + ", loaded by Netty");
    }
  }
}
