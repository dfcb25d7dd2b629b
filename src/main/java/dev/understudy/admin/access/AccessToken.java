package dev.understudy.admin.access;

import dev.understudy.file.Sha256;
import dev.understudy.text.Words;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A token that clients may present. Only its digest is kept, so that none can be printed.
 *
 * @param name for events and logs; not secret
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record AccessToken(String name, Role role, byte[] digest) {
  static AccessToken of(String name, Role role, String secret) {
    return new AccessToken(name, role, digest(secret));
  }

  /**
   * @param sha256 the digest of the secret in UTF-8: 64 hexadecimal digits
   */
  static AccessToken ofDigest(String name, Role role, String sha256) {
    return new AccessToken(name, role, HexFormat.of().parseHex(sha256));
  }

  /** SHA-256 of a presented text: compared values have equal lengths. */
  static byte[] digest(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Compares in a time that does not depend on the content. */
  boolean isOf(byte[] presented) {
    return MessageDigest.isEqual(digest, presented);
  }

  boolean hasSecretOf(AccessToken other) {
    return isOf(other.digest);
  }

  @Override
  public String toString() {
    return name + " (" + Words.lower(role) + ")";
  }
}
