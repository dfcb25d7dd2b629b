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
import dev.understudy.monitor.Event.NobodyServes;
import dev.understudy.monitor.Event.OperatorStateChanged;
import dev.understudy.monitor.Event.Pinned;
import dev.understudy.monitor.Event.ServesDown;
import dev.understudy.monitor.Event.Switched;
import dev.understudy.monitor.EventLog;
import java.util.List;
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
 * although DOWN, a circuit breaker opened, or a file was applied with warnings. INFO: all other
 * events.
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
    switch (event) {
      case Switched switched -> parts(line, switched);
      case FailbackAwaited awaited -> parts(line, awaited);
      case Pinned pinned -> with(line, "server", pinned.server());
      case Kept kept -> parts(line, kept);
      case ServesDown down -> {
        with(line, "server", down.server());
        with(line, "evidence", down.evidence());
      }
      case NobodyServes nobody -> with(line, "evidence", nobody.evidence());
      case HealthChanged changed -> parts(line, changed);
      case CircuitChanged changed -> parts(line, changed);
      case OperatorStateChanged changed -> parts(line, changed);
      case ConfigurationApplied applied -> {
        with(line, "file", applied.file());
        with(line, "warnings", applied.warnings().isEmpty() ? null : first(applied.warnings()));
      }
      case ConfigurationRejected rejected -> {
        with(line, "file", rejected.file());
        with(line, "problems", first(rejected.problems()));
      }
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
      case ConfigurationApplied applied -> applied.warnings().isEmpty() ? Level.INFO : Level.WARN;
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

  private static void parts(LoggingEventBuilder line, Switched event) {
    with(line, "from", event.from());
    with(line, "to", event.to());
    with(line, "reason", event.reason());
    with(line, "epoch", event.epoch());
    with(line, "evidence", event.evidence());
    with(line, "decidedBy", event.decidedBy());
    with(line, "tookMillis", event.took() == null ? null : event.took().toMillis());
  }

  private static void parts(LoggingEventBuilder line, FailbackAwaited event) {
    with(line, "serving", event.serving());
    with(line, "better", event.better());
    with(line, "due", event.due());
    with(line, "heldBy", event.heldBy());
  }

  private static void parts(LoggingEventBuilder line, Kept event) {
    with(line, "serving", event.serving());
    with(line, "epoch", event.epoch());
    with(line, "evidence", event.evidence());
  }

  private static void parts(LoggingEventBuilder line, HealthChanged event) {
    with(line, "server", event.server());
    with(line, "from", event.from());
    with(line, "to", event.to());
    with(line, "evidence", event.evidence());
  }

  private static void parts(LoggingEventBuilder line, CircuitChanged event) {
    with(line, "server", event.server());
    with(line, "open", event.open());
  }

  private static void parts(LoggingEventBuilder line, OperatorStateChanged event) {
    with(line, "server", event.server());
    with(line, "from", event.from());
    with(line, "to", event.to());
  }

  private static LoggingEventBuilder with(
      LoggingEventBuilder line, String key, @Nullable Object value) {
    if (value == null) {
      return line;
    }
    boolean plain = value instanceof Number || value instanceof Boolean;
    return line.addKeyValue(key, plain ? value : clean(value.toString()));
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

  private static String first(List<String> problems) {
    String first = String.join("; ", problems.subList(0, Math.min(MAX_PROBLEMS, problems.size())));
    int more = problems.size() - MAX_PROBLEMS;
    return more > 0 ? first + "; and " + more + " more" : first;
  }

  /** Escapes and shortens text, because evidence may quote a server's bytes. */
  private static String clean(String text) {
    return Escapes.line(Escapes.cut(text, MAX_TEXT));
  }
}
