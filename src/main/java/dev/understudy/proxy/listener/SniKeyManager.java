package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.proxy.http.TlsSessions;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate of a TLS handshake by the server name that the client asks for (RFC 6066
 * §3), as HAProxy does with several {@code crt}: a name in full first, then {@code *.} and a
 * domain, which stands for one label (RFC 6125 §6.4.3); else the first certificate, and those that
 * have the same names. If several fit a name, the client's abilities decide, such as ECDSA or RSA.
 */
final class SniKeyManager extends ServerKeyManager {
  private final List<CertifiedKey> keys;
  private final Map<String, List<Integer>> byName = new HashMap<>();
  private final List<Integer> fallback = new ArrayList<>();

  /**
   * @param keys at least one
   * @param strict whether there is no certificate for other names, or without one
   */
  SniKeyManager(List<CertifiedKey> keys, boolean strict) {
    this.keys = List.copyOf(keys);
    Set<String> first = CertificateNames.of(keys.get(0).certificate());
    for (int i = 0; i < keys.size(); i++) {
      Set<String> names = CertificateNames.of(keys.get(i).certificate());
      if (!strict && (i == 0 || names.equals(first))) {
        fallback.add(i);
      }
      for (String name : names) {
        byName.computeIfAbsent(name, fresh -> new ArrayList<>()).add(i);
      }
    }
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    for (int i : candidates(TlsSessions.serverName(engine.getHandshakeSession()))) {
      if (keys.get(i).key().getAlgorithm().equals(keyType)) {
        return Integer.toString(i);
      }
    }
    return null;
  }

  private List<Integer> candidates(String name) {
    List<Integer> exact = byName.get(name);
    if (exact != null) {
      return exact;
    }
    int dot = name.indexOf('.');
    return dot < 0 ? fallback : byName.getOrDefault("*" + name.substring(dot), fallback);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return keys.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return keys.get(Integer.parseInt(alias)).key();
  }
}
