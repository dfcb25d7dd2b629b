package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.syntax.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Fields of the access log, which is a static setting. */
final class AccessLog {
  private static final String SETTING = "understudy.access-log-fields";
  private static final String CHOICE = "understudy.access-log";
  private static final String PLAIN = "plain";

  /** Most further fields. */
  private static final int MOST = 20;

  private static final Pattern FURTHER =
      Pattern.compile(
          "\\{((header|cookie|response\\.header)\\.[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}"
              + "|client\\.port|listener|listener\\.port"
              + "|tls\\.(version|cipher|server-name|subject))}");

  /** What every line has, or the target with it. */
  private static final Set<String> IN_EACH_LINE =
      Set.of(
          "{client.address}",
          "{method}",
          "{host}",
          "{path}",
          "{query}",
          "{target}",
          "{status}",
          "{pool}",
          "{server}",
          "{request-id}",
          "{time}");

  /** Options of formats that {@code understudy.access-log: haproxy} writes, or nearly. */
  private static final List<String> FORMATS = List.of("httplog", "httpslog", "tcplog");

  private AccessLog() {}

  /**
   * Chooses the form of lines, which is one for all listeners: HAProxy's own, unless a line asks
   * for fields that it lacks.
   */
  static void choose(Context context, Collection<Proxy> fronts) {
    boolean plain =
        fronts.stream()
            .anyMatch(each -> each.has("log-format") || each.has("option", "httplog", "clf"));
    for (Proxy proxy : fronts) {
      for (String format : FORMATS) {
        Optional<Statement> option = proxy.take("option", format);
        option.ifPresent(each -> choose(context, each, format, plain));
      }
      if (proxy.has("log-format")) {
        context.settings.put(CHOICE, PLAIN);
      }
    }
  }

  private static void choose(Context context, Statement option, String format, boolean plain) {
    context.settings.put(CHOICE, plain ? PLAIN : "haproxy");
    if (plain) {
      context.ledger.approximated(
          option, "`understudy.access-log: plain`, as a line asks for another form than HAProxy's");
    } else {
      context.ledger.row(option, "option", format);
    }
  }

  /**
   * Adds a field once.
   *
   * @return whether the log can have it
   */
  static boolean add(Context context, String field) {
    boolean known = IN_EACH_LINE.contains(field) || context.settings.containsValue(field);
    int count = 0;
    while (context.settings.containsKey(SETTING + "[" + count + "]")) {
      count++;
    }
    if (!known && (count == MOST || !FURTHER.matcher(field).matches())) {
      return false;
    }
    if (!known) {
      context.settings.put(SETTING + "[" + count + "]", field);
    }
    context.settings.putIfAbsent(CHOICE, PLAIN);
    return true;
  }
}
