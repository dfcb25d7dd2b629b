package dev.understudy.haproxy.acl;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.haproxy.acl.Sample.Call;
import dev.understudy.haproxy.acl.TranslatedCondition.Constant;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A text with values of the request, as {@code https://%[req.hdr(host)]%[capture.req.uri]}. */
public final class LogFormat {
  private static final Pattern BRACES = Pattern.compile("\\{[^{}]+}");

  private static final Pattern ITEM =
      Pattern.compile("%%|%(?<flags>\\{[^}]*})?(?<name>\\[|\\p{L}*)(?!\\z(?<=%))");

  /** HAProxy writes the names of certificates in another form. */
  private static final Set<String> NAMES = Set.of("ssl_c_s_dn", "ssl_c_i_dn");

  /** Most texts that one is written as. */
  private static final int MOST = 8;

  /** A text that applies under a condition. */
  public record Alternative(TranslatedCondition when, String text) {}

  private final List<String> unknown = new ArrayList<>();
  private final List<String> variables = new ArrayList<>();
  private final List<TermDifference> notes = new ArrayList<>();
  private String value = "";
  private boolean originalTarget;
  private boolean firstLines;
  private List<Alternative> texts = List.of(new Alternative(Constant.TRUE, ""));

  private LogFormat() {}

  /** Reads a text. */
  public static LogFormat of(String text) {
    LogFormat format = new LogFormat();
    format.read(text);
    return format;
  }

  /** The text; absent if a part is not translated, or if conditions decide what it is. */
  public Optional<String> text() {
    return alternatives().size() == 1 ? Optional.of(texts.getFirst().text()) : Optional.empty();
  }

  /** The texts, of which one applies; empty if a part is not translated. */
  public List<Alternative> alternatives() {
    return unknown.isEmpty() && value.isEmpty() ? texts : List.of();
  }

  /** A text that Understudy would take for a value, such as {@code {host}}; empty: none. */
  public String value() {
    return value;
  }

  /** The parts that are not translated. */
  public List<String> unknown() {
    return unknown;
  }

  /** Differences of values. */
  public List<TermDifference> notes() {
    return notes;
  }

  /** Whether a value is the target as it came, whatever rules have made of it. */
  public boolean readsOriginalTarget() {
    return originalTarget;
  }

  /** Whether a value is a field's first line; HAProxy takes the last value of all lines. */
  public boolean readsFirstLines() {
    return firstLines;
  }

  /** Understudy's names of the variables among the values. */
  public List<String> variables() {
    return variables;
  }

  private void append(String more) {
    append(List.of(new Alternative(Constant.TRUE, more)));
  }

  private void append(List<Alternative> more) {
    firstLines |= more.stream().anyMatch(each -> each.text().startsWith("{header."));
    List<Alternative> joined = new ArrayList<>();
    for (Alternative text : texts) {
      for (Alternative each : more) {
        joined.add(
            new Alternative(
                TranslatedCondition.all(text.when(), each.when()), text.text() + each.text()));
      }
    }
    texts = joined;
  }

  private void read(String format) {
    value =
        BRACES
            .matcher(format)
            .results()
            .map(MatchResult::group)
            .filter(each -> !isConstant(each).equals(Optional.of(true)))
            .findFirst()
            .orElse("");
    Matcher item = ITEM.matcher(format);
    int at = 0;
    while (item.find(at)) {
      append(format.substring(at, item.start()));
      at = item.end();
      if (item.group().equals("%%")) {
        append("%");
      } else if (item.group("name").equals("[")) {
        int close = close(format, at);
        if (close < 0) {
          unknown.add("%[ without ]");
          return;
        }
        sample(format.substring(at, close));
        at = close + 1;
      } else {
        at -= alias(item.group("flags"), item.group("name"));
      }
    }
    append(format.substring(at));
  }

  /**
   * The index of the bracket that closes the one opened just before {@code from}; -1 if none does.
   */
  private static int close(String format, int from) {
    int depth = 1;
    for (int i = from; i < format.length(); i++) {
      depth += format.charAt(i) == '[' ? 1 : format.charAt(i) == ']' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Appends the value of the longest alias that begins a name, with flags, which samples in rules
   * take no notice of.
   *
   * @return how many letters of the name are behind it
   */
  private int alias(@Nullable String flags, String name) {
    String with = flags == null ? "" : flags;
    for (int length = name.length(); length > 0; length--) {
      String alias = name.substring(0, length);
      if (SampleTable.has("%" + alias)) {
        String text = SampleTable.of("%" + alias).value();
        if (with.contains("+X") || with.contains("+E")) {
          unknown.add("%" + with + alias);
        } else {
          append(with.contains("+Q") ? '"' + text + '"' : text);
        }
        return name.length() - length;
      }
    }
    unknown.add("%" + name);
    return 0;
  }

  private void sample(String expression) {
    try {
      Sample sample = Sample.parse(expression.strip());
      List<Alternative> decided = decided(sample);
      if (!decided.isEmpty() && texts.size() * decided.size() <= MOST) {
        append(decided);
        return;
      }
      originalTarget |= sample.name().equals("capture.req.uri");
      sample(sample)
          .ifPresentOrElse(
              text -> append(sample, text), () -> unknown.add("%[" + expression + "]"));
    } catch (SyntaxException e) {
      unknown.add("%[" + expression + "]");
    }
  }

  private void append(Sample sample, String text) {
    if (ForwardedFields.isReadBy(sample)) {
      notes.add(TermDifference.forwarded(sample.argument()));
    }
    if (text.equals("{host}") && sample.isConverted("lower")) {
      notes.add(TermDifference.differs("'Host' in the letter case in which the client sent it"));
    }
    if (NAMES.contains(sample.source())) {
      notes.add(
          TermDifference.differs(
              "a certificate's names are written CN=a,O=b here; HAProxy writes /O=b/CN=a"));
    }
    if (sample.name().equals("var")) {
      variables.add(Sample.variableName(sample.argument()));
    }
    append(text);
  }

  /** All values of a sample that a condition decides, of which one applies; else empty. */
  private static List<Alternative> decided(Sample sample) {
    SampleTable.Row row = SampleTable.of(sample.fetch());
    List<Call> converters = sample.converters();
    boolean chooses = converters.size() == 1 && converters.getFirst().name().equals("iif");
    if (!row.isDecided()
        || !sample.fetch().arguments().isEmpty()
        || !(converters.isEmpty() || chooses)) {
      return List.of();
    }
    TranslatedCondition there = row.isPresent("");
    TranslatedCondition set =
        row.is("flag") ? new TranslatedCondition.Term(row.term()) : Constant.FALSE;
    return Stream.of(
            new Alternative(set, chooses ? converters.getFirst().argument(0) : "1"),
            new Alternative(
                TranslatedCondition.all(there, TranslatedCondition.not(set)),
                chooses ? converters.getFirst().argument(1) : "0"),
            new Alternative(chooses ? Constant.FALSE : TranslatedCondition.not(there), ""))
        .filter(each -> !each.when().isNever())
        .toList();
  }

  /** The text for a sample without converters and occurrences; absent if there is none. */
  public static Optional<String> sample(Sample sample) {
    boolean plain =
        sample.converters().stream()
            .allMatch(
                c -> (c.name().equals("lower") && sample.isHost()) || c.name().equals("host_only"));
    String argument = sample.argument();
    SampleTable.Row row = SampleTable.of(sample.fetch());
    if (!plain
        || row.value().isEmpty()
        || row.isDecided()
        || !sample.fetch().argument(1).isEmpty()
        || (row.is("variable") && argument.startsWith("proc."))) {
      return Optional.empty();
    }
    if (sample.isHost() && sample.isConverted("host_only")) {
      return Optional.of("{host-name}");
    }
    boolean isNamed = row.value().startsWith("{") && row.value().contains("*");
    return Optional.of(row.value(argument))
        .filter(text -> !isNamed || isConstant(text).equals(Optional.of(false)));
  }

  /**
   * The value of an item in access logs, named without its percent sign: {@code =} for one that
   * every line has in another form, empty for one that no line can have; absent if HAProxy has no
   * such item.
   */
  public static Optional<String> item(String name) {
    return Stream.of("%" + name, "log " + name)
        .filter(SampleTable::has)
        .map(row -> SampleTable.of(row).value())
        .findFirst();
  }

  /** Holds where a sample has a value: without one, HAProxy sets no variable. */
  public static TranslatedCondition presence(Sample sample) {
    SampleTable.Row row = SampleTable.of(sample.fetch());
    return row.isDecided() ? Constant.TRUE : row.isPresent(sample.argument());
  }

  /** Whether a text has no values; absent if one has the form of a value, and is none. */
  private static Optional<Boolean> isConstant(String text) {
    try {
      return Optional.of(Template.parse(text, Set.of()).isConstant());
    } catch (ExpressionException e) {
      return Optional.empty();
    }
  }
}
