package dev.understudy.settings;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.Problem;
import dev.understudy.config.YamlErrorText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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
import org.springframework.core.env.MutablePropertySources;
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

  /** The setting of the file that survives a restart. */
  public static final String STATE_FILE = "understudy.state-file";

  /** The setting of the directory of extensions. */
  public static final String EXTENSIONS = "understudy.extensions";

  private interface PathCheck {
    /** Returns what is expected of the path; null if it is so. */
    @Nullable String problem(Path path);
  }

  /** Settings that name a file or a folder which may come later, and what is wrong without it. */
  private static final Map<String, PathCheck> NAMED =
      Map.of(
          STATE_FILE,
          StaticFile::folderProblem,
          "understudy.handover.socket",
          StaticFile::folderProblem,
          "understudy.hooks.directory",
          StaticFile::noFolder,
          EXTENSIONS,
          StaticFile::noFolder,
          "understudy.admin.token-file",
          StaticFile::fileProblem,
          "understudy.admin.tokens-file",
          StaticFile::fileProblem);

  /** Settings of earlier versions that are still read, and what to do with them. */
  public static final Map<String, String> WITHOUT_EFFECT =
      Map.of("understudy.cpu-affinity", "has no effect any more: remove it");

  /** The most rounds of one check, each of which finds a problem. */
  private static final int MOST = 1000;

  /** A problem behind the name of the file: line, setting, expectation, value. */
  private static final Pattern PROBLEM =
      Pattern.compile(
          "(?::(\\d+))?: (?:([a-z]+(?:\\.[a-z0-9-]+(?:\\[\\d+])*)+): )?(.*?)(?:, found (.*))?");

  private final Path file;
  private final RenamedSettings renamed;
  private final StandardEnvironment environment = new StandardEnvironment();
  private final Set<Problem> problems = new LinkedHashSet<>();
  private List<IterableConfigurationPropertySource> sources = List.of();

  private StaticFile(Path file, RenamedSettings renamed) {
    this.file = file;
    this.renamed = renamed;
  }

  /**
   * What was found, in the order of the lines.
   *
   * @param problems with which a start fails
   * @param warnings about files and folders that are not on this machine, and settings without
   *     effect
   * @param extensions the directory of extensions; null if the file has none
   */
  public record Findings(
      List<Problem> problems, List<Problem> warnings, @Nullable Path extensions) {}

  /**
   * Checks a file.
   *
   * @param more checks of settings that other packages own; failures are those of a start
   */
  public static Findings check(Path file, List<Consumer<Binder>> more) {
    return check(file, more, new RenamedSettings());
  }

  static Findings check(Path file, List<Consumer<Binder>> more, RenamedSettings renamed) {
    StaticFile checked = new StaticFile(file, renamed);
    List<Problem> warnings = new ArrayList<>();
    if (checked.load()) {
      checked.check(checked::bindOurs);
      OF_SPRING_BOOT.forEach(
          (prefix, type) -> checked.check(binder -> binder.bind(prefix, Bindable.of(type))));
      checked.check(StaticPorts::require);
      more.forEach(checked::check);
      WITHOUT_EFFECT.forEach(
          (setting, advice) -> checked.named(setting, value -> advice).ifPresent(warnings::add));
      NAMED.forEach((setting, check) -> checked.named(setting, check).ifPresent(warnings::add));
      checked.renamed.warnings().forEach(each -> warnings.add(checked.parsed(each)));
    }
    return new Findings(
        checked.problems.stream().sorted(Problem.BY_PLACE).toList(),
        warnings.stream().sorted(Problem.BY_PLACE).toList(),
        checked.value(EXTENSIONS).map(Path::of).orElse(null));
  }

  private Optional<String> value(String setting) {
    return Optional.ofNullable(environment.getProperty(setting)).filter(each -> !each.isBlank());
  }

  private Optional<Problem> named(String setting, PathCheck check) {
    String value = value(setting).orElse(null);
    String why = value == null ? null : check.problem(Path.of(value));
    if (why == null) {
      return Optional.empty();
    }
    String origin = SettingOrigin.of(SettingOrigin.inForce(environment, setting));
    String place = origin != null && origin.startsWith(file.toString()) ? origin : file.toString();
    return Optional.of(parsed(place + ": " + setting + ": " + why + ", found " + value));
  }

  /** What is wrong with the folder of a file that may be missing; null if nothing is. */
  public static @Nullable String folderProblem(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return folder != null && isFolder(folder) ? null : "expected a file in a folder that exists";
  }

  private static @Nullable String noFolder(Path path) {
    return isFolder(path) ? null : "expected a folder";
  }

  private static boolean isFolder(Path path) {
    return Files.isDirectory(path);
  }

  private static @Nullable String fileProblem(Path file) {
    return Files.isReadable(file) ? null : "expected a file that can be read";
  }

  private Problem problem(String message) {
    return new Problem(file.toString(), 0, 0, "", null, message);
  }

  private boolean load() {
    String text;
    try {
      text = new String(ConfigLoader.content(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      problems.add(problem(ConfigLoader.unreadable(e)));
      return false;
    }
    String name = file.toString();
    boolean properties = name.endsWith(".properties");
    if (!properties && !name.endsWith(".yaml") && !name.endsWith(".yml")) {
      problems.add(problem("expected a name that ends in .yaml, .yml or .properties"));
      return false;
    }
    PropertySourceLoader loader =
        properties ? new PropertiesPropertySourceLoader() : new YamlPropertySourceLoader();
    try {
      use(loader.load(name, new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8), name)));
      return true;
    } catch (MarkedYAMLException e) {
      problems.add(YamlErrorText.problem(name, text, e));
    } catch (IOException | RuntimeException e) {
      problems.add(problem("expected settings: " + firstLine(e)));
    }
    return false;
  }

  /** Takes the documents of the file, of which a later one wins. */
  private void use(List<PropertySource<?>> documents) {
    MutablePropertySources all = new MutablePropertySources();
    documents.forEach(all::addFirst);
    renamed.in(all);
    List<PropertySource<?>> ordered = all.stream().toList();
    ordered.reversed().forEach(environment.getPropertySources()::addFirst);
    sources =
        ordered.stream()
            .map(ConfigurationPropertySource::from)
            .filter(IterableConfigurationPropertySource.class::isInstance)
            .map(IterableConfigurationPropertySource.class::cast)
            .toList();
    ConfigurationPropertySources.attach(environment);
  }

  private void bindOurs(Binder binder) {
    BindHandler handler =
        new DurationUnits(environment)
            .apply(renamed.accepting(new NoUnboundElementsBindHandler(BindHandler.DEFAULT)));
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
        List<Problem> found = description(e).lines().map(this::parsed).toList();
        problems.addAll(found);
        if (!left.addAll(wrongSettings(e, found))) {
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

  private String description(RuntimeException e) {
    FailureAnalysis analysis = new SettingsAnalyzer(environment).analyze(e);
    if (analysis != null) {
      return analysis.getDescription();
    }
    return e instanceof BindException bind ? unconvertible(bind) : firstLine(e);
  }

  /** Takes a description apart, which begins with the file unless its place is not known. */
  private Problem parsed(String description) {
    String name = file.toString();
    Matcher parts =
        PROBLEM.matcher(
            description.startsWith(name)
                ? description.substring(name.length())
                : ": " + description);
    if (!parts.matches()) {
      return problem(description);
    }
    int line = parts.group(1) == null ? 0 : Integer.parseInt(parts.group(1));
    String setting = parts.group(2) == null ? "" : parts.group(2);
    return new Problem(name, line, 0, setting, parts.group(4), parts.group(3));
  }

  /** The message about a value of a type that is not known here; the value may be a secret. */
  private static String unconvertible(BindException bind) {
    String origin = SettingOrigin.of(bind.getProperty());
    return (origin == null ? "" : origin + ": ")
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
  private static Set<ConfigurationPropertyName> wrongSettings(
      RuntimeException e, List<Problem> found) {
    Set<ConfigurationPropertyName> names = new HashSet<>();
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
    String setting = found.isEmpty() ? "" : found.getFirst().property();
    if (names.isEmpty() && !setting.isEmpty()) {
      names.add(ConfigurationPropertyName.of(setting.replaceFirst("\\[.*", "")));
    }
    return names;
  }
}
