package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.translate.ObjectId;

/** Where status is written. */
final class StatusPaths {
  private StatusPaths() {}

  /** Whether objects of that kind have a status that is ours to write. */
  static boolean has(ObjectKind kind) {
    return switch (kind) {
      case REFERENCE_GRANT, INGRESS_CLASS, SERVICE, SECRET, CONFIG_MAP, NAMESPACE -> false;
      default -> true;
    };
  }

  /** The path of an object's status. */
  static String of(ObjectId id) {
    String namespace = id.key().namespace();
    return "/apis/"
        + id.kind().apiVersion()
        + (namespace.isEmpty() ? "" : "/namespaces/" + namespace)
        + "/"
        + id.kind().plural()
        + "/"
        + id.key().name()
        + "/status";
  }
}
