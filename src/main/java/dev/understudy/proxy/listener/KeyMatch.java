package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.KeyPairs;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

/** Checks that a bundle's private keys match its certificates; a mismatch fails only handshakes. */
final class KeyMatch {
  private KeyMatch() {}

  /**
   * Checks every key of the bundle that can sign.
   *
   * @throws IllegalArgumentException if a key does not belong to its certificate
   */
  static void require(SslBundle bundle) {
    for (CertifiedKey each : keys("", bundle)) {
      if (!KeyPairs.isPair(each.key(), each.certificate().getPublicKey())) {
        throw new IllegalArgumentException(
            "the private key does not belong to the certificate of "
                + each.certificate().getSubjectX500Principal().getName());
      }
    }
  }

  /**
   * Checks a bundle that a listener presents to clients.
   *
   * @throws IllegalArgumentException if the bundle has no private key, or one that does not belong
   *     to its certificate
   */
  static void requireServer(SslBundle bundle) {
    if (!hasKey(bundle)) {
      throw new IllegalArgumentException("there is no private key");
    }
    require(bundle);
  }

  /** Whether the bundle has a private key; bundles with trusted certificates only have none. */
  static boolean hasKey(SslBundle bundle) {
    return !BundleCertificates.of(bundle).own().isEmpty();
  }

  /** The key manager that chooses a key of the bundle. */
  static KeyManager chooser(SslBundle bundle) {
    for (KeyManager each : bundle.getManagers().getKeyManagers()) {
      if (each instanceof X509KeyManager) {
        return each;
      }
    }
    throw new IllegalArgumentException("there is no private key");
  }

  /** Returns the bundle's private keys with their chains. */
  static List<CertifiedKey> keys(String name, SslBundle bundle) {
    List<CertifiedKey> found = new ArrayList<>();
    for (KeyManager each : bundle.getManagers().getKeyManagers()) {
      if (each instanceof X509KeyManager keys) {
        for (String alias : aliases(keys)) {
          PrivateKey key = keys.getPrivateKey(alias);
          X509Certificate[] chain = keys.getCertificateChain(alias);
          if (key != null && chain != null && chain.length > 0) {
            found.add(new CertifiedKey(name, key, List.of(chain)));
          }
        }
      }
    }
    return found;
  }

  private static Set<String> aliases(X509KeyManager keys) {
    Set<String> aliases = new TreeSet<>();
    for (String type : new String[] {"RSA", "EC", "EdDSA"}) {
      add(keys.getServerAliases(type, null), aliases);
      add(keys.getClientAliases(type, null), aliases);
    }
    return aliases;
  }

  private static void add(String @Nullable [] found, Set<String> to) {
    if (found != null) {
      to.addAll(Set.of(found));
    }
  }
}
