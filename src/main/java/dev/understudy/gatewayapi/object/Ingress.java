package dev.understudy.gatewayapi.object;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An Ingress. Hosts are in small letters, exact or {@code *.} and a domain; empty for all.
 *
 * @param ingressClass null if it names none
 * @param isForeign whether an annotation of the time before classes names its controller
 * @param rules of each host. A rule has one backend; where that has a port without a number, the
 *     port's name is the rule's
 * @param certificates of each host: Secrets
 */
public record Ingress(
    Meta meta,
    @Nullable String ingressClass,
    boolean isForeign,
    Map<String, List<Rule>> rules,
    Map<String, List<Reference>> certificates)
    implements ClusterObject {
  @Override
  public ObjectKind kind() {
    return ObjectKind.INGRESS;
  }
}
