package dev.understudy.testing;

import dev.understudy.api.HealthCheck;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;

/** Builds a jar of extensions as a stranger does: compiled apart from ours, against our jar. */
public final class ExtensionJar {
  public static final String FILTERS = service(GatewayFilterFactory.class);
  public static final String PREDICATES = service(RoutePredicateFactory.class);

  public static final String CHECKS = service(HealthCheck.class);

  private static final String IMPORTS =
      """
      package test;

      import dev.understudy.api.*;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.function.*;
      import org.springframework.cloud.gateway.filter.*;
      import org.springframework.cloud.gateway.filter.factory.*;
      import org.springframework.cloud.gateway.handler.predicate.*;
      import org.springframework.core.io.buffer.*;
      import org.springframework.http.server.reactive.*;
      import org.springframework.web.server.*;
      import reactor.core.publisher.*;

      """;

  private final Path work;
  private final Map<String, byte[]> content = new LinkedHashMap<>();
  private final Map<String, String> services = new LinkedHashMap<>();
  private final List<String> sources = new ArrayList<>();
  private String classPath = System.getProperty("java.class.path");

  /**
   * @param work an empty directory for what the compiler writes
   */
  public ExtensionJar(Path work) {
    this.work = work;
  }

  private static String service(Class<?> type) {
    return "META-INF/services/" + type.getName();
  }

  /** A filter {@code name}, with the argument {@code text}, whose method has that body. */
  public ExtensionJar filter(String name, String body) {
    return type(
        FILTERS,
        name + "GatewayFilterFactory",
        """
        public class %1$sGatewayFilterFactory
            extends AbstractGatewayFilterFactory<%1$sGatewayFilterFactory.Config> {
          public static class Config {
            private String text = "";
            public String getText() { return text; }
            public void setText(String text) { this.text = text; }
          }
          public %1$sGatewayFilterFactory() { super(Config.class); }
          @Override public List<String> shortcutFieldOrder() { return List.of("text"); }
          @Override public GatewayFilter apply(Config config) {
            %2$s
          }
        }
        """
            .formatted(name, body));
  }

  /** A predicate {@code name}, with the argument {@code text}, whose method has that body. */
  public ExtensionJar predicate(String name, String body) {
    return type(
        PREDICATES,
        name + "RoutePredicateFactory",
        """
        public class %1$sRoutePredicateFactory
            extends AbstractRoutePredicateFactory<%1$sRoutePredicateFactory.Config> {
          public static class Config {
            private String text = "";
            public String getText() { return text; }
            public void setText(String text) { this.text = text; }
          }
          public %1$sRoutePredicateFactory() { super(Config.class); }
          @Override public List<String> shortcutFieldOrder() { return List.of("text"); }
          @Override public Predicate<ServerWebExchange> apply(Config config) {
            %2$s
          }
        }
        """
            .formatted(name, body));
  }

  /**
   * A health check {@code name}, whose method, with its parameter {@code target}, has that body.
   */
  public ExtensionJar check(String name, String body) {
    return type(
        CHECKS,
        name + "HealthCheck",
        """
        public class %sHealthCheck implements HealthCheck {
          @Override public Result check(Target target) throws Exception {
            %s
          }
        }
        """
            .formatted(name, body));
  }

  /** A class of the package {@code test}, which the jar names for a service. */
  public ExtensionJar type(String service, String name, String source) {
    sources.add(write("test/" + name + ".java", IMPORTS + source).toString());
    return line(service, "test." + name);
  }

  /** A line of a file that names classes. */
  public ExtensionJar line(String service, String line) {
    services.merge(service, line + "\n", String::concat);
    return this;
  }

  /** Compiles with that jar alone, in place of all that the tests have. */
  public ExtensionJar against(Path jar) {
    classPath = jar.toString();
    return this;
  }

  /** The sources and resources of a project, as Maven has them. */
  public ExtensionJar project(Path folder) throws IOException {
    for (Path each : files(folder.resolve("src/main/java"))) {
      sources.add(each.toString());
    }
    Path resources = folder.resolve("src/main/resources");
    for (Path each : files(resources)) {
      content.put(resources.relativize(each).toString(), Files.readAllBytes(each));
    }
    return this;
  }

  private Path write(String name, String text) {
    try {
      Path file = work.resolve("source").resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Compiles the sources, and writes the jar. */
  public Path build(Path jar) throws IOException {
    Path classes = Files.createDirectories(work.resolve("classes"));
    if (!sources.isEmpty()) {
      List<String> arguments =
          new ArrayList<>(List.of("-proc:none", "-d", classes.toString(), "-classpath", classPath));
      arguments.addAll(sources);
      int status =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, null, arguments.toArray(String[]::new));
      if (status != 0) {
        throw new AssertionError("the sources do not compile");
      }
    }
    for (Path each : files(classes)) {
      content.put(classes.relativize(each).toString(), Files.readAllBytes(each));
    }
    services.forEach((name, lines) -> content.put(name, lines.getBytes(StandardCharsets.UTF_8)));
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Map.Entry<String, byte[]> each : content.entrySet()) {
        out.putNextEntry(new JarEntry(each.getKey()));
        out.write(each.getValue());
      }
    }
    return jar;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
