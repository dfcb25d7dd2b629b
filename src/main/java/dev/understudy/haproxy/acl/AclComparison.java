package dev.understudy.haproxy.acl;

import dev.understudy.condition.ExpressionException;
import dev.understudy.haproxy.acl.TranslatedCondition.Term;
import dev.understudy.haproxy.acl.TranslatedCondition.Unknown;
import dev.understudy.haproxy.syntax.SourceSecrets;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One comparison: a sample, how it is compared, and with what.
 *
 * @param matcher {@code str}, {@code beg}, {@code sub}, {@code dir}, {@code dom}, {@code end},
 *     {@code reg}, {@code len}, {@code ip}, {@code int}, {@code bool}, {@code found}, {@code bin};
 *     empty: the sample's own
 * @param patterns as written, operators such as {@code gt} included
 * @param files of {@code -f}
 */
public record AclComparison(
    Sample sample, String matcher, boolean ignoreCase, List<String> patterns, List<String> files) {
  private static final Set<String> MATCHERS =
      Set.of(
          "found", "bool", "int", "ip", "bin", "len", "str", "sub", "beg", "end", "dir", "dom",
          "reg");

  /** Endings of criteria that name a matcher, as {@code path_beg}. */
  private static final Set<String> ENDINGS =
      Set.of("beg", "dir", "dom", "end", "len", "reg", "sub", "str");

  public AclComparison {
    patterns = List.copyOf(patterns);
    files = List.copyOf(files);
  }

  /**
   * Parses the words after an ACL's name, or between braces.
   *
   * @throws SyntaxException if they are no comparison
   */
  public static AclComparison parse(List<String> words) {
    if (words.isEmpty()) {
      throw new SyntaxException("expected a criterion such as path_beg");
    }
    Sample written = Sample.parse(words.getFirst());
    String name = written.name();
    String matcher = "";
    int underscore = name.lastIndexOf('_');
    if (underscore > 0
        && ENDINGS.contains(name.substring(underscore + 1))
        && !SampleTable.has(name)) {
      matcher = name.substring(underscore + 1);
      name = name.substring(0, underscore);
    }
    List<String> files = new ArrayList<>();
    boolean ignoreCase = false;
    int i = 1;
    for (; i < words.size() && words.get(i).matches("-[^0-9].*"); i++) {
      String flag = words.get(i);
      if (flag.equals("--")) {
        i++;
        break;
      }
      if (flag.equals("-M")) {
        throw new SyntaxException("'-M': a file of pairs");
      }
      boolean hasValue = Set.of("-f", "-m", "-u").contains(flag) && i + 1 < words.size();
      if (!hasValue && !Set.of("-i", "-n").contains(flag)) {
        throw new SyntaxException(
            "expected a flag -i, -f FILE, -m METHOD, -n, -u ID or --, found '" + flag + "'");
      }
      String value = hasValue ? words.get(++i) : "";
      switch (flag) {
        case "-i" -> ignoreCase = true;
        case "-f" -> files.add(value);
        case "-m" -> matcher = matcher(value);
        default -> {}
      }
    }
    List<String> patterns = words.subList(Math.min(i, words.size()), words.size());
    return new AclComparison(written.named(name), matcher, ignoreCase, patterns, files);
  }

  private static String matcher(String name) {
    if (!MATCHERS.contains(name)) {
      String all = MATCHERS.stream().sorted().collect(Collectors.joining(", "));
      throw new SyntaxException(
          "expected a matching method (" + all + ") after -m, found '" + name + "'");
    }
    return name;
  }

  /** The same test of another sample. */
  AclComparison of(Sample other) {
    return new AclComparison(other, matcher, ignoreCase, patterns, files);
  }

  /** The same as a predefined ACL of that name, for messages. */
  AclComparison writtenAs(String name) {
    return of(new Sample(sample.fetch(), sample.converters(), name));
  }

  AclComparison matching(String how) {
    return new AclComparison(sample, how, ignoreCase, patterns, files);
  }

  AclComparison withCase(boolean ignored) {
    return new AclComparison(sample, matcher, ignored, patterns, files);
  }

  AclComparison with(List<String> values) {
    return new AclComparison(sample, matcher, ignoreCase, values, files);
  }

  /** Whether only the sample's presence matters. */
  boolean isFound() {
    return matcher.equals("found");
  }

  /** Whether whole texts are compared. */
  boolean isWhole() {
    return matcher.isEmpty() || matcher.equals("str");
  }

  /** A term with these patterns and files, after other arguments. */
  Term term(String name, String... first) {
    String arguments =
        Stream.of(
                Stream.of(first).map(Term::quoted),
                patterns.stream().map(Term::quoted),
                files.stream().map(file -> "file(" + Term.quoted(file) + ")"))
            .flatMap(each -> each)
            .collect(Collectors.joining(", "));
    return new Term(name + "(" + (ignoreCase ? "i: " : "") + arguments + ")");
  }

  /** What no term expresses. */
  Unknown unknown(String why) {
    return Unknown.of(sample.source(), why);
  }

  /** What the language of conditions refuses; its reason may quote a value. */
  Unknown refused(ExpressionException e) {
    return unknown(
        SourceSecrets.readsSecret(sample.source())
            ? "its value is not one here"
            : e.why().replaceFirst("^[a-z-]+ at column [0-9]+: ", ""));
  }

  Unknown unknownMatcher() {
    return unknown("the matching method '" + matcher + "'");
  }
}
