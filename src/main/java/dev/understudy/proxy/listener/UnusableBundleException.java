package dev.understudy.proxy.listener;

import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.web.server.Ssl;
import org.springframework.util.StringUtils;

/**
 * A static setting names an SSL bundle that is not there or can't be used; the message says why.
 */
public final class UnusableBundleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names of classes in messages of the JDK. */
  private static final Pattern CLASS = Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z]\\w*: ");

  private UnusableBundleException(String message) {
    super(message);
  }

  /**
   * Refuses bundles that are there and can't be used, as Boot's metrics read all of them anyway.
   */
  public static void requireAll(SslBundles bundles) {
    for (String bundle : bundles.getBundleNames()) {
      String why = why(bundles, bundle);
      if (why != null) {
        throw new UnusableBundleException(
            "spring.ssl.bundle.*.%s: expected an SSL bundle that can be used: %s"
                .formatted(bundle, why));
      }
    }
  }

  /**
   * Refuses TLS of a port without a certificate, and names of bundles that are not there.
   *
   * @param prefix of the settings, such as {@code server.ssl}
   */
  public static void require(String prefix, @Nullable Ssl ssl, SslBundles bundles) {
    if (ssl == null || !Ssl.isEnabled(ssl)) {
      return;
    }
    if (!namesCertificate(ssl)) {
      throw new UnusableBundleException(
          "%s: expected a certificate, such as that of %s.bundle".formatted(prefix, prefix));
    }
    if (ssl.getBundle() != null) {
      require(prefix + ".bundle", ssl.getBundle(), bundles);
    }
    int index = 0;
    for (Ssl.ServerNameSslBundle named : ssl.getServerNameBundles()) {
      require(prefix + ".server-name-bundles[" + index++ + "].bundle", named.bundle(), bundles);
    }
  }

  /** Whether the settings name one for clients that name no server. */
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
  }

  /** In words that follow "expected". */
  public static String expectedName(SslBundles bundles) {
    List<String> names = bundles.getBundleNames();
    return "the name of an SSL bundle (spring.ssl.bundle.*), "
        + (names.isEmpty() ? "of which there is none" : "one of " + String.join(", ", names));
  }

  /** Why a bundle that is there can't be used, without names of classes; null: it can. */
  public static @Nullable String why(SslBundles bundles, String name) {
    try {
      SslBundle bundle = bundles.getBundle(name);
      SslManagerBundle managers = bundle.getManagers();
      var unusedKeys = managers.getKeyManagerFactory();
      var unusedTrust = managers.getTrustManagerFactory();
      KeyMatch.require(bundle);
      return null;
    } catch (UncheckedIOException e) {
      return e.getMessage();
    } catch (RuntimeException e) {
      return CLASS.matcher(String.valueOf(e.getMessage())).replaceAll("");
    }
  }
}
