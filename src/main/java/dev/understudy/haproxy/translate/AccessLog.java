package dev.understudy.haproxy.translate;

import java.util.Set;
import java.util.regex.Pattern;

/** Fields of the access log, which is a static setting. */
final class AccessLog {
  private static final String SETTING = "understudy.access-log-fields";

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

  private AccessLog() {}

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
    context.settings.putIfAbsent("understudy.access-log", "plain");
    return true;
  }
}
