package dev.understudy.config;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.KeyPairs;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.pem.PemContent;

/** The content of a PEM file (RFC 7468): certificates, and at most one private key. */
public final class PemFile {
  private static final Pattern KEY = Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----");
  private static final Pattern ENCRYPTED =
      Pattern.compile("-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4,ENCRYPTED");

  private final String source;
  private final String text;

  /**
   * @param source the file, or what else names it for people
   * @throws UnusableException if the file is too large
   */
  public PemFile(String source, byte[] content) throws UnusableException {
    if (content.length > DynamicFileLimits.NAMED_FILE_BYTES) {
      throw new UnusableException("a file of at most 64 KB (" + source + ")");
    }
    this.source = source;
    this.text = new String(content, StandardCharsets.ISO_8859_1);
  }

  boolean hasKey() {
    return KEY.matcher(text).find();
  }

  /** The certificates in the order of the file. */
  List<X509Certificate> certificates() throws UnusableException {
    try {
      return PemContent.of(text).getCertificates();
    } catch (RuntimeException e) {
      throw new UnusableException("a PEM file with a certificate (" + source + ")");
    }
  }

  private PrivateKey key() throws UnusableException {
    if (ENCRYPTED.matcher(text).find()) {
      throw new UnusableException(
          "a private key without a passphrase (%s; \"openssl pkey\" removes it)".formatted(source));
    }
    PrivateKey key;
    try {
      key = PemContent.of(text).getPrivateKey();
    } catch (RuntimeException e) {
      key = null;
    }
    if (key == null) {
      throw new UnusableException("a private key that can be read (" + source + ")");
    }
    return key;
  }

  /**
   * Returns the key with its certificate, and the file's certificates of its issuers.
   *
   * @param keyFile the file of the private key, which may be this one
   */
  public CertifiedKey certified(PemFile keyFile) throws UnusableException {
    PrivateKey key = keyFile.key();
    List<X509Certificate> all = new ArrayList<>(certificates());
    X509Certificate own = null;
    for (X509Certificate each : all) {
      if (own == null && KeyPairs.isPair(key, each.getPublicKey())) {
        own = each;
      }
    }
    if (own == null) {
      throw new UnusableException(
          "the private key of the certificate of %s (%s has the key of another certificate)"
              .formatted(all.get(0).getSubjectX500Principal().getName(), keyFile.source));
    }
    return new CertifiedKey(source, key, chain(own, all));
  }

  /** The certificate with those of its issuers, as far as the file has them. */
  private static List<X509Certificate> chain(X509Certificate own, List<X509Certificate> all) {
    List<X509Certificate> chain = new ArrayList<>();
    for (X509Certificate next = own; next != null; next = issuer(next, all)) {
      chain.add(next);
      all.remove(next);
    }
    return chain;
  }

  private static @Nullable X509Certificate issuer(X509Certificate of, List<X509Certificate> among) {
    X500Principal issuer = of.getIssuerX500Principal();
    if (issuer.equals(of.getSubjectX500Principal())) {
      return null;
    }
    return among.stream()
        .filter(each -> each.getSubjectX500Principal().equals(issuer))
        .findFirst()
        .orElse(null);
  }

  /** A file that cannot be used; says what was expected. */
  public static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String expected) {
      super(expected);
    }

    /** The expectation in words that follow "expected". */
    public String expected() {
      return String.valueOf(getMessage());
    }
  }
}
