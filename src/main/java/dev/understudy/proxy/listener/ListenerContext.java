package dev.understudy.proxy.listener;

import dev.understudy.file.Sha256;
import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.RevocationLists;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.CipherSuiteFilter;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/**
 * What a TLS context of a listener is made of.
 *
 * @param chooser chooses the key of a handshake
 * @param keys those that it may choose
 * @param protocols null for the library's own: TLS 1.2 and 1.3
 * @param ciphers the suites that settings name; null if they name none
 * @param suites those without settings; null for Netty's own
 * @param clientAuth whether clients show certificates
 * @param trust judges them; null for {@code authorities}
 * @param authorities of client certificates; empty for the JDK's, or if none is asked for
 * @param revocations of client certificates
 * @param http2 whether HTTP/2 is offered
 */
record ListenerContext(
    KeyManager chooser,
    List<CertifiedKey> keys,
    @Nullable List<String> protocols,
    @Nullable List<String> ciphers,
    @Nullable List<String> suites,
    ClientAuth clientAuth,
    @Nullable TrustManagerFactory trust,
    Collection<X509Certificate> authorities,
    RevocationLists revocations,
    boolean http2) {

  /**
   * Makes the context.
   *
   * @throws IllegalArgumentException if there can be no such context
   */
  SslContext build(TlsLibrary library, TicketKeys tickets) {
    SslProvider provider = library.provider(protocols, ciphers);
    NativeKeys converted =
        provider == SslProvider.JDK
                || !NativeKeys.areVerifiable(authorities)
                || !(chooser instanceof X509ExtendedKeyManager extended)
            ? null
            : NativeKeys.of(extended, keys);
    SslProvider used = converted == null ? SslProvider.JDK : provider;
    if (used == SslProvider.JDK && (protocols == null || protocols.contains("TLSv1.2"))) {
      keys.forEach(key -> library.warnOfCurve(key.certificate()));
    }
    SslContextBuilder builder =
        SslContextBuilder.forServer(converted == null ? chooser : converted)
            .sslProvider(used)
            .protocols(protocols)
            .clientAuth(clientAuth)
            .ciphers(ciphers == null ? suites : ciphers, filter());
    if (trust != null) {
      builder.trustManager(trust);
    } else if (!authorities.isEmpty()) {
      builder.trustManager(authorities);
    }
    if (http2) {
      builder.applicationProtocolConfig(
          TlsContextParts.alpn(
              List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)));
    }
    SslContext made;
    try {
      made = library.build(builder, used);
    } catch (SSLException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    if (made.sessionContext() instanceof OpenSslServerSessionContext sessions) {
      sessions.setSessionIdContext(clientRules());
      tickets.supply(sessions);
    } else {
      tickets.cannotSupply();
    }
    return HalfCloseSslContext.of(made);
  }

  /** The authorities that a bundle trusts. */
  static Set<X509Certificate> authorities(SslBundle bundle) {
    Set<X509Certificate> authorities = new HashSet<>();
    for (TrustManager each : bundle.getManagers().getTrustManagers()) {
      if (each instanceof X509TrustManager known) {
        Collections.addAll(authorities, known.getAcceptedIssuers());
      }
    }
    return authorities;
  }

  private CipherSuiteFilter filter() {
    return ciphers == null && suites != null
        ? SupportedCipherSuiteFilter.INSTANCE
        : IdentityCipherSuiteFilter.INSTANCE;
  }

  /**
   * A digest of the rules by which clients are let in: a session is not resumed under other rules
   * than those that its client has passed, though the ticket's key is the same.
   */
  private byte[] clientRules() {
    SortedSet<String> rules = new TreeSet<>();
    rules.add(clientAuth.name());
    try {
      for (X509Certificate each : authorities) {
        rules.add(HexFormat.of().formatHex(Sha256.of(each.getEncoded())));
      }
      for (X509CRL each : revocations.lists()) {
        rules.add(HexFormat.of().formatHex(Sha256.of(each.getEncoded())));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return Sha256.of(String.join(" ", rules).getBytes(StandardCharsets.US_ASCII));
  }
}
