package dev.understudy.reload;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A short digest of a file, by which people compare the files of replicas. */
final class FileFingerprint {
  private static final int DIGITS = 12;

  private FileFingerprint() {}

  /** The first 12 hexadecimal digits of the SHA-256 digest, as {@code sha256sum} prints them. */
  static String of(byte[] content) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return HexFormat.of().formatHex(digest).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
