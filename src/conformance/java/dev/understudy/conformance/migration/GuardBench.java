package dev.understudy.conformance.migration;

import dev.understudy.ImportedProxy;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.LoadResult;
import dev.understudy.conformance.migration.GuardFinding.Kind;
import dev.understudy.conformance.migration.GuardRequest.Answer;
import dev.understudy.haproxy.HaproxyImport;
import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.HaproxyImport.Result;
import dev.understudy.haproxy.HaproxyImport.Surroundings;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.reload.OfflineRouteChecker;
import dev.understudy.scenario.Ports;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** HAProxy with many sites at once, and Understudy with their import, before the same servers. */
final class GuardBench implements AutoCloseable {
  /** Sites at once. */
  static final int WIDTH = 40;

  private static final String LUA =
      """
      core.register_action("wall", {"http-req"}, function(txn)
        local reply = txn:reply({status = 403})
        reply:add_header("X-Rule", "999")
        txn:done(reply)
      end)
      core.register_fetches("fetched", function(txn) return "yes" end)
      """;

  private static final String HEAD =
      """
      global
        expose-experimental-directives
        lua-load %s
      defaults
        mode http
        timeout connect 5s
        timeout client 30s
        timeout server 30s
        timeout tarpit 10ms
      userlist staff
        user ann insecure-password secret
      backend spare
        server s 127.0.0.1:%d
      """;

  private static final Pattern REFUSED = Pattern.compile("haproxy\\.cfg:(\\d+)\\]|Proxy 'f(\\d+)");

  /**
   * What requests gave.
   *
   * @param refused by HAProxy
   * @param stricter refused by Understudy alone
   * @param named weaker, as the report says
   */
  record Counts(int requests, int refused, int stricter, int named) {
    /** By both. */
    int served() {
      return requests - refused - stricter;
    }

    Counts plus(Counts more) {
      return new Counts(
          requests + more.requests,
          refused + more.refused,
          stricter + more.stricter,
          named + more.named);
    }
  }

  private final Path folder;
  private final String head;
  private final List<EchoServer> servers;
  private final List<Integer> theirPorts = new ArrayList<>();
  private final List<Integer> ourPorts = new ArrayList<>();
  private final OfflineRouteChecker routes = new OfflineRouteChecker();
  private final ConfigLoader loader = new ConfigLoader(routes);
  private final ExecutorService clients = Executors.newFixedThreadPool(4);
  private @Nullable ImportedProxy understudy;
  private Counts counts = new Counts(0, 0, 0, 0);
  private int sites;
  private int invalid;

  GuardBench(Path folder) throws IOException {
    this.folder = folder;
    Path lua = Files.writeString(folder.resolve("wall.lua"), LUA);
    servers = List.of(EchoServer.start("A"), EchoServer.start("B"), EchoServer.start("C"));
    head = HEAD.formatted(lua, servers.getFirst().port());
    Set<Integer> ports = new TreeSet<>();
    while (ports.size() < 2 * WIDTH) {
      ports.add(Ports.free());
    }
    List<Integer> all = List.copyOf(ports);
    theirPorts.addAll(all.subList(0, WIDTH));
    ourPorts.addAll(all.subList(WIDTH, 2 * WIDTH));
  }

  Counts counts() {
    return counts;
  }

  int sites() {
    return sites;
  }

  /** Sites that HAProxy itself refuses. */
  int invalid() {
    return invalid;
  }

  private List<Integer> serverPorts() {
    return servers.stream().map(EchoServer::port).toList();
  }

  /** Sends each site its requests; returns the first finding of each. */
  Map<GuardSite, GuardFinding> run(Map<GuardSite, List<GuardRequest>> cases) throws Exception {
    Map<GuardSite, GuardFinding> findings = new LinkedHashMap<>();
    List<GuardSite> valid = accepted(new ArrayList<>(cases.keySet()));
    invalid += cases.size() - valid.size();
    sites += valid.size();
    List<GuardSite> read = new ArrayList<>();
    for (GuardSite site : valid) {
      Result result = imported(file(List.of(site), ourPorts, false, new ArrayList<>()));
      if (result instanceof Imported) {
        read.add(site);
      } else {
        findings.put(site, new GuardFinding(Kind.UNREADABLE, site, null, "", result.report()));
      }
    }
    List<GuardSite> loaded = new ArrayList<>(read);
    List<Integer> starts = new ArrayList<>();
    Imported all = (Imported) imported(file(read, ourPorts, false, starts));
    if (!problems(all).isEmpty()) {
      loaded.clear();
      for (GuardSite site : read) {
        List<String> problems =
            problems((Imported) imported(file(List.of(site), ourPorts, false, new ArrayList<>())));
        if (problems.isEmpty()) {
          loaded.add(site);
        } else {
          findings.put(
              site, new GuardFinding(Kind.UNLOADABLE, site, null, "", problems.getFirst()));
        }
      }
      starts.clear();
      all = (Imported) imported(file(loaded, ourPorts, false, starts));
    }
    if (!loaded.isEmpty()) {
      exchange(loaded, cases, all, starts, findings);
    }
    return findings;
  }

