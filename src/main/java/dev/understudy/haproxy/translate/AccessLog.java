package dev.understudy.haproxy.translate;

/** Fields of the access log, which is a static setting. */
final class AccessLog {
  private static final String SETTING = "understudy.access-log-fields";

  private AccessLog() {}

  /** Adds a field once. */
  static void add(Context context, String field) {
    if (context.settings.containsValue(field)) {
      return;
    }
    int count = 0;
    while (context.settings.containsKey(SETTING + "[" + count + "]")) {
      count++;
    }
    context.settings.put(SETTING + "[" + count + "]", field);
    context.settings.putIfAbsent("understudy.access-log", "plain");
  }
}
