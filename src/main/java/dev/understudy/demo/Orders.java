package dev.understudy.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The orders that both demo servers executed, like a shared database; proves that no order is
 * executed twice. Remembers the newest 10,000 ids. Safe for any thread.
 */
final class Orders {
  private static final int REMEMBERED = 10_000;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");

  private final Map<String, Integer> executions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > REMEMBERED;
        }
      };

  private long executed;
  private long repeated;

  /**
   * The numbers of executions.
   *
   * @param executed all executions
   * @param repeated executions of an order that had been executed before
   */
  record Counts(long executed, long repeated) {}

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** Executes the order; returns how many times it has now been executed. */
  synchronized int execute(String id) {
    int count = executions.merge(id, 1, Integer::sum);
    executed++;
    if (count > 1) {
      repeated++;
    }
    return count;
  }

  synchronized Counts counts() {
    return new Counts(executed, repeated);
  }
}
