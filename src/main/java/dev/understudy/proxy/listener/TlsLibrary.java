package dev.understudy.proxy.listener;

import dev.understudy.proxy.listener.ListenerProperties.Tls;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCredential;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which library speaks TLS with clients and servers: BoringSSL, which takes about half of the JDK's
 * CPU for a handshake, where its native part can be loaded, else the JDK's. It is loaded with the
 * first TLS context, so that a process without TLS does not pay for it. Thread-safe.
 *
 * <p>A context has the JDK's library where BoringSSL would do something else than its settings say:
 *
 * <ul>
 *   <li>protocols other than TLS 1.2 and 1.3, or cipher suites that BoringSSL does not have
 *   <li>cipher suites that name some of the three of TLS 1.3: BoringSSL has all or none, and
 *       prefers AES where this machine computes it in hardware, else ChaCha20
 *   <li>keys that are neither RSA nor EC, or that do not leave their store (PKCS #11)
 *   <li>peers' authorities with other keys than RSA or EC up to 384 bits
 * </ul>
 */
public final class TlsLibrary {
  private static final Logger log = LoggerFactory.getLogger(TlsLibrary.class);

  private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

  /** The cipher suites of TLS 1.3 that BoringSSL has. */
  private static final Set<String> TLS_1_3 =
      Set.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private final Tls.Provider setting;
  private final KeyExchangeGroups groups;
  private @Nullable SslProvider found;

  /**
   * @param groups those of all contexts
   */
  public TlsLibrary(Tls.Provider setting, KeyExchangeGroups groups) {
    this.setting = setting;
    this.groups = groups;
  }

  /**
   * Makes a context.
   *
   * @param provider the library that the builder asks for
   * @throws IllegalArgumentException if it has none of the groups of key exchanges
   */
  SslContext build(SslContextBuilder builder, SslProvider provider) throws SSLException {
    return groups.build(builder, provider);
  }

  /**
   * Warns if the groups lack the curve of a certificate, which the JDK then has for no client of
   * TLS 1.2.
   */
  void warnOfCurve(X509Certificate own) {
    String curve = groups.lackedCurve(own);
    if (curve != null) {
      log.warn(
          "understudy.tls.groups: expected {}, the curve of the certificate {}, among them, found"
              + " {}; no client of TLS 1.2 can use the certificate",
          curve,
          own.getSubjectX500Principal().getName(),
          String.join(", ", groups.names()));
    }
  }

  /**
   * The library for contexts that need nothing special; loads it at the first call, and logs which
   * one it is.
   */
  synchronized SslProvider provider() {
    SslProvider known = found;
    if (known == null) {
      known = find();
      found = known;
    }
    return known;
  }

  private SslProvider find() {
    if (setting == Tls.Provider.JDK) {
      log.info("TLS: the JDK's, as understudy.tls.provider says");
      return SslProvider.JDK;
    }
    if (OpenSslCredential.isAvailable() && HalfCloseSslContext.isAvailable()) {
      log.info("TLS: {}, loaded by Netty", OpenSsl.versionString());
      return SslProvider.OPENSSL;
    }
    log.warn(
        "TLS: the JDK's, as BoringSSL cannot be loaded: {}", why(OpenSsl.unavailabilityCause()));
    return SslProvider.JDK;
  }

  /** The innermost reason, on one line. */
  private static String why(@Nullable Throwable cause) {
    if (cause == null) {
      return "another library was found in its place";
    }
    Throwable innermost = cause;
    for (Throwable next = cause; next != null; next = reason(next)) {
      innermost = next;
    }
    return String.valueOf(innermost.getMessage()).lines().findFirst().orElse("");
  }

  /** Netty has the failures of all that it tried beside each other. */
  private static @Nullable Throwable reason(Throwable failure) {
    Throwable[] tried = failure.getSuppressed();
    Throwable cause = failure.getCause();
    return cause == null && tried.length > 0 ? tried[0] : cause;
  }

  /**
   * The library for a context.
   *
   * @param protocols those that are enabled; null for TLS 1.2 and 1.3
   * @param ciphers the suites that settings name; null if they name none
   */
  SslProvider provider(@Nullable List<String> protocols, @Nullable List<String> ciphers) {
    if (provider() == SslProvider.JDK
        || (protocols != null && !PROTOCOLS.containsAll(protocols))
        || (ciphers != null && !hasExactly(ciphers))) {
      return SslProvider.JDK;
    }
    return SslProvider.OPENSSL;
  }

  /** Whether BoringSSL can enable these suites and no others. */
  private static boolean hasExactly(List<String> ciphers) {
    Set<String> modern = new HashSet<>(ciphers);
    modern.retainAll(TLS_1_3);
    return OpenSsl.availableJavaCipherSuites().containsAll(ciphers)
        && (modern.isEmpty()
            || (modern.size() == TLS_1_3.size() && ciphers.size() > TLS_1_3.size()));
  }
}
