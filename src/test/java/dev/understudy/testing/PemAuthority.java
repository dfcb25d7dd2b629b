package dev.understudy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority whose certificates may name anything, wildcards too, and their PEM text; {@link
 * Certificates} is for all others.
 */
public final class PemAuthority {
  private static final AtomicLong SERIAL = new AtomicLong(0xbeef);

  private final KeyPair keys = keys("EC");
  private final X509Certificate certificate;

  /** The authority's certificate and those up to the root. */
  private final List<X509Certificate> path;

  /** A certificate with its key. */
  public record Issued(PrivateKey key, List<X509Certificate> chain) {
    /** The key and the chain in one text, in HAProxy's usual order. */
    public String pem() {
      return certificates() + keyPem();
    }

    public String certificates() {
      StringBuilder text = new StringBuilder();
      try {
        for (X509Certificate each : chain) {
          text.append(PemAuthority.pem("CERTIFICATE", each.getEncoded()));
        }
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
      return text.toString();
    }

    public String keyPem() {
      return PemAuthority.pem("PRIVATE KEY", key.getEncoded());
    }

    /** For clients that show it. */
    public KeyManager[] keyManagers() throws GeneralSecurityException, IOException {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("client", key, new char[0], chain.toArray(X509Certificate[]::new));
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(store, new char[0]);
      return factory.getKeyManagers();
    }
  }

  public PemAuthority(String subject) {
    certificate = certificate(subject, List.of(), keys, null, keys.getPrivate(), true);
    path = List.of(certificate);
  }

  private PemAuthority(String subject, PemAuthority issuer) {
    certificate =
        certificate(subject, List.of(), keys, issuer.certificate, issuer.keys.getPrivate(), true);
    path = with(certificate, issuer.path);
  }

  /** An authority that this one certifies. */
  public PemAuthority intermediate(String subject) {
    return new PemAuthority(subject, this);
  }

  private static List<X509Certificate> with(X509Certificate first, List<X509Certificate> others) {
    return Stream.concat(Stream.of(first), others.stream()).toList();
  }

  private static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate certificate(
      String subject,
      List<String> names,
      KeyPair of,
      X509Certificate issuer,
      PrivateKey signingKey,
      boolean authority) {
    try {
      Instant now = Instant.now();
      X500Principal name = new X500Principal(subject);
      var builder =
          new JcaX509v3CertificateBuilder(
              issuer == null ? name : issuer.getSubjectX500Principal(),
              BigInteger.valueOf(SERIAL.incrementAndGet()),
              Date.from(now.minus(1, ChronoUnit.DAYS)),
              Date.from(now.plus(100, ChronoUnit.DAYS)),
              name,
              of.getPublic());
      if (authority) {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      }
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(
                names.stream()
                    .map(each -> new GeneralName(GeneralName.dNSName, each))
                    .toArray(GeneralName[]::new)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signingKey)));
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new AssertionError(e);
    }
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public String pem() {
    return new Issued(keys.getPrivate(), List.of(certificate)).certificates();
  }

  /**
   * Issues a certificate.
   *
   * @param subject such as {@code CN=www}
   * @param algorithm EC or RSA
   * @param names alternative names; none: the certificate has no such extension
   */
  public Issued issue(String subject, String algorithm, String... names) {
    KeyPair pair = keys(algorithm);
    X509Certificate issued =
        certificate(subject, Arrays.asList(names), pair, certificate, keys.getPrivate(), false);
    return new Issued(pair.getPrivate(), with(issued, path));
  }

  /** A list of revoked certificates that is replaced in a day. */
  public X509CRL revoking(X509Certificate... revoked) {
    return revoking(Instant.now().plus(1, ChronoUnit.DAYS), revoked);
  }

  /**
   * A list of revoked certificates.
   *
   * @param nextUpdate null: the list says nothing of it
   */
  public X509CRL revoking(Instant nextUpdate, X509Certificate... revoked) {
    try {
      Instant end = nextUpdate == null ? Instant.now() : nextUpdate;
      Date begin = Date.from(end.minus(2, ChronoUnit.DAYS));
      var builder = new JcaX509v2CRLBuilder(certificate, begin);
      if (nextUpdate != null) {
        builder.setNextUpdate(Date.from(nextUpdate));
      }
      for (X509Certificate each : revoked) {
        builder.addCRLEntry(each.getSerialNumber(), begin, CRLReason.keyCompromise);
      }
      return new JcaX509CRLConverter()
          .getCRL(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }

  /** Lists of revoked certificates in one text. */
  public static String pem(X509CRL... lists) {
    StringBuilder text = new StringBuilder();
    try {
      for (X509CRL each : lists) {
        text.append(pem("X509 CRL", each.getEncoded()));
      }
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
    return text.toString();
  }

  private static String pem(String type, byte[] content) {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
    return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
  }

  /** Replaces a file at once. */
  public static void write(Path file, String text) {
    try {
      Path next = Files.writeString(file.resolveSibling("." + file.getFileName()), text);
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
