package dev.understudy.config;

import dev.understudy.condition.Condition;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import org.jspecify.annotations.Nullable;

/**
 * A filter in the short form, divided into the filter and its condition: {@code Deny=403 when
 * path(/x)}.
 *
 * @param filter what stands before {@code when}
 * @param when the condition; null if there is none
 */
record WhenClause(String filter, @Nullable String when) {
  private static final String WORD = " when ";

  static WhenClause of(String text) {
    for (int at = text.indexOf(WORD); at >= 0; at = text.indexOf(WORD, at + 1)) {
      String filter = text.substring(0, at);
      String when = text.substring(at + WORD.length()).strip();
      int equals = filter.indexOf('=');
      String name = equals < 0 ? filter : filter.substring(0, equals);
      if (!FilterKind.of(name).is(Trait.FREE_TEXT) || Condition.begins(when)) {
        return new WhenClause(filter.strip(), when);
      }
    }
    return new WhenClause(text, null);
  }
}
