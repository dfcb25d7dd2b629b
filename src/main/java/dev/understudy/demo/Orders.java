package dev.understudy.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What both demo servers executed, as a database would know it: the proof that no order is executed
 * twice. Remembers the newest 10,000 ids. Safe for any thread.
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
   * How many there were.
   *
   * @param executed executions in all
   * @param repeated those of an order that had been executed before
   */
  record Counts(long executed, long repeated) {}

  static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /** Executes the order; says how often that has now been done. */
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
