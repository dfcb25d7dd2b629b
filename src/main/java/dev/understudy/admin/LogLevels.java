package dev.understudy.admin;

import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.pool.Operator;
import java.util.Comparator;
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
  /** The number of loggers that may be changed: a logging system keeps every name it has heard. */
  static final int MOST = 100;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.$-]{1,200}");
  private static final String LEVELS =
      "\"trace\", \"debug\", \"info\", \"warn\", \"error\" or \"off\", or null for that of the"
          + " logger above";
  private static final List<LogLevel> SETTABLE =
      List.of(
          LogLevel.TRACE,
          LogLevel.DEBUG,
          LogLevel.INFO,
          LogLevel.WARN,
          LogLevel.ERROR,
          LogLevel.OFF);

  private record Loggers(List<Logger> loggers) {}

  /**
   * One logger.
   *
   * @param level as set; null if inherited
   */
  private record Logger(String name, @Nullable String level, @Nullable String effective) {
    static Logger of(LoggerConfiguration logger) {
      return new Logger(
          logger.getName(),
          Json.name(logger.getConfiguredLevel()),
          Json.name(logger.getEffectiveLevel()));
    }
  }

  /** The response to a change; {@code changed} is false if the level was set already. */
  private record Changed(boolean changed, @Nullable Logger logger) {}

  private final LoggingSystem logging;
  private final EventLog events;
  private final Set<String> changed = new HashSet<>();

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
          HttpStatus.NOT_FOUND, "There is no logger '" + Reads.shortened(name) + "' yet.");
    }
    return Json.ok(Logger.of(found));
  }

  private Mono<ServerResponse> set(ServerRequest request, String token) {
    String name = name(request);
    return JsonBody.read(request, List.of("level", JsonBody.REASON))
        .flatMap(body -> Json.ok(set(name, level(body), body.operator(token))));
  }

  private synchronized Changed set(String name, @Nullable LogLevel level, Operator by) {
    LoggerConfiguration known = logging.getLoggerConfiguration(name);
    LogLevel before = known == null ? null : known.getConfiguredLevel();
    if (Objects.equals(before, level)) {
      return new Changed(false, known == null ? null : Logger.of(known));
    }
    if (level == null && name.equals(LoggingSystem.ROOT_LOGGER_NAME)) {
      throw new ProblemDocument(
          HttpStatus.CONFLICT, "The logger ROOT has none above it; expected a level.");
    }
    if (!changed.contains(name) && changed.size() == MOST) {
      throw new ProblemDocument(
          HttpStatus.CONFLICT,
          "%d loggers were changed already; expected one of them, or a restart.".formatted(MOST));
    }
    changed.add(name);
    // First, so that the line of this event is not silenced by it.
    events.add(event(name, before, level, by));
    logging.setLogLevel(name, level);
    LoggerConfiguration now = logging.getLoggerConfiguration(name);
    return new Changed(true, now == null ? null : Logger.of(now));
  }

  private static Event event(
      String name, @Nullable LogLevel before, @Nullable LogLevel level, Operator by) {
    return new Event.LogLevelChanged(
        name,
        Json.name(before),
        Json.name(level),
        by,
        "An operator set the log level of %s to %s until the end of this process, it was %s, by %s"
            .formatted(name, shown(level), shown(before), by));
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

  private static String name(ServerRequest request) {
    String name = request.pathVariable("name");
    if (!NAME.matcher(name).matches()) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND, "There is no logger '" + Reads.shortened(name) + "'.");
    }
    return name;
  }
}
