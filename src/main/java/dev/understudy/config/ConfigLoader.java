package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.ErrorPage;
import dev.understudy.pool.ErrorPages;
import dev.understudy.pool.Listener;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RenamedSetting;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.TextFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the dynamic file into a {@link DynamicConfig}, or into the list of all its problems.
 *
 * <p>Keeps no state between two files; safe for any thread.
 *
 * @param variables resolves the name in <code>${NAME}</code>; returns null if it is not set. In a
 *     running application its {@code Environment::getProperty}
 * @param renamed settings that are read under earlier names too
 */
public record ConfigLoader(
    Function<String, @Nullable String> variables,
    RouteChecker checker,
    List<RenamedSetting> renamed) {
  /** Creates a loader that reads settings under the earlier names of this version. */
  public ConfigLoader(Function<String, @Nullable String> variables, RouteChecker checker) {
    this(variables, checker, RenamedSetting.OF_THE_DYNAMIC_FILE);
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
    NamedFiles.Reader files = new NamedFiles.Reader(directory(file));
    LoadResult loaded = read(file, content, files, problems);
    return loaded == null ? new LoadResult.Rejected(problems.inOrder(), files.files()) : loaded;
  }

  /** The directory of the dynamic file, to which the paths in it are relative. */
  static Path directory(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? Path.of("/") : parent;
  }

  /** Returns the configuration, or null after reporting problems. */
  private LoadResult.@Nullable Loaded read(
      Path file, byte[] content, NamedFiles.Reader files, Problems problems) {
    String text = SourceText.decode(content, problems);
    MapNode tree = text == null ? null : TreeReader.read(text, problems);
    if (tree == null) {
      return null;
    }
    Problems earlierNames = new Problems(file.toString());
    MapNode written = new RenamedKeys(renamed, earlierNames, problems).in(tree);
    MapNode root = PoolDefaults.merge(written, problems);
    new ShapeCheck(problems).check(root);
    Placeholders placeholders = new Placeholders(variables, files);
    RecordReader reader = new RecordReader(placeholders, problems);
    DnsSettings dns = DnsMapper.map(root.map("dns"), reader, problems);
    List<Pool> pools = pools(root.map("pools"), reader, dns, problems);
    Map<String, List<String>> servers = servers(root.map("pools"));
    PoolNames names = new PoolNames(servers.keySet(), pools);
    List<Listener> listeners =
        new ListenersMapper(reader, checker, names, files, problems).map(root.map("listeners"));
    requirePools(root, problems);
    requireRoutes(root, listeners, problems);
    UserFiles users = new UserFiles(files, problems);
    RouteMapper mapper =
        new RouteMapper(
            reader,
            placeholders,
            new ConditionFiles(files),
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
    List<PlacedRoute> routes = routes(root.get("routes"), mapper);
    ErrorPageFiles pageFiles = new ErrorPageFiles(placeholders, files, problems);
    ErrorPages pages = errorPages(root, new ErrorPagesMapper(pageFiles, problems));
    if (!problems.isEmpty()) {
      return null;
    }
    DynamicConfig config =
        new DynamicConfig(
            pools,
            defaults,
            routes.stream().filter(PlacedRoute::enabled).map(PlacedRoute::route).toList(),
            pages,
            listeners,
            dns,
            users.lists());
    List<Problem> warnings =
        Stream.concat(
                earlierNames.inOrder().stream(),
                ConfigWarnings.of(file.toString(), written, config, routes, checker).stream())
            .sorted(Problem.BY_PLACE)
            .toList();
    return new LoadResult.Loaded(config, warnings, files.files());
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
        servers.put(
            pool,
            pools.get(pool, "servers") instanceof MapNode entries ? named(entries) : List.of());
      }
    }
    return servers;
  }

  /** The servers' names; for servers from DNS, a placeholder that is no valid name. */
  private static List<String> named(MapNode servers) {
    return servers.entries().keySet().stream()
        .map(name -> servers.get(name, "count") == null ? name : name + "-ADDRESS")
        .toList();
  }

  private static ErrorPages errorPages(MapNode root, ErrorPagesMapper mapper) {
    Map<PoolId, Map<Integer, ErrorPage>> ofPools = new LinkedHashMap<>();
    MapNode pools = root.map("pools");
    if (pools != null) {
      for (String name : pools.entries().keySet()) {
        Map<Integer, ErrorPage> pages = mapper.map(pools.get(name, "error-pages"));
        if (!pages.isEmpty() && TextFormat.LABEL.fits(name)) {
          ofPools.put(new PoolId(name), pages);
        }
      }
    }
    return new ErrorPages(mapper.map(root.get("error-pages")), ofPools);
  }

  private static List<PlacedRoute> routes(@Nullable Node node, RouteMapper mapper) {
    List<PlacedRoute> routes = new ArrayList<>();
    if (node instanceof ListNode list && list.items().size() <= DynamicFileLimits.ROUTES) {
      for (Node each : list.items()) {
        PlacedRoute route = each instanceof MapNode map ? mapper.map(map) : null;
        if (route != null) {
          routes.add(route);
        }
      }
    }
    return routes;
  }
}
