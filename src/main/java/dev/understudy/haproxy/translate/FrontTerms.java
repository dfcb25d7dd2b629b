package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.MapEntry;
import dev.understudy.haproxy.acl.TermContext;
import dev.understudy.haproxy.acl.VariableName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What terms know of a frontend. */
final class FrontTerms implements TermContext {
  private final Context context;
  private final Map<String, Integer> ports;

  /** Whether all of the frontend's listeners speak TLS. */
  boolean onlyTls;

  /** Whether one of them does. */
  boolean someTls;

  /** Whether one of them takes PROXY protocol headers. */
  boolean someProxied;

  /** What the rules so far leave. */
  RuleState state = new RuleState();

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
  public List<Assignment> variable(String name) {
    return context.lostVariables.contains(VariableName.of(name)) ? List.of() : state.variable(name);
  }

  @Override
  public List<Assignment> field(String name) {
    return state.field(name);
  }

  /**
   * The same for responses, by when the request may have changed: nothing is known of variables.
   */
  FrontTerms ofResponse() {
    FrontTerms terms = new FrontTerms(context, ports);
    terms.onlyTls = onlyTls;
    terms.someTls = someTls;
    terms.someProxied = someProxied;
    return terms;
  }

  @Override
  public Optional<List<MapEntry>> map(String file) {
    return context.files.apply(file).map(MapEntry::read);
  }
}
