package dev.understudy.proxy.guard;

import dev.understudy.pool.PasswordHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.apache.commons.codec.digest.Crypt;
import org.apache.commons.codec.digest.Md5Crypt;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** Compares passwords with their stored form, in constant time for each form. */
final class PasswordCheck {
  private PasswordCheck() {}

  /** Whether the password is the stored one; takes up to a second of a CPU. */
  static boolean matches(PasswordHash stored, byte[] password) {
    String text = stored.text();
    return switch (stored.scheme()) {
      // Both overwrite the bytes that they get.
      case MD5_CRYPT, SHA256_CRYPT, SHA512_CRYPT ->
          equal(Crypt.crypt(password.clone(), text), text);
      case APR1 -> equal(Md5Crypt.apr1Crypt(password.clone(), text), text);
      case BCRYPT -> BCrypt.checkpw(password.clone(), text);
      case PLAIN -> MessageDigest.isEqual(password, text.getBytes(StandardCharsets.UTF_8));
    };
  }

  private static boolean equal(String computed, String stored) {
    return MessageDigest.isEqual(
        computed.getBytes(StandardCharsets.US_ASCII), stored.getBytes(StandardCharsets.US_ASCII));
  }
}