  private void exchange(
      List<GuardSite> loaded,
      Map<GuardSite, List<GuardRequest>> cases,
      Imported all,
      List<Integer> starts,
      Map<GuardSite, GuardFinding> findings)
      throws Exception {
    load(all);
    Process haproxy = haproxy(loaded, "-db");
    try {
      Await.until(
          "HAProxy listens",
          () -> {
            if (!haproxy.isAlive()) {
              throw new IllegalStateException(Files.readString(folder.resolve("haproxy.log")));
            }
            return Ports.listening(theirPorts.get(loaded.size() - 1));
          });
      Map<GuardSite, Future<Optional<GuardFinding>>> running = new LinkedHashMap<>();
      for (int i = 0; i < loaded.size(); i++) {
        int slot = i;
        GuardSite site = loaded.get(i);
        Set<Integer> named = named(all, site, slot, starts.get(slot));
        running.put(site, clients.submit(() -> compare(site, slot, cases.get(site), named)));
      }
      for (Map.Entry<GuardSite, Future<Optional<GuardFinding>>> each : running.entrySet()) {
        each.getValue().get().ifPresent(finding -> findings.put(each.getKey(), finding));
      }
    } finally {
      haproxy.destroyForcibly().waitFor();
    }
  }

  /** Loads the import, with its files beside it. */
  private void load(Imported all) throws IOException {
    for (Map.Entry<String, String> extra : all.extraFiles().entrySet()) {
      Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
    }
    if (understudy == null) {
      Path file = folder.resolve("gateway.yaml");
      Files.writeString(file, all.yaml());
      understudy = ImportedProxy.start(file);
    } else {
      understudy.load(all.yaml());
    }
  }

  private Optional<GuardFinding> compare(
      GuardSite site, int slot, List<GuardRequest> requests, Set<Integer> named) {
    int refused = 0;
    int stricter = 0;
    int excused = 0;
    int sent = 0;
    GuardFinding finding = null;
    for (GuardRequest request : requests) {
      Answer expected = request.to(theirPorts.get(slot));
      Answer seen = request.to(ourPorts.get(slot));
      sent++;
      refused += expected.reachesServer() ? 0 : 1;
      stricter += expected.reachesServer() && !seen.reachesServer() ? 1 : 0;
      Kind kind = judged(request, expected, seen);
      if (kind != null) {
        if (isNamed(site, expected.rule(), named)) {
          excused++;
        } else {
          finding = new GuardFinding(kind, site, request, expected.toString(), seen.toString());
          break;
        }
      }
    }
    add(new Counts(sent, refused, stricter, excused));
    return Optional.ofNullable(finding);
  }

  private synchronized void add(Counts more) {
    counts = counts.plus(more);
  }

  /** Null: as it must be. */
  private static @Nullable Kind judged(GuardRequest request, Answer expected, Answer seen) {
    if (!seen.reachesServer()) {
      return null;
    }
    if (expected.reachesServer()) {
      // Other forms of a path or a host lead elsewhere by design.
      return request.plain() && request.hasPlainHost() && !expected.server().equals(seen.server())
          ? Kind.MISLED
          : null;
    }
    boolean malformed = expected.rule() == 0 && expected.status() == 400;
    boolean unserved = expected.rule() == 0 && expected.status() == 503 && !request.hasPlainHost();
    return malformed || unserved ? null : Kind.PASSES;
  }

  /**
   * Whether the report names what makes the refusing rule weaker: the rule itself, or a line that
   * refuses nothing by itself.
   */
  private static boolean isNamed(GuardSite site, int rule, Set<Integer> named) {
    return named.stream()
        .anyMatch(
            each ->
                each == rule
                    || rule == 0
                    || site.rules().stream()
                        .noneMatch(other -> other.number() == each && other.refuses()));
  }

  /** The rules that the report's first part names; 0: another line of the site. */
  private Set<Integer> named(Imported all, GuardSite site, int slot, int start) {
    List<GuardSite.Line> lines = site.lines("f" + slot, 0, serverPorts(), false);
    Set<Integer> named = new HashSet<>();
    for (LineVerdict verdict : all.lines()) {
      int index = verdict.line() - start;
      if (verdict.guard() && index >= 0 && index < lines.size()) {
        named.add(lines.get(index).rule());
      }
    }
    return named;
  }

