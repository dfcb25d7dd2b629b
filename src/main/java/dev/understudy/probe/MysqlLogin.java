package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A login with a password by a plugin of MySQL's: {@code mysql_native_password} or {@code
 * caching_sha2_password}. Of the latter:
 *
 * <pre>
 *  received            | answer
 *  --------------------+----------------------------------------------------------------
 *  3: known            | none: the server has the password's hash in its cache
 *  4: full login       | with TLS the password; else a request for the server's public key
 *  the key, in PEM     | the password, encrypted with the key
 * </pre>
 */
final class MysqlLogin {
  static final String NATIVE = "mysql_native_password";
  private static final String CACHING = "caching_sha2_password";

  /** Bytes of a salt. */
  static final int SALT = 20;

  private static final byte KNOWN = 3;
  private static final byte FULL = 4;
  private static final byte REQUEST_KEY = 2;

  private static final byte[] NOTHING = {};

  private final byte @Nullable [] password;
  private byte[] salt = NOTHING;
  private boolean keyRequested;

  /** The plugin whose answer was sent last. */
  private String plugin = NATIVE;

  MysqlLogin(@Nullable String password) {
    this.password = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
  }

  String plugin() {
    return plugin;
  }

  /**
   * The answer for the plugin that the greeting names, or for another: the server asks then for a
   * change to the user's.
   */
  byte[] first(String preferred, byte[] salt) throws LoginException {
    return password != null && preferred.equals(CACHING)
        ? change(CACHING, salt)
        : change(NATIVE, salt);
  }

  /** The answer for a plugin; an empty password is empty for each. */
  byte[] change(String plugin, byte[] salt) throws LoginException {
    this.plugin = plugin;
    this.salt = salt;
    if (password == null) {
      return NOTHING;
    }
    boolean caching = plugin.equals(CACHING);
    if (!caching && !plugin.equals(NATIVE)) {
      throw new LoginException(
          "the server wants the plugin %s, expected %s or %s"
              .formatted(Details.quoted(plugin), CACHING, NATIVE));
    }
    if (salt.length != SALT) {
      throw new LoginException("the server's salt has " + salt.length + " bytes, expected " + SALT);
    }
    return caching ? ofCaching(password) : ofNative(password);
  }

  /** SHA1(password) XOR SHA1(salt, SHA1(SHA1(password))). */
  private byte[] ofNative(byte[] password) {
    byte[] once = DigestUtils.sha1(password);
    return xor(once, digest(DigestUtils.getSha1Digest(), salt, DigestUtils.sha1(once)));
  }

  /** SHA256(password) XOR SHA256(SHA256(SHA256(password)), salt). */
  private byte[] ofCaching(byte[] password) {
    byte[] once = DigestUtils.sha256(password);
    return xor(once, digest(DigestUtils.getSha256Digest(), DigestUtils.sha256(once), salt));
  }

  /**
   * Answers what the plugin sends further.
   *
   * @param tls whether the connection has TLS
   * @return null if the server goes on
   */
  byte @Nullable [] more(ByteBuf data, boolean tls) throws LoginException {
    if (password == null || !plugin.equals(CACHING) || !data.isReadable()) {
      throw unexpected(data);
    }
    if (keyRequested) {
      return encrypted(password, data.toString(StandardCharsets.US_ASCII));
    }
    byte step = data.getByte(data.readerIndex());
    if (data.readableBytes() == 1 && step == KNOWN) {
      return null;
    }
    if (data.readableBytes() != 1 || step != FULL) {
      throw unexpected(data);
    }
    if (tls) {
      return Arrays.copyOf(password, password.length + 1);
    }
    keyRequested = true;
    return new byte[] {REQUEST_KEY};
  }

  private LoginException unexpected(ByteBuf data) {
    return new LoginException(
        "not expected of the plugin %s: %s"
            .formatted(
                Details.quoted(plugin),
                Details.quoted(data.toString(StandardCharsets.ISO_8859_1))));
  }

  /** The password with its final zero, mixed with the salt (RSAES-OAEP). */
  private byte[] encrypted(byte[] password, String pem) throws LoginException {
    byte[] mixed = Arrays.copyOf(password, password.length + 1);
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] ^= salt[i % SALT];
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
      PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
      Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
      cipher.init(Cipher.ENCRYPT_MODE, key);
      return cipher.doFinal(mixed);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new LoginException(
          "the server's key cannot be used, expected an RSA key for the password in PEM");
    }
  }

  private static byte[] digest(MessageDigest algorithm, byte[] first, byte[] second) {
    algorithm.update(first);
    return algorithm.digest(second);
  }

  private static byte[] xor(byte[] one, byte[] other) {
    byte[] mixed = one.clone();
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] ^= other[i];
    }
    return mixed;
  }
}
