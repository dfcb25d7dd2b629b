package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.MapEntry;
import dev.understudy.haproxy.acl.TermContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What terms know of a frontend; remembers differences until they are asked for. */
final class FrontTerms implements TermContext {
  private final Context context;
  private final Map<String, Integer> ports;

  /** Whether all of the frontend's listeners speak TLS. */
  boolean onlyTls;

  /** Whether one of them does. */
  boolean someTls;

  /** Whether one of them takes PROXY protocol headers. */
  boolean someProxied;

  private final List<String> differences = new ArrayList<>();

  /** What the rules so far leave. */
  RuleState state = new RuleState();

  private int line;
  private boolean weaker;
  private boolean weakerBefore;

  /**
   * @param ports of our listeners by their names
   */
  FrontTerms(Context context, Map<String, Integer> ports) {
    this.context = context;
    this.ports = ports;
  }

  @Override
  public List<String> listenersOn(int port) {
    return ports.entrySet().stream()
        .filter(each -> each.getValue() == port)
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public List<String> listeners() {
    return List.copyOf(ports.keySet());
  }

  @Override
  public boolean isPortFromProxy() {
    return someProxied;
  }

  @Override
  public @Nullable String pool(String backend) {
    return context.pooled.contains(backend) ? context.pools.of(backend) : null;
  }

  @Override
  public boolean isSessionCookie(String name) {
    return context.sessionCookies.contains(name);
  }

  @Override
  public boolean hasBackups(String backend) {
    Proxy proxy = context.backends.get(backend);
    return proxy != null
        && proxy.statements().stream()
            .anyMatch(each -> each.begins("server") && each.from(3).contains("backup"));
  }

  @Override
  public Optional<List<MapEntry>> map(String file) {
    return context.files.apply(file).map(MapEntry::read);
  }

  @Override
  public void differs(String how) {
    if (!differences.contains(how)) {
      differences.add(how);
    }
  }

  @Override
  public void weakens(String how) {
    weaker = true;
    differs(how);
  }

  @Override
  public void forwarded(String field) {
    context.settings.putIfAbsent("understudy.trusted-proxies", "");
    weakens(
        "'"
            + field
            + "' is removed from requests of other peers than understudy.trusted-proxies: name the"
            + " proxies in front there");
  }

  /** Forgets the differences of other lines, which no verdict had room for. */
  void begin(int of) {
    if (of != line) {
      differences();
      line = of;
    }
  }

  /** The differences since the last call, in one text; empty: none. */
  String differences() {
    weakerBefore = weaker;
    weaker = false;
    String text = String.join("; ", differences);
    differences.clear();
    return text;
  }

  /** Whether one of the differences told last lets a rule deny less than HAProxy's. */
  boolean areWeaker() {
    return weakerBefore;
  }
}
