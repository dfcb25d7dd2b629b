package dev.understudy.haproxy.objects;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What objects do not say, each with the line of HAProxy's configuration that it comes from. */
final class Losses {
  private static final Set<String> SAID = Set.of("port", "pool", "tls", "inspect-delay");

  private final List<String> lines;
  private final Set<String> all = new LinkedHashSet<>();

  /**
   * @param file the dynamic file, with comments above its settings
   */
  Losses(String file) {
    this.lines = file.lines().map(String::strip).toList();
  }

  List<String> all() {
    return List.copyOf(all);
  }

  /**
   * Adds a loss.
   *
   * @param setting text of the dynamic file's line; after {@code >} of the first one below it
   */
  void add(String setting, String why) {
    List<String> from = origin(setting);
    all.add((from.isEmpty() ? setting : String.join("; ", from)) + "\n      " + why);
  }

  /** The comments above the first line with a text. */
  private List<String> origin(String setting) {
    List<String> found = new ArrayList<>();
    int at = 0;
    for (String part : setting.split(" > ", -1)) {
      while (at < lines.size()
          && (lines.get(at).startsWith("#") || !lines.get(at).contains(part))) {
        at++;
      }
    }
    if (at < lines.size()) {
      for (int i = at - 1; i >= 0 && lines.get(i).startsWith("# "); i--) {
        found.addFirst(lines.get(i).substring(2));
      }
    }
    return found;
  }

  void addListener(String name, Map<String, Object> of, Map<String, Object> tls) {
    for (String each : of.keySet()) {
      if (!SAID.contains(each)) {
        add(name + ":", each + " of listener " + name + " is not said: Gateways have none");
      }
    }
    for (String each : tls.keySet()) {
      if (!each.equals("certificates")) {
        add(each + ":", each + " of listener " + name + " is not said: Gateways have the default");
      }
    }
  }

  /** Routes are tried in the order of the file; in objects, the more specific one comes first. */
  void order(List<RouteObjects> routes) {
    for (int i = 0; i < routes.size(); i++) {
      RouteObjects later = routes.get(i);
      if (routes.subList(0, i).stream().anyMatch(each -> each.comesAfter(later))) {
        add("id: " + later.id(), "comes before routes above it, which are less specific");
      }
    }
  }
}
