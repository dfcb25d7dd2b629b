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
 * Short log lines if standard output is a terminal: time, level, message. Elsewhere lines keep
 * Spring Boot's form, which log collectors parse. A pattern that is set has precedence.
 */
final class TerminalLog implements EnvironmentPostProcessor {
  static final String PATTERN = "logging.pattern.console";

  /** Time of day in seconds, level in colour, message, stack trace. */
  static final String SHORT = "%clr(%d{HH:mm:ss}){faint} %clr(%-5p) %m%n%wEx";

  private final BooleanSupplier terminal;

  TerminalLog() {
    this(TerminalLog::isTerminal);
  }

  TerminalLog(BooleanSupplier terminal) {
    this.terminal = terminal;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    if (terminal.getAsBoolean()) {
      environment
          .getPropertySources()
          .addLast(new MapPropertySource("terminal", Map.of(PATTERN, SHORT)));
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
