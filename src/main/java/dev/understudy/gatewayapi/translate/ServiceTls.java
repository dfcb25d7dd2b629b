package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.BackendTlsPolicy;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ConfigMap;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Rule;
import dev.understudy.gatewayapi.object.Service;
import dev.understudy.gatewayapi.translate.Report.OfBackendTls;
import dev.understudy.gatewayapi.translate.Report.ParentReport;
import dev.understudy.pool.TrustedCertificates;
import dev.understudy.pool.UpstreamTls;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** TLS towards Services: what BackendTLSPolicies come to. */
final class ServiceTls {
  private static final String BUNDLE = "ca.crt";

  /** What a status has room for. */
  private static final int MOST_ANCESTORS = 16;

  /** Where a policy counts: a Service, all of whose ports are meant without a name of one. */
  private record Place(ObjectKey service, @Nullable String port) {}

  /**
   * A policy that was read.
   *
   * @param settings null if no connection may be made by it
   */
  private record Read(
      BackendTlsPolicy policy, @Nullable UpstreamTls settings, List<StatusCondition> conditions) {}

  /**
   * TLS to one port of a Service.
   *
   * @param settings null if its policy is broken: then no connection may be made
   */
  record Connection(@Nullable UpstreamTls settings) {}

  private final ClusterObjects objects;
  private final Map<Place, Read> inForce = new HashMap<>();
  private final List<Read> all = new ArrayList<>();

  /** The policies that name a Service, whether or not they are in force. */
  private final Map<ObjectKey, Set<ObjectKey>> naming = new HashMap<>();

  ServiceTls(ClusterObjects objects) {
    this.objects = objects;
    objects.all(ObjectKind.BACKEND_TLS_POLICY, BackendTlsPolicy.class).forEach(this::add);
  }

  private void add(BackendTlsPolicy policy) {
    Read read = read(policy);
    List<Place> places =
        policy.targets().stream()
            .filter(each -> each.to().isOf(ObjectKind.SERVICE))
            .map(each -> new Place(each.to().key(), each.sectionName()))
            .toList();
    Read older =
        places.stream()
            .flatMap(each -> Stream.ofNullable(inForce.get(each)))
            .findFirst()
            .orElse(null);
    if (older != null) {
      StatusCondition conflict =
          StatusCondition.notAccepted(
              StatusCondition.CONFLICTED,
              "the older BackendTLSPolicy " + older.policy().key() + " has the same target");
      read = new Read(policy, read.settings(), List.of(conflict, read.conditions().get(1)));
    }
    all.add(read);
    for (Place each : places) {
      inForce.putIfAbsent(each, read);
      naming.computeIfAbsent(each.service(), key -> new HashSet<>()).add(policy.key());
    }
  }

  /** TLS to a port of a Service; null if it is reached in the clear. */
  @Nullable Connection to(ObjectKey service, Service.Port port) {
    Read ofPort = inForce.get(new Place(service, port.name()));
    Read read = ofPort == null ? inForce.get(new Place(service, null)) : ofPort;
    return read == null ? null : new Connection(read.settings());
  }

  /**
   * What the policies' status is to say, at the Gateways whose routes lead to their Services.
   *
   * @param inForce the attachments of routes that are in force
   */
  Map<ObjectId, Report> reports(List<Attachment> inForce) {
    Map<ObjectKey, Set<ObjectKey>> gateways = new HashMap<>();
    for (Attachment each : inForce) {
      Route route = each.route();
      for (Rule rule : route.rules()) {
        for (Rule.BackendRef backend : rule.backends()) {
          if (backend.to().isOf(ObjectKind.SERVICE)
              && objects.mayRefer(route.kind(), route.meta().namespace(), backend.to())) {
            for (ObjectKey policy : naming.getOrDefault(backend.to().key(), Set.of())) {
              Set<ObjectKey> of = gateways.computeIfAbsent(policy, key -> new TreeSet<>());
              each.places().forEach(place -> of.add(place.listener().gateway().key()));
            }
          }
        }
      }
    }
    Map<ObjectId, Report> reports = new LinkedHashMap<>();
    for (Read each : all) {
      List<ParentReport> ancestors =
          gateways.getOrDefault(each.policy().key(), Set.of()).stream()
              .limit(MOST_ANCESTORS)
              .map(gateway -> new ParentReport(ancestor(gateway), each.conditions()))
              .toList();
      reports.put(ObjectId.of(each.policy()), new OfBackendTls(ancestors));
    }
    return reports;
  }

  private static ParentRef ancestor(ObjectKey gateway) {
    return new ParentRef(Reference.to(ObjectKind.GATEWAY, gateway), null, null, true);
  }

  private Read read(BackendTlsPolicy policy) {
    List<X509Certificate> trusted = new ArrayList<>();
    StatusCondition resolved = StatusCondition.yes(StatusCondition.RESOLVED_REFS);
    for (Reference each : policy.authorities()) {
      StatusCondition problem = collect(each, trusted);
      resolved = problem == null || !resolved.holds() ? resolved : problem;
    }
    StatusCondition accepted = accepted(policy, trusted);
    UpstreamTls settings =
        accepted.holds()
            ? new UpstreamTls(
                null,
                policy.hostname(),
                true,
                policy.systemAuthorities() ? null : new TrustedCertificates(trusted))
            : null;
    return new Read(policy, settings, List.of(accepted, resolved));
  }

  private static StatusCondition accepted(BackendTlsPolicy policy, List<X509Certificate> trusted) {
    if (!policy.alternativeNames().isEmpty()) {
      return StatusCondition.notAccepted("Invalid", "subjectAltNames are not supported");
    }
    if (policy.hostname().isEmpty()) {
      return StatusCondition.notAccepted("Invalid", "expected a hostname");
    }
    if (policy.systemAuthorities() || !trusted.isEmpty()) {
      return StatusCondition.yes(StatusCondition.ACCEPTED);
    }
    return policy.authorities().isEmpty()
        ? StatusCondition.notAccepted(
            "Invalid", "expected caCertificateRefs, or wellKnownCACertificates: System")
        : StatusCondition.notAccepted(
            "NoValidCACertificate", "none of the caCertificateRefs leads to certificates");
  }

  /** Adds the certificates of a ConfigMap; returns what is wrong with the reference, or null. */
  private @Nullable StatusCondition collect(Reference to, List<X509Certificate> trusted) {
    if (!to.isOf(ObjectKind.CONFIG_MAP)) {
      return StatusCondition.unresolved(
          "InvalidKind", to.kind() + " " + to.name() + " is no ConfigMap");
    }
    ConfigMap found = objects.get(ObjectKind.CONFIG_MAP, to.key(), ConfigMap.class);
    String text = found == null ? null : found.data().get(BUNDLE);
    if (text == null) {
      return StatusCondition.unresolved(
          "InvalidCACertificateRef",
          to + (found == null ? " is not there" : " has no key " + BUNDLE));
    }
    Collection<? extends Certificate> read = certificates(text);
    read.forEach(each -> trusted.add((X509Certificate) each));
    return read.isEmpty()
        ? StatusCondition.unresolved(
            "InvalidCACertificateRef", BUNDLE + " of " + to + " has no certificates")
        : null;
  }

  /** The certificates of a bundle; none if one cannot be read. */
  private static Collection<? extends Certificate> certificates(String bundle) {
    try {
      return CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(bundle.getBytes(StandardCharsets.UTF_8)));
    } catch (CertificateException e) {
      return List.of();
    }
  }
}
