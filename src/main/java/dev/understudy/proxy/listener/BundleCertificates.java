package dev.understudy.proxy.listener;

import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/**
 * The certificates of a bundle.
 *
 * @param own the certificates of the bundle's private keys, without their issuers'
 * @param trusted those of its trust store, {@value #MAX_TRUSTED} at most; none if it has no trust
 *     store, so that the JDK's authorities are trusted
 */
record BundleCertificates(List<X509Certificate> own, List<X509Certificate> trusted) {
  private static final int MAX_TRUSTED = 100;

  BundleCertificates {
    own = List.copyOf(own);
    trusted = List.copyOf(trusted);
  }

  static BundleCertificates of(SslBundle bundle) {
    return new BundleCertificates(
        entries(bundle.getStores().getKeyStore(), true),
        entries(bundle.getStores().getTrustStore(), false).stream().limit(MAX_TRUSTED).toList());
  }

  /**
   * @param keys whether those with a private key are wanted; else all
   */
  private static List<X509Certificate> entries(@Nullable KeyStore store, boolean keys) {
    List<X509Certificate> found = new ArrayList<>();
    if (store == null) {
      return found;
    }
    try {
      for (String alias : Collections.list(store.aliases())) {
        Certificate certificate = store.getCertificate(alias);
        if (certificate instanceof X509Certificate x509 && (!keys || store.isKeyEntry(alias))) {
          found.add(x509);
        }
      }
    } catch (KeyStoreException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return found;
  }
}
