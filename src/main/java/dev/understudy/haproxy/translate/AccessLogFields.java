package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.LogFormat;
import dev.understudy.haproxy.syntax.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form and the fields of the access log, which are static settings. */
final class AccessLogFields {
  private static final String FIELD = "understudy.access-log-fields[";
  private static final String FORM = "understudy.access-log";
  private static final String PLAIN = "plain";

  /** Most further fields. */
  private static final int MOST = 20;

  private static final Pattern FURTHER =
      Pattern.compile(
          "\\{((header|cookie|response\\.header)\\.[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}"
              + "|client\\.port|listener|listener\\.port"
              + "|tls\\.(version|cipher|server-name|subject))}");

  /** What every line has, or the target with it. */
  private static final Pattern IN_EACH_LINE =
      Pattern.compile(
          "\\{(client\\.address|method|host|path|query|target|status|pool|server|request-id|time)}");

  /** Options of formats that {@code understudy.access-log: haproxy} writes, or nearly. */
  private static final List<String> FORMATS = List.of("httplog", "httpslog", "tcplog");

  private static final Pattern ITEM =
      Pattern.compile(
          "%%|%(?:\\{[^}]*})?(?:\\[(?<sample>(?:[^\\[\\]]|\\[[^\\]]*])*)]|(?<name>[A-Za-z]+))");

  private static final Pattern RESPONSE_FIELD =
      Pattern.compile("res\\.f?hdr\\((?<name>[^,()]+)\\)");

  /** Stands for an item that each line has in another form. */
  private static final String SAME = "=";

  private AccessLogFields() {}

  /**
   * Chooses the form of lines, which is one for all listeners: HAProxy's own, unless a line asks
   * for fields that it lacks.
   */
  static void choose(ImportContext context, Collection<ProxySection> fronts) {
    boolean isPlain =
        fronts.stream()
            .anyMatch(each -> each.has("log-format") || each.has("option", "httplog", "clf"));
    for (ProxySection proxy : fronts) {
      for (String format : FORMATS) {
        proxy.take("option", format).ifPresent(each -> choose(context, each, isPlain));
      }
      if (proxy.has("log-format")) {
        context.settings.put(FORM, PLAIN);
      }
    }
  }

  private static void choose(ImportContext context, Statement option, boolean isPlain) {
    context.settings.put(FORM, isPlain ? PLAIN : "haproxy");
    if (isPlain) {
      context.ledger.approximated(
          option, "`understudy.access-log: plain`, as a line asks for another form than HAProxy's");
    }
  }

  /** Reads {@code capture}, and {@code log-format} of HTTP. */
  static void read(ProxySection proxy) {
    ImportContext context = proxy.context;
    for (Statement capture : proxy.takeAll("capture")) {
      String field =
          switch (capture.word(1)) {
            case "request" -> "{header." + capture.word(3) + "}";
            case "response" -> "{response.header." + capture.word(3) + "}";
            default -> "{cookie." + capture.word(2) + "}";
          };
      if (add(context, field)) {
        context.ledger.row(
            capture, "proxy", capture.word(1).equals("cookie") ? "capture cookie" : "capture");
      } else {
        context.ledger.unsupported(capture, "left out: the access log cannot have " + field);
      }
    }
    Optional<Statement> format = proxy.isTcp() ? Optional.empty() : proxy.take("log-format");
    format.ifPresent(
        each -> {
          List<String> leftOut = addAll(context, String.join(" ", each.from(1)));
          String detail = leftOut.isEmpty() ? "" : "not logged: " + String.join(", ", leftOut);
          context.ledger.row(each, "proxy", "log-format", detail);
        });
  }

  /** Adds the fields of a format; returns the items that the access log cannot have. */
  private static List<String> addAll(ImportContext context, String format) {
    List<String> leftOut = new ArrayList<>();
    Matcher items = ITEM.matcher(format);
    while (items.find()) {
      String sample = items.group("sample");
      String name = items.group("name");
      if (sample != null) {
        if (!sample.startsWith("capture.") && !add(context, field(sample))) {
          leftOut.add(items.group());
        }
      } else if (name != null && !addItem(context, name)) {
        leftOut.add("%" + name);
      }
    }
    return leftOut;
  }

  /** The item is the longest beginning of the letters that HAProxy has; the rest is text. */
  private static boolean addItem(ImportContext context, String name) {
    for (int length = name.length(); length > 0; length--) {
      Optional<String> field = LogFormat.item(name.substring(0, length));
      if (field.isPresent()) {
        return field.get().equals(SAME) || add(context, field.get());
      }
    }
    return false;
  }

  private static String field(String sample) {
    Matcher field = RESPONSE_FIELD.matcher(sample.strip());
    return field.matches()
        ? "{response.header." + field.group("name") + "}"
        : LogFormat.of("%[" + sample + "]").text().orElse("");
  }

  /**
   * Adds a field once.
   *
   * @return whether the log can have it
   */
  static boolean add(ImportContext context, String field) {
    if (field.isEmpty()) {
      return false;
    }
    if (!IN_EACH_LINE.matcher(field).matches() && !context.settings.containsValue(field)) {
      long count = context.settings.keySet().stream().filter(e -> e.startsWith(FIELD)).count();
      if (count == MOST || !FURTHER.matcher(field).matches()) {
        return false;
      }
      context.settings.put(FIELD + count + "]", field);
    }
    context.settings.putIfAbsent(FORM, PLAIN);
    return true;
  }
}
