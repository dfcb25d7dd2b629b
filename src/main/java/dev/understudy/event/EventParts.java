package dev.understudy.event;

import dev.understudy.health.LocalFailure;
import dev.understudy.pool.Operator;
import dev.understudy.text.Words;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of events by the names that they have in the API and in structured logs: those of their
 * records' components, with the unit of a duration.
 */
public final class EventParts {
  private static final Set<String> OF_ALL = Set.of("pool", "message");
  private static final ClassValue<List<RecordComponent>> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected List<RecordComponent> computeValue(Class<?> type) {
          return Stream.of(type.getRecordComponents())
              .filter(each -> !OF_ALL.contains(each.getName()))
              .filter(each -> !each.isAnnotationPresent(Event.Internal.class))
              .toList();
        }
      };

  private EventParts() {}

  /** The parts beside pool and message, in order; a value is null if the event has none. */
  public static Map<String, @Nullable Object> of(Event event) {
    Map<String, @Nullable Object> parts = new LinkedHashMap<>();
    for (RecordComponent component : COMPONENTS.get(event.getClass())) {
      String name = component.getName();
      Object value = value(component, event);
      if (component.getType() == Operator.class) {
        Operator operator = (Operator) value;
        parts.put("operator", operator == null ? null : operator.name());
        parts.put("operatorReason", operator == null ? null : operator.reason());
      } else if (component.getType() == Duration.class) {
        parts.put(name + "Millis", value);
      } else {
        parts.put(name, value instanceof LocalFailure resource ? Words.lower(resource) : value);
      }
    }
    return parts;
  }

  private static @Nullable Object value(RecordComponent component, Event event) {
    try {
      return component.getAccessor().invoke(event);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
