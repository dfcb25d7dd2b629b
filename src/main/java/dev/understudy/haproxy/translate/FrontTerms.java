package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Assignment;
import dev.understudy.haproxy.acl.MapEntry;
import dev.understudy.haproxy.acl.TermContext;
import dev.understudy.haproxy.acl.VariableName;
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
record FrontTerms(
    ImportContext context,
    Map<String, Integer> ports,
    boolean onlyTls,
    boolean someTls,
    boolean isPortFromProxy,
    boolean isOfResponse,
    RuleState state)
    implements TermContext {
  FrontTerms(ImportContext context, Map<String, Integer> ports) {
    this(context, ports, false, false, false, false, RuleState.START);
  }

  FrontTerms after(RuleState next) {
    return new FrontTerms(context, ports, onlyTls, someTls, isPortFromProxy, isOfResponse, next);
  }

  FrontTerms ofResponse() {
    return new FrontTerms(context, ports, onlyTls, someTls, isPortFromProxy, true, state);
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
    return context.pooled.contains(backend) ? context.pools.of(backend) : null;
  }

  @Override
  public boolean isSessionCookie(String name) {
    return context.sessionCookies.contains(name);
  }

  @Override
  public boolean hasBackups(String backend) {
    ProxySection proxy = context.backends.get(backend);
    return proxy != null
        && proxy.statements().stream()
            .anyMatch(each -> each.begins("server") && each.from(3).contains("backup"));
  }

  @Override
  public List<Assignment> variable(String name) {
    return isOfResponse || misses(VariableName.of(name)) ? List.of() : state.variable(name);
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
  public Optional<List<MapEntry>> map(String file) {
    return context.files.apply(file).map(MapEntry::read);
  }
}
