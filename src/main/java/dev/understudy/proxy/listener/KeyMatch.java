package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.KeyPairs;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
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
    for (KeyManager each : bundle.getManagers().getKeyManagers()) {
      if (each instanceof X509KeyManager keys) {
        aliases(keys).forEach(alias -> require(keys, alias));
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
    KeyStore keys = bundle.getStores().getKeyStore();
    if (keys == null) {
      return false;
    }
    try {
      for (String alias : Collections.list(keys.aliases())) {
        if (keys.isKeyEntry(alias)) {
          return true;
        }
      }
      return false;
    } catch (KeyStoreException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Returns the bundle's private keys with their chains. */
  static List<CertifiedKey> keys(@Nullable String name, SslBundle bundle) {
    List<CertifiedKey> found = new ArrayList<>();
    for (KeyManager each : bundle.getManagers().getKeyManagers()) {
      if (each instanceof X509KeyManager keys) {
        for (String alias : aliases(keys)) {
          PrivateKey key = keys.getPrivateKey(alias);
          X509Certificate[] chain = keys.getCertificateChain(alias);
          if (key != null && chain != null && chain.length > 0) {
            found.add(new CertifiedKey(String.valueOf(name), key, List.of(chain)));
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

  private static void require(X509KeyManager keys, String alias) {
    PrivateKey key = keys.getPrivateKey(alias);
    X509Certificate[] chain = keys.getCertificateChain(alias);
    if (key == null || chain == null || chain.length == 0) {
      return;
    }
    if (!KeyPairs.isPair(key, chain[0].getPublicKey())) {
      throw new IllegalArgumentException(
          "the private key does not belong to the certificate of "
              + chain[0].getSubjectX500Principal().getName());
    }
  }
}
