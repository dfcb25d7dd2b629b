package dev.understudy.gatewayapi.object;

import java.util.Comparator;

/** An object of a cluster. */
public sealed interface ClusterObject
    permits GatewayClass,
        Gateway,
        ListenerSet,
        Route,
        ReferenceGrant,
        BackendTlsPolicy,
        FailoverPolicy,
        Ingress,
        IngressClass,
        Service,
        Secret,
        ConfigMap,
        Namespace {
  /** The older object first, then by namespace and name: the specification's rule of conflicts. */
  Comparator<ClusterObject> OLDEST_FIRST =
      Comparator.<ClusterObject, java.time.Instant>comparing(each -> each.meta().created())
          .thenComparing(each -> each.meta().key());

  ObjectKind kind();

  Meta meta();

  default ObjectKey key() {
    return meta().key();
  }
}
