package dev.understudy.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * The form of log lines on standard output. {@code understudy.log-format: json} makes each a JSON
 * document. Else they are short if that is a terminal: time, level, message; elsewhere they keep
 * Spring Boot's form, which log collectors parse. A pattern or a structured format that is set has
 * precedence.
 */
final class LogLines implements EnvironmentPostProcessor {
  static final String PATTERN = "logging.pattern.console";
  static final String STRUCTURED = "logging.structured.format.console";

  /** Elastic's common schema, in which events have their parts as fields. */
  static final String JSON = "ecs";

  private static final String FORMAT = "understudy.log-format";

  /** Time of day in seconds, level in colour, message, stack trace. */
  static final String SHORT = "%clr(%d{HH:mm:ss}){faint} %clr(%-5p) %m%n%wEx";

  private final BooleanSupplier terminal;

  LogLines() {
    this(LogLines::isTerminal);
  }

  LogLines(BooleanSupplier terminal) {
    this.terminal = terminal;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    Map<String, Object> defaults =
        "json".equalsIgnoreCase(environment.getProperty(FORMAT))
            ? Map.of(STRUCTURED, JSON)
            : terminal.getAsBoolean() ? Map.of(PATTERN, SHORT) : Map.of();
    if (!defaults.isEmpty()) {
      environment.getPropertySources().addLast(new MapPropertySource("log lines", defaults));
    }
  }

  /** Whether standard output is a terminal, wherever the input comes from. */
  private static boolean isTerminal() {
    try {
      Path output = Files.readSymbolicLink(Path.of("/proc/self/fd/1"));
      return output.startsWith("/dev/pts")
          || output.toString().startsWith("/dev/tty")
          || output.equals(Path.of("/dev/console"));
    } catch (IOException | UnsupportedOperationException e) {
      // No Linux.
      return false;
    }
  }
}
