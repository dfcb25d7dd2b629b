package dev.understudy.admin;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.pool.Operator;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerConfiguration;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Shows and changes the log levels of this process, until it ends. */
final class LogLevels implements Endpoints {
  /**
   * The number of loggers that may be changed, but for ROOT: a logging system keeps every name it
   * has heard.
   */
  static final int MOST = 100;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$-]{1,200}");
  private static final String LEVELS =
      "\"trace\", \"debug\", \"info\", \"warn\", \"error\" or \"off\", or null: a logger takes the"
          + " level of the one above it, ROOT its level at the start";
  private static final Set<LogLevel> SETTABLE = EnumSet.complementOf(EnumSet.of(LogLevel.FATAL));

  private record Loggers(List<Logger> loggers) {}

  /**
   * One logger.
   *
   * @param level as set; null if inherited
   */
  private record Logger(String name, @Nullable LogLevel level, @Nullable LogLevel effective) {
    static Logger of(LoggerConfiguration logger) {
      return new Logger(logger.getName(), logger.getConfiguredLevel(), logger.getEffectiveLevel());
    }
  }

  /** The response to a change; {@code changed} is false if the level was set already. */
  private record Changed(boolean changed, @Nullable Logger logger) {}

  private final LoggingSystem logging;
  private final EventLog events;
  private final Set<String> changed = new HashSet<>();

  /** The level of the root logger before its first change; null while there was none. */
  private @Nullable LogLevel rootAtFirst;

  LogLevels(LoggingSystem logging, EventLog events) {
    this.logging = logging;
    this.events = events;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read("/api/loggers", this::all);
    paths.read("/api/loggers/{name}", this::one);
    paths.operate(HttpMethod.PUT, "/api/loggers/{name}", this::set);
  }

  /** Responds with the loggers whose level is set, and Understudy's own. */
  private Mono<ServerResponse> all(ServerRequest request) {
    return Json.ok(
        new Loggers(
            logging.getLoggerConfigurations().stream()
                .filter(LogLevels::isOfInterest)
                .map(Logger::of)
                .sorted(Comparator.comparing(Logger::name))
                .toList()));
  }

  private static boolean isOfInterest(LoggerConfiguration logger) {
    return logger.getConfiguredLevel() != null
        || logger.getName().startsWith("dev.understudy")
        || logger.getName().startsWith("understudy");
  }

  private Mono<ServerResponse> one(ServerRequest request) {
    String name = name(request);
    LoggerConfiguration found = logging.getLoggerConfiguration(name);
    if (found == null) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND, "There is no logger '" + StateEndpoints.shortened(name) + "' yet.");
    }
    return Json.ok(Logger.of(found));
  }

  private Mono<ServerResponse> set(ServerRequest request, String token) {
    String name = name(request);
    return JsonBody.read(request, List.of("level", JsonBody.REASON))
        .flatMap(body -> Json.ok(set(name, level(body), body.operator(token))));
  }

  private synchronized Changed set(String name, @Nullable LogLevel wanted, Operator by) {
    LoggerConfiguration known = logging.getLoggerConfiguration(name);
    LogLevel before = known == null ? null : known.getConfiguredLevel();
    boolean root = name.equals(LoggingSystem.ROOT_LOGGER_NAME);
    LogLevel level = root && wanted == null ? (rootAtFirst == null ? before : rootAtFirst) : wanted;
    if (Objects.equals(before, level)) {
      return new Changed(false, known == null ? null : Logger.of(known));
    }
    if (!root && !changed.contains(name) && changed.size() == MOST) {
      throw new ProblemDocument(
          HttpStatus.CONFLICT,
          "%d loggers were changed already, which is the most. Change one of these, or restart."
              .formatted(MOST));
    }
    if (!root) {
      changed.add(name);
    } else if (rootAtFirst == null) {
      rootAtFirst = before;
    }
    // First, so that the line of this event is not silenced by it.
    events.add(event(name, before, level, by));
    logging.setLogLevel(name, level);
    LoggerConfiguration now = logging.getLoggerConfiguration(name);
    return new Changed(true, now == null ? null : Logger.of(now));
  }

  private static Event event(
      String name, @Nullable LogLevel before, @Nullable LogLevel level, Operator by) {
    return new ReplicaEvent.LogLevelChanged(
        name,
        before == null ? null : before.name(),
        level == null ? null : level.name(),
        by,
        "An operator set the log level of %s to %s until the end of this process, it was %s%s"
            .formatted(name, shown(level), shown(before), Operator.by(by)));
  }

  private static String shown(@Nullable LogLevel level) {
    return level == null ? "inherited" : level.name();
  }

  private static @Nullable LogLevel level(JsonBody body) {
    String word = body.textOrNull("level", LEVELS);
    if (word == null) {
      return null;
    }
    for (LogLevel level : SETTABLE) {
      if (level.name().equals(word.toUpperCase(Locale.ROOT))) {
        return level;
      }
    }
    throw body.unexpected("level", LEVELS);
  }

  /**
   * The logger's name; that of the root logger is taken in any case, as the logging system does.
   */
  private static String name(ServerRequest request) {
    String name = request.pathVariable("name");
    if (!NAME.matcher(name).matches()) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND, "There is no logger '" + StateEndpoints.shortened(name) + "'.");
    }
    return name.equalsIgnoreCase(LoggingSystem.ROOT_LOGGER_NAME)
        ? LoggingSystem.ROOT_LOGGER_NAME
        : name;
  }
}
