package dev.understudy.gatewayapi.translate;

import dev.understudy.config.PemFile;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.Secret;
import dev.understudy.pool.CertifiedKey;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of Secrets with their keys. It keeps those that the last plan used, as reading
 * one takes a signature. Not thread-safe.
 */
final class SecretKeys {
  private Map<ObjectKey, KeyOfSecret> last = new HashMap<>();
  private Map<ObjectKey, KeyOfSecret> used = new HashMap<>();

  /**
   * What a Secret has.
   *
   * @param key null if there is a problem
   * @param problem one sentence; null if there is a key
   */
  record KeyOfSecret(Secret secret, @Nullable CertifiedKey key, @Nullable String problem) {}

  /** A plan begins. */
  void begin() {
    last = used;
    used = new HashMap<>();
  }

  /** The key of a Secret. */
  KeyOfSecret of(Secret secret) {
    KeyOfSecret known = used.getOrDefault(secret.key(), last.get(secret.key()));
    KeyOfSecret current =
        known != null && known.secret().data().equals(secret.data()) ? known : read(secret);
    used.put(secret.key(), current);
    return current;
  }

  private static KeyOfSecret read(Secret secret) {
    try {
      CertifiedKey key = pem(secret, "tls.crt").certified(pem(secret, "tls.key"));
      return new KeyOfSecret(secret, key, null);
    } catch (PemFile.UnusableException e) {
      return new KeyOfSecret(secret, null, "Expected " + e.expected() + ".");
    }
  }

  private static PemFile pem(Secret secret, String name) throws PemFile.UnusableException {
    byte[] content = secret.data().getOrDefault(name, "").getBytes(StandardCharsets.UTF_8);
    return new PemFile(name + " of Secret " + secret.key(), content);
  }
}
