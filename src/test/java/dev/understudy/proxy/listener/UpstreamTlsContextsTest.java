package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.Certificates;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStore;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.mock.env.MockEnvironment;

@ParameterizedClass
@EnumSource(ListenerProperties.Tls.Provider.class)
class UpstreamTlsContextsTest {
  @Parameter ListenerProperties.Tls.Provider provider;
  @TempDir Path directory;
  private DefaultSslBundleRegistry bundles;
  private UpstreamTlsContexts contexts;

  @BeforeEach
  void authority() throws Exception {
    bundles = new DefaultSslBundleRegistry("internal-ca", trusting(new Certificates(directory)));
    contexts =
        new UpstreamTlsContexts(
            bundles, new BundleFailureText(new MockEnvironment()), new TlsLibrary(provider));
  }

  private static SslBundle trusting(Certificates certificates) {
    return SslBundle.of(
        new PemSslStoreBundle(
            null,
            PemSslStore.load(
                org.springframework.boot.ssl.pem.PemSslStoreDetails.forCertificate(
                    certificates.authority().getCertificatePEM()))));
  }

  private static String identification(SslContext context) {
    SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT, "a.test", 443);
    String algorithm = engine.getSSLParameters().getEndpointIdentificationAlgorithm();
    return algorithm == null ? "" : algorithm;
  }

  @Test
  void one_context_is_made_for_each_bundle() {
    UpstreamTls one = new UpstreamTls("internal-ca", "a.test", true);
    assertThat(contexts.apply(one))
        .isSameAs(contexts.apply(one))
        .isSameAs(contexts.apply(new UpstreamTls("internal-ca", "b.test", true)))
        .isNotSameAs(contexts.apply(UpstreamTls.DEFAULT));
  }

  @Test
  void the_host_name_is_checked_unless_nothing_is() {
    assertThat(identification(contexts.apply(UpstreamTls.DEFAULT))).isEqualTo("HTTPS");
    assertThat(identification(contexts.apply(new UpstreamTls("internal-ca", null, true))))
        .isEqualTo("HTTPS");
    assertThat(identification(contexts.apply(new UpstreamTls("internal-ca", null, false))))
        .isEmpty();
  }

  @Test
  void a_bundle_that_changes_gives_a_new_context() throws Exception {
    UpstreamTls tls = new UpstreamTls("internal-ca", null, true);
    SslContext before = contexts.apply(tls);
    bundles.updateBundle("internal-ca", trusting(new Certificates(directory)));
    assertThat(contexts.apply(tls)).isNotSameAs(before);
  }

  @Test
  void a_bundle_that_is_not_there_is_named() {
    assertThatThrownBy(() -> contexts.apply(new UpstreamTls("nowhere", null, true)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nowhere");
  }
}