  private List<String> problems(Imported imported) throws IOException {
    for (Map.Entry<String, String> extra : imported.extraFiles().entrySet()) {
      Files.writeString(folder.resolve(extra.getKey()), extra.getValue());
    }
    byte[] content = imported.yaml().getBytes(StandardCharsets.UTF_8);
    LoadResult result = loader.load(folder.resolve("checked.yaml"), content);
    return result instanceof LoadResult.Rejected rejected
        ? rejected.problems().stream().map(Object::toString).toList()
        : List.of();
  }

  private static Result imported(String text) {
    return HaproxyImport.of(
        text,
        new Surroundings(
            "haproxy.cfg",
            System::getenv,
            name -> name.equals("/dev/null") ? Optional.of("") : Optional.empty(),
            name -> false));
  }

  /** The sites that HAProxy takes. */
  private List<GuardSite> accepted(List<GuardSite> all) throws Exception {
    List<GuardSite> rest = all;
    while (!rest.isEmpty()) {
      Process check = haproxy(rest, "-c");
      if (check.waitFor() == 0) {
        return rest;
      }
      String log = Files.readString(folder.resolve("haproxy.log"));
      List<Integer> starts = new ArrayList<>();
      file(rest, theirPorts, true, starts);
      Set<Integer> bad = new HashSet<>();
      log.lines()
          .filter(line -> line.contains("[ALERT]") || line.startsWith(" "))
          .forEach(
              line -> {
                Matcher at = REFUSED.matcher(line);
                while (at.find()) {
                  bad.add(
                      at.group(1) == null
                          ? Integer.parseInt(at.group(2))
                          : slot(starts, Integer.parseInt(at.group(1))));
                }
              });
      if (bad.isEmpty()) {
        throw new IllegalStateException(log);
      }
      List<GuardSite> good = new ArrayList<>();
      for (int i = 0; i < rest.size(); i++) {
        if (!bad.contains(i)) {
          good.add(rest.get(i));
        } else if (Boolean.getBoolean("understudy.guards.verbose")) {
          System.out.println("refused by HAProxy: " + rest.get(i).text());
          log.lines().filter(line -> line.contains("[ALERT]")).forEach(System.out::println);
        }
      }
      rest = good;
    }
    return rest;
  }

  private static int slot(List<Integer> starts, int line) {
    int slot = -1;
    for (int start : starts) {
      if (start <= line) {
        slot++;
      }
    }
    return slot;
  }

  private Process haproxy(List<GuardSite> of, String flag) throws IOException {
    Path file = folder.resolve("haproxy.cfg");
    Files.writeString(file, file(of, theirPorts, true, new ArrayList<>()));
    return new ProcessBuilder("haproxy", flag, "-f", file.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("haproxy.log").toFile())
        .start();
  }

  /**
   * A file of sites.
   *
   * @param starts gets the first line's number of each
   */
  private String file(
      List<GuardSite> of, List<Integer> ports, boolean marked, List<Integer> starts) {
    StringBuilder text = new StringBuilder(head);
    int line = (int) head.lines().count() + 1;
    for (int i = 0; i < of.size(); i++) {
      starts.add(line);
      for (GuardSite.Line each : of.get(i).lines("f" + i, ports.get(i), serverPorts(), marked)) {
        text.append(each.text()).append('\n');
        line++;
      }
    }
    return text.toString();
  }

  /** The smallest site and request with the same kind of finding. */
  GuardFinding smallest(GuardFinding found) throws Exception {
    GuardFinding smallest = found;
    GuardFinding next = found;
    while (next != null) {
      smallest = next;
      next = smaller(smallest);
    }
    return smallest;
  }

  /** One with less of it; null: there is none. */
  private @Nullable GuardFinding smaller(GuardFinding found) throws Exception {
    GuardRequest request = found.request();
    List<GuardRequest> requests = request == null ? List.of() : List.of(request);
    for (List<GuardSite> some : parts(found.site().simpler())) {
      Map<GuardSite, List<GuardRequest>> cases = new LinkedHashMap<>();
      some.forEach(site -> cases.put(site, requests));
      for (GuardFinding each : run(cases).values()) {
        if (found.isAlso(each)) {
          return each;
        }
      }
    }
    if (request != null) {
      // A site answers with its first finding.
      return run(Map.of(found.site(), request.simpler())).get(found.site());
    }
    return null;
  }

  private static List<List<GuardSite>> parts(List<GuardSite> all) {
    List<List<GuardSite>> parts = new ArrayList<>();
    for (int from = 0; from < all.size(); from += WIDTH) {
      parts.add(all.subList(from, Math.min(from + WIDTH, all.size())));
    }
    return parts;
  }

  @Override
  public void close() throws Exception {
    clients.shutdown();
    if (understudy != null) {
      understudy.close();
    }
    routes.close();
    for (EchoServer server : servers) {
      server.close();
    }
  }
}
