package dev.understudy.config;

import dev.understudy.pool.RenamedSetting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts settings that the file has under earlier names under their present ones, before anything
 * else is read, and warns of each.
 *
 * @param warnings gets a line for each setting
 * @param problems gets one for a setting that stands under both names
 */
record RenamedKeys(List<RenamedSetting> table, Problems warnings, Problems problems) {
  private static final String ANY = "*";
  private static final String POOLS = "pools.*.";

  MapNode in(MapNode root) {
    Node renamed = root;
    for (RenamedSetting each : table) {
      renamed = in(renamed, List.of(each.before().split("\\.", -1)), each);
      // What every pool may have may stand in what they inherit.
      if (each.before().startsWith(POOLS)) {
        String inherited = PoolDefaults.KEY + "." + each.before().substring(POOLS.length());
        renamed = in(renamed, List.of(inherited.split("\\.", -1)), each);
      }
    }
    return (MapNode) renamed;
  }

  private Node in(Node node, List<String> path, RenamedSetting setting) {
    return switch (node) {
      case ScalarNode scalar -> scalar;
      case ListNode list ->
          new ListNode(
              list.path(),
              list.at(),
              list.items().stream().map(each -> in(each, path, setting)).toList());
      case MapNode map when path.size() == 1 -> renamed(map, path.getFirst(), setting);
      case MapNode map -> {
        Map<String, Node> entries = new LinkedHashMap<>(map.entries());
        entries.replaceAll(
            (key, value) ->
                path.getFirst().equals(ANY) || path.getFirst().equals(key)
                    ? in(value, path.subList(1, path.size()), setting)
                    : value);
        yield new MapNode(map.path(), map.at(), entries, map.keys());
      }
    };
  }

  private MapNode renamed(MapNode map, String before, RenamedSetting setting) {
    if (map.get(before) == null) {
      return map;
    }
    String now = setting.now().substring(setting.now().lastIndexOf('.') + 1);
    if (map.get(now) != null) {
      problems.key(map, before, null, "expected " + now + " alone, which is its name now");
      return map;
    }
    warnings.key(map, before, null, setting.warning());
    Map<String, Node> entries = new LinkedHashMap<>();
    map.entries().forEach((key, value) -> entries.put(key.equals(before) ? now : key, value));
    Map<String, Position> keys = new LinkedHashMap<>(map.keys());
    keys.put(now, map.keyAt(before));
    return new MapNode(map.path(), map.at(), entries, keys);
  }
}
