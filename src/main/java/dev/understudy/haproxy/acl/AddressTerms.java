package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Comparisons of an address with networks, whose masks HAProxy takes in any form. */
final class AddressTerms {
  private static final Pattern NETWORK = Pattern.compile("[0-9A-Fa-f:.]+(/[0-9.]+)?");

  /**
   * IPv6 networks that contain all mapped IPv4 addresses: HAProxy looks an IPv4 address up among
   * IPv6 networks too.
   */
  private static final Pattern AROUND_MAPPED = Pattern.compile("[0:]*::/([0-9]|[1-7][0-9]|80)");

  private AddressTerms() {}

  /** The term with these networks, or what is unknown. */
  static TranslatedCondition of(String term, AclComparison test) {
    if (test.isFound()) {
      return Constant.TRUE;
    }
    if (!Set.of("", "ip", "str").contains(test.matcher())) {
      return test.unknownMatcher();
    }
    List<String> networks = new ArrayList<>();
    List<TranslatedCondition> parts = new ArrayList<>();
    for (String pattern : test.patterns()) {
      if (!NETWORK.matcher(pattern).matches()) {
        return test.unknown("expected addresses and networks, found '" + pattern + "'");
      }
      if (AROUND_MAPPED.matcher(pattern).matches()) {
        networks.add("0.0.0.0/0");
      }
      int slash = pattern.indexOf('/');
      if (slash < 0 || pattern.indexOf('.', slash) < 0) {
        networks.add(pattern);
        continue;
      }
      int mask = mask(pattern.substring(slash + 1));
      int bits = Integer.numberOfLeadingZeros(~mask);
      String network = pattern.substring(0, slash) + "/" + bits;
      if (Integer.bitCount(mask) == bits) {
        networks.add(network);
      } else {
        TranslatedCondition around = bits == 0 ? Constant.TRUE : Term.of(term, network);
        parts.add(
            TranslatedCondition.all(
                around, test.unknown("the mask of '" + pattern + "' has gaps")));
      }
    }
    if (!networks.isEmpty() || !test.files().isEmpty()) {
      parts.addFirst(test.with(networks).withCase(false).term(term));
    }
    return TranslatedCondition.any(parts);
  }

  private static int mask(String text) {
    int mask = 0;
    for (String part : List.of(text.split("\\.", -1))) {
      mask = mask << 8 | (part.matches("[0-9]{1,3}") ? Integer.parseInt(part) & 0xff : 0);
    }
    return mask;
  }
}
