package dev.understudy.config;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.ListenerTls.ClientAuth;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.TextFormat;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Maps the listeners and checks them against the pools and against one another. */
final class ListenersMapper {
  /** Names of the listeners of the static settings. */
  private static final List<String> RESERVED = List.of("main", "http");

  private final RecordReader reader;
  private final RouteChecker checker;
  private final PoolNames pools;
  private final NamedFiles.Reader files;
  private final CertificateFiles certificates;
  private final Problems problems;

  /** Line of the listener by address and port. */
  private final Map<String, Integer> ports = new HashMap<>();

  ListenersMapper(
      RecordReader reader,
      RouteChecker checker,
      PoolNames pools,
      NamedFiles.Reader files,
      Problems problems) {
    this.reader = reader;
    this.checker = checker;
    this.pools = pools;
    this.files = files;
    this.certificates = new CertificateFiles(files, problems);
    this.problems = problems;
  }

  /** The names that routes can have: those of the file, broken ones included, and the others. */
  static Set<String> names(@Nullable MapNode node) {
    Set<String> names = new LinkedHashSet<>();
    if (node != null) {
      names.addAll(node.entries().keySet());
    }
    names.addAll(RESERVED);
    return names;
  }

  /** Returns the valid listeners and reports the problems of the others. */
  List<Listener> map(@Nullable MapNode node) {
    List<Listener> listeners = new ArrayList<>();
    if (node == null || node.entries().size() > DynamicFileLimits.LISTENERS) {
      return listeners;
    }
    for (String name : node.entries().keySet()) {
      if (RESERVED.contains(name)) {
        problems.key(
            node,
            name,
            ProblemValue.quote(name),
            "expected another name: main and http are the listeners of the static settings");
      }
      MapNode entry = node.map(name);
      Listener listener = entry == null ? null : listener(name, entry);
      if (listener != null) {
        listeners.add(listener);
      }
    }
    return listeners;
  }

  private @Nullable Listener listener(String name, MapNode node) {
    int before = problems.count();
    RawListener raw = reader.read(node, RawListener.class);
    SectionReader section = new SectionReader(node, problems);
    if (raw.address() != null && !ServerUrl.isAddress(raw.address())) {
      section.wrong("address", TextFormat.ADDRESS.expected());
    }
    PoolId pool = raw.pool() == null ? null : pool(raw.pool(), node.get("pool"));
    Map<String, PoolId> names =
        pools(
            raw.serverNames(),
            node.map("server-names"),
            each -> each.toLowerCase(Locale.ROOT),
            "name");
    Map<FirstBytes, PoolId> protocols = protocols(raw.protocols(), node.map("protocols"));
    if (section.has("tls")) {
      section
          .child("protocols")
          .wrongWhole("no protocols in a listener with tls: all of its clients begin with TLS");
    }
    if (raw.http2()) {
      section.wrong("http2", http2Problem(section));
    }
    ListenerTls tls = tls(raw.tls(), section.child("tls"));
    if (problems.count() > before || problems.isAnyIn(node.path())) {
      return null;
    }
    unique(raw, section, node);
    return new Listener(
        name,
        raw.address(),
        raw.port(),
        pool,
        new LinkedHashMap<>(names),
        protocols,
        raw.inspectDelay(),
        raw.proxyProtocol(),
        raw.http2(),
        tls,
        null);
  }

  private static @Nullable String http2Problem(SectionReader section) {
    if (section.has("tls")) {
      return "no http2 beside tls, which has its own: tls.http2";
    }
    return Stream.of("pool", "server-names", "protocols").anyMatch(section::has)
        ? "http2 only in a listener that serves HTTP; this one relays TCP"
        : null;
  }

  private void unique(RawListener raw, SectionReader section, MapNode node) {
    if (raw.port() == 0) {
      return;
    }
    Integer first = ports.putIfAbsent(raw.address() + " " + raw.port(), node.at().line());
    if (first != null) {
      section.wrong("port", "a port of its own: the listener in line " + first + " has the same");
    }
  }

