package dev.understudy.tracing;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingProperties;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanExporters;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanProcessors;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts our bounds around Spring Boot's tracing, and the spans of requests on top of it. */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

  @Bean
  SpanExport spanExport(OpenTelemetryTracingProperties properties, MeterRegistry registry) {
    return new SpanExport(properties.getExport().getMaxQueueSize(), registry);
  }

  @Bean
  SpanExporters spanExporters(ObjectProvider<SpanExporter> exporters, SpanExport export) {
    List<SpanExporter> all = exporters.orderedStream().toList();
    return all.isEmpty() ? SpanExporters.of() : SpanExporters.of(export.counting(all));
  }

  /** Without an exporter spans end without being kept for one. */
  @Bean
  SpanProcessors spanProcessors(
      ObjectProvider<SpanProcessor> processors, SpanExporters exporters, SpanExport export) {
    return exporters.list().isEmpty()
        ? SpanProcessors.of()
        : SpanProcessors.of(processors.orderedStream().map(export::bounded).toList());
  }

  @Bean
  Tracing tracing(SdkTracerProvider provider) {
    return new Tracing(provider);
  }
}
