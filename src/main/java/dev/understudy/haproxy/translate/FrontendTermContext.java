package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.MapLookup;
import dev.understudy.haproxy.acl.Sample;
import dev.understudy.haproxy.acl.TermContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What terms know of a frontend, and of the rules before. Immutable.
 *
 * @param ports of Understudy's listeners by their names
 * @param onlyTls whether all of the frontend's listeners speak TLS
 * @param someTls whether one of them does
 * @param isPortFromProxy whether one of them takes PROXY protocol headers
 * @param isOfResponse whether the request may have changed since: nothing is known of variables
 * @param state what the rules so far leave
 */
record FrontendTermContext(
    ImportContext context,
    Map<String, Integer> ports,
    boolean onlyTls,
    boolean someTls,
    boolean isPortFromProxy,
    boolean isOfResponse,
    RuleState state)
    implements TermContext {
  FrontendTermContext(ImportContext context, Map<String, Integer> ports) {
    this(context, ports, false, false, false, false, RuleState.START);
  }

  /** The context of the first rule of a frontend. */
  static FrontendTermContext of(ProxySection proxy, Map<String, Integer> ports) {
    List<List<String>> binds = proxy.lines("bind").map(each -> each.from(2)).toList();
    boolean proxied = binds.stream().anyMatch(each -> each.contains("accept-proxy"));
    boolean someTls = !proxy.isFront() || binds.stream().anyMatch(each -> each.contains("ssl"));
    boolean onlyTls = !binds.isEmpty() && binds.stream().allMatch(each -> each.contains("ssl"));
    return new FrontendTermContext(
        proxy.context, ports, onlyTls, someTls, proxied, false, RuleState.START);
  }

  FrontendTermContext after(RuleState next) {
    return new FrontendTermContext(
        context, ports, onlyTls, someTls, isPortFromProxy, isOfResponse, next);
  }

  FrontendTermContext ofResponse() {
    return new FrontendTermContext(context, ports, onlyTls, someTls, isPortFromProxy, true, state);
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
  public @Nullable String pool(String backend) {
    return context.pooled.containsKey(backend) ? context.pools.of(backend) : null;
  }

  @Override
  public boolean isSessionCookie(String name) {
    return context.sessionCookies.contains(name);
  }

  @Override
  public boolean hasBackups(String backend) {
    ProxySection proxy = context.backends.get(backend);
    return proxy != null && proxy.lines("server").anyMatch(each -> each.from(3).contains("backup"));
  }

  @Override
  public List<Assignment> variable(String name) {
    return isOfResponse || misses(Sample.variableName(name)) ? List.of() : state.variable(name);
  }

  @Override
  public List<Assignment> field(String name) {
    return isOfResponse ? List.of() : state.field(name);
  }

  /** Whether a variable, by Understudy's name, has what HAProxy sets it to. */
  boolean isSet(String variable) {
    boolean written =
        isOfResponse ? context.writtenVariables.contains(variable) : state.isSet(variable);
    return written && !misses(variable);
  }

  /** Whether a rule is left out that sets a variable, by Understudy's name. */
  boolean misses(String variable) {
    return context.missingVariables.contains(variable);
  }

  @Override
  public Optional<List<MapLookup.Entry>> map(String file) {
    return context.files.apply(file).map(MapLookup::read);
  }
}
