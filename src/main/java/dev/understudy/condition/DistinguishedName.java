package dev.understudy.condition;

import java.util.Locale;
import java.util.Set;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/** Reads attributes of distinguished names in the form of RFC 2253. */
final class DistinguishedName {
  /** The attributes that RFC 2253 writes by a keyword; others are numbers with encoded values. */
  private static final Set<String> KEYWORDS =
      Set.of("CN", "C", "L", "ST", "O", "OU", "STREET", "DC", "UID");

  private DistinguishedName() {}

  /** The keyword in capitals. */
  static String keyword(String name) throws ExpressionException {
    String keyword = name.toUpperCase(Locale.ROOT);
    if (!KEYWORDS.contains(keyword)) {
      throw new ExpressionException(
          "expected an attribute "
              + String.join(", ", KEYWORDS.stream().sorted().toList())
              + ", found '"
              + name
              + "'");
    }
    return keyword;
  }

  /**
   * The attribute's first value, unescaped, counted from the beginning of the certificate's name
   * (the right of the text); null if there is none.
   */
  static @Nullable String first(String name, String keyword) {
    try {
      for (Rdn each : new LdapName(name).getRdns()) {
        Attribute attribute = each.toAttributes().get(keyword);
        if (attribute != null) {
          return attribute.get() instanceof String text ? text : null;
        }
      }
    } catch (NamingException e) {
      return null;
    }
    return null;
  }
}
