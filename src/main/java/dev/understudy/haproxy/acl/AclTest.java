package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * One comparison: a sample, how it is compared, and with what.
 *
 * @param matcher {@code str}, {@code beg}, {@code sub}, {@code dir}, {@code dom}, {@code end},
 *     {@code reg}, {@code len}, {@code ip}, {@code int}, {@code bool}, {@code found}, {@code bin};
 *     empty: the sample's own
 * @param patterns as written, operators such as {@code gt} included
 * @param files of {@code -f}
 */
public record AclTest(
    Sample sample, String matcher, boolean ignoreCase, List<String> patterns, List<String> files) {
  private static final Set<String> MATCHERS =
      Set.of(
          "found", "bool", "int", "ip", "bin", "len", "str", "sub", "beg", "end", "dir", "dom",
          "reg");

  /** Endings of criteria that name a matcher, as {@code path_beg}. */
  private static final Set<String> ENDINGS =
      Set.of("beg", "dir", "dom", "end", "len", "reg", "sub", "str");

  public AclTest {
    patterns = List.copyOf(patterns);
    files = List.copyOf(files);
  }

  /** The sample by its name of today. */
  public static Sample canonical(Sample written) {
    return named(written, written.name());
  }

  private static Sample named(Sample written, String name) {
    return new Sample(
        new Call(Samples.of(name).name(), written.fetch().arguments()),
        written.converters(),
        written.source());
  }

  /** The same test of what a variable has been set to. */
  AclTest of(Sample value) {
    List<Call> converters = new ArrayList<>(value.converters());
    converters.addAll(sample.converters());
    return new AclTest(
        new Sample(value.fetch(), converters, value.source()),
        matcher,
        ignoreCase,
        patterns,
        files);
  }

  /**
   * Parses the words after an ACL's name, or between braces.
   *
   * @throws SyntaxException if they are no comparison
   */
  public static AclTest parse(List<String> words) {
    if (words.isEmpty()) {
      throw new SyntaxException(0, "expected a criterion such as path_beg");
    }
    Sample written = Sample.parse(words.getFirst());
    String name = written.name();
    String matcher = "";
    int underscore = name.lastIndexOf('_');
    if (underscore > 0 && ENDINGS.contains(name.substring(underscore + 1)) && !Samples.has(name)) {
      matcher = name.substring(underscore + 1);
      name = name.substring(0, underscore);
    }
    Sample sample = named(written, name);
    List<String> patterns = new ArrayList<>();
    List<String> files = new ArrayList<>();
    boolean ignoreCase = false;
    int i = 1;
    for (; i < words.size() && words.get(i).startsWith("-") && words.get(i).length() > 1; i++) {
      String flag = words.get(i);
      if (flag.equals("--")) {
        i++;
        break;
      }
      if (flag.equals("-M")) {
        throw new SyntaxException(0, "'-M': a file of pairs");
      }
      if (flag.equals("-i")) {
        ignoreCase = true;
      } else if ((flag.equals("-f") || flag.equals("-m") || flag.equals("-u"))
          && i + 1 < words.size()) {
        i++;
        if (flag.equals("-f")) {
          files.add(words.get(i));
        } else if (flag.equals("-m")) {
          matcher = words.get(i);
          if (!MATCHERS.contains(matcher)) {
            throw new SyntaxException(
                0,
                "expected a matching method ("
                    + String.join(", ", MATCHERS.stream().sorted().toList())
                    + ") after -m, found '"
                    + matcher
                    + "'");
          }
        }
      } else if (flag.matches("-[0-9].*")) {
        break;
      } else if (!flag.equals("-n")) {
        throw new SyntaxException(
            0, "expected a flag -i, -f FILE, -m METHOD, -n, -u ID or --, found '" + flag + "'");
      }
    }
    patterns.addAll(words.subList(Math.min(i, words.size()), words.size()));
    return new AclTest(sample, matcher, ignoreCase, patterns, files);
  }
}
