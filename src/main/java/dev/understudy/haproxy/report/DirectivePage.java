package dev.understudy.haproxy.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The page {@code config/from-haproxy.md}: the table of directives for people. */
public final class DirectivePage {
  private static final String HEAD =
      """
      # From HAProxy

      ```sh
      java -jar target/understudy.jar import /etc/haproxy/haproxy.cfg -o gateway.yaml
      ```

      `import` reads a configuration of HAProxy 1.8 to 3.2 and writes a dynamic file, with HAProxy's line above what it became. What the file
      needs comes beside it: pages, files of users (readable by their owner only, plain passwords hashed), and static settings in `gateway.application.yaml`. The
      report, on standard error, has a verdict for every line:

      | verdict | means |
      |---|---|
      | exact | the same here |
      | approximated | with the difference that the report names |
      | not needed | always so here, or of no use here |
      | unsupported | why, and what to do instead |

      First in the report, and at the head of the file, comes whatever denies, limits or authenticates and is weakened or changed, marked !
      below. Where it can, `import` then takes the stricter form: it denies more, or leaves a listener out. Exit status: 0; 1 if something
      is unsupported, a guard is approximated or the dynamic file names files that are not here, which then come first; 2 if the configuration
      cannot be read, with each problem's line, or the output cannot be written. Without `-o` nothing but the dynamic file is written.

      - What is written loads: `import` checks it as `validate` does, and writes nothing (exit status 2) if a line of it would not.
      - Each file is replaced whole, and keeps its mode and owner; a new one has the mode of `haproxy.cfg`. A dynamic file with another
        text is first kept as `gateway.yaml.old`, `gateway.yaml.old-2` and so on, as is a file beside it that was changed since the
        import that wrote it. A file beside it that belongs to another import, or to none, is left as it is: the new one gets another
        name, such as `staff-2.users`.
      - Reports and comments show lines with their secrets masked.

      - A line that HAProxy itself refuses, by its keyword's arguments or by a name that is there twice or not at all, is such a problem,
        with what was expected. A keyword that is not known is left out and named: it may be a newer one's.
      - Run it where HAProxy runs: environment variables, maps, error files and lists of certificates are read as HAProxy would read them.
        Conditional blocks (`.if`) are evaluated for HAProxy 3.2.
      - A backend with one server besides its backups becomes a pool of mode `failover`, any other one of mode `balance`.
      - Each `bind` becomes a listener, each `use_backend` a route; `http-request` rules become filters in their order.
      - A file with backends only, as pages print them, gets a route for each: for every request if it has one backend, else for requests
        to the host of its name. The first line of report and file says so.
      - A `use_backend` with a value of the request in its name, by a map or as `be_%[req.hdr(host)]`, becomes a route for each line of
        the map, or for each backend whose name it may be. Any other value leads to the default backend, as in HAProxy.
      - If rules change what the condition of a `use_backend` reads, filters of one route choose: `UsePool=NAME when …`, or, for backends
        with rules of their own, `SetVariable=understudy.backend, NAME when …`, for which the filters of each backend ask. A condition
        that would need more than 64 filters is left out.
      - Rules that change the same field of the response are written backwards, as a response goes back through the filters.
        Rules of `http-after-response` change responses of servers only, not local ones.
      - A rule on the request that is left out is named by each later rule that reads what it would have changed. After a
        `set-path %[path,lower]`, conditions on the path ignore letter case.
      - A `use_backend` of whose condition a part has no words leads on what is known; requests that HAProxy may lead there or not are
        refused with 403, or, if these are all, the line is left out and comes first in the report.
      - Routes match on the normalised path. A path of which another form leads, in HAProxy, to a backend that refuses is denied.
      - Conditions on a variable, or on a field that only rules set, ask for what these rules have read or decided, where that has words.
      - Where a condition lets requests pass a guard, or leads them past a backend that refuses, differences of its terms (a port or a
        final dot in `Host`, a decoded parameter) come first, too.
      - Conditions on the path see it after `%61` has become `a` and dot segments are resolved; a port and a final dot in `Host` do not count.
      - Upgrades to other protocols than WebSocket are not relayed, as HAProxy's are: the server sees a plain request. A condition that
        asks for one says so; `mode tcp` relays them.
      - Requests wait in `hold` for a server, and a serving server that still responds to its checks keeps its traffic while no other is
        usable; HAProxy responds with 503 in both cases.

      Below, a keyword that ends with `*` stands for all that begin so.
      """;

  private DirectivePage() {}

  /** The page's text. */
  public static String text() {
    StringBuilder page = new StringBuilder(HEAD);
    Map<String, List<Directive>> places = new LinkedHashMap<>();
    for (Directive row : Directives.all().rows()) {
      places.computeIfAbsent(row.place(), any -> new ArrayList<>()).add(row);
    }
    places.forEach((place, rows) -> table(page, place, rows));
    return page.toString();
  }

  private static void table(StringBuilder page, String place, List<Directive> rows) {
    page.append("\n## ")
        .append(title(place))
        .append("\n\n| HAProxy | verdict | Understudy |\n|---|---|---|\n");
    Map<String, List<Directive>> same =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    row -> row.verdict() + " " + row.guard() + row.text(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    same.values().forEach(group -> row(page, group));
  }

  private static void row(StringBuilder page, List<Directive> group) {
    Directive first = group.getFirst();
    String keywords =
        group.stream().map(each -> "`" + each.keyword() + "`").collect(Collectors.joining(", "));
    page.append("| ")
        .append(keywords)
        .append(" | ")
        .append(first.verdict().text())
        .append(first.guard() ? " !" : "")
        .append(" | ")
        .append(first.text())
        .append(" |\n");
  }

  private static String title(String place) {
    return switch (place) {
      case "section" -> "Other sections";
      case "global" -> "Section global";
      case "proxy" -> "Sections defaults, frontend, backend and listen";
      case "bind" -> "Parameters of bind";
      case "server" -> "Parameters of server";
      case "userlist",
          "resolvers",
          "peers",
          "mailers",
          "cache",
          "program",
          "ring",
          "traces",
          "acme" ->
          "Section " + place;
      default -> "`" + place + "`";
    };
  }
}
