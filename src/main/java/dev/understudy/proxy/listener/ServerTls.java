package dev.understudy.proxy.listener;

import io.netty.handler.ssl.ClientAuth;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.Ssl.ServerNameSslBundle;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.AbstractProtocolSslContextSpec;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.SslProvider.GenericSslContextSpec;

/**
 * The certificates of the TLS listener by server name (RFC 6066 §3), from {@code server.ssl.*}.
 *
 * <p>Like Boot's own, and beyond it {@code *.domain.com} names every name with one label more (RFC
 * 6125 §6.4.3); an exact name wins over it. A bundle that changes is served to the next connection;
 * one that has become unusable leaves the old one in place.
 */
final class ServerTls {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

  private final boolean http2;
  private final ClientAuth clientAuth;
  private final Map<String, SslProvider> byName = new ConcurrentHashMap<>();
  private volatile SslProvider fallback;

  /**
   * @param main of {@code server.ssl.bundle}, or of {@code server.ssl}'s own key store settings
   */
  ServerTls(Ssl ssl, boolean http2, SslBundle main, SslBundles bundles) {
    this.http2 = http2;
    this.clientAuth =
        Ssl.ClientAuth.map(
            ssl.getClientAuth(), ClientAuth.NONE, ClientAuth.OPTIONAL, ClientAuth.REQUIRE);
    this.fallback = provider(main);
    if (ssl.getBundle() != null) {
      bundles.addBundleUpdateHandler(
          ssl.getBundle(),
          bundle -> replace(ssl.getBundle(), () -> this.fallback = provider(bundle)));
    }
    for (ServerNameSslBundle named : ssl.getServerNameBundles()) {
      String name = named.serverName().toLowerCase(Locale.ROOT);
      byName.put(name, provider(bundles.getBundle(named.bundle())));
      bundles.addBundleUpdateHandler(
          named.bundle(),
          bundle -> replace(named.bundle(), () -> byName.put(name, provider(bundle))));
    }
  }

  HttpServer apply(HttpServer server) {
    return server.secure(
        spec ->
            spec.sslContext(fallback.getSslContext())
                .setSniAsyncMappings((name, promise) -> promise.setSuccess(find(name))));
  }

  /**
   * @param name in small letters, as Netty gives it; null: the client named none
   */
  private SslProvider find(@Nullable String name) {
    if (name == null) {
      return fallback;
    }
    SslProvider found = byName.get(name);
    if (found == null) {
      int dot = name.indexOf('.');
      found = dot < 0 ? null : byName.get("*" + name.substring(dot));
    }
    return found == null ? fallback : found;
  }

  private static void replace(@Nullable String bundle, Runnable replacement) {
    try {
      replacement.run();
      log.info("TLS: bundle '{}' was loaded anew", bundle);
    } catch (RuntimeException e) {
      log.warn("TLS: bundle '{}' changed but can't be used, the old one stays: {}", bundle, e);
    }
  }

  private SslProvider provider(SslBundle bundle) {
    AbstractProtocolSslContextSpec<?> spec =
        http2
            ? Http2SslContextSpec.forServer(bundle.getManagers().getKeyManagerFactory())
            : Http11SslContextSpec.forServer(bundle.getManagers().getKeyManagerFactory());
    AbstractProtocolSslContextSpec<?> configured =
        spec.configure(
            builder -> {
              SslOptions options = bundle.getOptions();
              builder.trustManager(bundle.getManagers().getTrustManagerFactory());
              builder.protocols(options.getEnabledProtocols());
              builder.ciphers(SslOptions.asSet(options.getCiphers()));
              builder.clientAuth(clientAuth);
            });
    return SslProvider.builder().sslContext((GenericSslContextSpec<?>) configured).build();
  }
}
