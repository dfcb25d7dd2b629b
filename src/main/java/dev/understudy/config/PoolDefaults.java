package dev.understudy.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives the values of {@code pool-defaults} to each pool that does not set them itself, leaf by
 * leaf and before anything else is read, so that all else sees whole pools.
 *
 * <p>Inherited values keep their path and position in {@code pool-defaults}: a problem names the
 * place where the value stands, once, whatever the number of pools.
 *
 * <table>
 *   <caption>A key in both</caption>
 *   <tr><td>two maps</td><td>are merged, key by key</td></tr>
 *   <tr><td>any others, such as two lists</td><td>the pool's own replaces the default</td></tr>
 * </table>
 */
record PoolDefaults(Problems problems) {
  static final String KEY = "pool-defaults";
  private static final String POOLS = "pools";

  /** Checks the section, and returns the file with its values in the pools. */
  static MapNode merge(MapNode root, Problems problems) {
    MapNode pools = root.map(POOLS);
    if (!(root.get(KEY) instanceof MapNode defaults)) {
      return root;
    }
    new ShapeCheck(problems).poolDefaults(defaults);
    return pools == null
        ? root
        : with(root, POOLS, new PoolDefaults(problems).inEach(pools, defaults));
  }

  private MapNode inEach(MapNode pools, MapNode defaults) {
    Map<String, Node> entries = new LinkedHashMap<>(pools.entries());
    entries.replaceAll((name, pool) -> pool instanceof MapNode own ? merge(own, defaults) : pool);
    return new MapNode(pools.path(), pools.at(), entries, pools.keys());
  }

  private MapNode merge(MapNode own, MapNode defaults) {
    Map<String, Node> entries = new LinkedHashMap<>(own.entries());
    Map<String, Position> keys = new LinkedHashMap<>(own.keys());
    defaults
        .entries()
        .forEach(
            (key, inherited) -> {
              Node mine = own.get(key);
              if (problems.isReported(inherited.path())) {
                return;
              }
              if (mine == null) {
                entries.put(key, inherited);
                keys.put(key, defaults.keyAt(key));
              } else if (mine instanceof MapNode map && inherited instanceof MapNode other) {
                entries.put(key, merge(map, other));
              }
            });
    return new MapNode(own.path(), own.at(), entries, keys);
  }

  private static MapNode with(MapNode map, String key, Node value) {
    Map<String, Node> entries = new LinkedHashMap<>(map.entries());
    entries.put(key, value);
    return new MapNode(map.path(), map.at(), entries, map.keys());
  }
}
