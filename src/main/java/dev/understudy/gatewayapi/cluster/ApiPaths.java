package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.translate.ObjectId;

/** The paths of the API at which objects are listed, and status is written. */
final class ApiPaths {
  private ApiPaths() {}

  /** Whether objects of that kind have a status that is ours to write. */
  static boolean hasStatus(ObjectKind kind) {
    return switch (kind) {
      case REFERENCE_GRANT, INGRESS_CLASS, SERVICE, SECRET, CONFIG_MAP, NAMESPACE -> false;
      default -> true;
    };
  }

  /**
   * The objects of a kind.
   *
   * @param version with the group
   * @param namespace empty for all, or for the cluster
   */
  static String objects(ObjectKind kind, String version, String namespace) {
    return (kind.group().isEmpty() ? "/api/" : "/apis/")
        + version
        + (namespace.isEmpty() ? "/" : "/namespaces/" + namespace + "/")
        + kind.plural();
  }

  /** An object's status. */
  static String status(ObjectId id) {
    return "%s/%s/status"
        .formatted(
            objects(id.kind(), id.kind().apiVersion(), id.key().namespace()), id.key().name());
  }
}
