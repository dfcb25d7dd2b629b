package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.TextFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dynamic file into a {@link DynamicConfig}, or into the list of all its problems.
 *
 * <p>Keeps no state between two files; safe for any thread.
 */
public final class ConfigLoader {
  private final Function<String, @Nullable String> variables;
  private final RouteChecker checker;

  /**
   * Creates a loader.
   *
   * @param variables resolves the name in <code>${NAME}</code>; returns null if it is not set. In a
   *     running application its {@code Environment::getProperty}
   */
  public ConfigLoader(Function<String, @Nullable String> variables, RouteChecker checker) {
    this.variables = variables;
    this.checker = checker;
  }

  /**
   * Creates a loader that resolves placeholders from system properties, then environment variables.
   */
  public ConfigLoader(RouteChecker checker) {
    this(ConfigLoader::variable, checker);
  }

  private static @Nullable String variable(String name) {
    String property = System.getProperty(name);
    return property == null ? System.getenv(name) : property;
  }

  /** Reads the file; rejects it if it cannot be read. */
  public LoadResult load(Path file) {
    try {
      return load(file, content(file));
    } catch (IOException e) {
      Problems problems = new Problems(file.toString());
      problems.addAt(Position.WHOLE_FILE, unreadable(e));
      return new LoadResult.Rejected(problems.inOrder(), NamedFiles.NONE);
    }
  }

  /** The message about a file that cannot be read. */
  public static String unreadable(IOException e) {
    return "expected a readable file: " + BoundedFile.reason(e);
  }

  /**
   * Returns the file's bytes for {@link #load(Path, byte[])} and {@link ConfigFileWatcher}; of a
   * file over the limit only one byte more than the limit.
   */
  public static byte[] content(Path file) throws IOException {
    return BoundedFile.read(file, DynamicFileLimits.FILE_BYTES);
  }

  /** Reads the given content of the file. */
  public LoadResult load(Path file, byte[] content) {
    Problems problems = new Problems(file.toString());
    Path directory = directory(file);
    NamedFiles.Reader files = new NamedFiles.Reader();
    Placeholders placeholders = new Placeholders(variables, directory, files);
    ErrorPageFiles pages = new ErrorPageFiles(directory, placeholders, files, problems);
    ConditionFiles conditions = new ConditionFiles(directory, files);
    CertificateFiles certificates = new CertificateFiles(files, problems);
    UserFiles users = new UserFiles(directory, files, problems);
    Checked checked =
        read(file, content, placeholders, pages, conditions, certificates, users, problems);
    NamedFiles named = files.files();
    return checked == null || !problems.isEmpty()
        ? new LoadResult.Rejected(problems.inOrder(), named)
        : new LoadResult.Loaded(checked.config(), checked.warnings(), named);
  }

  private static Path directory(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? Path.of("/") : parent;
  }

  private record Checked(DynamicConfig config, List<Problem> warnings) {}

  private @Nullable Checked read(
      Path file,
      byte[] content,
      Placeholders placeholders,
      ErrorPageFiles pageFiles,
      ConditionFiles conditionFiles,
      CertificateFiles certificates,
      UserFiles users,
      Problems problems) {
    String text = SourceText.decode(content, problems);
    MapNode written = text == null ? null : TreeReader.read(text, problems);
    if (written == null) {
      return null;
    }
    MapNode root = PoolDefaults.merge(written, problems);
    new ShapeCheck(problems).check(root);
    RecordReader reader = new RecordReader(placeholders, problems);
    DnsSettings dns = DnsMapper.map(root.map("dns"), reader, problems);
    List<Pool> pools = pools(root.map("pools"), reader, dns, problems);
    Map<String, List<String>> servers = servers(root.map("pools"));
    PoolNames names = new PoolNames(servers.keySet(), pools);
    List<Listener> listeners =
        new ListenersMapper(reader, checker, directory(file), names, certificates, problems)
            .map(root.map("listeners"));
    requirePools(root, problems);
    requireRoutes(root, listeners, problems);
    RouteMapper mapper =
        new RouteMapper(
            reader,
            placeholders,
            conditionFiles,
            new PartChecks(
                checker,
                servers,
                ListenersMapper.names(root.map("listeners")),
                names,
                users,
                problems),
            new RouteUri(names, problems),
            problems);
    List<RoutePart> defaults = mapper.defaultFilters(root.get("default-filters"));
    List<ConfigWarnings.Placed> routes = routes(root.get("routes"), mapper);
    ErrorPages pages = errorPages(root, new ErrorPagesMapper(pageFiles, problems));
    if (!problems.isEmpty()) {
      return null;
    }
    DynamicConfig config =
        new DynamicConfig(
            pools,
            defaults,
            routes.stream()
                .filter(ConfigWarnings.Placed::enabled)
                .map(ConfigWarnings.Placed::route)
                .toList(),
            pages,
            listeners,
            dns,
            users.lists());
    return new Checked(
        config, ConfigWarnings.of(file.toString(), written, config, routes, checker));
  }

