package dev.understudy.gatewayapi.translate;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Gateway;
import dev.understudy.gatewayapi.object.ListenerEntry;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.object.Secret;
import dev.understudy.gatewayapi.translate.SecretKeys.KeyOfSecret;
import dev.understudy.pool.CertifiedKey;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Checks each listener for itself: what it asks for, and what it refers to. */
final class ListenerCheck {
  private final ClusterObjects objects;
  private final SecretKeys secrets;

  ListenerCheck(ClusterObjects objects, SecretKeys secrets) {
    this.objects = objects;
    this.secrets = secrets;
  }

  /**
   * Checks a listener.
   *
   * @param service whose addresses the Gateway has
   * @param blocked whether its Gateway is not accepted as a whole
   */
  PlannedListener check(
      Gateway gateway,
      PublishedService service,
      ClusterObject owner,
      ListenerEntry entry,
      boolean blocked) {
    ListenerMode mode = ListenerMode.of(entry);
    List<GroupKind> kinds =
        entry.kinds() == null
            ? mode.kinds()
            : entry.kinds().stream().filter(mode.kinds()::contains).distinct().toList();
    List<CertifiedKey> keys = new ArrayList<>();
    StatusCondition unresolved = mode.endsTls() ? certificates(owner, entry, keys) : null;
    if (unresolved == null) {
      unresolved = invalidKinds(entry, mode);
    }
    return new PlannedListener(
        gateway,
        service,
        owner,
        entry,
        mode,
        kinds,
        refusal(gateway, service, entry, mode),
        StatusCondition.yesUnless(unresolved, StatusCondition.RESOLVED_REFS),
        keys,
        null,
        blocked);
  }

  private @Nullable StatusCondition refusal(
      Gateway gateway, PublishedService service, ListenerEntry entry, ListenerMode mode) {
    if (mode == ListenerMode.UNSUPPORTED) {
      return StatusCondition.notAccepted(
          "UnsupportedProtocol",
          "Protocol %s is not supported; HTTP, HTTPS, TLS and TCP are supported."
              .formatted(entry.protocol()));
    }
    String tls = mode.tlsProblem(entry.tls());
    if (tls != null) {
      return StatusCondition.notAccepted("Invalid", tls);
    }
    if (entry.hostname() != null && !Hostnames.isValid(entry.hostname())) {
      return StatusCondition.notAccepted(
          "Invalid", "The hostname is neither a DNS name nor *. and a DNS name.");
    }
    if (gateway.verifiesClients() && mode == ListenerMode.HTTPS) {
      return StatusCondition.notAccepted(
          "UnsupportedValue", "Certificates of clients (tls.frontend) are not supported.");
    }
    if (!service.ports().containsKey(entry.port())) {
      return StatusCondition.notAccepted(
          "PortUnavailable",
          "Port %d is not open here; these are: %s."
              .formatted(
                  entry.port(),
                  new TreeSet<>(service.ports().keySet())
                      .stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
    return null;
  }

  private static @Nullable StatusCondition invalidKinds(ListenerEntry entry, ListenerMode mode) {
    List<GroupKind> invalid =
        entry.kinds() == null
            ? List.of()
            : entry.kinds().stream().filter(each -> !mode.kinds().contains(each)).toList();
    return invalid.isEmpty()
        ? null
        : StatusCondition.unresolved(
            "InvalidRouteKinds",
            "A listener with protocol %s takes no routes of the kind %s."
                .formatted(entry.protocol(), invalid.getFirst().kind()));
  }

  /**
   * Adds the keys of all certificates that can be used.
   *
   * @return what is wrong with the first of the others; null if there is none
   */
  private @Nullable StatusCondition certificates(
      ClusterObject owner, ListenerEntry entry, List<CertifiedKey> keys) {
    List<Reference> references = entry.tls() == null ? List.of() : entry.tls().certificates();
    if (references.isEmpty()) {
      return StatusCondition.unresolved("InvalidCertificateRef", "There are no certificateRefs.");
    }
    StatusCondition first = null;
    for (Reference each : references) {
      StatusCondition problem = certificate(owner, each, keys);
      first = first == null ? problem : first;
    }
    return first;
  }

  private @Nullable StatusCondition certificate(
      ClusterObject owner, Reference to, List<CertifiedKey> keys) {
    if (!objects.mayRefer(owner.kind(), owner.meta().namespace(), to)) {
      return StatusCondition.unresolved(
          "RefNotPermitted",
          "No ReferenceGrant of namespace %s lets a %s of namespace %s refer to the %s."
              .formatted(to.namespace(), owner.kind().kind(), owner.meta().namespace(), to));
    }
    if (!to.isOf(ObjectKind.SECRET)) {
      return StatusCondition.unresolved(
          "InvalidCertificateRef", "The " + to + " is no Secret of the core group.");
    }
    Secret secret = objects.get(ObjectKind.SECRET, to.key(), Secret.class);
    if (secret == null) {
      return StatusCondition.unresolved("InvalidCertificateRef", "The " + to + " does not exist.");
    }
    KeyOfSecret read = secrets.of(secret);
    if (read.key() != null) {
      keys.add(read.key());
    }
    return read.problem() == null
        ? null
        : StatusCondition.unresolved("InvalidCertificateRef", read.problem());
  }
}
