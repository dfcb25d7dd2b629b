package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Comparisons of the listener that a client has connected to, by its name or its port. */
final class ListenerTerms {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,15}");

  private ListenerTerms() {}

  static TranslatedCondition port(String term, AclComparison test, TermContext context) {
    if (!Set.of("", "int").contains(test.matcher())) {
      return test.unknownMatcher();
    }
    if (context.isPortFromProxy()) {
      return test.unknown("the port in the PROXY header");
    }
    List<String> names = new ArrayList<>();
    for (String pattern : test.patterns()) {
      if (!NUMBER.matcher(pattern).matches()) {
        return test.unknown("expected a port, found '" + pattern + "'");
      }
      names.addAll(context.listenersOn((int) Math.min(Long.parseLong(pattern), 70_000)));
    }
    return oneOf(term, names, test, context);
  }

  static TranslatedCondition name(String term, AclComparison test, TermContext context) {
    return test.isWhole()
        ? oneOf(
            term,
            test.patterns().stream().filter(context.listeners()::contains).toList(),
            test,
            context)
        : test.unknown("listeners are compared as a whole");
  }

  private static TranslatedCondition oneOf(
      String term, List<String> names, AclComparison test, TermContext context) {
    if (context.listeners().isEmpty()) {
      return test.unknown("there is no frontend, so no listener");
    }
    if (names.isEmpty()) {
      return Constant.FALSE;
    }
    return names.containsAll(context.listeners())
        ? Constant.TRUE
        : Term.of(term, names.toArray(String[]::new));
  }
}
