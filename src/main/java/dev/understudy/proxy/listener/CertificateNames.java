package dev.understudy.proxy.listener;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** The server names for which a certificate is shown. */
final class CertificateNames {
  /** The type of a DNS name among alternative names (RFC 5280 §4.2.1.6). */
  private static final int DNS_NAME = 2;

  private static final int IP_ADDRESS = 7;

  private CertificateNames() {}

  /**
   * The DNS names among the subject's alternative names, in small letters; the subject's common
   * names if it has no alternative names at all (RFC 6125 §6.4.4).
   */
  static Set<String> of(X509Certificate certificate) {
    List<String> alternative = alternative(certificate, Set.of(DNS_NAME));
    if (alternative == null) {
      return commonNames(certificate);
    }
    Set<String> names = new LinkedHashSet<>();
    alternative.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    return names;
  }

  /** The DNS names and IP addresses among the subject's alternative names. */
  static List<String> alternative(X509Certificate certificate) {
    List<String> names = alternative(certificate, Set.of(DNS_NAME, IP_ADDRESS));
    return names == null ? List.of() : names;
  }

  /** Null if the subject has no alternative names; none if they cannot be read. */
  private static @Nullable List<String> alternative(X509Certificate of, Set<Integer> types) {
    try {
      Collection<List<?>> all = of.getSubjectAlternativeNames();
      return all == null
          ? null
          : all.stream()
              .filter(name -> types.contains((Integer) name.get(0)))
              .map(name -> (String) name.get(1))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static Set<String> commonNames(X509Certificate certificate) {
    Set<String> names = new LinkedHashSet<>();
    try {
      for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (part.getType().equalsIgnoreCase("CN")) {
          names.add(part.getValue().toString().toLowerCase(Locale.ROOT));
        }
      }
    } catch (InvalidNameException e) {
      // As above.
    }
    return names;
  }
}
