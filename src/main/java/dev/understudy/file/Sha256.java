package dev.understudy.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 digests, which every Java has. */
public final class Sha256 {
  private Sha256() {}

  /** The digest of all bytes, one part after the other. */
  public static byte[] of(Iterable<byte[]> parts) {
    MessageDigest digest = digest();
    parts.forEach(digest::update);
    return digest.digest();
  }

  public static byte[] of(byte[] bytes) {
    return digest().digest(bytes);
  }

  /**
   * The beginning of a digest as {@code sha256sum} prints it.
   *
   * @param digits hexadecimal, at most 64
   */
  public static String hex(byte[] digest, int digits) {
    return HexFormat.of().formatHex(digest).substring(0, digits);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