  private @Nullable PoolId pool(String name, @Nullable Node at) {
    if (at == null) {
      return null;
    }
    String problem = pools.problem(name, Protocol.TCP);
    if (problem != null) {
      problems.wrong(at, problem);
      return null;
    }
    return new PoolId(name);
  }

  /** The pools that a map leads to, by its keys in their one form. */
  private <K> Map<K, PoolId> pools(
      @Nullable Map<String, String> raw,
      @Nullable MapNode node,
      Function<String, K> key,
      String what) {
    Map<K, PoolId> pools = new LinkedHashMap<>();
    if (raw == null || node == null) {
      return pools;
    }
    for (String name : node.entries().keySet()) {
      String to = raw.get(name);
      PoolId pool = to == null ? null : pool(to, node.get(name));
      if (pool != null && pools.put(key.apply(name), pool) != null) {
        problems.key(node, name, null, "expected each " + what + " only once, in any letter case");
      }
    }
    return pools;
  }

  private Map<FirstBytes, PoolId> protocols(
      @Nullable Map<String, String> raw, @Nullable MapNode node) {
    Map<FirstBytes, PoolId> protocols = pools(raw, node, FirstBytes::new, "prefix");
    if (node == null) {
      return protocols;
    }
    for (FirstBytes each : List.of(FirstBytes.TLS, FirstBytes.SSH)) {
      protocols.keySet().stream()
          .filter(other -> protocols.containsKey(each) && other.isPrefixOf(each))
          .findFirst()
          .ifPresent(
              other ->
                  problems.key(
                      node,
                      each.name(),
                      null,
                      "expected no "
                          + other
                          + " in the same map: all clients of this protocol begin with that prefix,"
                          + " and prefixes are compared first"));
    }
    return protocols;
  }

  private @Nullable ListenerTls tls(RawListener.@Nullable Tls raw, SectionReader section) {
    if (raw == null) {
      return null;
    }
    if (section.has("certificates") == section.has("bundle")) {
      section.wrongWhole("either certificates or a bundle");
    }
    List<String> written = raw.certificates();
    section.wrong("bundle", raw.bundle() == null ? null : checker.bundleProblem(raw.bundle()));
    ClientAuth auth = raw.clientAuth();
    if (section.isClean()) {
      authorities(auth, section);
    }
    List<Path> paths = new ArrayList<>();
    List<CertifiedKey> keys = new ArrayList<>();
    if (section.node("certificates") instanceof ListNode list) {
      for (int i = 0; i < Math.min(written.size(), list.items().size()); i++) {
        Path path = path(written.get(i), list.items().get(i));
        if (path != null) {
          paths.add(path);
          keys.addAll(certificates.keys(path, list.items().get(i)));
        }
      }
    }
    Node caNode = section.node("client-ca");
    Path ca = raw.clientCa() == null ? null : path(raw.clientCa(), caNode);
    Node crlNode = section.node("crl");
    Path crl = raw.crl() == null ? null : path(raw.crl(), crlNode);
    return new ListenerTls(
        paths,
        raw.bundle(),
        auth,
        ca,
        raw.http2(),
        raw.minVersion(),
        raw.strictNames(),
        crl,
        keys,
        ca == null ? List.of() : certificates.authorities(ca, caNode),
        crl == null ? RevocationLists.NONE : certificates.revocations(crl, crlNode));
  }

  private static void authorities(ClientAuth auth, SectionReader section) {
    if (section.has("client-ca") && auth == ClientAuth.NONE) {
      section.wrong("client-ca", "client-ca only with client-auth: optional or required");
    } else if (!section.has("client-ca") && auth != ClientAuth.NONE) {
      section.wrong(
          "client-auth", "client-auth only with client-ca, the authorities of client certificates");
    }
    if (section.has("crl") && !section.has("client-ca")) {
      section.wrong("crl", "crl only with client-ca, whose client certificates it revokes");
    }
  }

  private @Nullable Path path(String name, @Nullable Node at) {
    try {
      if (!name.isBlank()) {
        return files.path(name);
      }
    } catch (InvalidPathException e) {
      // reported below
    }
    if (at != null) {
      problems.wrong(at, "the path of a file");
    }
    return null;
  }
}
