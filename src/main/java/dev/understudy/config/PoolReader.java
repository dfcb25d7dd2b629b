package dev.understudy.config;

import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Reads a pool that is no part of a file: with the settings of a pool of the dynamic file, all of
 * their checks, and no {@code pool-defaults}. It comes from people who have no access to the
 * proxy's machine, so it may neither have placeholders, which would read the proxy's environment
 * and files, nor name programs, files, bundles or other hosts to probe or call, nor keep more than
 * 128 MB.
 */
public record PoolReader(RouteChecker checker) {
  /** A DNS label, as that of a pool of a file, in place of the pool's own name. */
  private static final String NAME = "pool";

  /** Of bodies, for a replay; twice what the defaults are. */
  private static final long MOST_HELD = 128 << 20;

  private static final String PATH = "pools." + NAME;

  /** The response of a hook is shown: it must not be that of just any address. */
  private static final Pattern OWN_URL =
      Pattern.compile("https?://\\{server\\.host}(:([0-9]{1,5}|\\{server\\.port}))?(/.*)?");

  /** A pool, or why there is none. */
  public sealed interface Reading {}

  /** A pool. */
  public record Read(Pool pool) implements Reading {}

  /**
   * No pool.
   *
   * @param problems all of them, at least one
   */
  public record Refused(List<Fault> problems) implements Reading {
    public Refused {
      problems = List.copyOf(problems);
    }
  }

  /**
   * One problem.
   *
   * @param property the path of the setting below the pool, such as {@code health.fall}; empty for
   *     the pool as a whole
   * @param message the expectation, and the value if there is one to show
   */
  public record Fault(String property, String message) {
    @Override
    public String toString() {
      return property.isEmpty() ? message : property + ": " + message;
    }
  }

  /** Reads the settings of a pool, which are those at {@code pools.NAME} of a file. */
  public Reading read(PoolId id, JsonNode settings) {
    Problems problems = new Problems("");
    // JSON is YAML, and written anew it is only JSON.
    MapNode root = TreeReader.read("{\"pools\":{\"" + NAME + "\":" + settings + "}}", problems);
    MapNode node = root == null ? null : root.map("pools");
    MapNode written = node == null ? null : node.map(NAME);
    if (root != null) {
      new ShapeCheck(problems).check(root);
    }
    Pool pool = null;
    if (written != null) {
      SectionReader section = new SectionReader(written, problems);
      borders(section);
      RecordReader reader = new RecordReader(Placeholders.REFUSED, problems);
      pool =
          new PoolMapper(reader, checker, DnsSettings.DEFAULT, problems).map(id.value(), written);
      if (pool != null && pool.settings().hold().allBodyBytes() > MOST_HELD) {
        section
            .child("hold")
            .wrongWhole(
                "at most "
                    + (MOST_HELD >> 20)
                    + " MB of bodies: requests times body, of which each has a default");
      }
    }
    return pool != null && problems.isEmpty()
        ? new Read(pool)
        : new Refused(problems.inOrder().stream().map(PoolReader::fault).toList());
  }

  /** Reports what would reach over the borders of the cluster's namespaces, or into the proxy. */
  private static void borders(SectionReader pool) {
    pool.wrong("error-pages", "none here, as they are files of the proxy's");
    SectionReader hooks = pool.child("hooks");
    for (String each : List.of("demote", "promote")) {
      SectionReader hook = hooks.child(each);
      hook.wrong("command", "a url here, as programs are the proxy's");
      if (hook.node("url") instanceof ScalarNode url && !OWN_URL.matcher(url.text()).matches()) {
        hook.wrong("url", "{server.host} as its host here: only the pool's own servers are called");
      }
    }
    pool.child("tls").wrong("bundle", "none here, as its certificate is the proxy's own");
    pool.child("health").child("agent").wrong("host", "none here: each server's own is asked");
    if (pool.node("servers") instanceof MapNode servers) {
      SectionReader all = new SectionReader(servers, pool.problems());
      for (String name : servers.entries().keySet()) {
        all.child(name).wrong("health-host", "none here: each server is probed itself");
      }
    }
  }

  private static Fault fault(Problem problem) {
    String path = problem.property();
    String below =
        path.equals(PATH)
            ? ""
            : PropertyPaths.isIn(path, PATH) ? path.substring(PATH.length() + 1) : path;
    return new Fault(below, problem.message());
  }
}
