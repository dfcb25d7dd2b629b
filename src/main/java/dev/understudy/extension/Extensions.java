package dev.understudy.extension;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.understudy.api.HealthCheck;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.springframework.cloud.gateway.filter.factory.GatewayFilterFactory;
import org.springframework.cloud.gateway.handler.predicate.RoutePredicateFactory;

/**
 * The extensions of one directory: what its jars name in {@code META-INF/services}, as Java's own
 * {@link java.util.ServiceLoader} has it. The files are read here, so that a message about a bad
 * class names its jar.
 *
 * <p>A jar that names nothing is a library of others. Every jar stays open until {@link #close}.
 */
public final class Extensions implements AutoCloseable {
  private static final String SETTING = "understudy.extensions: ";
  private static final String SERVICES = "META-INF/services/";
  private static final int MOST_JARS = 64;

  /** In bytes, of a file that names classes. */
  private static final int LONGEST = 64 << 10;

  /** The names that the dynamic file can have. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

  private final Path directory;
  private final ExtensionClassLoader loader;
  private final List<Extension<GatewayFilterFactory<Object>>> filters;
  private final List<Extension<RoutePredicateFactory<Object>>> predicates;
  private final List<Extension<HealthCheck>> checks;

  @SuppressWarnings("unchecked") // as the Gateway keeps its factories
  private Extensions(Path directory, List<Path> jars, ExtensionClassLoader loader) {
    this.directory = directory;
    this.loader = loader;
    filters =
        all(
            jars,
            (Class<GatewayFilterFactory<Object>>) (Class<?>) GatewayFilterFactory.class,
            GatewayFilterFactory::name);
    predicates =
        all(
            jars,
            (Class<RoutePredicateFactory<Object>>) (Class<?>) RoutePredicateFactory.class,
            RoutePredicateFactory::name);
    checks = all(jars, HealthCheck.class, Extensions::name);
  }

  /** A check's name: that of its class, as the Gateway names its factories. */
  private static String name(HealthCheck check) {
    String type = check.getClass().getSimpleName();
    String kind = HealthCheck.class.getSimpleName();
    return type.endsWith(kind) ? type.substring(0, type.length() - kind.length()) : type;
  }

  /**
   * Loads the jars, and makes their extensions.
   *
   * @throws IllegalArgumentException if one is unusable, with the setting, the jar and the
   *     expectation
   */
  public static Extensions load(Path directory) {
    List<Path> jars = jars(directory);
    ExtensionClassLoader loader =
        new ExtensionClassLoader(jars.stream().map(Extensions::url).toArray(URL[]::new));
    try {
      // Opens all of them, as another file may take a jar's place while this process runs.
      var unused = Collections.list(loader.findResources(SERVICES));
      return new Extensions(directory, jars, loader);
    } catch (IOException e) {
      close(loader);
      throw new IllegalArgumentException(SETTING + directory + ": " + reason(e), e);
    } catch (RuntimeException | LinkageError e) {
      close(loader);
      throw e;
    }
  }

