package dev.understudy.haproxy.acl;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Arguments of a term in our language. */
final class Values {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._~/*%@$+?&=;!:-]+");

  private Values() {}

  /** A value, in quotes if it holds a character that means something in the language. */
  static String value(String text) {
    return PLAIN.matcher(text).matches() && !text.equals("i:") && !text.startsWith("i:")
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** A term with the patterns and files of a test. */
  static String term(String name, AclTest test) {
    return term(name, List.of(), test, test.patterns());
  }

  static String term(String name, List<String> first, AclTest test, List<String> patterns) {
    List<String> arguments = new ArrayList<>();
    first.forEach(each -> arguments.add(value(each)));
    patterns.forEach(each -> arguments.add(value(each)));
    test.files().forEach(file -> arguments.add("file(" + value(file) + ")"));
    return name + "(" + (test.ignoreCase() ? "i: " : "") + String.join(", ", arguments) + ")";
  }
}
