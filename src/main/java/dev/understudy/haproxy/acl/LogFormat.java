package dev.understudy.haproxy.acl;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.Template;
import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with values of the request, as {@code https://%[req.hdr(host)]%[capture.req.uri]}. */
public final class LogFormat {
  private static final Expression TLS = new Expression.Term("tls");
  private static final Expression CERTIFICATE = new Expression.Term("client-certificate");

  /** Samples that a condition decides: all their values, of which one applies. */
  private static final Map<String, List<Alternative>> DECIDED =
      Map.of(
          "ssl_fc",
          List.of(new Alternative(TLS, "1"), new Alternative(Expression.not(TLS), "0")),
          "ssl_c_verify",
          List.of(new Alternative(TLS, "0"), new Alternative(Expression.not(TLS), "")),
          "ssl_c_used",
          certificate(),
          "ssl_fc_has_crt",
          certificate());

  /** Texts that would be taken for values of ours. */
  private static final Pattern BRACES =
      Pattern.compile(
          "\\{((client|header|cookie|query|variable|tls|listener|response)\\.[^}]*"
              + "|host|path|query|target|method|scheme|request-id|listener|time|pool|server|status)}");

  private static final Set<String> NAMES = Set.of("ssl_c_s_dn", "ssl_c_i_dn");

  /** Most texts that one is written as. */
  private static final int MOST = 8;

  /** A text that applies under a condition. */
  public record Alternative(Expression when, String text) {}

  private final List<String> unknown = new ArrayList<>();
  private final List<String> variables = new ArrayList<>();
  private final List<Note> notes = new ArrayList<>();
  private String value = "";
  private boolean originalTarget;
  private List<Alternative> texts = List.of(new Alternative(Expression.Constant.TRUE, ""));

  private LogFormat() {}

  /** The certificate's presence is a value of TLS connections only. */
  private static List<Alternative> certificate() {
    Expression none = Expression.not(CERTIFICATE);
    return List.of(
        new Alternative(CERTIFICATE, "1"),
        new Alternative(Expression.all(List.of(TLS, none)), "0"),
        new Alternative(Expression.not(TLS), ""));
  }

  /** Reads a text. */
  public static LogFormat of(String text) {
    LogFormat format = new LogFormat();
    format.read(text);
    return format;
  }

  /** The text in our words; absent if a part has none, or if conditions decide what it is. */
  public Optional<String> text() {
    return alternatives().size() == 1 ? Optional.of(texts.getFirst().text()) : Optional.empty();
  }

  /** The texts in our words, of which one applies; empty if a part has none. */
  public List<Alternative> alternatives() {
    return unknown.isEmpty() && value.isEmpty() ? texts : List.of();
  }

  /**
   * A text that would be taken for a value of ours, such as {@code {host}}; empty: there is none.
   */
  public String value() {
    return value;
  }

  /** The parts that have no words here. */
  public List<String> unknown() {
    return unknown;
  }

  /** Values that are other texts here. */
  public List<Note> notes() {
    return notes;
  }

  /** Whether a value is the target as it came, whatever rules have made of it. */
  public boolean readsOriginalTarget() {
    return originalTarget;
  }

  /** Our names of the variables among the values. */
  public List<String> variables() {
    return variables;
  }

  private void append(String more) {
    append(List.of(new Alternative(Expression.Constant.TRUE, more)));
  }

  private void append(List<Alternative> more) {
    List<Alternative> joined = new ArrayList<>();
    for (Alternative text : texts) {
      for (Alternative each : more) {
        joined.add(
            new Alternative(
                Expression.all(List.of(text.when(), each.when())), text.text() + each.text()));
      }
    }
    texts = joined;
  }

  private void read(String format) {
    Matcher braces = BRACES.matcher(format);
    value = braces.find() ? braces.group() : "";
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at);
      if (c != '%' || at + 1 >= format.length()) {
        append(Character.toString(c));
        at++;
      } else if (format.charAt(at + 1) == '%') {
        append("%");
        at += 2;
      } else {
        at = item(format, at + 1);
      }
    }
  }

  private int item(String format, int from) {
    int at = from;
    String flags = "";
    if (format.charAt(at) == '{') {
      int close = format.indexOf('}', at);
      at = close < 0 ? format.length() : close + 1;
      flags = format.substring(from, at);
    }
    if (at < format.length() && format.charAt(at) == '[') {
      int close = close(format, at);
      if (close < 0) {
        unknown.add("%[ without ]");
        return format.length();
      }
      sample(format.substring(at + 1, close));
      return close + 1;
    }
    int begin = at;
    while (at < format.length() && Character.isLetter(format.charAt(at))) {
      at++;
    }
    String name = format.substring(begin, at);
    for (int length = name.length(); length > 0; length--) {
      String ours = Samples.of("%" + name.substring(0, length)).value();
      if (!ours.isEmpty()) {
        flagged(flags, name.substring(0, length), ours);
        return begin + length;
      }
    }
    unknown.add("%" + name);
    return Math.max(at, from + 1);
  }

  /** An alias with flags, which samples in rules take no notice of. */
  private void flagged(String flags, String alias, String ours) {
    if (flags.contains("+X") || flags.contains("+E")) {
      unknown.add("%" + flags + alias);
    } else {
      append(flags.contains("+Q") ? '"' + ours + '"' : ours);
    }
  }

  private static int close(String format, int open) {
    int depth = 0;
    for (int i = open; i < format.length(); i++) {
      depth += format.charAt(i) == '[' ? 1 : format.charAt(i) == ']' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }

  private void sample(String expression) {
    try {
      Sample sample = Sample.parse(expression.strip());
      List<Alternative> decided = decided(sample);
      if (!decided.isEmpty() && texts.size() * decided.size() <= MOST) {
        append(decided);
        return;
      }
      Optional<String> ours = sample(sample);
      originalTarget |= sample.name().equals("capture.req.uri");
      if (ours.isPresent() && ForwardedFields.isReadBy(sample)) {
        notes.add(Note.forwarded(sample.argument()));
      }
      if (ours.isPresent() && sample.name().equals("var")) {
        variables.add(VariableName.of(sample.argument()));
      }
      if (ours.isPresent() && NAMES.contains(sample.source())) {
        notes.add(
            Note.differs(
                "a certificate's names are written CN=a,O=b here, where HAProxy writes /O=b/CN=a"));
      }
      ours.ifPresentOrElse(this::append, () -> unknown.add("%[" + expression + "]"));
    } catch (SyntaxException e) {
      unknown.add("%[" + expression + "]");
    }
  }

  /** The values of a sample that a condition decides; empty if it is none. */
  private static List<Alternative> decided(Sample sample) {
    if (!sample.fetch().arguments().isEmpty() || sample.converters().size() > 1) {
      return List.of();
    }
    List<Alternative> values = DECIDED.getOrDefault(sample.name(), List.of());
    if (sample.converters().isEmpty()) {
      return values;
    }
    Call converter = sample.converters().getFirst();
    return converter.name().equals("iif")
        ? values.stream()
            .filter(each -> !each.text().isEmpty())
            .map(
                each ->
                    new Alternative(
                        each.when(), converter.argument(each.text().equals("1") ? 0 : 1)))
            .toList()
        : List.of();
  }

  /** Our word for a sample without converters and occurrences; absent if there is none. */
  public static Optional<String> sample(Sample sample) {
    boolean plain =
        sample.converters().stream()
            .allMatch(
                c -> (c.name().equals("lower") && sample.isHost()) || c.name().equals("host_only"));
    String argument = sample.argument();
    if (!plain || !sample.fetch().argument(1).isEmpty()) {
      return Optional.empty();
    }
    return switch (sample.name()) {
      case "hdr", "req.hdr", "req.fhdr" ->
          sample.isHost()
              ? Optional.of(hasHostOnly(sample) ? "{host-name}" : "{host}")
              : argument.isEmpty() ? Optional.empty() : Optional.of("{header." + argument + "}");
      case "req.cook", "cook" -> Optional.of("{cookie." + argument + "}");
      case "url_param", "urlp" -> Optional.of("{query." + argument + "}");
      case "var" ->
          argument.startsWith("proc.") || argument.isEmpty()
              ? Optional.empty()
              : Optional.of("{variable." + VariableName.of(argument) + "}");
      case "str", "int" -> Optional.of(argument);
      case "bool" -> Optional.of(argument.equals("true") ? "1" : "0");
      case "ssl_c_s_dn", "ssl_c_i_dn" -> argument.isEmpty() ? value(sample) : attribute(sample);
      case "date" -> argument.isEmpty() ? Optional.of("{time}") : Optional.empty();
      default -> value(sample);
    };
  }

  private static Optional<String> value(Sample sample) {
    return Optional.of(Samples.of(sample.name()).value()).filter(each -> !each.isEmpty());
  }

  /** Holds where a sample has a value: without one, HAProxy sets no variable. */
  public static Expression presence(Sample sample) {
    String name = Values.value(sample.argument());
    return switch (sample.name()) {
      case "hdr", "req.hdr", "req.fhdr" ->
          sample.isHost() ? Expression.Constant.TRUE : new Expression.Term("header(" + name + ")");
      case "cook", "req.cook" -> new Expression.Term("cookie(" + name + ")");
      case "url_param", "urlp" -> new Expression.Term("query(" + name + ")");
      case "var" -> new Expression.Term("variable(" + VariableName.of(sample.argument()) + ")");
      case "ssl_fc_sni" -> new Expression.Term("tls-server-name-matches(.)");
      case "ssl_fc_protocol", "ssl_fc_cipher" -> TLS;
      case "ssl_c_s_dn", "ssl_c_i_dn", "ssl_c_serial" -> CERTIFICATE;
      default -> Expression.Constant.TRUE;
    };
  }

  /** An attribute of the subject; those of the issuer have no words. */
  private static Optional<String> attribute(Sample sample) {
    String name = sample.argument().toUpperCase(Locale.ROOT);
    String value = "{tls.subject." + name + "}";
    try {
      return sample.name().equals("ssl_c_s_dn") && !Template.parse(value, Set.of()).isConstant()
          ? Optional.of(value)
          : Optional.empty();
    } catch (ExpressionException e) {
      return Optional.empty();
    }
  }

  private static boolean hasHostOnly(Sample sample) {
    return sample.converters().stream().anyMatch(each -> each.name().equals("host_only"));
  }
}
