package dev.understudy.proxy.listener;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.util.StringUtils;

/** Signals a static setting whose SSL bundle is missing or unusable, with the reason. */
public final class UnusableBundleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private UnusableBundleException(String message) {
    super(message);
  }

  /** Requires every bundle to be usable; Spring Boot's metrics read all of them anyway. */
  public static void requireAll(SslBundles bundles, BundleFailureText faults) {
    for (String bundle : bundles.getBundleNames()) {
      String why = faults.why(bundles, bundle);
      if (why != null) {
        throw new UnusableBundleException(BundleFailureText.message(bundle, why));
      }
    }
  }

  /**
   * Requires a port's TLS to have a certificate, and its bundles to exist and to have a private
   * key.
   *
   * @param prefix the prefix of the settings, such as {@code server.ssl}
   */
  public static void require(String prefix, @Nullable Ssl ssl, SslBundles bundles) {
    if (ssl == null || !Ssl.isEnabled(ssl)) {
      return;
    }
    if (!namesCertificate(ssl)) {
      throw new UnusableBundleException(
          "%s: expected a certificate, for example by %s.bundle".formatted(prefix, prefix));
    }
    if (ssl.getBundle() == null) {
      requireOwn(prefix, ssl, bundles);
    } else {
      require(prefix + ".bundle", ssl.getBundle(), bundles);
    }
    int index = 0;
    for (Ssl.ServerNameSslBundle named : ssl.getServerNameBundles()) {
      require(prefix + ".server-name-bundles[" + index++ + "].bundle", named.bundle(), bundles);
    }
  }

  /** Requires the certificate in the port's own settings to have its private key. */
  private static void requireOwn(String prefix, Ssl ssl, SslBundles bundles) {
    try {
      KeyMatch.requireServer(WebServerSslBundle.get(ssl, bundles));
    } catch (RuntimeException e) {
      throw new UnusableBundleException(
          "%s: expected a certificate with its private key: %s"
              .formatted(prefix, BundleFailureText.words(e)));
    }
  }

  /** Whether the settings name a certificate for clients that send no server name. */
  public static boolean namesCertificate(Ssl ssl) {
    return "PKCS11".equalsIgnoreCase(ssl.getKeyStoreType())
        || Stream.of(ssl.getBundle(), ssl.getCertificate(), ssl.getKeyStore())
            .anyMatch(StringUtils::hasText);
  }

  private static void require(String property, String bundle, SslBundles bundles) {
    if (!bundles.getBundleNames().contains(bundle)) {
      throw new UnusableBundleException(
          "%s: expected %s, found \"%s\"".formatted(property, expectedName(bundles), bundle));
    }
    if (!KeyMatch.hasKey(bundles.getBundle(bundle))) {
      throw new UnusableBundleException(
          "%s: expected an SSL bundle with a private key, found \"%s\", which has none (keystore.private-key)"
              .formatted(property, bundle));
    }
  }

  /** Returns the expected bundle names, as text that follows "expected". */
  public static String expectedName(SslBundles bundles) {
    List<String> names = bundles.getBundleNames();
    return "the name of an SSL bundle (spring.ssl.bundle.*), "
        + (names.isEmpty() ? "of which none is set" : "one of " + String.join(", ", names));
  }
}
