package dev.understudy.proxy.session;

import dev.understudy.file.BoundedFile;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Server;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The secret behind sticky cookies, without which a client cannot make up a cookie and so choose
 * its server. Thread-safe.
 *
 * <p>A server's value is HMAC-SHA-256 over the names of pool and server, cut to 128 bits: the same
 * on every replica with the same key, and after a restart. A cookie made with another key is
 * unknown, and its client gets a new one.
 *
 * <p>Without a configured secret, each server's own URL, which clients do not know, is the key of
 * its value. The URLs of all servers together would not do: a file that adds, moves or removes one
 * server would send the sessions of all others away. A client that guesses the URL and both names
 * can make up the cookie of that server only; where that matters, configure a secret.
 */
public final class StickyKey {
  /** The length of a value, in characters. */
  static final int VALUE_LENGTH = 22;

  /** Values keyed by the servers' URLs. */
  public static final StickyKey DERIVED = new StickyKey(null);

  private static final String ALGORITHM = "HmacSHA256";
  private static final int VALUE_BYTES = 16;

  /**
   * The least length of a secret, which is also the length of a value: a shorter one would be
   * easier to guess than the value itself.
   */
  private static final int MIN_BYTES = 16;

  private static final int MAX_BYTES = 4096;

  /** Begins what is keyed, so that a value keyed for another purpose is no valid cookie. */
  private static final byte[] PURPOSE = "understudy sticky 1".getBytes(StandardCharsets.UTF_8);

  /** Null if values are keyed by the servers' URLs. */
  private final byte @Nullable [] secret;

  private StickyKey(byte @Nullable [] secret) {
    this.secret = secret;
  }

  /**
   * Reads a secret from a file, once; white space at its end does not count.
   *
   * @throws IllegalArgumentException if the file cannot be read, or does not hold a secret of 16 to
   *     4096 bytes; the message says what is expected
   */
  public static StickyKey inFile(Path file) {
    byte[] bytes;
    try {
      bytes = BoundedFile.read(file, MAX_BYTES);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the file " + file + " cannot be read: " + BoundedFile.reason(e), e);
    }
    int length = bytes.length;
    while (length > 0 && Character.isWhitespace(bytes[length - 1])) {
      length--;
    }
    if (length < MIN_BYTES || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "expected a secret of %d to %d bytes in the file %s, found %s"
              .formatted(
                  MIN_BYTES,
                  MAX_BYTES,
                  file,
                  length == 0 ? "none" : length < MIN_BYTES ? "" + length : "more"));
    }
    return new StickyKey(Arrays.copyOf(bytes, length));
  }

  /** The value that names a server; it reveals nothing to others. */
  String value(PoolId pool, Server server) {
    byte[] key = secret;
    if (key == null) {
      key = server.address().toString().getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream names = new ByteArrayOutputStream();
    names.writeBytes(PURPOSE);
    add(names, pool.value());
    add(names, server.id().value());
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      byte[] tag = Arrays.copyOf(mac.doFinal(names.toByteArray()), VALUE_BYTES);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(tag);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** Adds a name with its length, so that no two pairs of names read alike. */
  private static void add(ByteArrayOutputStream to, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    to.write(bytes.length >> 8);
    to.write(bytes.length);
    to.writeBytes(bytes);
  }

  @Override
  public String toString() {
    return secret == null ? "StickyKey[derived]" : "StickyKey[***]";
  }
}
