package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.RevocationLists;
import dev.understudy.proxy.listener.ListenerProperties.Tls.Provider;
import dev.understudy.testing.LogCapture;
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

  private static SslContext context(
      CertificateBuilder.Algorithm algorithm, X509Certificate... authorities) throws Exception {
    X509Bundle made = OwnKeys.of(algorithm);
    List<CertifiedKey> keys =
        List.of(
            new CertifiedKey(
                "a", made.getKeyPair().getPrivate(), List.of(made.getCertificatePath())));
    return new ListenerContext(
            new SniKeyManager(keys, false),
            keys,
            null,
            null,
            null,
            ClientAuth.NONE,
            null,
            List.of(authorities),
            RevocationLists.NONE,
            true)
        .build(new TlsLibrary(Provider.AUTO, KeyExchangeGroups.DEFAULT), new TicketKeys(null));
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
