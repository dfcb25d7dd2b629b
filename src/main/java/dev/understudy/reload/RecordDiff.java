package dev.understudy.reload;

import dev.understudy.pool.PoolId;
import dev.understudy.text.Words;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Compares two records of settings by their components, so that a new setting is compared without a
 * line for it here.
 *
 * <table>
 * <caption>Components that differ</caption>
 * <tr><th>value</th><th>sentence</th></tr>
 * <tr><td>record of the same class</td><td>those of its components</td></tr>
 * <tr><td>record of another class of a sealed type</td><td>its type</td></tr>
 * <tr><td>record or null</td><td>added or removed</td></tr>
 * <tr><td>list of records with an {@code id}</td><td>for each: added, removed, or those of its
 *     components; another order</td></tr>
 * <tr><td>map</td><td>for each key: added, removed, or as the value</td></tr>
 * <tr><td>map of maps by pool</td><td>for each pool, as its setting</td></tr>
 * <tr><td>any other</td><td>both values, or "changed" if they are not shown</td></tr>
 * </table>
 */
record RecordDiff(Consumer<String> sentences) {
  private static final int MAX_SENTENCE = 300;

  /** Asked of thousands of records, and made anew by each question to the class itself. */
  private static final ClassValue<List<RecordComponent>> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected List<RecordComponent> computeValue(Class<?> type) {
          return List.of(type.getRecordComponents());
        }
      };

  /**
   * Compares all components.
   *
   * @param subject such as {@code pool shop: }; empty for the file itself
   * @param path of the records, such as {@code health}; empty for the subject itself
   */
  void components(String subject, String path, Record before, Record after) {
    for (RecordComponent component : COMPONENTS.get(before.getClass())) {
      component(
          subject,
          SettingText.join(path, SettingText.name(component)),
          component,
          value(component, before),
          value(component, after));
    }
  }

  private void component(
      String subject,
      String path,
      RecordComponent component,
      @Nullable Object before,
      @Nullable Object after) {
    if (Objects.equals(before, after)) {
      return;
    }
    if (before instanceof Record old && after instanceof Record now && !SettingText.isWhole(old)) {
      records(subject, path, component, old, now);
    } else if (before instanceof Record != after instanceof Record) {
      say(subject + path + (before == null ? " added" : " removed"));
    } else if (before instanceof List<?> old && after instanceof List<?> now && named(old, now)) {
      elements(subject, SettingText.singular(component), byId(old), byId(now));
    } else if (before instanceof Map<?, ?> old && after instanceof Map<?, ?> now) {
      entries(subject, path, component, old, now);
    } else {
      say(subject + path + SettingText.change(component, before, after));
    }
  }

  private void records(
      String subject, String path, RecordComponent component, Record before, Record after) {
    if (before.getClass() == after.getClass()) {
      components(subject, path, before, after);
    } else {
      say(
          subject
              + SettingText.join(path, "type")
              + " "
              + SettingText.type(component, before)
              + " → "
              + SettingText.type(component, after));
    }
  }

  private void elements(
      String subject, String kind, Map<String, Record> before, Map<String, Record> after) {
    String separator = subject.isEmpty() ? ": " : " ";
    before.forEach(
        (id, old) -> {
          Record now = after.get(id);
          if (now == null) {
            say(subject + kind + " " + id + separator + "removed");
          } else if (!old.equals(now)) {
            components(subject + kind + " " + id + ": ", "", old, now);
          }
        });
    Set<String> added = new LinkedHashSet<>(after.keySet());
    added.removeAll(before.keySet());
    added.forEach(id -> say(subject + kind + " " + id + separator + "added"));
    order(subject, kind, before.keySet(), after.keySet());
  }

  private void order(String subject, String kind, Set<String> before, Set<String> after) {
    List<String> old = new ArrayList<>(before);
    old.retainAll(after);
    List<String> now = new ArrayList<>(after);
    now.retainAll(before);
    if (!old.equals(now)) {
      say(subject + kind + "s in another order: " + String.join(", ", now));
    }
  }

  private void entries(
      String subject, String path, RecordComponent component, Map<?, ?> before, Map<?, ?> after) {
    Set<Object> keys = new LinkedHashSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (Object key : keys) {
      Object old = before.get(key);
      Object now = after.get(key);
      if (key instanceof PoolId pool) {
        entries("pool " + pool + ": ", path, component, entriesOf(old), entriesOf(now));
        continue;
      }
      String at = subject + SettingText.join(path, key.toString());
      if (old == null || now == null) {
        say(at + (old == null ? " added" : " removed"));
      } else if (!old.equals(now)) {
        say(at + SettingText.change(component, old, now));
      }
    }
  }

  private static Map<?, ?> entriesOf(@Nullable Object map) {
    return map instanceof Map<?, ?> entries ? entries : Map.of();
  }

  /** Whether there are elements, all of which are records with an id. */
  private static boolean named(List<?> before, List<?> after) {
    List<Object> all = new ArrayList<>(before);
    all.addAll(after);
    return !all.isEmpty()
        && all.stream().allMatch(each -> each instanceof Record it && id(it) != null);
  }

  private static Map<String, Record> byId(List<?> elements) {
    Map<String, Record> byId = new LinkedHashMap<>();
    for (Object element : elements) {
      Record named = (Record) element;
      byId.put(Objects.requireNonNull(id(named)), named);
    }
    return byId;
  }

  private static @Nullable String id(Record named) {
    for (RecordComponent component : COMPONENTS.get(named.getClass())) {
      if (component.getName().equals("id")) {
        return String.valueOf(value(component, named));
      }
    }
    return null;
  }

  private static @Nullable Object value(RecordComponent component, Record of) {
    try {
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private void say(String sentence) {
    sentences.accept(Words.cut(sentence, MAX_SENTENCE));
  }
}
