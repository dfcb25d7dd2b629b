package dev.understudy.config;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds statements of a valid file that are probably not intended. The file is applied as it is,
 * and the operator is warned.
 *
 * <table>
 * <caption>Only certain cases are reported</caption>
 * <tr><td>pools</td><td>{@link PoolWarnings}</td></tr>
 * <tr><td>routes</td><td>{@link RouteWarnings}</td></tr>
 * <tr><td>filters</td><td>{@link FilterWarnings}</td></tr>
 * <tr><td>crl</td><td>clients are refused for want of a valid list</td></tr>
 * <tr><td>method</td><td>is not registered, or cannot be matched by a predicate</td></tr>
 * </table>
 */
final class ConfigWarnings {
  private ConfigWarnings() {}

  /**
   * Returns the warnings of a file without problems, in the file's order.
   *
   * @param root the tree from which {@code config} was read
   * @param routes all routes, disabled ones included
   */
  static List<Problem> of(
      String file,
      MapNode root,
      DynamicConfig config,
      List<PlacedRoute> routes,
      RouteChecker checker) {
    Problems found = new Problems(file);
    new PoolWarnings(root, config.pools(), usedPools(config, routes), found).warn();
    for (Listener listener : config.listeners()) {
      revocations(listener, root, Instant.now(), found);
    }
    FilterWarnings filters = new FilterWarnings(config.defaultFilters(), found);
    filters.ofDefaults(root, config.routes());
    new RouteWarnings(routes.stream().filter(PlacedRoute::enabled).toList(), filters, found)
        .warn(checker.shadowed(config.routes()));
    return found.inOrder();
  }

  /** The pools of all routes, disabled ones included. */
  private static Set<PoolId> usedPools(DynamicConfig config, List<PlacedRoute> routes) {
    return Stream.of(
            routes.stream().flatMap(each -> Stream.ofNullable(each.route().pool())),
            config.listeners().stream().flatMap(each -> each.pools().stream()),
            Stream.concat(
                    routes.stream().flatMap(each -> each.route().filters().stream()),
                    config.defaultFilters().stream())
                .flatMap(
                    filter -> Stream.of(PartChecks.usedPool(filter), PartChecks.askedPool(filter)))
                .filter(Objects::nonNull)
                .map(PoolId::new))
        .flatMap(Function.identity())
        .collect(Collectors.toSet());
  }

  private static void revocations(Listener listener, MapNode root, Instant now, Problems found) {
    ListenerTls tls = listener.tls();
    Node crl =
        new SectionReader(root, found)
            .child("listeners")
            .child(listener.id())
            .child("tls")
            .node("crl");
    if (tls != null && crl != null) {
      String lacking = lacking(tls, now);
      if (!lacking.isEmpty()) {
        found.add(crl, lacking + ": clients with certificates of such an authority are refused");
      }
    }
  }

  /**
   * The authorities without a list of revoked certificates that is valid; empty if there is none.
   */
  private static String lacking(ListenerTls tls, Instant now) {
    List<X509CRL> lists = tls.revocations().lists();
    Stream<String> expired =
        tls.revocations()
            .expired(now)
            .map(
                each ->
                    "the list of %s is out of date: its next update was due at %s"
                        .formatted(
                            each.getIssuerX500Principal().getName(),
                            each.getNextUpdate().toInstant()));
    Stream<String> missing =
        tls.clientAuthorities().stream()
            .map(X509Certificate::getSubjectX500Principal)
            .filter(
                name ->
                    lists.stream().noneMatch(each -> each.getIssuerX500Principal().equals(name)))
            .map(name -> "has no list of " + name.getName());
    return Stream.concat(expired, missing).collect(Collectors.joining("; "));
  }

  static void method(Node node, @Nullable String what, String method, Problems found) {
    if (what != null) {
      boolean resolved = node instanceof ScalarNode scalar && Placeholders.isIn(scalar.text());
      found.add(node.at(), node.path(), resolved ? null : ProblemValue.quote(method), what);
    }
  }
}
