package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.report.VerdictLedger;
import dev.understudy.haproxy.syntax.Statement;
import dev.understudy.haproxy.yaml.YamlNode.YamlMap;
import dev.understudy.pool.RoleProof;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What an {@code expect} line of a check expects.
 *
 * @param kind such as {@code status} or {@code string}
 * @param name of a header field; empty if it is none
 * @param value to compare with
 * @param leftOut options that change what the check finds
 */
record CheckExpectation(
    Statement line, boolean not, String kind, Operand name, Operand value, List<String> leftOut) {
  /** Options that a value follows. */
  private static final Set<String> VALUED =
      Set.of(
          "min-recv comment ok-status error-status tout-status on-success on-error status-code"
              .split(" "));

  /** A result by which a server gets no new sessions, as with {@code disable-on-404}. */
  private static final String CONDITIONAL = "L7OKC";

  /** Settings of {@code health.expect} for kinds that have a text. */
  private static final Map<String, String> OF_BODIES =
      Map.of("string", "body", "rstring", "body-regex");

  /** Settings of {@code expect} in a step. */
  private static final Map<String, String> OF_BYTES =
      Map.of("string", "text", "rstring", "text-regex", "binary", "hex");

  /** Comparisons of which {@code contains} is the nearest. */
  private static final Set<String> CONTAINED = Set.of("str", "beg", "end", "sub");

  private static final int LONGEST_REGEX = 200;

  /** A text, and how it is compared: {@code str} for equal, or what {@code -m} names. */
  record Operand(String method, String text) {
    /** The operand after a keyword; an empty one if there is none. */
    static Operand after(String keyword, List<String> words) {
      int at = words.indexOf(keyword) + 1;
      if (at == 0 || at >= words.size()) {
        return new Operand("str", "");
      }
      return words.get(at).equals("-m") && at + 2 < words.size()
          ? new Operand(words.get(at + 1), words.get(at + 2))
          : new Operand("str", words.get(at));
    }
  }

  static CheckExpectation of(Statement line) {
    Deque<String> words = new ArrayDeque<>(line.from(2));
    boolean not = false;
    List<String> leftOut = new ArrayList<>();
    while (!words.isEmpty() && (words.peek().equals("!") || VALUED.contains(words.peek()))) {
      String option = words.remove();
      if (option.equals("!")) {
        not = !not;
      } else if ((CONDITIONAL.equals(words.poll()) && option.endsWith("-status"))
          || option.equals("min-recv")) {
        leftOut.add(option);
      }
    }
    String kind = words.isEmpty() ? "" : words.remove();
    if (kind.startsWith("!")) {
      not = true;
      kind = kind.substring(1);
    }
    List<String> rest = List.copyOf(words);
    Operand first = new Operand("str", rest.isEmpty() ? "" : rest.getFirst());
    boolean field = kind.equals("hdr") || kind.equals("fhdr");
    return new CheckExpectation(
        line,
        not,
        kind,
        Operand.after("name", rest),
        field ? Operand.after("value", rest) : first,
        leftOut);
  }

  private boolean isStatus() {
    return kind.equals("status") || kind.equals("rstatus");
  }

  private boolean isHeader() {
    return kind.equals("hdr") || kind.equals("fhdr");
  }

  private boolean isOfResponse() {
    return line.keyword().equals("http-check");
  }

  /** Whether it is what a Redis server sends that is a master. */
  boolean isOfMaster() {
    return !isOfResponse() && !not && RoleProof.isOfMaster(value.text());
  }

  /** The rule of {@code health.expect}, or {@code expect} of a step; absent if none is like it. */
  Optional<YamlMap> yaml() {
    YamlMap rule = YamlMap.flow();
    String setting = (isOfResponse() ? OF_BODIES : OF_BYTES).get(kind);
    if (isOfResponse() && isStatus()) {
      String set = statuses();
      return set.isEmpty() ? Optional.empty() : Optional.of(rule.put("status", set));
    } else if (setting != null) {
      rule.put(setting, value.text());
    } else if (isOfResponse() && isHeader() && isContained()) {
      YamlMap header = YamlMap.flow().put("name", name.text());
      if (!value.text().isEmpty()) {
        header.put("contains", value.text());
      }
      rule.put("header", header);
    } else {
      return Optional.empty();
    }
    return Optional.of(not ? YamlMap.flow().put("not", rule) : rule);
  }

  /** Whether this is the whole name of a field, and a comparison like {@code contains}. */
  private boolean isContained() {
    return name.method().equals("str") && CONTAINED.contains(value.method());
  }

  void judge(VerdictLedger ledger) {
    if (!isOfResponse() && value.text().isEmpty()) {
      ledger.problem(line, "expected a text after '" + kind + "'");
    } else if (yaml().isEmpty()) {
      ledger.unsupported(line, "left out: expected " + alternatives());
    } else if (!leftOut.isEmpty()) {
      ledger.approximated(line, "without " + String.join(", ", leftOut));
    } else if (isHeader() && !value.text().isEmpty() && !value.method().equals("sub")) {
      ledger.approximated(line, "the value may have the text anywhere, as with -m sub");
    } else {
      ledger.row(line, line.keyword(), "expect");
    }
  }

  private String alternatives() {
    if (!isOfResponse()) {
      return "string, rstring or binary, found '" + kind + "'";
    } else if (isStatus()) {
      return "statuses from 100 to 599, found '" + value.text() + "'";
    } else if (isHeader()) {
      return "the whole name of a header field and -m str, beg, end or sub for its value";
    }
    return "status, rstatus, string, rstring or hdr, found '" + kind + "'";
  }

  /** Codes and ranges that are expected, as {@code 200,204-206}; empty if there are none. */
  private String statuses() {
    IntPredicate matched = kind.equals("status") ? listed() : matching();
    StringJoiner ranges = new StringJoiner(",");
    for (int from = 100; from < 600; from++) {
      if (matched.test(from) != not) {
        int to = from;
        while (to < 599 && matched.test(to + 1) != not) {
          to++;
        }
        ranges.add(to == from ? Integer.toString(from) : from + "-" + to);
        from = to;
      }
    }
    return ranges.toString();
  }

  private IntPredicate listed() {
    return Arrays.stream(value.text().split(",", -1))
        .filter(part -> part.matches("[1-5][0-9]{2}(-[1-5][0-9]{2})?"))
        .<IntPredicate>map(
            part -> {
              int first = Integer.parseInt(part.substring(0, 3));
              int last = Math.max(first, Integer.parseInt(part.substring(part.length() - 3)));
              return status -> first <= status && status <= last;
            })
        .reduce(status -> false, IntPredicate::or);
  }

  private IntPredicate matching() {
    try {
      Pattern pattern = Pattern.compile(value.text());
      return value.text().length() > LONGEST_REGEX
          ? status -> false
          : status -> pattern.matcher(Integer.toString(status)).find();
    } catch (PatternSyntaxException e) {
      return status -> false;
    }
  }
}
