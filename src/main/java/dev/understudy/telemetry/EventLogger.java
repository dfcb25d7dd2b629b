package dev.understudy.telemetry;

import dev.understudy.failover.Reason;
import dev.understudy.health.Status;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.Event.CircuitChanged;
import dev.understudy.monitor.Event.ConfigurationApplied;
import dev.understudy.monitor.Event.ConfigurationRejected;
import dev.understudy.monitor.Event.FailbackAwaited;
import dev.understudy.monitor.Event.HealthChanged;
import dev.understudy.monitor.Event.Kept;
import dev.understudy.monitor.Event.LogLevelChanged;
import dev.understudy.monitor.Event.NobodyServes;
import dev.understudy.monitor.Event.OperatorStateChanged;
import dev.understudy.monitor.Event.Pinned;
import dev.understudy.monitor.Event.RunEnd;
import dev.understudy.monitor.Event.ServesDown;
import dev.understudy.monitor.Event.Started;
import dev.understudy.monitor.Event.Stopped;
import dev.understudy.monitor.Event.Switched;
import dev.understudy.monitor.EventLog;
import dev.understudy.monitor.EventParts;
import dev.understudy.text.Printable;
import dev.understudy.text.Words;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes each event as one line of the logger {@code understudy.events}: its sentence, and its
 * parts as key/value pairs for structured formats.
 *
 * <p>ERROR: a pool has no serving server, or a file was refused. WARN: a server failed or serves
 * although DOWN, a circuit breaker opened, a file was applied with warnings, or the last run ended
 * without a stop. INFO: all other events.
 */
public final class EventLogger {
  public static final String LOGGER = "understudy.events";

  private static final int MAX_TEXT = 2_000;
  private static final int MAX_PROBLEMS = 20;
  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

  /** Writes one event; for {@link EventLog#subscribe}. */
  public void happened(EventLog.Entry entry) {
    Event event = entry.event();
    LoggingEventBuilder line = LOG.atLevel(level(event));
    line = line.addKeyValue("event", event.getClass().getSimpleName());
    line = line.addKeyValue("eventId", entry.id());
    line = with(line, "pool", event.pool());
    for (Map.Entry<String, @Nullable Object> part : EventParts.of(event).entrySet()) {
      line = with(line, part.getKey(), part.getValue());
    }
    line.log(message(event));
  }

  /** The log level of an event. */
  static Level level(Event event) {
    return switch (event) {
      case Switched switched -> level(switched);
      case NobodyServes nobody -> Level.ERROR;
      case ServesDown down -> Level.WARN;
      case FailbackAwaited awaited -> Level.INFO;
      case Pinned pinned -> Level.INFO;
      case Kept kept -> Level.INFO;
      case HealthChanged changed -> changed.to() == Status.DOWN ? Level.WARN : Level.INFO;
      case CircuitChanged changed -> changed.open() ? Level.WARN : Level.INFO;
      case ConfigurationRejected rejected -> Level.ERROR;
      case OperatorStateChanged changed -> Level.INFO;
      case LogLevelChanged changed -> Level.INFO;
      case ConfigurationApplied applied -> applied.warnings().isEmpty() ? Level.INFO : Level.WARN;
      case Started started -> started.lastEnd() == RunEnd.CRASHED ? Level.WARN : Level.INFO;
      case Stopped stopped -> Level.INFO;
    };
  }

  private static Level level(Switched switched) {
    if (switched.to() == null) {
      return Level.ERROR;
    }
    Reason reason = switched.reason();
    return switch (reason) {
      case HEALTH_CHECK_FAILED, CONNECTION_FAILED, CIRCUIT_OPEN, NO_SERVER -> Level.WARN;
      case INITIAL, RECOVERED, OPERATOR, FAILBACK, CONFIGURATION -> Level.INFO;
    };
  }

  private static LoggingEventBuilder with(
      LoggingEventBuilder line, String key, @Nullable Object value) {
    return switch (value) {
      case null -> line;
      case Number number -> line.addKeyValue(key, number);
      case Boolean flag -> line.addKeyValue(key, flag);
      case Duration duration -> line.addKeyValue(key, duration.toMillis());
      case List<?> texts -> texts.isEmpty() ? line : line.addKeyValue(key, clean(first(texts)));
      default -> line.addKeyValue(key, clean(value.toString()));
    };
  }

  private static String message(Event event) {
    String message = event.message();
    if (event instanceof ConfigurationRejected rejected) {
      message += " [" + first(rejected.problems()) + "]";
    } else if (event instanceof ConfigurationApplied applied && !applied.warnings().isEmpty()) {
      message += " [" + first(applied.warnings()) + "]";
    }
    return clean(message);
  }

  private static String first(List<?> texts) {
    return Words.joined(texts.stream().map(String::valueOf).toList(), MAX_PROBLEMS, "; ");
  }

  /**
   * Escapes and shortens text, because evidence may quote a server's bytes. The arrow of our own
   * sentences becomes ASCII.
   */
  private static String clean(String text) {
    return Printable.ascii(Words.cut(text.replace("→", "->"), MAX_TEXT, "..."));
  }
}
