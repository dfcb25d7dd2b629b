package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.ServerNamePatterns;
import dev.understudy.proxy.http.TlsSessions;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate of a TLS handshake by the server name that the client asks for (RFC 6066
 * §3), as HAProxy does with several {@code crt}: a name in full first, then {@code *.} and a
 * domain, which stands for one label (RFC 6125 §6.4.3); else the first certificate, and those that
 * have the same names. If several fit a name, the client's abilities decide, such as ECDSA or RSA.
 *
 * <p>Keys that are only for some names come first, and are chosen from alone, where such a name is
 * asked for.
 */
final class SniKeyManager extends ServerKeyManager {
  private final List<CertifiedKey> keys;
  private final Map<String, Choice> only = new HashMap<>();
  private final Choice others;

  /** Keys among which the names of their certificates decide. */
  private static final class Choice {
    private final Map<String, List<Integer>> byName = new HashMap<>();
    private final List<Integer> fallback = new ArrayList<>();
    private @Nullable Set<String> first;

    void add(int key, Set<String> names, boolean strict) {
      if (first == null) {
        first = names;
      }
      if (!strict && names.equals(first)) {
        fallback.add(key);
      }
      for (String name : names) {
        byName.computeIfAbsent(name, fresh -> new ArrayList<>()).add(key);
      }
    }

    List<Integer> candidates(String name) {
      List<Integer> exact = byName.get(name);
      if (exact != null) {
        return exact;
      }
      int dot = name.indexOf('.');
      return dot < 0 ? fallback : byName.getOrDefault("*" + name.substring(dot), fallback);
    }
  }

  /**
   * @param keys at least one
   * @param strict whether there is no certificate for other names, or without one
   */
  SniKeyManager(List<CertifiedKey> keys, boolean strict) {
    this.keys = List.copyOf(keys);
    Choice forAll = new Choice();
    for (int i = 0; i < keys.size(); i++) {
      Set<String> names = CertificateNames.of(keys.get(i).certificate());
      String pattern = keys.get(i).serverName();
      if (pattern == null) {
        forAll.add(i, names, strict);
      } else {
        only.computeIfAbsent(pattern, fresh -> new Choice()).add(i, names, false);
      }
    }
    String firstName = keys.get(0).serverName();
    boolean isFirst = !strict && forAll.first == null && firstName != null;
    others = isFirst ? Objects.requireNonNull(only.get(firstName)) : forAll;
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
    String pattern = ServerNamePatterns.find(only.keySet(), name);
    Choice choice = pattern == null ? null : only.get(pattern);
    return (choice == null ? others : choice).candidates(name);
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
