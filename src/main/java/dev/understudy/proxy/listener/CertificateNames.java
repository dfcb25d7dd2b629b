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

/** The server names for which a certificate is shown. */
final class CertificateNames {
  /** The type of a DNS name among alternative names (RFC 5280 §4.2.1.6). */
  private static final Integer DNS_NAME = 2;

  private CertificateNames() {}

  /**
   * The DNS names among the subject's alternative names, in small letters; the subject's common
   * names if it has no alternative names at all (RFC 6125 §6.4.4).
   */
  static Set<String> of(X509Certificate certificate) {
    Set<String> names = new LinkedHashSet<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all == null) {
        return commonNames(certificate);
      }
      for (List<?> name : all) {
        if (name.get(0).equals(DNS_NAME) && name.get(1) instanceof String text) {
          names.add(text.toLowerCase(Locale.ROOT));
        }
      }
    } catch (CertificateParsingException e) {
      // Shown only as the first certificate.
    }
    return names;
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
