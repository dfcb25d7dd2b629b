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
 * @param isOfResponse whether the request may have changed since: nothing is known of variables
 * @param state what the rules so far leave
 */
record FrontendTermContext(
    ProxySection front, Map<String, Integer> ports, boolean isOfResponse, RuleState state)
    implements TermContext {
  /** The context of the first rule of a frontend. */
  FrontendTermContext(ProxySection front, Map<String, Integer> ports) {
    this(front, ports, false, RuleState.START);
  }

  FrontendTermContext after(RuleState next) {
    return new FrontendTermContext(front, ports, isOfResponse, next);
  }

  FrontendTermContext ofResponse() {
    return new FrontendTermContext(front, ports, true, state);
  }

  /** Whether all of the frontend's listeners speak TLS. */
  boolean onlyTls() {
    return front.has("bind") && front.lines("bind").allMatch(each -> each.from(2).contains("ssl"));
  }

  /** Whether one of them does. */
  boolean someTls() {
    return !front.isFront() || front.lines("bind").anyMatch(each -> each.from(2).contains("ssl"));
  }

  @Override
  public boolean isPortFromProxy() {
    return front.lines("bind").anyMatch(each -> each.from(2).contains("accept-proxy"))
        || front.lines("tcp-request", "connection", "expect-proxy").findAny().isPresent();
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
    return front.context.pooled.containsKey(backend) ? front.context.pools.of(backend) : null;
  }

  @Override
  public boolean isSessionCookie(String name) {
    return front.context.sessionCookies.contains(name);
  }

  @Override
  public boolean hasBackups(String backend) {
    ProxySection proxy = front.context.backends.get(backend);
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
        isOfResponse ? front.context.writtenVariables.contains(variable) : state.isSet(variable);
    return written && !misses(variable);
  }

  /** Whether a rule is left out that sets a variable, by Understudy's name. */
  boolean misses(String variable) {
    return front.context.missingVariables.contains(variable);
  }

  @Override
  public Optional<List<MapLookup.Entry>> map(String file) {
    return front.context.files.apply(file).map(MapLookup::read);
  }
}
