package dev.understudy.settings;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** Reports at start-up the setting of a port that is in use. */
final class PortInUseAnalyzer extends AbstractFailureAnalyzer<PortInUseException>
    implements Ordered {
  private final Environment environment;

  PortInUseAnalyzer(Environment environment) {
    this.environment = environment;
  }

  /** Precedes Spring Boot's own analyzer, which does not name the setting. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  private @Nullable Integer port(String name) {
    Integer port = StaticPorts.port(environment, name);
    if (port == null && name.equals(StaticPorts.MAIN)) {
      return StaticPorts.MAIN_DEFAULT;
    }
    return port;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, PortInUseException cause) {
    List<String> names =
        Stream.of(StaticPorts.MAIN, StaticPorts.MANAGEMENT, StaticPorts.PLAIN)
            .filter(name -> Objects.equals(port(name), cause.getPort()))
            .toList();
    return switch (names.size()) {
      case 0 -> null;
      case 1 ->
          new FailureAnalysis(
              names.get(0)
                  + ": expected a free port, found "
                  + cause.getPort()
                  + ", which is in use",
              "End the process that listens on it, or name another port: --%s=PORT"
                  .formatted(names.get(0)),
              cause);
      default ->
          new FailureAnalysis(
              "%s: expected different ports, found %d for each"
                  .formatted(String.join(", ", names), cause.getPort()),
              "Name another port for one of them.",
              cause);
    };
  }
}
