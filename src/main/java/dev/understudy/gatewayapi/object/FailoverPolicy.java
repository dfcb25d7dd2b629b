package dev.understudy.gatewayapi.object;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A FailoverPolicy: the pool of a route, a rule or a Service.
 *
 * @param spec as written: targets and servers, else the settings of a pool of the dynamic file
 */
public record FailoverPolicy(Meta meta, List<PolicyTarget> targets, JsonNode spec)
    implements ClusterObject {
  public FailoverPolicy {
    targets = List.copyOf(targets);
  }

  @Override
  public ObjectKind kind() {
    return ObjectKind.FAILOVER_POLICY;
  }
}
