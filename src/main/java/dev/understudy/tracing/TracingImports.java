package dev.understudy.tracing;

import dev.understudy.pool.Disclosure;
import java.net.URI;
import java.net.URISyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.ImportSelector;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Imports the tracing only if {@code understudy.tracing} is on. Spring Boot's auto-configurations
 * for it are excluded in {@code application.yaml}: their conditions alone would slow down every
 * start.
 */
public final class TracingImports implements ImportSelector, EnvironmentAware {
  private static final Logger log = LoggerFactory.getLogger(TracingImports.class);

  private static final String SETTING = "understudy.tracing";
  private static final String OTLP = "management.opentelemetry.tracing.export.otlp.";
  private static final String ENDPOINT = OTLP + "endpoint";
  private static final String TRANSPORT = OTLP + "transport";

  private static final String BOOT = "org.springframework.boot.";

  /** In their order: beans of ours replace Spring Boot's. */
  private static final String[] CONFIGURATIONS = {
    "dev.understudy.tracing.TracingConfiguration",
    BOOT + "opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration",
    BOOT + "micrometer.tracing.opentelemetry.autoconfigure.otlp.OtlpTracingAutoConfiguration",
    BOOT + "micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration",
  };

  private boolean on;

  @Override
  public void setEnvironment(Environment environment) {
    on = isOn(environment);
    boolean exported = !environment.getProperty(ENDPOINT, "").isEmpty();
    if (!on && exported) {
      log.info("{} is set, but {} is off: nothing is traced", ENDPOINT, SETTING);
    } else if (on && !exported) {
      log.info("{} is on, but {} is not set: no span is exported", SETTING, ENDPOINT);
    }
  }

  /**
   * Refuses settings of the export that cannot work, if it is on.
   *
   * @throws InvalidConfigurationPropertyValueException with the setting's name
   */
  public static void require(Environment environment) {
    if (isOn(environment)) {
      requireHttp(environment.getProperty(TRANSPORT, "http"));
      String endpoint = environment.getProperty(ENDPOINT, "");
      if (!endpoint.isEmpty()) {
        requireUrl(endpoint);
      }
    }
  }

  /** The only transport of OTLP whose library is in the jar; all collectors take it. */
  private static void requireHttp(String transport) {
    if (!transport.equalsIgnoreCase("http")) {
      throw new InvalidConfigurationPropertyValueException(
          TRANSPORT, transport, "expected http, usually on port 4318");
    }
  }

  private static void requireUrl(String endpoint) {
    try {
      URI url = new URI(endpoint);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null) {
        return;
      }
    } catch (URISyntaxException e) {
      log.debug("{} is no URL at position {}", ENDPOINT, e.getIndex());
    }
    String found = Disclosure.isOpen("url", endpoint) ? endpoint : Disclosure.MASK;
    throw new InvalidConfigurationPropertyValueException(
        ENDPOINT, found, "expected a URL such as http://collector:4318/v1/traces");
  }

  /** Reads the setting, whose values are checked with all others: {@code on} is true in YAML. */
  private static boolean isOn(Environment environment) {
    String value = environment.getProperty(SETTING, "off").trim();
    return value.equalsIgnoreCase("on") || value.equalsIgnoreCase("true");
  }

  @Override
  public String[] selectImports(AnnotationMetadata importing) {
    return on ? CONFIGURATIONS.clone() : new String[0];
  }
}
