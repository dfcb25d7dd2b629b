package dev.understudy.settings;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.YamlSyntax;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.reactor.netty.autoconfigure.NettyServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * A file of static settings, checked without a start: {@code understudy.*}, and those of Spring
 * Boot that every installation has. Its values alone are checked, whatever the environment sets
 * over them; system properties and environment variables count where the file has placeholders.
 * Files that it imports are not read.
 *
 * <p>Finds all problems: a setting with a problem is left out, and the rest is bound again.
 */
public final class StaticFile {
  private static final Map<String, Class<?>> OF_SPRING_BOOT =
      Map.of(
          "server", ServerProperties.class,
          "server.netty", NettyServerProperties.class,
          "management.server", ManagementServerProperties.class,
          "spring.lifecycle", LifecycleProperties.class,
          "spring.ssl", SslProperties.class);

  /** The most rounds of one check, each of which finds a problem. */
  private static final int MOST = 1000;

  private static final Pattern LINE = Pattern.compile(":(\\d+): ");
  private static final Pattern SETTING = Pattern.compile("(?:^|: )([a-z]+(?:\\.[a-z0-9-]+)+)");

  private final Path file;
  private final StandardEnvironment environment = new StandardEnvironment();
  private final Set<String> problems = new LinkedHashSet<>();
  private List<IterableConfigurationPropertySource> sources = List.of();

  private StaticFile(Path file) {
    this.file = file;
  }

  /**
   * Returns the problems in the order of their lines, each in one line; empty if there is none.
   *
   * @param more checks of settings that other packages own; failures are those of a start
   */
  public static List<String> problems(Path file, List<Consumer<Binder>> more) {
    StaticFile checked = new StaticFile(file);
    if (checked.load()) {
      checked.check(checked::bindOurs);
      OF_SPRING_BOOT.forEach(
          (prefix, type) -> checked.check(binder -> binder.bind(prefix, Bindable.of(type))));
      checked.check(StaticPorts::require);
      more.forEach(checked::check);
    }
    return checked.problems.stream().sorted(Comparator.comparingInt(StaticFile::line)).toList();
  }

  private static int line(String problem) {
    Matcher line = LINE.matcher(problem);
    return line.find() ? Integer.parseInt(line.group(1)) : 0;
  }

  private boolean load() {
    String text;
    try {
      text = new String(ConfigLoader.content(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      problems.add(file + ": " + ConfigLoader.unreadable(e));
      return false;
    }
    String name = file.toString();
    boolean properties = name.endsWith(".properties");
    if (!properties && !name.endsWith(".yaml") && !name.endsWith(".yml")) {
      problems.add(name + ": expected a name that ends in .yaml, .yml or .properties");
      return false;
    }
    PropertySourceLoader loader =
        properties ? new PropertiesPropertySourceLoader() : new YamlPropertySourceLoader();
    try {
      use(loader.load(name, new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8), name)));
      return true;
    } catch (MarkedYAMLException e) {
      problems.add(YamlSyntax.problem(name, text, e).toString());
    } catch (IOException | RuntimeException e) {
      problems.add(name + ": expected settings: " + firstLine(e));
    }
    return false;
  }

  /** Takes the documents of the file, of which a later one wins. */
  private void use(List<PropertySource<?>> documents) {
    List<IterableConfigurationPropertySource> all = new ArrayList<>();
    for (PropertySource<?> document : documents) {
      environment.getPropertySources().addFirst(document);
      if (ConfigurationPropertySource.from(document)
          instanceof IterableConfigurationPropertySource source) {
        all.addFirst(source);
      }
    }
    sources = all;
    ConfigurationPropertySources.attach(environment);
  }

  private void bindOurs(Binder binder) {
    BindHandler handler =
        new DurationUnits(environment).apply(new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
    binder.bind("understudy", Bindable.of(StaticSettings.class), handler);
  }

  /** Runs a check until it finds no problem that was not known. */
  private void check(Consumer<Binder> check) {
    Set<ConfigurationPropertyName> left = new HashSet<>();
    for (int i = 0; i < MOST; i++) {
      try {
        check.accept(binder(left));
        return;
      } catch (RuntimeException e) {
        String said = said(e);
        said.lines().forEach(problems::add);
        if (!left.addAll(culprits(e, said))) {
          return;
        }
      }
    }
  }

  private Binder binder(Set<ConfigurationPropertyName> left) {
    return new Binder(
        sources.stream()
            .map(
                source ->
                    (ConfigurationPropertySource)
                        source.filter(
                            name ->
                                left.stream()
                                    .noneMatch(
                                        each -> each.equals(name) || each.isAncestorOf(name))))
            .toList(),
        new PropertySourcesPlaceholdersResolver(environment));
  }

  private String said(RuntimeException e) {
    FailureAnalysis analysis = new SettingsAnalyzer(environment).analyze(e);
    if (analysis != null) {
      String said = analysis.getDescription();
      return said.startsWith(file.toString()) ? said : file + ": " + said;
    }
    return file + ": " + (e instanceof BindException bind ? unconvertible(bind) : firstLine(e));
  }

  /** The message about a value of a type that is not known here; the value may be a secret. */
  private static String unconvertible(BindException bind) {
    ConfigurationProperty property = bind.getProperty();
    String origin = SettingOrigin.of(property);
    int line = origin == null ? 0 : line(origin + ": ");
    return (line == 0 ? "" : "line " + line + ": ")
        + bind.getName()
        + ": expected a value of type "
        + bind.getTarget().getType().resolve(Object.class).getSimpleName();
  }

  private static String firstLine(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
  }

  /** The settings that a failure is about. */
  private static Set<ConfigurationPropertyName> culprits(RuntimeException e, String said) {
    Set<ConfigurationPropertyName> names = new HashSet<>();
    Matcher setting = SETTING.matcher(said);
    for (Throwable each = e; each != null; each = each.getCause()) {
      switch (each) {
        case UnboundConfigurationPropertiesException unbound ->
            unbound.getUnboundProperties().forEach(property -> names.add(property.getName()));
        case InvalidConfigurationPropertyValueException invalid ->
            names.add(ConfigurationPropertyName.of(invalid.getName()));
        case BindException bind -> {
          ConfigurationProperty property = bind.getProperty();
          if (property != null) {
            names.add(property.getName());
          }
        }
        default -> {}
      }
    }
    if (names.isEmpty() && setting.find()) {
      names.add(ConfigurationPropertyName.of(setting.group(1)));
    }
    return names;
  }
}
