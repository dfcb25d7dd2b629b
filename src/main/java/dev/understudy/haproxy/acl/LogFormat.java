package dev.understudy.haproxy.acl;

import dev.understudy.haproxy.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A text with values of the request, as {@code https://%[req.hdr(host)]%[capture.req.uri]}. */
public final class LogFormat {
  private static final Map<String, String> SAMPLES =
      Map.ofEntries(
          Map.entry("src", "{client.address}"),
          Map.entry("src_port", "{client.port}"),
          Map.entry("path", "{path}"),
          Map.entry("pathq", "{target}"),
          Map.entry("url", "{target}"),
          Map.entry("capture.req.uri", "{target}"),
          Map.entry("capture.req.method", "{method}"),
          Map.entry("method", "{method}"),
          Map.entry("dst_port", "{listener.port}"),
          Map.entry("fc_dst_port", "{listener.port}"),
          Map.entry("so_name", "{listener}"),
          Map.entry("ssl_fc_protocol", "{tls.version}"),
          Map.entry("ssl_fc_cipher", "{tls.cipher}"),
          Map.entry("ssl_fc_sni", "{tls.server-name}"),
          Map.entry("ssl_c_s_dn", "{tls.subject}"),
          Map.entry("ssl_c_i_dn", "{tls.issuer}"),
          Map.entry("ssl_c_serial", "{tls.serial}"),
          Map.entry("unique-id", "{request-id}"),
          Map.entry("uuid", "{request-id}"),
          Map.entry("be_name", "{pool}"),
          Map.entry("srv_name", "{server}"),
          Map.entry("status", "{status}"));

  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("ci", "{client.address}"),
          Map.entry("cp", "{client.port}"),
          Map.entry("fp", "{listener.port}"),
          Map.entry("b", "{pool}"),
          Map.entry("s", "{server}"),
          Map.entry("HM", "{method}"),
          Map.entry("HP", "{path}"),
          Map.entry("HPO", "{path}"),
          Map.entry("HU", "{target}"),
          Map.entry("HQ", "{query}"),
          Map.entry("ID", "{request-id}"),
          Map.entry("ST", "{status}"),
          Map.entry("sslv", "{tls.version}"),
          Map.entry("sslc", "{tls.cipher}"),
          Map.entry("Ts", "{time}"));

  private final List<String> unknown = new ArrayList<>();
  private final List<String> forwarded = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private LogFormat() {}

  /** Reads a text. */
  public static LogFormat of(String text) {
    LogFormat format = new LogFormat();
    format.read(text);
    return format;
  }

  /** The text in our words; absent if a part has none. */
  public Optional<String> text() {
    return unknown.isEmpty() ? Optional.of(text.toString()) : Optional.empty();
  }

  /** The parts that have no words here. */
  public List<String> unknown() {
    return unknown;
  }

  /** The header fields among the values that only trusted proxies can send. */
  public List<String> forwarded() {
    return forwarded;
  }

  private void read(String format) {
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at);
      if (c != '%' || at + 1 >= format.length()) {
        text.append(c);
        at++;
      } else if (format.charAt(at + 1) == '%') {
        text.append('%');
        at += 2;
      } else {
        at = item(format, at + 1);
      }
    }
  }

  private int item(String format, int from) {
    int at = from;
    if (format.charAt(at) == '{') {
      int close = format.indexOf('}', at);
      at = close < 0 ? format.length() : close + 1;
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
      String ours = ALIASES.get(name.substring(0, length));
      if (ours != null) {
        text.append(ours);
        return begin + length;
      }
    }
    unknown.add("%" + name);
    return Math.max(at, from + 1);
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
      Optional<String> ours = sample(sample);
      if (ours.isPresent() && ForwardedFields.isReadBy(sample)) {
        forwarded.add(sample.fetch().argument(0));
      }
      ours.ifPresentOrElse(text::append, () -> unknown.add("%[" + expression + "]"));
    } catch (SyntaxException e) {
      unknown.add("%[" + expression + "]");
    }
  }

  /** Our word for a sample without converters and occurrences; absent if there is none. */
  public static Optional<String> sample(Sample sample) {
    boolean plain =
        sample.converters().stream()
            .allMatch(
                c -> (c.name().equals("lower") && isHost(sample)) || c.name().equals("host_only"));
    String argument = sample.fetch().argument(0);
    if (!plain || !sample.fetch().argument(1).isEmpty()) {
      return Optional.empty();
    }
    return switch (sample.name()) {
      case "hdr", "req.hdr", "req.fhdr" ->
          isHost(sample)
              ? Optional.of(hasHostOnly(sample) ? "{host-name}" : "{host}")
              : argument.isEmpty() ? Optional.empty() : Optional.of("{header." + argument + "}");
      case "req.cook", "cook" -> Optional.of("{cookie." + argument + "}");
      case "url_param", "urlp" -> Optional.of("{query." + argument + "}");
      case "var" ->
          argument.startsWith("proc.") || argument.isEmpty()
              ? Optional.empty()
              : Optional.of("{variable." + VariableName.of(argument) + "}");
      case "str", "int" -> Optional.of(argument);
      case "query" -> Optional.of("{query-string}");
      case "base" -> Optional.of("{host}{path}");
      case "ssl_c_s_dn", "ssl_c_i_dn" ->
          argument.isEmpty() ? Optional.ofNullable(SAMPLES.get(sample.name())) : Optional.empty();
      case "date" -> argument.isEmpty() ? Optional.of("{time}") : Optional.empty();
      case "env" -> Optional.empty();
      default -> Optional.ofNullable(SAMPLES.get(sample.name()));
    };
  }

  private static boolean hasHostOnly(Sample sample) {
    return sample.converters().stream().anyMatch(each -> each.name().equals("host_only"));
  }

  private static boolean isHost(Sample sample) {
    return sample.name().endsWith("hdr") && sample.fetch().argument(0).equalsIgnoreCase("host");
  }
}
