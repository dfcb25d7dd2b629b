package dev.understudy.telemetry;

import dev.understudy.event.Event;
import dev.understudy.event.Event.Kept;
import dev.understudy.event.Event.NobodyServes;
import dev.understudy.event.Event.Switched;
import dev.understudy.event.EventLog;
import dev.understudy.event.EventParts;
import dev.understudy.event.ReplicaEvent.ConfigurationApplied;
import dev.understudy.event.ReplicaEvent.ConfigurationRejected;
import dev.understudy.event.ServerEvent.HealthChanged;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
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
 * <p>The first judgement of all servers after a start is one line: ERROR if a pool is not served,
 * WARN if a server is not UP.
 */
public final class EventLogger {
  public static final String LOGGER = "understudy.events";

  private static final int MAX_TEXT = 2_000;
  private static final int MAX_PROBLEMS = 20;
  private static final int MAX_NAMES = 20;
  private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

  /** Whether the first judgement of the servers is not complete, and its events are left out. */
  private volatile boolean starting;

  private EventLogger(boolean starting) {
    this.starting = starting;
  }

  /** Writes a line for each event. */
  public EventLogger() {
    this(false);
  }

  /**
   * Writes one line for the first judgement of all servers, instead of one for each of its events;
   * to be logged by {@link #judged} when it is complete.
   */
  public static EventLogger atStart() {
    return new EventLogger(true);
  }

  /** Writes the line that sums up the first judgement. */
  public void judged(Snapshot snapshot) {
    starting = false;
    List<String> unserved =
        snapshot.pools().stream()
            .filter(pool -> pool.receiving().isEmpty())
            .map(pool -> pool.pool().id().value())
            .sorted()
            .toList();
    List<ServerState> servers =
        snapshot.pools().stream().flatMap(pool -> pool.servers().stream()).toList();
    List<String> notUp =
        servers.stream()
            .filter(server -> server.status() != HealthStatus.UP)
            .map(EventLogger::described)
            .sorted()
            .toList();
    int pools = snapshot.pools().size();
    Level level = notUp.isEmpty() ? Level.INFO : Level.WARN;
    LOG.atLevel(unserved.isEmpty() ? level : Level.ERROR)
        .addKeyValue("event", "FirstJudgement")
        .addKeyValue("poolsServed", pools - unserved.size())
        .addKeyValue("poolsNotServed", unserved.size())
        .addKeyValue("serversUp", servers.size() - notUp.size())
        .addKeyValue("serversNotUp", notUp.size())
        .log(
            clean(
                "Pools: %d served, %d not%s; servers: %d UP, %d not%s"
                    .formatted(
                        pools - unserved.size(),
                        unserved.size(),
                        named(unserved),
                        servers.size() - notUp.size(),
                        notUp.size(),
                        named(notUp))));
  }

  private static String described(ServerState server) {
    ServerState.LastProbe last = server.lastProbe();
    String why = last == null ? "" : ": " + last.detail();
    return server.pool() + "/" + server.server().id() + " " + server.status() + why;
  }

  private static String named(List<String> names) {
    return names.isEmpty() ? "" : " (" + Words.joined(names, MAX_NAMES, "; ") + ")";
  }

  private static boolean isOfFirstJudgement(Event event) {
    return switch (event) {
      case HealthChanged changed -> changed.from() == HealthStatus.UNKNOWN;
      case Switched switched -> switched.reason() == SwitchReason.INITIAL;
      case Kept kept -> true;
      case NobodyServes nobody -> true;
      default -> false;
    };
  }

  /** Writes one event; for {@link EventLog#subscribe}. */
  public void happened(EventLog.Entry entry) {
    Event event = entry.event();
    if (starting && isOfFirstJudgement(event)) {
      return;
    }
    LoggingEventBuilder line = LOG.atLevel(event.level());
    line = line.addKeyValue("event", event.getClass().getSimpleName());
    line = line.addKeyValue("eventId", entry.id());
    line = with(line, "pool", event.pool());
    for (Map.Entry<String, @Nullable Object> part : EventParts.of(event).entrySet()) {
      line = with(line, part.getKey(), part.getValue());
    }
    line.log(message(event));
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
