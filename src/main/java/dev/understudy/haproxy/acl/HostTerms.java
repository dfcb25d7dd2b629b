package dev.understudy.haproxy.acl;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Comparisons of the request's host: Understudy compares it in any letter case, without port. */
final class HostTerms {
  private static final String SAME_HOST = "a port and a final dot of the host do not count";

  private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");

  private HostTerms() {}

  /**
   * The term, or what is unknown.
   *
   * @param notes get how it differs
   */
  static TranslatedCondition of(AclComparison written, List<TermDifference> notes) {
    if (written.isFound()) {
      return TranslatedCondition.Constant.TRUE;
    }
    if (!written.ignoreCase()) {
      notes.add(TermDifference.differs("host names match in any letter case (RFC 9110 4.2.3)"));
    }
    AclComparison test = written.withCase(false);
    boolean whole = test.isWhole() || test.matcher().equals("end");
    boolean asksForPort = whole && !test.sample().isConverted("host_only");
    notes.add(asksForPort ? TermDifference.differs(SAME_HOST) : TermDifference.wider(SAME_HOST));
    if (test.matcher().equals("dom")) {
      return domain(test);
    }
    return whole ? withoutPorts(test, notes) : part(test, notes);
  }

  private static TranslatedCondition withoutPorts(AclComparison test, List<TermDifference> notes) {
    List<String> names = new ArrayList<>();
    for (String pattern : test.patterns()) {
      String name = PORT.matcher(pattern).replaceFirst("");
      if (name.isEmpty() || (test.isWhole() && name.indexOf('*') >= 0)) {
        return test.unknown("expected the name of a host, found '" + pattern + "'");
      }
      if (!name.equals(pattern)) {
        notes.add(TermDifference.weaker("'" + pattern + "' is compared without its port"));
      }
      names.add(name);
    }
    return TermTranslation.compared("host", test.with(names.stream().distinct().toList()));
  }

  /** A comparison of a part, which names no port; a regular expression often allows for one. */
  private static TranslatedCondition part(AclComparison test, List<TermDifference> notes) {
    for (String pattern : test.patterns()) {
      if (pattern.replace("(?:", "").replace("[:", "").indexOf(':') >= 0) {
        if (!test.matcher().equals("reg")) {
          return test.unknown(
              "conditions do not compare the port of the host, in '" + pattern + "'");
        }
        notes.add(
            TermDifference.weaker(
                "the host is compared without its port, which '" + pattern + "' may ask for"));
      }
    }
    return TermTranslation.compared("host", test);
  }

  /** The pattern stands in the name as whole labels. */
  private static TranslatedCondition domain(AclComparison test) {
    if (!test.files().isEmpty() || test.patterns().stream().anyMatch(p -> p.contains(":"))) {
      return test.unknown("domains from a file or with a port");
    }
    return test.with(
            test.patterns().stream()
                .map(each -> each.replaceAll("([^A-Za-z0-9_-])", "\\\\$1"))
                .map(each -> "(^|.*[.:])" + each + "([.:].*|$)")
                .toList())
        .term("host-matches");
  }
}