  private static List<Path> jars(Path directory) {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*.jar")) {
      for (Path jar : all) {
        jars.add(jar);
        if (jars.size() > MOST_JARS) {
          throw new IllegalArgumentException(
              SETTING + directory + ": expected at most " + MOST_JARS + " jars");
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          SETTING + "expected a directory of jars that can be read, found " + directory, e);
    }
    return jars.stream().sorted().toList();
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private <T> List<Extension<T>> all(List<Path> jars, Class<T> service, Function<T, String> name) {
    List<Extension<T>> all = new ArrayList<>();
    for (Path jar : jars) {
      for (String type : classes(jar, SERVICES + service.getName())) {
        Place place = new Place(jar.getFileName().toString(), type);
        T factory = place.make(loader, service);
        String own = place.attempt(() -> name.apply(factory));
        if (own == null || !NAME.matcher(own).matches()) {
          throw place.bad("expected a name of letters, digits, '-' and '_', not " + own);
        }
        for (Extension<T> other : all) {
          if (other.name().equals(own)) {
            throw place.bad(
                "expected another name than " + own + ", which " + other.jar() + " has");
          }
        }
        all.add(new Extension<>(place.jar, own, factory));
      }
    }
    return List.copyOf(all);
  }

  /** The classes that a jar names for a service. */
  private static List<String> classes(Path jar, String services) {
    try (JarFile file = new JarFile(jar.toFile())) {
      ZipEntry entry = file.getEntry(services);
      if (entry == null) {
        return List.of();
      }
      try (InputStream content = file.getInputStream(entry)) {
        return new String(content.readNBytes(LONGEST), UTF_8)
            .lines()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .distinct()
            .toList();
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(SETTING + jar + ": expected a jar (" + reason(e) + ")", e);
    }
  }

  private static String reason(Throwable e) {
    String message = e.getMessage();
    return e.getClass().getSimpleName()
        + (message == null ? "" : ": " + message.lines().findFirst().orElse("").strip());
  }

  private interface Attempt<T> {
    T run() throws ReflectiveOperationException;
  }

  /** A class that a jar names, for messages. */
  private record Place(String jar, String type) {
    IllegalArgumentException bad(String expected) {
      return new IllegalArgumentException(SETTING + jar + ": " + type + ": " + expected);
    }

    <T> T make(ClassLoader loader, Class<T> service) {
      Class<?> found = attempt(() -> Class.forName(type, true, loader));
      if (!service.isAssignableFrom(found)) {
        throw bad("expected a class that implements " + service.getSimpleName());
      }
      return service.cast(attempt(() -> found.getConstructor().newInstance()));
    }

    /** Runs code of the extension, which may fail in any way. */
    <T> T attempt(Attempt<T> code) {
      try {
        return code.run();
      } catch (ClassNotFoundException e) {
        throw because("expected a class of one of the jars", e);
      } catch (UnsupportedClassVersionError e) {
        throw because("expected a class for Java " + Runtime.version().feature() + " or older", e);
      } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
        throw because("expected a public class with a public constructor without arguments", e);
      } catch (InvocationTargetException e) {
        throw because("expected a constructor that does not fail", e.getTargetException());
      } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
        throw because("expected a class that can be used", e);
      }
    }

    private IllegalArgumentException because(String expected, Throwable e) {
      IllegalArgumentException bad = bad(expected + " (" + reason(e) + ")");
      bad.initCause(e);
      return bad;
    }
  }

  /** The factories of filters. */
  public List<Extension<GatewayFilterFactory<Object>>> filters() {
    return filters;
  }

  /** The factories of predicates. */
  public List<Extension<RoutePredicateFactory<Object>>> predicates() {
    return predicates;
  }

  /** The health checks, by the names that pools have for them. */
  public Map<String, HealthCheck> checksByName() {
    Map<String, HealthCheck> byName = new TreeMap<>();
    checks.forEach(each -> byName.put(each.name(), each.instance()));
    return byName;
  }

  /** Lists them for people. */
  @Override
  public String toString() {
    String all =
        Stream.of(told("filter", filters), told("predicate", predicates), told("check", checks))
            .flatMap(each -> each)
            .collect(Collectors.joining(", "));
    return all.isEmpty()
        ? "none in " + directory + ": no jar there names any in " + SERVICES
        : all + " of " + directory;
  }

  private static Stream<String> told(String kind, List<? extends Extension<?>> all) {
    return all.stream().map(each -> kind + " " + each.name() + " (" + each.jar() + ")");
  }

  /** Closes the jars: no further class can be loaded from them. */
  @Override
  public void close() {
    close(loader);
  }

  private static void close(ExtensionClassLoader loader) {
    try {
      loader.close();
    } catch (IOException e) {
      // A jar that was only read.
      return;
    }
  }
}