  /** A file whose routes all respond by themselves, as redirects do, needs no pool. */
  private static void requirePools(MapNode root, Problems problems) {
    if (isNothing(root.get("routes")) && isNothing(root.get("pools"))) {
      problems.missing(root, "pools", "at least one pool");
    }
  }

  private static boolean isNothing(@Nullable Node node) {
    return switch (node) {
      case ListNode list -> list.items().isEmpty();
      case MapNode map -> map.entries().isEmpty();
      case ScalarNode other -> false;
      case null -> true;
    };
  }

  /** Only a file whose listeners all relay TCP needs no route. */
  private static void requireRoutes(MapNode root, List<Listener> listeners, Problems problems) {
    boolean none = isNothing(root.get("routes"));
    boolean tcpOnly = !listeners.isEmpty() && listeners.stream().allMatch(Listener::relaysTcp);
    MapNode written = root.map("listeners");
    boolean broken = written != null && written.entries().size() > listeners.size();
    if (none && !tcpOnly && !broken) {
      problems.missing(root, "routes", "at least one route");
    }
  }

  private List<Pool> pools(
      @Nullable MapNode node, RecordReader reader, DnsSettings dns, Problems problems) {
    List<Pool> pools = new ArrayList<>();
    if (node != null && node.entries().size() <= DynamicFileLimits.POOLS) {
      PoolMapper mapper = new PoolMapper(reader, checker, dns, problems);
      node.entries()
          .forEach(
              (name, value) -> {
                Pool pool = value instanceof MapNode map ? mapper.map(name, map) : null;
                if (pool != null) {
                  pools.add(pool);
                }
              });
    }
    return pools;
  }

  /**
   * The servers' names by pool, taken from the file's text, so that a broken pool does not make its
   * routes look broken.
   */
  private static Map<String, List<String>> servers(@Nullable MapNode pools) {
    Map<String, List<String>> servers = new LinkedHashMap<>();
    if (pools != null) {
      for (String pool : pools.entries().keySet()) {
        MapNode map = pools.map(pool);
        MapNode entries = map == null ? null : map.map("servers");
        servers.put(pool, entries == null ? List.of() : named(entries));
      }
    }
    return servers;
  }

  /** The servers' names; of those that DNS will tell, their form, which no name has. */
  private static List<String> named(MapNode servers) {
    return servers.entries().keySet().stream()
        .map(
            name ->
                servers.get(name) instanceof MapNode map && map.get("count") != null
                    ? name + "-ADDRESS"
                    : name)
        .toList();
  }

  private static ErrorPages errorPages(MapNode root, ErrorPagesMapper mapper) {
    Map<PoolId, Map<Integer, ErrorPage>> ofPools = new LinkedHashMap<>();
    MapNode pools = root.map("pools");
    if (pools != null) {
      for (String name : pools.entries().keySet()) {
        MapNode pool = pools.map(name);
        Node node = pool == null ? null : pool.get("error-pages");
        Map<Integer, ErrorPage> pages = mapper.map(node);
        if (!pages.isEmpty() && TextFormat.LABEL.fits(name)) {
          ofPools.put(new PoolId(name), pages);
        }
      }
    }
    return new ErrorPages(mapper.map(root.get("error-pages")), ofPools);
  }

  private static List<ConfigWarnings.Placed> routes(@Nullable Node node, RouteMapper mapper) {
    List<ConfigWarnings.Placed> routes = new ArrayList<>();
    if (node instanceof ListNode list && list.items().size() <= DynamicFileLimits.ROUTES) {
      for (Node each : list.items()) {
        RouteMapper.Mapped mapped = each instanceof MapNode map ? mapper.map(map) : null;
        if (mapped != null) {
          routes.add(new ConfigWarnings.Placed(mapped.route(), (MapNode) each, mapped.enabled()));
        }
      }
    }
    return routes;
  }
}
