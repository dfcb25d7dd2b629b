package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.RevocationLists;
import dev.understudy.testing.Extent;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import dev.understudy.testing.Transport;
import dev.understudy.testing.Trusting;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.core.env.StandardEnvironment;

/** Keys that are for some server names alone, on real sockets. */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("dev.understudy.testing.Extent#tlsLibraries")
class KeysByNameTest {
  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");

  @Parameter ListenerProperties.Tls.Provider provider;
  private static TcpRig rig;

  private static CertifiedKey key(@Nullable String serverName, String subject, String... names) {
    Issued issued = AUTHORITY.issue("CN=" + subject, "EC", names);
    return new CertifiedKey(subject, issued.key(), issued.chain(), serverName);
  }

  private static Listener listener(String id, CertifiedKey... keys) {
    ListenerTls tls =
        new ListenerTls(
            List.of(),
            null,
            ListenerTls.ClientAuth.NONE,
            null,
            true,
            "TLSv1.2",
            false,
            null,
            List.of(keys),
            List.of(),
            RevocationLists.NONE);
    return TestSettings.listener(id, "127.0.0.1", 0, TestPools.POOL, Map.of(), false, tls);
  }

  @BeforeParameterizedClassInvocation
  static void start(ListenerProperties.Tls.Provider provider) {
    ListenerTlsContexts contexts =
        new ListenerTlsContexts(
            new DefaultSslBundleRegistry(),
            new BundleFailureText(new StandardEnvironment()),
            new TlsLibrary(provider, KeyExchangeGroups.DEFAULT),
            new TicketKeys(null));
    CertifiedKey shop = key("shop.test", "shop", "unlike.test");
    rig =
        new TcpRig(
            Transport.NIO,
            TestPools.pool().master("a", 1).start(),
            Duration.ofSeconds(20),
            contexts::of,
            any -> null,
            listener(
                "gw.443",
                key(null, "rest", "shop.test", "rest.test"),
                key(null, "other", "other.test"),
                shop,
                key("**.wild.test", "wild", "wild.test"),
                key("**.wild.test", "second", "b.wild.test"),
                key("exact.wild.test", "exact", "*.wild.test")),
            listener("gw.444", shop, key("other.test", "other")));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    rig.close();
  }

  @Rows(
      """
      # a key is shown for its server name, whatever names its certificate has
      gw.443 | shop.test       | shop
      gw.443 | SHOP.test       | shop
      gw.443 | unlike.test     | rest
      # a wildcard stands for one label or more
      gw.443 | a.wild.test     | wild
      gw.443 | x.a.wild.test   | wild
      gw.443 | wild.test       | rest
      # a name in full comes before a wildcard
      gw.443 | exact.wild.test | exact
      # the certificates of one server name are told apart by their own names
      gw.443 | b.wild.test     | second
      # all others are shown by the names of their certificates, and the first for the rest
      gw.443 | rest.test       | rest
      gw.443 | other.test      | other
      gw.443 | a.shop.test     | rest
      gw.443 |                 | rest
      # without any of these the first key is shown for the rest
      gw.444 | shop.test       | shop
      gw.444 | other.test      | other
      gw.444 | a.test          | shop
      gw.444 |                 | shop
      """)
  void the_key_follows_the_server_name(String listener, @Nullable String name, String subject)
      throws Exception {
    String peer = name == null ? "127.0.0.1" : name;
    // Closed without the TLS client, which would wait for a close_notify of the server's.
    try (Socket raw = rig.connect(listener)) {
      SSLSocket client =
          (SSLSocket)
              Trusting.anonymous().getSocketFactory().createSocket(raw, peer, raw.getPort(), true);
      client.setSoTimeout(60_000);
      client.startHandshake();
      X509Certificate shown = (X509Certificate) client.getSession().getPeerCertificates()[0];
      assertThat(shown.getSubjectX500Principal().getName()).isEqualTo("CN=" + subject);
    }
  }
}
