package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.TrustedCertificates;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.upstream.UpstreamTlsHandlers;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.TestServer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
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
            bundles,
            new BundleFailureText(new MockEnvironment()),
            new TlsLibrary(provider, KeyExchangeGroups.DEFAULT));
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

  private static UpstreamTls trusting(PemAuthority authority) {
    return new UpstreamTls(
        null, "a.test", true, new TrustedCertificates(List.of(authority.certificate())));
  }

  @Test
  void certificates_as_values_are_kept_apart_by_what_they_are() {
    PemAuthority one = new PemAuthority("CN=one");
    assertThat(contexts.apply(trusting(one)))
        .isSameAs(contexts.apply(trusting(one)))
        .isNotSameAs(contexts.apply(trusting(new PemAuthority("CN=two"))))
        .isNotSameAs(contexts.apply(UpstreamTls.DEFAULT));
    assertThat(identification(contexts.apply(trusting(one)))).isEqualTo("HTTPS");
  }

  /** In a handshake with a server of the first authority. */
  @Test
  void certificates_as_values_are_trusted_alone() throws Exception {
    PemAuthority own = new PemAuthority("CN=own");
    SSLContext identity = SSLContext.getInstance("TLS");
    identity.init(own.issue("CN=a", "EC", "a.test").keyManagers(), null, null);
    try (TestServer server = new TestServer("a", call -> call.reply(200, "a"), identity)) {
      assertThat(trusts(trusting(own), server.port())).isTrue();
      assertThat(trusts(trusting(new PemAuthority("CN=own")), server.port())).isFalse();
    }
  }

  private boolean trusts(UpstreamTls settings, int port) throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      ServerAddress address =
          new ServerAddress(ServerAddress.Protocol.HTTP, true, "127.0.0.1", port);
      CompletableFuture<Boolean> trusted = new CompletableFuture<>();
      new Bootstrap()
          .group(loops)
          .channel(NioSocketChannel.class)
          .handler(
              new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel channel) {
                  SslHandler handler =
                      UpstreamTlsHandlers.create(
                          contexts.apply(settings), settings, address, channel);
                  channel.pipeline().addLast(handler);
                  handler.handshakeFuture().addListener(done -> trusted.complete(done.isSuccess()));
                }
              })
          .connect("127.0.0.1", port)
          .sync();
      return trusted.get(60, TimeUnit.SECONDS);
    } finally {
      loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
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
