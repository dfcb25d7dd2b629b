package dev.understudy.pool;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Tells whether a private key and a public key belong together. */
public final class KeyPairs {
  private static final byte[] SAMPLE = "understudy".getBytes(StandardCharsets.US_ASCII);

  private KeyPairs() {}

  /**
   * Whether what the key signs is verified by the certified one; true for a key that signs nothing
   * outside of TLS.
   */
  public static boolean isPair(PrivateKey key, PublicKey certified) {
    if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
      return false;
    }
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] signed;
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(SAMPLE);
      signed = signing.sign();
    } catch (GeneralSecurityException e) {
      return true; // a key that cannot sign outside of TLS cannot be checked
    }
    return verifies(certified, algorithm, signed);
  }

  private static boolean verifies(PublicKey certified, String algorithm, byte[] signed) {
    try {
      Signature checking = Signature.getInstance(algorithm);
      checking.initVerify(certified);
      checking.update(SAMPLE);
      return checking.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // the key has another length or another curve
    }
  }
}
