package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.internal.tcnative.SSL;
import io.netty.internal.tcnative.SSLCredential;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * A private key with its chain in BoringSSL's memory ({@code SSL_CREDENTIAL}), to be freed. Netty
 * has the same only for connections whose handshake has not begun, when no server name is known.
 */
final class NativeCredential {
  private final long address;

  private NativeCredential(long address) {
    this.address = address;
  }

  /**
   * Converts a key.
   *
   * @throws IllegalArgumentException if BoringSSL cannot use it
   */
  static NativeCredential of(CertifiedKey key) {
    long made = 0;
    try {
      made = SSLCredential.newX509();
      setKey(made, key.key().getEncoded());
      setChain(made, key.chain());
      NativeCredential credential = new NativeCredential(made);
      made = 0;
      return credential;
    } catch (Exception e) { // tcnative declares no other
      throw new IllegalArgumentException(e.getMessage(), e);
    } finally {
      free(made);
    }
  }

  private static void setKey(long credential, byte[] encoded) throws Exception {
    byte[] pem = pem("PRIVATE KEY", encoded);
    long bio = bio(pem);
    Arrays.fill(pem, (byte) 0);
    long key = 0;
    try {
      key = SSL.parsePrivateKey(bio, null);
      SSLCredential.setPrivateKey(credential, key);
    } finally {
      SSL.freeBIO(bio);
      if (key != 0) {
        SSL.freePrivateKey(key);
      }
    }
  }

  private static void setChain(long credential, List<X509Certificate> certificates)
      throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (X509Certificate each : certificates) {
      all.writeBytes(pem("CERTIFICATE", each.getEncoded()));
    }
    long bio = bio(all.toByteArray());
    long chain = 0;
    try {
      chain = SSL.parseX509Chain(bio);
      SSLCredential.setCertChain(credential, chain);
    } finally {
      SSL.freeBIO(bio);
      if (chain != 0) {
        SSL.freeX509Chain(chain);
      }
    }
  }

  private static byte[] pem(String type, byte[] encoded) {
    return ("-----BEGIN "
            + type
            + "-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
            + "\n-----END "
            + type
            + "-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static long bio(byte[] content) throws Exception {
    ByteBuf direct = Unpooled.directBuffer(content.length).writeBytes(content);
    try {
      long bio = SSL.newMemBIO();
      SSL.bioWrite(bio, direct.memoryAddress(), content.length);
      return bio;
    } finally {
      direct.setZero(0, content.length);
      direct.release();
    }
  }

  /**
   * Offers it to the connection's handshake, which takes the first credential that fits; those that
   * were added before come first.
   *
   * @param ssl the address of the connection, which keeps its own reference
   */
  void addTo(long ssl) {
    try {
      SSL.addCredential(ssl, address);
    } catch (Exception e) { // tcnative declares no other
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Frees the memory once no connection uses it. */
  void free() {
    free(address);
  }

  private static void free(long credential) {
    if (credential != 0) {
      try {
        SSLCredential.free(credential);
      } catch (Exception e) { // tcnative declares no other
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }
}
