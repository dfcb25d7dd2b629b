package dev.understudy.gatewayapi.translate;

import dev.understudy.config.PoolReader;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.FailoverPolicy;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.PolicyTarget;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Rule;
import dev.understudy.gatewayapi.object.Service;
import dev.understudy.pool.PoolId;
import dev.understudy.text.Words;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What all FailoverPolicies come to: their pools, which rule has which, and what their status says.
 *
 * <table>
 * <caption>One target</caption>
 * <tr><th>the target<th>the policy<th>result
 * <tr><td>does not exist<td><td>{@code TargetNotFound}, if no other target exists
 * <tr><td>is an older policy's<td>valid<td>{@code Conflicted}, if no other target is left
 * <tr><td>is free<td>valid<td>its pool
 * <tr><td>is free<td>not valid, and was<td>the pool of its last valid form; {@code Invalid}
 * <tr><td>is free<td>valid, of another protocol than a rule<td>none for that rule: refused
 * <tr><td>is free<td>not valid, and never was<td>none: {@linkplain #isRefused refused}, as the
 *     backends of a route are no master and backup; {@code Invalid}
 * </table>
 */
final class FailoverPolicies implements Policies {
  private static final List<ObjectKind> TARGETS =
      Stream.concat(ObjectKind.ROUTES.stream(), Stream.of(ObjectKind.SERVICE)).toList();

  /** Problems that a condition names. */
  private static final int MOST_PROBLEMS = 20;

  /** What a policy attaches to; {@code section} is null for all of the object. */
  private record Target(ObjectId object, @Nullable String section) {}

  private final ClusterObjects objects;
  private final ServiceTls tls;
  private final PoolReader reader;
  private final Map<ObjectKey, PolicyPool> before = new HashMap<>();
  private final Map<Target, PolicyPool> pools = new HashMap<>();

  /** The targets of policies that are not valid and never were. */
  private final Set<Target> refused = new HashSet<>();

  private final List<PolicyPool> all = new ArrayList<>();
  private final Map<ObjectId, Report> reports = new LinkedHashMap<>();

  /**
   * Services and their ports to which a rule leads alone, of routes that relay TCP and of others.
   */
  private final Set<Target> ofTcp = new HashSet<>();

  private final Set<Target> ofHttp = new HashSet<>();

  /** What connections lead to as they are, with clients' TLS in them, and what others do. */
  private final Set<Target> relayed = new HashSet<>();

  private final Set<Target> ended = new HashSet<>();

  /**
   * Translates all policies.
   *
   * @param tls of the Services that they name
   * @param placing where routes are: those at no listener of ours do not say what a Service is
   * @param before the pools of the last translation, whose policies were valid
   */
  FailoverPolicies(
      ClusterObjects objects,
      ServiceTls tls,
      RoutePlacing placing,
      PoolReader reader,
      Collection<PolicyPool> before) {
    this.objects = objects;
    this.tls = tls;
    this.reader = reader;
    before.forEach(each -> this.before.put(each.policy().key(), each));
    List<FailoverPolicy> policies = objects.all(ObjectKind.FAILOVER_POLICY, FailoverPolicy.class);
    // What a Service is to routes counts for policies alone.
    for (Route route : policies.isEmpty() ? List.<Route>of() : objects.routes()) {
      if (placing.isAttached(route)) {
        Set<Target> of = route.kind().isOfRequests() ? ofHttp : ofTcp;
        Set<Target> ofTls = placing.endsTls(route) ? ended : relayed;
        for (Rule rule : route.rules()) {
          of.addAll(backendOf(route, rule));
          ofTls.addAll(targetsOf(route, rule));
        }
      }
    }
    // A policy that is broken takes nothing from one that is not, even if it is older.
    policies.stream()
        .map(this::translate)
        .sorted(Comparator.comparing(Translated::isBroken))
        .forEach(this::attach);
  }

  /** The pools in use, those of the oldest policies first. */
  List<PolicyPool> pools() {
    return List.copyOf(all);
  }

  /** What the status of each policy is to say. */
  Map<ObjectId, Report> reports() {
    return Map.copyOf(reports);
  }

  @Override
  public @Nullable PolicyPool of(Route route, Rule rule) {
    Target target = attached(route, rule);
    PolicyPool found = target == null ? null : pools.get(target);
    return found != null && found.isFor(route) ? found : null;
  }

  @Override
  public boolean isRefused(Route route, Rule rule) {
    return attached(route, rule) != null && of(route, rule) == null;
  }

  /** The most specific target of a rule that has a policy, valid or not; null if none has. */
  private @Nullable Target attached(Route route, Rule rule) {
    return targetsOf(route, rule).stream()
        .filter(each -> pools.containsKey(each) || refused.contains(each))
        .findFirst()
        .orElse(null);
  }

  /** What a policy may target to have a rule, the most specific first. */
  private List<Target> targetsOf(Route route, Rule rule) {
    List<Target> targets = new ArrayList<>();
    ObjectId own = ObjectId.of(route);
    if (rule.name() != null) {
      targets.add(new Target(own, rule.name()));
    }
    targets.add(new Target(own, null));
    targets.addAll(backendOf(route, rule));
    return targets;
  }

  /** The Service to which a rule leads alone, its port first; none if it may not refer to it. */
  private List<Target> backendOf(Route route, Rule rule) {
    Reference only = rule.backends().size() == 1 ? rule.backends().getFirst().to() : null;
    if (only == null
        || !only.isOf(ObjectKind.SERVICE)
        || !objects.mayRefer(route.kind(), route.meta().namespace(), only)) {
      return List.of();
    }
    List<Target> targets = new ArrayList<>();
    ObjectId backend = new ObjectId(ObjectKind.SERVICE, only.key());
    Service service = objects.get(ObjectKind.SERVICE, only.key(), Service.class);
    Service.Port port = service == null ? null : service.port(only.port());
    if (port != null) {
      targets.add(new Target(backend, port.name()));
    }
    targets.add(new Target(backend, null));
    return targets;
  }

  /**
   * A policy on its own, without regard to others.
   *
   * @param targets those that exist
   * @param missing why the others do not count, and what these do not cover
   * @param pool null if it has none
   * @param problems why it is not valid; empty if it is
   */
  private record Translated(
      FailoverPolicy policy,
      List<Target> targets,
      List<String> missing,
      @Nullable PolicyPool pool,
      List<String> problems,
      StatusCondition resolved) {
    boolean isBroken() {
      return pool == null && !targets.isEmpty();
    }
  }

  private Translated translate(FailoverPolicy policy) {
    List<Target> targets = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    Set<Boolean> protocols = new HashSet<>();
    boolean grpc = false;
    for (int i = 0; i < policy.targets().size(); i++) {
      PolicyTarget each = policy.targets().get(i);
      ObjectKind kind =
          TARGETS.stream().filter(one -> each.to().isOf(one)).findFirst().orElse(null);
      if (kind == null) {
        problems.add(
            "spec.targetRefs[%d].kind: expected HTTPRoute, GRPCRoute, TLSRoute, TCPRoute (group gateway.networking.k8s.io) or Service (group \"\"), found %s"
                .formatted(i, each.to().kind()));
        continue;
      }
      String lacks = missing(kind, each);
      if (lacks != null) {
        missing.add(lacks);
        continue;
      }
      Target target = new Target(new ObjectId(kind, each.to().key()), each.sectionName());
      targets.add(target);
      if (kind != ObjectKind.SERVICE) {
        protocols.add(!kind.isOfRequests());
        grpc |= kind == ObjectKind.GRPC_ROUTE;
      } else {
        if (protocols.isEmpty()) {
          protocols.add(ofTcp.contains(target) && !ofHttp.contains(target));
        }
        if (ofTcp.contains(target) && ofHttp.contains(target)) {
          missing.add(
              text(target)
                  + " has routes of HTTP and of TCP, and no pool is for both: those of the other"
                  + " protocol lead nowhere");
        }
      }
    }
    if (policy.targets().isEmpty()) {
      problems.add("spec.targetRefs: expected at least one route or Service");
    }
    if (protocols.size() > 1) {
      problems.add(
          "spec.targetRefs: expected HTTPRoutes and GRPCRoutes, or TLSRoutes and TCPRoutes, not"
              + " both");
    }
    boolean tcp = protocols.contains(true);
    boolean relays = tcp && targets.stream().anyMatch(relayed::contains);
    boolean secured = !relays || targets.stream().anyMatch(ended::contains);
    PolicyServers servers = PolicyServers.read(objects, tls, policy, tcp, secured);
    if (relays && servers.areSecured()) {
      problems.add(
          "spec.targetRefs: expected TLSRoutes whose TLS ends here, as the Services have"
              + " BackendTLSPolicies, or routes that all relay connections as they are");
    }
    PolicyPool pool = pool(policy, servers, grpc, problems);
    PolicyPool last = before.get(policy.key());
    if (pool == null && last != null && last.policy().meta().uid().equals(policy.meta().uid())) {
      pool =
          pool(
              last.policy(),
              PolicyServers.read(objects, tls, last.policy(), tcp, secured),
              grpc,
              new ArrayList<>());
    }
    return new Translated(policy, targets, missing, pool, problems, servers.resolved());
  }

  private @Nullable PolicyPool pool(
      FailoverPolicy policy, PolicyServers servers, boolean grpc, List<String> problems) {
    problems.addAll(servers.problems());
    if (!policy.spec().isObject()) {
      return null;
    }
    ObjectNode settings = ((ObjectNode) policy.spec()).deepCopy();
    settings.remove("targetRefs");
    settings.set("servers", servers.servers());
    if ((grpc || servers.areHttp2()) && !settings.has("http2")) {
      settings.put("http2", true);
    }
    PoolId id = GatewayNames.policy(policy.key());
    PoolReader.Reading reading = reader.read(id, settings);
    if (reading instanceof PoolReader.Read read && problems.isEmpty()) {
      return new PolicyPool(policy, servers.secured(read.pool()), servers.names());
    }
    // Of servers that are wrong this is said already.
    if (reading instanceof PoolReader.Refused refusal && servers.problems().isEmpty()) {
      refusal.problems().forEach(each -> problems.add(servers.problem(each)));
    }
    return null;
  }

  /** What a target lacks, as a sentence; null if it exists. */
  private @Nullable String missing(ObjectKind kind, PolicyTarget target) {
    ClusterObject found = objects.get(kind, target.to().key(), ClusterObject.class);
    String section = target.sectionName();
    return switch (found) {
      case null -> target.to() + " does not exist";
      case Route route
          when section != null
              && route.rules().stream().noneMatch(rule -> section.equals(rule.name())) ->
          target.to() + " has no rule named " + section;
      case Service service when section != null && service.port(section) == null ->
          target.to() + " has no TCP port named " + section;
      default -> null;
    };
  }

  /** Gives a policy the targets that are left, and says what became of it. */
  private void attach(Translated of) {
    List<String> sentences = new ArrayList<>(of.missing());
    List<Target> taken = new ArrayList<>();
    for (Target each : of.targets()) {
      PolicyPool older = pools.get(each);
      if (older != null) {
        sentences.add("FailoverPolicy " + older.policy().key() + " has " + text(each) + " already");
      } else {
        taken.add(each);
      }
    }
    PolicyPool pool = taken.isEmpty() ? null : of.pool();
    if (pool == null) {
      refused.addAll(taken);
    } else {
      taken.forEach(each -> pools.put(each, pool));
      all.add(pool);
    }
    List<StatusCondition> conditions =
        List.of(accepted(of, taken, pool, String.join("; ", sentences)), of.resolved());
    reports.put(
        ObjectId.of(of.policy()),
        new Report.OfFailover(conditions, pool == null ? null : pool.pool().id()));
  }

  private static StatusCondition accepted(
      Translated of, List<Target> taken, @Nullable PolicyPool pool, String sentences) {
    if (!of.problems().isEmpty()) {
      String inForce = pool == null ? "" : "; its last valid form stays in force";
      return StatusCondition.notAccepted(
          "Invalid", Words.joined(of.problems(), MOST_PROBLEMS, "; ") + inForce);
    }
    if (of.targets().isEmpty()) {
      return StatusCondition.notAccepted("TargetNotFound", sentences);
    }
    return taken.isEmpty()
        ? StatusCondition.notAccepted("Conflicted", sentences)
        : new StatusCondition(StatusCondition.ACCEPTED, true, StatusCondition.ACCEPTED, sentences);
  }

  private static String text(Target target) {
    String object = target.object().kind().kind() + " " + target.object().key();
    return target.section() == null ? object : target.section() + " of " + object;
  }
}
