package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The items of a {@code log-format}: those with a value here become fields of the access log. */
final class LogItems {
  private static final Pattern ITEM =
      Pattern.compile(
          "%%|%(?:\\{[^}]*})?(?:\\[(?<sample>(?:[^\\[\\]]|\\[[^\\]]*])*)]|(?<name>[A-Za-z]+))");

  private static final Pattern RESPONSE_FIELD =
      Pattern.compile("res\\.f?hdr\\((?<name>[^,()]+)\\)");

  /** Items that each line has in another form: addresses, times, sizes, request, end, captures. */
  private static final Set<String> IN_EACH_LINE =
      Set.of(
          "b", "s", "B", "U", "ci", "hr", "hrl", "hs", "hsl", "CC", "CS", "HM", "HP", "HPO", "HQ",
          "HU", "ID", "r", "rc", "ST", "t", "tr", "trg", "trl", "T", "Tl", "Ts", "ms", "Ta", "Tt",
          "Tw", "ts", "tsc");

  private static final Map<String, String> FIELDS =
      Map.of(
          "cp", "{client.port}",
          "f", "{listener}",
          "ft", "{listener}",
          "fp", "{listener.port}",
          "sslv", "{tls.version}",
          "sslc", "{tls.cipher}");

  private LogItems() {}

  /** Adds the fields of a format; returns the items that the access log cannot have. */
  static List<String> add(Context context, String format) {
    List<String> lost = new ArrayList<>();
    Matcher items = ITEM.matcher(format);
    while (items.find()) {
      String sample = items.group("sample");
      String name = items.group("name");
      if (sample != null) {
        if (!sample.startsWith("capture.") && !AccessLog.add(context, field(sample))) {
          lost.add(items.group());
        }
      } else if (name != null && !add(context, name, name.length())) {
        lost.add("%" + name);
      }
    }
    return lost;
  }

  /** The item is the longest beginning of the letters that HAProxy has; the rest is text. */
  private static boolean add(Context context, String name, int length) {
    if (length == 0) {
      return false;
    }
    String item = name.substring(0, length);
    String field = FIELDS.get(item);
    return IN_EACH_LINE.contains(item)
        || (field != null && AccessLog.add(context, field))
        || (length > 1 && !isItem(item) && add(context, name, length - 1));
  }

  /** Whether HAProxy has that item, and the access log does not. */
  private static boolean isItem(String name) {
    return Set.of("Tc", "Tr", "TR", "Th", "Ti", "Td", "Tq", "Tu", "si", "sp", "bi", "bp", "fi")
            .contains(name)
        || Set.of("ac", "bc", "bq", "fc", "sc", "sq", "lc", "rt", "pid", "H", "HV", "o", "trace")
            .contains(name);
  }

  private static String field(String sample) {
    Matcher field = RESPONSE_FIELD.matcher(sample.strip());
    return field.matches()
        ? "{response.header." + field.group("name") + "}"
        : LogFormat.of("%[" + sample + "]").text().orElse("");
  }
}
