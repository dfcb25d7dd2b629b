package dev.understudy.gatewayapi.object;

import dev.understudy.gatewayapi.object.Match.PathMatch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An Ingress. Hosts are in small letters, exact or {@code *.} and a domain; empty for all.
 *
 * @param ingressClass null if it names none
 * @param hasClassAnnotation whether an annotation of the time before classes names its controller
 * @param paths of each host
 * @param certificates of each host: Secrets
 */
public record Ingress(
    Meta meta,
    @Nullable String ingressClass,
    boolean hasClassAnnotation,
    Map<String, List<Path>> paths,
    Map<String, List<Reference>> certificates)
    implements ClusterObject {
  /**
   * A path, with its only backend.
   *
   * @param portName of the backend's port, which has no number then; null if it is named by that
   */
  public record Path(PathMatch match, Reference backend, @Nullable String portName) {}

  @Override
  public ObjectKind kind() {
    return ObjectKind.INGRESS;
  }
}
