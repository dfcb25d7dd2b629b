package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import java.lang.ref.Cleaner;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Gives BoringSSL the keys that another key manager chooses for a handshake: one of each kind at
 * most, of which BoringSSL takes the first that the client's cipher suites and signatures allow
 * ({@code SSL_CREDENTIAL}). Keys and chains are converted once, not for each handshake as by Netty.
 *
 * <p>Native memory is freed once no context uses this object.
 */
final class NativeKeys extends ServerKeyManager {
  /** In the order in which servers prefer them. */
  private static final String[] TYPES = {"EC", "RSA"};

  /** Stands for all keys that were given to an engine: without a chain Netty adds no other. */
  private static final String GIVEN = "given";

  private static final Cleaner CLEANER = Cleaner.create();

  private final X509ExtendedKeyManager chooser;
  private final Map<X509Certificate, NativeCredential> credentials;

  private NativeKeys(
      X509ExtendedKeyManager chooser, Map<X509Certificate, NativeCredential> credentials) {
    this.chooser = chooser;
    this.credentials = credentials;
  }

  /**
   * Converts all keys.
   *
   * @param keys those that the chooser may choose
   * @return null if BoringSSL cannot use one of them
   */
  static @Nullable NativeKeys of(X509ExtendedKeyManager chooser, List<CertifiedKey> keys) {
    if (!areUsable(keys)) {
      return null;
    }
    Map<X509Certificate, NativeCredential> credentials = new HashMap<>();
    try {
      keys.forEach(
          key -> credentials.computeIfAbsent(key.certificate(), own -> NativeCredential.of(key)));
    } catch (IllegalArgumentException e) {
      credentials.values().forEach(NativeCredential::free);
      return null;
    }
    NativeKeys made = new NativeKeys(chooser, credentials);
    CLEANER.register(made, () -> credentials.values().forEach(NativeCredential::free));
    return made;
  }

  /** Whether BoringSSL can sign with these keys towards servers. */
  static boolean areUsable(List<CertifiedKey> keys) {
    return keys.stream().allMatch(NativeKeys::isUsable);
  }

  private static boolean isUsable(CertifiedKey key) {
    return List.of(TYPES).contains(key.key().getAlgorithm()) && key.key().getEncoded() != null;
  }

  /**
   * Whether BoringSSL can verify what peers sign, if their keys are of the kind of their
   * authorities' keys, as is usual: RSA, and EC up to 384 bits.
   */
  static boolean areVerifiable(Collection<X509Certificate> authorities) {
    return authorities.stream()
        .map(X509Certificate::getPublicKey)
        .allMatch(
            key ->
                key instanceof RSAPublicKey
                    || (key instanceof ECPublicKey ec
                        && ec.getParams().getOrder().bitLength() <= 384));
  }

  @Override
  @SuppressWarnings("deprecation") // there is no other way to the connection's address
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    boolean given = false;
    for (String type : TYPES) {
      String alias = chooser.chooseEngineServerAlias(type, issuers, engine);
      X509Certificate[] chain = alias == null ? null : chooser.getCertificateChain(alias);
      NativeCredential credential = chain == null ? null : credentials.get(chain[0]);
      if (credential != null) {
        credential.addTo(((ReferenceCountedOpenSslEngine) engine).sslPointer());
        given = true;
      }
    }
    return given ? GIVEN : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return null;
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return null;
  }
}
